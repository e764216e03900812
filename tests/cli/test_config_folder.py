"""`--config`: a folder that is not there is refused, so that a typing error never judges by the defaults."""

from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_git import a_repository

OWNED = {"CODEOWNERS": "* @alice\n", ".gate/policy.yaml": "version: 1\npolicy_owner: '@alice'\n"}
COMMANDS = [
    ("lint",),
    ("policy", "explain"),
    ("policy", "test"),
    ("policy", "simulate", "--since", "1d", "--base", "main"),
    ("owners", "--all"),
    ("ownership", "list"),
    ("check", "--base", "main", "--head", "main"),
]


class TestAFolderThatIsNotThere:
    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_is_refused_by_every_command(self, tmp_path: Path, command: tuple[str, ...]) -> None:
        ran = run_gate(*command, "--repo", a_repository(tmp_path / "shop", OWNED).path, "--config", ".gates")
        assert (ran.code, ran.out) == (2, "")
        assert "--config '.gates': there is no such folder in the repository." in ran.err

    def test_may_be_new_in_the_change(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", OWNED)
        shop.git("switch", "-qc", "change")
        shop.commit({"rules/policy.yaml": "version: 1\n"})
        ran = run_gate("check", "--repo", shop.path, "--base", "main", "--config", "rules")
        assert "no such folder" not in ran.err
        assert ran.code == 1

    def test_the_usual_one_may_be_absent(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @alice\n"})
        assert run_gate("lint", "--repo", shop.path, "--config", ".gate/").code == 0

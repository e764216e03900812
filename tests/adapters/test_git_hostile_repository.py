"""A hostile repository: nothing that its configuration, attributes or references name is ever run or believed."""

import stat
from pathlib import Path

import pytest
from builders_git import GitRepository, Link, a_repository

from gate.adapters.git.checkout import Checkout
from gate.adapters.git.workshop import GitWorkshop
from gate.core.errors import GateError


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """Return a program that leaves a mark beside itself when it is run."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\necho ran "$@" >> {tmp_path}/ran\ncat 2>/dev/null\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def hostile(tmp_path: Path, trap: Path) -> GitRepository:
    attributes = "* diff=evil filter=evil merge=evil text\n"
    shop = a_repository(tmp_path / "shop", {"a.txt": "1\n", ".gitattributes": attributes})
    shop.commit({"a.txt": "2\n"}, branch="feature")
    shop.commit({"b.txt": "2\n", "l": Link("a.txt")})
    shop.merge("main", into="feature")
    shop.check_out("main")
    settings = {
        "core.fsmonitor": trap,
        "core.hooksPath": tmp_path / "hooks",
        "core.sshCommand": trap,
        "core.pager": trap,
        "core.editor": trap,
        "core.askPass": trap,
        "core.gitProxy": trap,
        "core.alternateRefsCommand": trap,
        "diff.external": trap,
        "diff.evil.command": trap,
        "diff.evil.textconv": trap,
        "filter.evil.clean": trap,
        "filter.evil.smudge": trap,
        "filter.evil.process": trap,
        "filter.evil.required": "true",
        "merge.evil.driver": trap,
        "gpg.program": trap,
        "commit.gpgSign": "true",
        "credential.helper": trap,
        "interactive.diffFilter": trap,
        "pager.diff": trap,
        "uploadpack.packObjectsHook": trap,
        "remote.origin.url": "ext::" + str(trap),
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "alias.rev-parse": f"!{trap}",
        "alias.ls-files": f"!{trap}",
    }
    for key, value in settings.items():
        shop.git("config", key, str(value))
    (tmp_path / "hooks").mkdir()
    for name in (
        "post-checkout",
        "pre-commit",
        "post-merge",
        "reference-transaction",
        "post-index-change",
        "commit-msg",
    ):
        (tmp_path / "hooks" / name).symlink_to(trap)
    return shop


class TestNothingRuns:
    def test_while_a_change_is_observed(self, hostile: GitRepository, tmp_path: Path) -> None:
        checkout = Checkout.open(hostile.path)
        change = checkout.changes("main", "feature", every_commit=True)
        assert [file.path for file in change.files] == ["a.txt"]
        assert change.commits[0].is_mechanical_merge
        checkout.files_holding("1", change.head_sha)
        checkout.is_text_changed("2", change)
        checkout.is_first_contribution(["bob@example.com"], "main")
        assert not (tmp_path / "ran").exists()

    def test_while_trees_are_read(self, hostile: GitRepository, tmp_path: Path) -> None:
        checkout = Checkout.open(hostile.path)
        assert checkout.tree("main").read("a.txt") == b"1\n"
        assert checkout.tree().read("a.txt") == b"1\n"
        assert len(checkout.tree("main").entries()) == len(checkout.tree().entries()) == 4
        assert not (tmp_path / "ran").exists()

    def test_while_a_rollback_is_rehearsed(self, hostile: GitRepository, tmp_path: Path) -> None:
        checkout = Checkout.open(hostile.path)
        with GitWorkshop(checkout, checkout.resolve("main"), checkout.resolve("feature")) as workshop:
            assert workshop.merge().result == "passed"
            assert workshop.revert().result == "passed"
        assert not (tmp_path / "ran").exists()

    @pytest.mark.parametrize("name", ["main:a.txt", "feature", "feature^{tree}", "main"])
    def test_while_a_missing_object_is_asked_for(self, hostile: GitRepository, tmp_path: Path, name: str) -> None:
        blob = hostile.git("rev-parse", name)
        (hostile.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
        with pytest.raises(GateError):
            Checkout.open(hostile.path).changes("main", "feature")
        assert not (tmp_path / "ran").exists()

    def test_and_the_trap_would_have_worked(self, hostile: GitRepository, tmp_path: Path) -> None:
        with pytest.raises(AssertionError, match="filter evil failed"):
            hostile.git("diff", "main", "feature")
        assert (tmp_path / "ran").exists()


class TestNothingIsBelieved:
    def test_of_replacements(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n"})
        evil = shop.commit({"a": "evil\n"}, branch="feature")
        harmless = shop.commit({"b": "1\n"}, branch="other")
        shop.git("replace", evil, harmless)
        assert [file.path for file in Checkout.open(shop.path).changes("main", "feature").files] == ["a"]

    def test_of_grafts(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n"})
        shop.commit({"a": "2\n"}, branch="feature", by="M <m@example.com>")
        head = shop.commit({"a": "3\n"}, branch="feature")
        (shop.path / ".git/info").mkdir(exist_ok=True)
        (shop.path / ".git/info/grafts").write_text(f"{head} {shop.rev('main')}\n")
        assert len(Checkout.open(shop.path).changes("main", "feature").commits) == 2

    def test_of_the_callers_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n"})
        shop.commit({"a": "2\n"}, branch="feature")
        other = a_repository(tmp_path / "other", {"x": "1\n"})
        for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            monkeypatch.setenv(name, str(other.path / ".git"))
        monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "diff.renames")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "copies")
        assert [file.path for file in Checkout.open(shop.path).changes("main", "feature").files] == ["a"]

    def test_of_a_folder_name_that_looks_like_options_or_lists(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / '-a:b"c d', {"a": "1\n"})
        shop.commit({"a": "2\n"}, branch="feature")
        assert [file.path for file in Checkout.open(shop.path).changes("main", "feature").files] == ["a"]

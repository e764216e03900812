"""`gate policy simulate` from the outside: over a clone's history, and over what the service recorded."""

import datetime as dt
from pathlib import Path

import pytest
from builders_forge_world import OWNERSHIP, POLICY
from builders_gate_command import run_gate
from builders_git import ALICE, BOB, DAVE, GitRepository, a_repository
from builders_service import a_service

from gate import bootstrap

STRICT = POLICY + "signoffs: {each_component: 2}\n"
NO_PLAN = POLICY + "rollback: {required: false}\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """A repository with a merge and a squash commit of payments, and one commit of the web."""
    monkeypatch.setattr(bootstrap, "now", lambda: dt.datetime(2026, 10, 20, tzinfo=dt.UTC))
    shop = a_repository(tmp_path / "shop", {".gate/ownership.yaml": OWNERSHIP, ".gate/policy.yaml": POLICY})
    shop.commit({"api/pay.py": "amount = 2\n"}, branch="round", by=DAVE)
    shop.merge("round", into="main", by=ALICE)
    shop.commit({"api/fee.py": "fee = 1\n"}, by=BOB, message="Add a fee (#2)\n\nOnce.\n")
    shop.commit({"web/page.html": "<p>\n"}, by=DAVE)
    shop.check_out("main")
    return shop


class TestOverAHistory:
    def test_every_merge_and_squash_commit_is_one_change(self, shop: GitRepository) -> None:
        ran = run_gate("policy", "simulate", "--repo", shop.path, "--json")
        assert (ran.code, ran.json["schema"]) == (0, "gate.simulation/1")
        assert ran.json["counts"]["same"] == 3
        assert "Add a fee (#2)" in [change["title"] for change in ran.json["changes"]]

    def test_the_working_tree_holds_the_proposal(self, shop: GitRepository) -> None:
        shop.write({".gate/policy.yaml": STRICT})
        ran = run_gate("policy", "simulate", "--repo", shop.path)
        assert ran.out.splitlines()[0] == "Of 3 past changes: 2 newly blocked, 1 more people asked."
        assert "more people asked" in ran.out
        assert ran.code == 1  # the web has one owner, and bob wrote one of payments: two can never sign off there

    def test_a_file_may_hold_it(self, shop: GitRepository, tmp_path: Path) -> None:
        (tmp_path / "proposed.yaml").write_text(NO_PLAN)
        ran = run_gate("policy", "simulate", "--repo", shop.path, "--policy", tmp_path / "proposed.yaml")
        assert ran.out.splitlines()[0] == "Of 3 past changes: 3 newly free."
        assert ran.code == 0

    def test_so_may_records(self, shop: GitRepository, tmp_path: Path) -> None:
        (tmp_path / "owners.yaml").write_text(OWNERSHIP.replace("owner: payments", "owner: platform"))
        ran = run_gate("policy", "simulate", "--repo", shop.path, "--ownership", tmp_path / "owners.yaml", "--json")
        assert ran.json["counts"]["newly-blocked"] == 0
        assert all(change["effect"] == "same" for change in ran.json["changes"])

    def test_so_may_a_revision(self, shop: GitRepository) -> None:
        shop.commit({".gate/policy.yaml": NO_PLAN}, branch="proposal", by=ALICE)
        ran = run_gate("policy", "simulate", "--repo", shop.path, "--rev", "proposal", "--json")
        assert ran.json["counts"]["newly-free"] == 3

    def test_what_is_older_is_not_looked_at(self, shop: GitRepository) -> None:
        ran = run_gate("policy", "simulate", "--repo", shop.path, "--since", "1h")
        assert ran.out == (
            "There is no past change to try this on.\nLook further back with --since, such as --since 365d.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--since", "soon"), "is no length of time"),
            (("--since", "900d"), "of a year at most"),
            (("--policy", "nowhere.yaml"), "cannot be read"),
            (("--base", "nowhere"), "nowhere"),
        ],
    )
    def test_what_cannot_be_is_refused_in_a_sentence(
        self, shop: GitRepository, arguments: tuple[str, ...], words: str
    ) -> None:
        ran = run_gate("policy", "simulate", "--repo", shop.path, *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err

    def test_a_broken_proposal_is_refused_with_its_line(self, shop: GitRepository, tmp_path: Path) -> None:
        (tmp_path / "proposed.yaml").write_text("version: 1\nsignofs: {}\n")
        ran = run_gate("policy", "simulate", "--repo", shop.path, "--policy", tmp_path / "proposed.yaml")
        assert ran.code == 2
        assert ".gate/policy.yaml:2" in ran.err


class TestOverWhatWasRecorded:
    def test_sign_offs_count(self, shop: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "service").mkdir()
        with a_service(tmp_path / "service") as service:
            pull = service.approved(service.forge.a_pull(title="Charge seven"))
            judged_at = service.verdict(pull).decided_at
        monkeypatch.setattr(bootstrap, "now", lambda: dt.datetime.fromisoformat(judged_at) + dt.timedelta(days=1))
        monkeypatch.setenv("GATE_DATABASE_URL", f"sqlite:///{tmp_path}/service/gate.db")
        shop.write({".gate/policy.yaml": STRICT})
        ran = run_gate("policy", "simulate", "--repo", shop.path, "--recorded", "--json")
        assert ran.code == 1
        (change,) = ran.json["changes"]
        assert (change["title"], change["before"]["state"], change["after"]["state"]) == (
            "Charge seven",
            "approved",
            "waiting",
        )
        refused = run_gate("policy", "simulate", "--repo", shop.path, "--recorded", "--repository", "acme/other")
        assert (refused.code, "Known are: acme/shop." in refused.err) == (2, True)

"""`gate check --pr`: a pull request of GitHub, judged without a service."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import BODY, ForgeWorld, a_world
from builders_gate_command import Ran, run_gate
from builders_git import a_repository

BRANCHES = "version: 1\ndefault_owner: platform\nbranches: [main, release]\n"


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ForgeWorld]:
    monkeypatch.chdir(tmp_path)
    with a_world() as world:
        monkeypatch.setenv("GATE_GITHUB_API_URL", world.url)
        monkeypatch.setenv("GATE_GITHUB_TOKEN", world.world.token(world.carol))
        yield world


def check(number: int | str, *more: object) -> Ran:
    return run_gate("check", "--pr", f"acme/shop#{number}", "--json", *more)


def checkout_of(forge: ForgeWorld) -> Path:
    """A checkout that holds the same commits: the repository of the world itself."""
    return forge.world.folder / f"{forge.shop.id}.git"


def codes(ran: Ran) -> set[str]:
    return {one["code"] for part in ran.json["requirements"] for one in part["signoffs"]["not_counted"]}


class TestAPull:
    def test_waits_for_its_owners(self, forge: ForgeWorld) -> None:
        ran = check(forge.a_pull().number)
        assert (ran.code, ran.json["state"]) == (1, "waiting")
        assert ran.json["change"]["author"] == "dave"

    def test_is_approved_by_an_owners_review(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        pull.review(forge.alice)
        assert (check(pull.number).code, check(pull.number).json["state"]) == (0, "approved")

    def test_is_judged_alike_from_a_checkout(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull({"api/pay.py": "amount = 3\n", "web/page.html": "<p>New</p>\n"})
        pull.review(forge.alice)
        at = ("--at", "2026-12-01T10:00:00Z")
        through_api, from_checkout = check(pull.number, *at), check(pull.number, *at, "--repo", checkout_of(forge))
        assert from_checkout.json["requirements"] == through_api.json["requirements"]
        assert from_checkout.json["components"] == through_api.json["components"]

    def test_needs_no_content_from_the_api_with_a_checkout(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        forge.world.requests.clear()
        assert check(pull.number, "--repo", checkout_of(forge)).json["state"] == "waiting"
        assert not [target for _, target, _ in forge.world.requests if "/git/trees" in target or "/git/blobs" in target]

    def test_can_be_judged_again_from_its_facts(self, forge: ForgeWorld, tmp_path: Path) -> None:
        pull = forge.a_pull()
        pull.review(forge.alice)
        first = check(pull.number, "--save-facts", tmp_path / "facts.json")
        assert run_gate("check", "--facts", tmp_path / "facts.json", "--json").out == first.out


class TestAReview:
    def test_of_before_an_edit_of_the_text_does_not_count(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        pull.review(forge.alice)
        pull.edit(body=BODY.replace("Revert the merge commit.", "Hope for the best."))
        assert check(pull.number).json["state"] == "waiting"
        pull.review(forge.alice)
        assert check(pull.number).json["state"] == "approved"

    def test_of_before_another_base_does_not_count(self, forge: ForgeWorld) -> None:
        forge.shop.commit("main", {".gate/policy.yaml": BRANCHES}, author=forge.carol)
        forge.shop.commit("release", {"notes.md": "1\n"}, author=forge.carol, start="main")
        pull = forge.a_pull()
        pull.review(forge.alice)
        pull.edit(base="release")
        assert check(pull.number).json["state"] == "waiting"
        pull.review(forge.alice)
        assert check(pull.number).json["state"] == "approved"

    def test_of_the_author_does_not_count(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull(author=forge.bob)
        pull.review(forge.bob)
        ran = check(pull.number)
        assert ran.json["state"] == "waiting"
        assert "author" in codes(ran)


class TestWhatCannotBeJudged:
    def test_is_a_pull_that_is_closed(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        pull.close()
        ran = check(pull.number)
        assert (ran.code, ran.err) == (2, f"gate: acme/shop#{pull.number} is closed. Name a change that is open.\n")

    def test_is_a_repository_that_is_not_shown(self, forge: ForgeWorld) -> None:
        ran = run_gate("check", "--pr", "acme/other#1")
        assert ran.code == 3
        assert "GitHub shows no repository acme/other." in ran.err
        assert forge.world.requests[-1][1:] == ("/repos/acme/other", 404)

    @pytest.mark.parametrize("text", ["acme/shop", "acme/shop#0", "shop#1", "acme/shop#1;ls", "a/b/c#1"])
    def test_is_what_names_no_pull(self, forge: ForgeWorld, text: str) -> None:
        assert (run_gate("check", "--pr", text).code, forge.world.requests) == (2, [])

    def test_is_asked_with_options_of_a_local_change(self, forge: ForgeWorld) -> None:
        ran = check(forge.a_pull().number, "--signoff", "alice")
        assert (ran.code, ran.err) == (2, "gate: --pr asks GitHub; leave --signoffs out.\n")

    def test_is_anything_without_a_token(self, forge: ForgeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GATE_GITHUB_TOKEN")
        ran = check(forge.a_pull().number)
        assert ran.code == 2
        assert "GATE_GITHUB_TOKEN" in ran.err

    def test_is_a_checkout_that_lacks_the_commits(self, forge: ForgeWorld, tmp_path: Path) -> None:
        elsewhere = a_repository(tmp_path / "elsewhere")
        ran = check(forge.a_pull().number, "--repo", elsewhere.path)
        assert ran.code == 3
        assert "Fetch base and head with all of their history" in ran.err

"""`gate ownership drift` on real repositories and a service's sign-offs: what it concludes, and what it does not."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from builders_gate_command import run_gate
from builders_git import GitRepository, a_repository
from builders_service import a_service

from gate.adapters.git.checkout import Checkout
from gate.bootstrap import readers
from gate.core.ownership.drift import find_drift
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.times import instant
from gate.usecases.load_rules import load_rules
from gate.usecases.ownership_drift import practice_of, signed_by_component

RECENTLY = dt.datetime.now(dt.UTC) - dt.timedelta(days=9)
PLACE = ".gate/ownership.yaml"
RECORDS = """\
version: 1
people:
  alice: {github: alice, email: alice@example.com}
  bob: {github: bob, email: bob@example.com}
  carol: {github: carol, email: carol@example.com}
  erin: {github: erin, email: erin@example.com}
teams:
  payments: {members: [alice, bob]}
  platform: {members: [carol]}
  web: {members: [erin], github_team: acme/web}
components:
  - {name: api, owner: payments, backup: platform, paths: [/api/], reviewed: 2020-01-01, review_every_days: 30}
  - {name: web, owner: web, paths: [/web/]}
  - {name: gone, owner: payments, backup: web, paths: [/gone/]}
  - {name: declared, owner: payments, backup: web}
"""


def commits(repository: GitRepository, who: str, folder: str, count: int) -> None:
    for number in range(count):
        repository.commit({f"{folder}/{who}-{number}.txt": who}, by=f"{who.title()} <{who}@example.com>", at=RECENTLY)


@pytest.fixture
def shop(tmp_path: Path) -> GitRepository:
    repository = a_repository(tmp_path / "shop", {PLACE: RECORDS, "README.md": "1"})
    repository.check_out()
    return repository


def drift(shop: GitRepository, *more: str) -> tuple[int, dict[tuple[str, str], str]]:
    shop.check_out()
    ran = run_gate("ownership", "drift", "--repo", shop.path, "--json", *more)
    found: list[Any] = json.loads(ran.out)
    return ran.code, {(one["code"], one["about"]): one["text"] for one in found}


class TestTheRecordsAlone:
    def test_show_gaps_overdue_reviews_and_patterns_of_nothing(self, shop: GitRepository) -> None:
        commits(shop, "alice", "api", 1)
        code, found = drift(shop)
        assert code == 1
        assert ("no-backup", "web") in found
        assert ("no-backup", "api") not in found
        assert found["review-overdue", "api"] == "The ownership review of api was due on 2020-01-31."
        assert ("matches-nothing", "gone") in found
        assert ("matches-nothing", "declared") not in found
        assert found["one-member-team", "platform"] == "platform has one member, carol."
        assert ("one-member-team", "web") not in found  # the forge knows who else is in it
        assert found["files-without-owner", ""] == "2 of 3 files have no owner: .gate/ownership.yaml, README.md."

    def test_name_some_of_many_files_and_count_the_rest(self, shop: GitRepository) -> None:
        shop.commit({"a": "1", "b": "1", "c": "1"})
        said = drift(shop)[1]["files-without-owner", ""]
        assert said == "5 of 5 files have no owner: .gate/ownership.yaml, README.md, a and 2 more."


class TestPractice:
    def test_shows_owners_who_never_act_and_who_does(self, shop: GitRepository) -> None:
        commits(shop, "carol", "api", 5)
        _, found = drift(shop)
        assert found["owner-never-acts", "api"] == (
            "Nobody of payments, its owner, did anything to api in 180 days; of 5 commits: carol 5."
        )
        assert found["person-not-seen", "alice"] == (
            "alice was not seen here in 180 days: "
            "nothing written or committed by the accounts and addresses in the records."
        )

    def test_shows_components_that_others_write(self, shop: GitRepository) -> None:
        commits(shop, "carol", "api", 5)
        commits(shop, "bob", "api", 2)
        _, found = drift(shop)
        assert found["mostly-others", "api"].startswith(
            "Others than payments, its owner, wrote 5 of 7 commits to api in 180 days: carol 5, bob 2."
        )
        assert ("owner-never-acts", "api") not in found
        assert ("person-not-seen", "bob") not in found

    def test_knows_who_is_in_the_teams_that_an_owner_holds(self, shop: GitRepository) -> None:
        outer = "  engineering: {members: [payments]}\n  all: {members: [web, bob]}\ncomponents:\n"
        text = RECORDS.replace("components:\n", outer).replace("api, owner: payments", "api, owner: engineering")
        shop.commit({PLACE: text.replace("web, owner: web", "web, owner: all")})
        commits(shop, "bob", "api", 5)
        commits(shop, "carol", "web", 5)
        _, found = drift(shop)
        about = {"api", "web", "engineering"}
        assert not {code for code, what in found if what in about} & {
            "owner-never-acts", "mostly-others", "one-member-team",
        }  # fmt: skip

    def test_concludes_nothing_from_few_commits_or_where_the_forge_knows_the_members(self, shop: GitRepository) -> None:
        commits(shop, "carol", "api", 4)
        commits(shop, "carol", "web", 9)
        _, found = drift(shop)
        assert not {code for code, about in found if about in {"api", "web"}} & {"owner-never-acts", "mostly-others"}

    def test_sees_who_is_named_as_co_author(self, shop: GitRepository) -> None:
        for number in range(5):
            shop.commit(
                {f"api/{number}.txt": "x"},
                by="Carol <carol@example.com>",
                at=RECENTLY,
                message=f"Write {number}\n\nCo-authored-by: Bob <bob@example.com>",
            )
        _, found = drift(shop)
        assert ("owner-never-acts", "api") not in found


class TestWhatIsAskedOfAService:
    def test_a_sign_off_is_an_act_of_its_owner(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            pull.merge(service.forge.dave)
            service.settle()
            with service.store.reading() as reading:
                repository = reading.repository_named("acme/shop")
                assert repository is not None
                found = signed_by_component(
                    reading, repository.key, since="2020-01-01T00:00:00Z", until="2099-01-01T00:00:00Z"
                )
            assert found == {"payments-api": frozenset({"alice"})}

    def test_and_speaks_for_an_owner_who_writes_nothing(self, shop: GitRepository) -> None:
        commits(shop, "carol", "api", 5)
        checkout = Checkout.open(shop.path)
        sha, now = shop.rev("main"), dt.datetime.now(dt.UTC)
        tree = checkout.commit_tree(sha)
        ownership = load_rules(tree, readers=readers(), config=".gate", repository=None).ownership
        found = {}
        for signed in (None, {"api": frozenset({"bob"})}):
            practice = practice_of(checkout, sha, now=now, days=180, signed=signed)
            drifts = find_drift(ownership, OwnershipIndex(ownership), ["api/a"], practice, at=instant(now))
            found[signed is None] = {(one.code, one.about) for one in drifts}
        checkout.close()
        assert ("owner-never-acts", "api") in found[True]
        assert not {("owner-never-acts", "api"), ("person-not-seen", "bob")} & found[False]
        assert ("mostly-others", "api") in found[False]


class TestItsAnswer:
    def test_is_zero_and_a_sentence_where_all_agree(self, tmp_path: Path) -> None:
        records = RECORDS.replace(", reviewed: 2020-01-01, review_every_days: 30", "").replace(
            "[carol]", "[carol, erin]"
        ).replace("owner: web, paths", "owner: web, backup: platform, paths")  # fmt: skip
        records = records.replace("  - {name: gone, owner: payments, backup: web, paths: [/gone/]}\n", "") + (
            "  - {name: rest, owner: platform, backup: web, paths: [/README.md, /.gate/]}\n"
        )
        shop = a_repository(tmp_path / "shop", {PLACE: records, "README.md": "1"})
        commits(shop, "alice", "api", 1)
        commits(shop, "erin", "web", 1)
        shop.check_out()
        ran = run_gate("ownership", "drift", "--repo", shop.path)
        assert (ran.code, ran.out.strip()) == (0, "The records and practice agree.")

    def test_is_a_table_for_people(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "drift", "--repo", shop.path)
        assert ran.code == 1
        assert "no-backup" in ran.out

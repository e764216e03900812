"""A real client reads the double: app login, pulls, files, git data, people."""

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import GATE_INSTALLATION, OWNERSHIP, ForgeWorld, a_world
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from doubles.github.objects import Executable
from github import Auth, Github, GithubException, GithubIntegration
from github.Repository import Repository

AT_ONCE: dict[str, Any] = {"seconds_between_requests": None, "seconds_between_writes": None, "retry": None}


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as forge:
        yield forge


def the_shop(forge: ForgeWorld) -> Repository:
    return a_client(forge).get_repo("acme/shop")


def an_app(forge: ForgeWorld, *, key: str = "") -> GithubIntegration:
    login = Auth.AppAuth(forge.installation.app.id, key or forge.private_key)
    return GithubIntegration(auth=login, base_url=forge.url, **AT_ONCE)


def a_client(forge: ForgeWorld) -> Github:
    return an_app(forge).get_github_for_installation(GATE_INSTALLATION)


def held(shop: Repository, path: str, ref: str) -> bytes:
    found = shop.get_contents(path, ref=ref)
    assert not isinstance(found, list)
    return found.decoded_content


class TestWhoAsks:
    def test_an_app_finds_its_installation_by_its_key(self, forge: ForgeWorld) -> None:
        assert [found.id for found in an_app(forge).get_installations()] == [GATE_INSTALLATION]

    def test_an_unknown_key_is_refused(self, forge: ForgeWorld) -> None:
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.PKCS8
        pem = other.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        with pytest.raises(GithubException) as refused:
            an_app(forge, key=pem).get_app()
        assert refused.value.status == 401

    def test_an_installation_sees_only_what_it_covers(self, forge: ForgeWorld) -> None:
        secret = forge.world.repository("other/secret")
        forge.installation.select([forge.shop])
        client = a_client(forge)
        with pytest.raises(GithubException) as refused:
            client.get_repo(secret.full_name)
        assert refused.value.status == 404

    def test_a_suspended_installation_is_refused(self, forge: ForgeWorld) -> None:
        client = a_client(forge)
        client.get_repo("acme/shop")
        forge.installation.suspend()
        with pytest.raises(GithubException) as refused:
            client.get_repo("acme/shop")
        assert refused.value.status == 403

    def test_a_token_that_is_over_is_refused(self, forge: ForgeWorld) -> None:
        token = forge.world.installation_token(forge.installation, lives=-1)
        with pytest.raises(urllib.error.HTTPError) as refused:
            forge.world.get("/repos/acme/shop", token)
        with refused.value:
            assert refused.value.code == 401

    def test_a_token_of_one_repository_sees_no_other(self, forge: ForgeWorld) -> None:
        forge.world.repository("acme/secret")
        token = forge.world.installation_token(forge.installation, repository_ids=frozenset({forge.shop.id}))
        seen = forge.world.get("/installation/repositories", token)
        assert [one["full_name"] for one in seen["repositories"]] == ["acme/shop"]

    def test_somebody_removed_from_the_organisation_sees_nothing_of_it(self, forge: ForgeWorld) -> None:
        token = forge.world.token(forge.erin)
        forge.world.get("/repos/acme/shop", token)
        forge.acme.remove_member(forge.erin)
        with pytest.raises(urllib.error.HTTPError) as refused:
            forge.world.get("/repos/acme/shop", token)
        with refused.value:
            assert refused.value.code == 404


class TestPulls:
    def test_a_pull_shows_head_base_author_and_files(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull({"api/pay.py": None, "api/paid.py": "amount = 1\n"})
        seen = the_shop(forge).get_pull(pull.number)
        assert (seen.head.sha, seen.base.ref, seen.user.id) == (pull.head_sha, "main", 1004)
        assert [(file.filename, file.previous_filename, file.status) for file in seen.get_files()] == [
            ("api/paid.py", "api/pay.py", "renamed")
        ]

    def test_files_come_thirty_to_a_page_and_at_most_3000(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull({f"api/{number}.py": f"{number}\n" for number in range(3100)})
        found = the_shop(forge).get_pull(pull.number)
        assert found.changed_files == 3100
        assert (
            len(forge.world.get("/repos/acme/shop/pulls/1/files?per_page=100&page=30", forge.world.token(forge.bob)))
            == 100
        )
        assert (
            forge.world.get("/repos/acme/shop/pulls/1/files?per_page=100&page=31", forge.world.token(forge.bob)) == []
        )
        assert len(forge.world.get("/repos/acme/shop/pulls/1/files", forge.world.token(forge.bob))) == 30

    def test_reviews_comments_and_labels_are_told_with_who_did_it(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        review = pull.review(forge.alice, "CHANGES_REQUESTED", body="no")
        pull.comment(forge.bob, "hello")
        pull.label("emergency", forge.carol)
        review.dismiss(forge.dave)
        seen = the_shop(forge).get_pull(pull.number)
        assert [(one.user.id, one.state, one.commit_id) for one in seen.get_reviews()] == [
            (1001, "DISMISSED", pull.head_sha)
        ]
        assert [(one.user.id, one.body) for one in seen.get_issue_comments()] == [(1002, "hello")]
        told = [(event.event, event.actor and event.actor.id) for event in seen.as_issue().get_timeline()]
        assert told[1:] == [("commented", 1002), ("labeled", 1003), ("review_dismissed", 1004)]

    def test_a_deleted_account_is_null(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        pull.review(forge.alice)
        forge.alice.delete()
        assert forge.world.get("/repos/acme/shop/pulls/1/reviews", forge.world.token(forge.bob))[0]["user"] is None

    def test_a_force_push_moves_the_head_and_is_told(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        old = pull.head_sha
        forge.shop.force_push(pull.head_ref, {"api/pay.py": "amount = 9\n"}, author=forge.dave)
        assert pull.head_sha != old
        assert [event.kind for event in pull.timeline] == ["head_ref_force_pushed"]
        lines = forge.world.get(f"/repos/acme/shop/activity?ref={pull.head_ref}", forge.world.token(forge.bob))
        assert [line["activity_type"] for line in lines] == ["force_push", "branch_creation"]


class TestGitData:
    def test_trees_and_blobs_are_those_of_real_git(self, forge: ForgeWorld) -> None:
        shop = the_shop(forge)
        tree = {entry.path: entry.sha for entry in shop.get_git_tree(forge.shop.tip("main"), recursive=True).tree}
        _, listed = forge.shop.objects.git("ls-tree", "-r", "main", ".gate/ownership.yaml")
        assert tree[".gate/ownership.yaml"] in listed.decode()
        assert held(shop, ".gate/ownership.yaml", "main").decode() == OWNERSHIP

    def test_git_finds_nothing_wrong_with_the_repository(self, forge: ForgeWorld) -> None:
        forge.a_pull({"web/link": "x", "api/deep/er/file.py": "y"})
        assert forge.shop.objects.git("fsck", "--strict")[0] == 0

    def test_a_tag_hides_a_branch_of_the_same_name_from_contents_but_not_from_refs(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull({"README.md": "Tagged\n"})
        forge.shop.objects.set_ref("refs/tags/main", pull.head_sha)
        shop = the_shop(forge)
        assert held(shop, "README.md", "main") == b"Tagged\n"
        assert shop.get_git_ref("heads/main").object.sha == forge.shop.tip("main")

    def test_a_tree_above_the_limit_says_that_it_is_truncated(self, forge: ForgeWorld) -> None:
        forge.world.tree_limit = 2
        assert the_shop(forge).get_git_tree("main", recursive=True).raw_data["truncated"] is True


class TestPeople:
    def test_a_team_has_the_members_of_the_teams_below_it(self, forge: ForgeWorld) -> None:
        forge.world.team(forge.acme, "cards", [forge.erin], parent=forge.payments)
        team = a_client(forge).get_organization("acme").get_team_by_slug("payments")
        assert sorted(member.id for member in team.get_members()) == [1001, 1002, 1005]

    def test_a_secret_team_is_not_there(self, forge: ForgeWorld) -> None:
        forge.world.team(forge.acme, "hidden", [forge.erin], is_secret=True)
        with pytest.raises(GithubException) as refused:
            a_client(forge).get_organization("acme").get_team_by_slug("hidden")
        assert refused.value.status == 404

    def test_a_login_names_somebody_else_once_it_was_given_away(self, forge: ForgeWorld) -> None:
        client = a_client(forge)
        forge.alice.rename("alice-adams")
        forge.world.user("alice", 6666, email="mallory@example.com")
        assert client.get_user("alice").id == 6666
        assert client.get_user("alice-adams").id == 1001

    def test_a_recycled_login_is_a_new_account(self, forge: ForgeWorld) -> None:
        assert forge.world.recycle("alice", 7777).id == a_client(forge).get_user("alice").id == 7777
        assert forge.alice.is_deleted
        assert forge.alice not in forge.payments.members

    def test_who_may_do_what_is_told(self, forge: ForgeWorld) -> None:
        stranger = forge.world.user("stranger")
        shop = the_shop(forge)
        assert shop.get_collaborator_permission("alice") == "write"
        assert shop.get_collaborator_permission(stranger.login) == "none"


class TestTheWire:
    def test_an_unchanged_answer_is_304_and_costs_nothing(self, forge: ForgeWorld) -> None:
        token = forge.world.token(forge.bob)
        ask = urllib.request.Request(forge.url + "/repos/acme/shop", headers={"Authorization": f"token {token}"})  # noqa: S310  # loopback
        with urllib.request.urlopen(ask) as answer:  # noqa: S310  # loopback
            tag, left = answer.headers["ETag"], answer.headers["X-RateLimit-Remaining"]
        ask.add_header("If-None-Match", tag)
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            urllib.request.urlopen(ask)  # noqa: S310  # loopback
        assert (unchanged.value.code, unchanged.value.headers["X-RateLimit-Remaining"]) == (304, left)
        unchanged.value.close()


class TestWhatIsGone:
    def test_a_pull_of_a_deleted_account_and_fork_has_null_in_their_places(self, forge: ForgeWorld) -> None:
        mallory = forge.world.user("mallory")
        fork = forge.shop.fork(mallory)
        fork.commit("evil", {"api/pay.py": "amount = 0\n"}, author=mallory)
        pull = forge.shop.open_pull(head="mallory:evil", author=mallory)
        pull.label("x", mallory)
        pull.comment(mallory, "x")
        pull.review(mallory, "COMMENTED")
        forge.world.delete_repository(fork)
        mallory.delete()
        token = forge.world.token(forge.bob)
        seen = forge.world.get("/repos/acme/shop/pulls/1", token)
        assert (seen["user"], seen["head"]["repo"], seen["head"]["sha"]) == (None, None, pull.head_sha)
        assert forge.world.get("/repos/acme/shop/pulls", token)[0]["head"]["repo"] is None
        assert forge.world.get("/repos/acme/shop/pulls/1/commits", token)[0]["author"] is None
        assert {event["actor"] for event in forge.world.get("/repos/acme/shop/issues/1/timeline", token)[:2]} == {None}


class TestTheRepository:
    def test_git_itself_clones_it_and_sees_the_pulls(self, forge: ForgeWorld, tmp_path: Path) -> None:
        pull = forge.a_pull({"run.sh": Executable("#!/bin/sh\n")})
        clone = tmp_path / "clone"
        subprocess.run(["git", "clone", "--quiet", str(forge.shop.objects.path), str(clone)], check=True)
        fetch = ["git", "-C", str(clone), "fetch", "--quiet", "origin", f"refs/pull/{pull.number}/head"]
        subprocess.run(fetch, check=True)
        listed = subprocess.run(
            ["git", "-C", str(clone), "ls-tree", "FETCH_HEAD", "run.sh"], check=True, capture_output=True, text=True
        )
        assert listed.stdout.startswith("100755 blob")

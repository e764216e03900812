import pytest
from builders_github_forge import MakeShop, Shop

from gate.adapters.github.refusals import RefusedError
from gate.core.errors import UnreadableError
from gate.usecases.forge_ports import CheckRunText, CheckStatus, Conclusion, PublishedCheck

NAME = "Sign-off gate"


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({"a": "1\n"})


def publish(
    shop: Shop,
    sha: str,
    status: CheckStatus = "completed",
    conclusion: Conclusion | None = "failure",
    *,
    external_id: str = "facts-1",
    known_id: int | None = None,
    summary: str = "Bob has not signed.",
) -> PublishedCheck:
    return shop.access().publish_check(
        sha,
        name=NAME,
        external_id=external_id,
        status=status,
        conclusion=conclusion,
        text=CheckRunText("Waiting for Bob", summary, "https://gate.example/changes/acme/shop/1"),
        known_id=known_id,
    )


class TestTheCheck:
    def test_it_is_created_once_and_then_updated_in_place(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        first = publish(shop, sha)
        second = publish(shop, sha, conclusion="success", external_id="facts-2", known_id=first.id)
        third = publish(shop, sha, "in_progress", None, external_id="facts-3")
        assert first.id == second.id == third.id
        assert (second.conclusion, third.status, third.conclusion) == ("success", "in_progress", None)
        assert len(shop.repository.checks.on(sha)) == 1
        assert first.is_ours

    def test_what_github_shows_is_what_was_written(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        publish(shop, sha, conclusion="action_required")
        run = shop.repository.checks.newest(sha, NAME)
        assert run is not None
        assert (run.status, run.conclusion, run.external_id) == ("completed", "action_required", "facts-1")
        assert (run.title, run.summary) == ("Waiting for Bob", "Bob has not signed.")
        assert run.details_url == "https://gate.example/changes/acme/shop/1"

    def test_the_same_again_writes_nothing(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        publish(shop, sha)
        before = shop.writes()
        publish(shop, sha)
        assert shop.writes() == before

    def test_a_text_alone_that_changed_is_written(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        publish(shop, sha)
        publish(shop, sha, summary="Carol has not signed.")
        run = shop.repository.checks.newest(sha, NAME)
        assert run is not None
        assert run.summary == "Carol has not signed."

    def test_anothers_check_of_the_name_is_left_alone_and_told_apart(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        theirs = shop.repository.check_run(sha, NAME, app_id=15368, conclusion="success")
        ours = publish(shop, sha, known_id=theirs.id)
        assert ours.id != theirs.id
        assert theirs.conclusion == "success"
        found = {check.id: check.is_ours for check in shop.access().our_checks(sha, NAME)}
        assert found == {theirs.id: False, ours.id: True}

    def test_a_known_one_of_another_head_is_not_touched(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        old = publish(shop, pull.head_sha)
        head = shop.repository.commit("topic", {"a": "3\n"}, author=shop.alice)
        new = publish(shop, head, conclusion="success", known_id=old.id)
        assert (new.head_sha, new.id != old.id) == (head, True)
        run = shop.repository.checks.newest(old.head_sha, NAME)
        assert run is not None
        assert run.conclusion == "failure"

    @pytest.mark.parametrize(
        ("status", "conclusion"),
        [("completed", None), ("in_progress", "success"), ("completed", "neutral"), ("completed", "skipped")],
    )
    def test_what_reads_as_green_without_being_said_is_refused(
        self, shop: Shop, status: CheckStatus, conclusion: Conclusion | None
    ) -> None:
        with pytest.raises(ValueError, match="conclu"):
            publish(shop, "a" * 40, status, conclusion)

    def test_a_branch_is_no_commit(self, shop: Shop) -> None:
        with pytest.raises(UnreadableError, match="no full commit id"):
            publish(shop, "main")

    def test_other_apps_checks_are_listed_by_name_and_app_the_newest_of_each(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        shop.repository.check_run(sha, "tests", app_id=15368, conclusion="failure")
        shop.repository.check_run(sha, "tests", app_id=15368, conclusion="success")
        shop.repository.check_run(sha, "lint", app_id=15368, status="in_progress")
        found = [(run.name, run.conclusion) for run in shop.access().check_runs(sha)]
        assert found == [("lint", "in_progress"), ("tests", "success")]


class TestTheComment:
    MARKER = "<!-- gate:acme/shop -->"

    def publish(self, shop: Shop, number: int, body: str, known_id: int | None = None) -> int:
        return shop.access().publish_comment(number, marker=self.MARKER, body=body, known_id=known_id)

    def test_it_is_written_once_and_then_updated_in_place(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        first = self.publish(shop, pull.number, "Waiting")
        assert self.publish(shop, pull.number, "Approved", first) == first
        assert self.publish(shop, pull.number, "Approved, really") == first
        (comment,) = pull.comments
        assert comment.body == f"{self.MARKER}\nApproved, really"

    def test_the_same_again_writes_nothing(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        first = self.publish(shop, pull.number, "Waiting")
        before = shop.writes()
        assert self.publish(shop, pull.number, "Waiting", first) == first
        assert shop.writes() == before

    def test_a_marker_that_somebody_copied_is_nothing(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        copy = pull.comment(shop.carol, f"{self.MARKER}\nApproved")
        ours = self.publish(shop, pull.number, "Waiting", copy.id)
        assert ours != copy.id
        assert copy.body == f"{self.MARKER}\nApproved"

    def test_a_deleted_one_is_written_anew(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        first = self.publish(shop, pull.number, "Waiting")
        pull.comments[0].delete()
        assert self.publish(shop, pull.number, "Waiting", first) != first
        assert len(pull.comments) == 1

    def test_a_known_one_of_another_change_is_not_moved(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        first = self.publish(shop, pull.number, "One")
        other = shop.pull({"a": "3\n"}, branch="other")
        assert self.publish(shop, other.number, "Two", first) != first
        assert pull.comments[0].body.endswith("One")

    def test_it_shows_as_the_gates_own(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        self.publish(shop, pull.number, "Waiting")
        pull.comment(shop.bob, "hello")
        found = shop.access().snapshot(pull.number).comments
        assert [comment.is_by_app for comment in found] == [True, False]


class TestAskingForReviews:
    def test_those_asked_already_and_the_author_are_left_out(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        pull.request_review(shop.bob)
        before = shop.writes()
        shop.access().request_review(pull.number, logins=["Bob", "alice"], teams=[])
        assert shop.writes() == before
        shop.access().request_review(pull.number, logins=["carol", "bob"], teams=["payments"])
        assert {account.login for account in pull.requested} == {"bob", "carol"}
        assert [team.slug for team in pull.requested_teams] == ["payments"]
        before = shop.writes()
        shop.access().request_review(pull.number, logins=["carol"], teams=["payments"])
        assert shop.writes() == before

    def test_one_whom_github_refuses_keeps_nobody_else_from_being_asked(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        shop.world.user("mallory")
        shop.world.faults.add("POST", "/requested_reviewers", "status", status=422)
        shop.world.faults.add("POST", "/requested_reviewers", "status", status=422, skip=1)
        with pytest.raises(RefusedError, match="of mallory on acme/shop"):
            shop.access().request_review(pull.number, logins=["mallory", "carol"], teams=["payments"])
        assert [account.login for account in pull.requested] == ["carol"]
        assert [team.slug for team in pull.requested_teams] == ["payments"]

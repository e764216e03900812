import socket
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from builders_github_forge import MakeShop, Shop

from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeAccount
from gate.usecases.forge_ports import CheckRunText, InconsistentSnapshotError, PublishedCheck, RateLimitedError

NAME = "Sign-off gate"


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({"a": "1\n"})


def publish(shop: Shop, sha: str) -> PublishedCheck:
    text = CheckRunText("Approved", "All have signed.", "https://gate.example/1")
    return shop.access().publish_check(
        sha, name=NAME, external_id="facts-1", status="completed", conclusion="success", text=text, known_id=None
    )


class Spent(NamedTuple):
    """How many requests were sent, and how many of them GitHub counts: one that it answers with 304 is free."""

    sent: int
    counted: int


def spent(shop: Shop, number: int) -> Spent:
    sent, counted = len(shop.requests()), shop.world.rate_used
    shop.access().snapshot(number)
    return Spent(len(shop.requests()) - sent, shop.world.rate_used - counted)


class TestAChangeThatMovesWhileItIsRead:
    def test_one_push_in_between_is_read_again(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        shop.world.faults.add(
            "GET", "/compare/", "before", call=lambda: shop.repository.commit("topic", {"b": "1\n"}, author=shop.alice)
        )
        found = shop.access().snapshot(pull.number)
        assert found.head_sha == pull.head_sha
        assert [file.path for file in found.files] == ["a", "b"]

    @pytest.mark.parametrize("what", ["head", "base", "body", "base tip", "state"])
    def test_one_that_keeps_moving_is_refused(self, shop: Shop, what: str) -> None:
        shop.repository.commit("release", {"r": "1\n"}, author=shop.bob)
        pull = shop.pull({"a": "2\n"})
        count = iter(range(100))

        def move() -> None:
            number = next(count)
            match what:
                case "head":
                    shop.repository.commit("topic", {"b": f"{number}\n"}, author=shop.alice)
                case "base":
                    pull.edit(base=("release", "main")[number % 2], by=shop.alice)
                case "body":
                    pull.edit(body=f"text {number}", by=shop.alice)
                case "base tip":
                    shop.repository.commit("main", {"z": f"{number}\n"}, author=shop.bob)
                case "state":
                    (pull.close if number % 2 == 0 else pull.reopen)(shop.alice)

        shop.world.faults.add("GET", "/reviews", "before", times=None, call=move)
        with pytest.raises(InconsistentSnapshotError, match="moved while it was read"):
            shop.access().snapshot(pull.number)

    def test_a_glance_is_never_answered_from_memory(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        access = shop.access()
        before = access.glance(pull.number)
        assert access.glance(pull.number) == before
        assert all(status == 200 for method, _, status in shop.requests() if method == "GET")
        pull.edit(body="other", by=shop.alice)
        assert access.glance(pull.number).body_digest != before.body_digest


class TestReadsThatFail:
    @pytest.mark.parametrize("status", [502, 503, 504])
    def test_a_passing_failure_is_tried_twice_more(self, shop: Shop, status: int) -> None:
        pull = shop.pull({"a": "2\n"})
        shop.world.faults.add("GET", "/reviews", "status", status=status, times=2)
        assert shop.access().snapshot(pull.number).reviews == ()
        assert len(shop.naps) == 2

    def test_one_that_lasts_is_an_error_and_no_empty_list(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        fault = shop.world.faults.add("GET", "/reviews", "status", status=503, times=None)
        with pytest.raises(UnreadableError, match="503"):
            shop.access().snapshot(pull.number)
        assert fault.hits == 3

    def test_a_failure_of_githubs_own_is_not_tried_again(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        fault = shop.world.faults.add("GET", "/reviews", "status", status=500, times=None)
        with pytest.raises(UnreadableError, match="500"):
            shop.access().snapshot(pull.number)
        assert fault.hits == 1

    def test_a_dropped_connection_is_tried_again(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        shop.world.faults.add("GET", "/comments", "drop", times=2)
        assert shop.access().snapshot(pull.number).comments == ()

    @pytest.mark.parametrize("place", ["/pulls/", "/compare/", "/trees/", "/reviews", "/activity", "/git/ref/"])
    def test_what_is_no_json_is_an_error(self, shop: Shop, place: str) -> None:
        pull = shop.pull({"a": "2\n"})
        shop.world.faults.add("GET", place, "garbage", times=None)
        with pytest.raises(UnreadableError):
            shop.access().snapshot(pull.number)

    @pytest.mark.parametrize("place", ["/compare/", "/git/trees/"])
    def test_what_the_change_is_made_of_lagging_behind_is_not_a_change_that_is_gone(
        self, shop: Shop, place: str
    ) -> None:
        pull = shop.pull({"a": "2\n"})
        shop.world.faults.add("GET", place, "status", status=404, times=None)
        with pytest.raises(UnreadableError) as caught:
            shop.access().snapshot(pull.number)
        assert caught.value.code == "unreadable"

    def test_a_team_that_fails_is_no_empty_team(self, shop: Shop) -> None:
        shop.world.faults.add("GET", "/members", "status", status=500)
        with pytest.raises(UnreadableError):
            shop.access().team("acme", "payments")

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_team_that_is_hidden_is_unreadable(self, shop: Shop, status: int) -> None:
        shop.world.faults.add("GET", "/members", "status", status=status)
        found = shop.access().team("acme", "payments")
        assert (found.members, bool(found.unreadable)) == ((), True)

    def test_whether_somebody_may_read_is_never_guessed(self, shop: Shop) -> None:
        shop.world.faults.add("GET", "/permission", "status", status=500)
        with pytest.raises(UnreadableError):
            shop.access().may_read(ForgeAccount(shop.bob.id, "bob"))


class TestRateLimits:
    def test_a_wait_is_kept_and_nothing_is_sent_meanwhile(self, shop: Shop) -> None:
        now = [1_800_000_000.0]
        forge = shop.new_forge(app=None, token=shop.world.token(shop.alice), clock=lambda: now[0])
        access = shop.access(forge)
        shop.world.faults.add("GET", "/acme/shop", "status", status=403, retry_after=30)
        with pytest.raises(RateLimitedError) as caught:
            access.repository()
        assert caught.value.retry_at == "2027-01-15T08:00:31Z"
        sent = forge.requests_made()
        now[0] += 29
        with pytest.raises(RateLimitedError):
            access.repository()
        assert forge.requests_made() == sent
        now[0] += 2
        assert access.repository().name == "acme/shop"

    @pytest.mark.parametrize("status", [403, 429])
    def test_a_used_up_limit_is_no_missing_permission(self, shop: Shop, status: int) -> None:
        shop.world.faults.add("GET", "/acme/shop", "status", status=status, is_rate_limited=True)
        with pytest.raises(RateLimitedError):
            shop.access().repository()

    def test_a_limit_on_a_team_makes_it_neither_empty_nor_unreadable(self, shop: Shop) -> None:
        shop.world.faults.add("GET", "/members", "status", status=403, is_rate_limited=True)
        with pytest.raises(RateLimitedError):
            shop.access().team("acme", "payments")


class TestWritesThatFail:
    def test_a_check_that_was_made_before_the_failure_is_found_and_not_made_twice(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        fault = shop.world.faults.add("POST", "/check-runs", "after-success")
        found = publish(shop, sha)
        assert (found.external_id, found.conclusion) == ("facts-1", "success")
        assert fault.hits == 1
        assert len(shop.repository.checks.on(sha)) == 1

    def test_one_that_was_not_made_is_an_error_and_one_request(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        fault = shop.world.faults.add("POST", "/check-runs", "status", status=502, times=None)
        with pytest.raises(UnreadableError, match="502"):
            publish(shop, sha)
        assert fault.hits == 1
        assert shop.repository.checks.on(sha) == []

    def test_an_update_that_was_made_before_the_failure_is_found(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        first = publish(shop, sha)
        text = CheckRunText("Again", "Looking again.", "")
        fault = shop.world.faults.add("PATCH", "/check-runs", "after-success")
        found = shop.access().publish_check(
            sha, name=NAME, external_id="facts-2", status="in_progress", conclusion=None, text=text, known_id=first.id
        )
        assert (found.id, found.external_id, found.status, fault.hits) == (first.id, "facts-2", "in_progress", 1)

    def test_a_lost_answer_to_a_write_is_not_tried_again(self, shop: Shop) -> None:
        sha = shop.pull({"a": "2\n"}).head_sha
        fault = shop.world.faults.add("POST", "/check-runs", "drop", times=None)
        with pytest.raises(UnreadableError):
            publish(shop, sha)
        assert fault.hits == 1

    def test_a_comment_that_was_made_before_the_failure_is_not_made_twice(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        shop.world.faults.add("POST", "/comments", "after-success")
        marker = "<!-- gate -->"
        first = shop.access().publish_comment(pull.number, marker=marker, body="Waiting", known_id=None)
        assert [comment.id for comment in pull.comments] == [first]


class TestHowManyRequests:
    def test_thirty_files_take_ten_at_most_and_two_where_nothing_moved(self, shop: Shop) -> None:
        shop.repository.commit("main", {"z": "1\n"}, author=shop.alice)
        shop.pull({"b": "2\n"}, branch="earlier")
        shop.access().snapshot(1)
        pull = shop.pull({f"src/{number}.py": "x\n" for number in range(30)})
        pull.review(shop.bob, "APPROVED")
        first = spent(shop, pull.number)
        assert first.sent <= 10
        assert first.counted <= 8
        again = spent(shop, pull.number)
        assert (again.sent, again.counted) == (2, 1)  # the query, and a conditional request

    def test_requests_are_counted(self, shop: Shop) -> None:
        shop.access().repository()
        assert shop.forge.requests_made() == len(shop.world.requests)


class TestARequestThatIsCutShort:
    def test_does_nothing_and_is_no_fault_of_its_form(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        place = urlsplit(shop.world.url)
        head = f"POST /repos/{shop.repository.full_name}/issues/{pull.number}/comments HTTP/1.1"
        with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=10) as line:
            line.sendall(f"{head}\r\nHost: github\r\nContent-Length: 20\r\n\r\n{{".encode())
            line.shutdown(socket.SHUT_WR)
            assert line.recv(1000) == b""
        assert shop.world.violations == []
        assert shop.writes() == 0

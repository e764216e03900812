import pytest

from gate.adapters.github.refusals import Received, RefusedError, require_success, wait_until
from gate.core.errors import UnreadableError
from gate.usecases.forge_ports import CredentialsRefusedError, ForbiddenError, GoneError

NOW = 1_800_000_000.0


def refused(status: int, message: str = "", **headers: str) -> Received:
    """Build an answer; header names with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Received(status, named, f'{{"message": "{message}"}}' if message else "")


class TestWhenGithubWantsFewerRequests:
    @pytest.mark.parametrize("status", [403, 429])
    def test_retry_after_says_how_long(self, status: int) -> None:
        assert wait_until(refused(status, retry_after="30"), NOW) == NOW + 30

    def test_a_used_up_limit_says_until_when(self) -> None:
        answer = refused(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 900))
        assert wait_until(answer, NOW) == NOW + 900

    def test_words_alone_mean_a_minute(self) -> None:
        assert wait_until(refused(403, "You have exceeded a secondary rate limit."), NOW) == NOW + 60
        assert wait_until(refused(429), NOW) == NOW + 60

    def test_want_of_permission_is_no_limit(self) -> None:
        assert not wait_until(refused(403, "Resource not accessible by integration"), NOW)
        assert not wait_until(refused(403, x_ratelimit_remaining="4999"), NOW)

    def test_a_success_is_no_limit_even_with_the_last_request(self) -> None:
        assert not wait_until(refused(200, x_ratelimit_remaining="0", x_ratelimit_reset="1900000000"), NOW)

    def test_nobody_can_silence_the_gate_for_long(self) -> None:
        assert wait_until(refused(429, retry_after="99999999999"), NOW) == NOW + 3900

    @pytest.mark.parametrize("wait", ["soon", "-5", "1.5", ""])
    def test_odd_waits_are_a_minute(self, wait: str) -> None:
        assert wait_until(refused(429, retry_after=wait), NOW) == NOW + 60


class TestWhatARefusalMeans:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (404, GoneError),
            (410, GoneError),
            (401, CredentialsRefusedError),
            (403, ForbiddenError),
            (304, UnreadableError),
            (409, UnreadableError),
            (422, RefusedError),
            (500, UnreadableError),
        ],
    )
    def test_each_status_has_its_error(self, status: int, kind: type[Exception]) -> None:
        with pytest.raises(kind, match=f"/x with {status}") as caught:
            require_success(refused(status), "/x")
        assert type(caught.value) is kind

    def test_githubs_words_are_shown_on_one_printable_line(self) -> None:
        with pytest.raises(UnreadableError) as caught:
            require_success(Received(422, {}, '{"message": "no\\u001b[31m\\nway"}'), "/x")
        assert "(no [31m way)" in str(caught.value)

    @pytest.mark.parametrize("body", ["", "<html>", "[1]", "null", "[" * 100_000])
    def test_a_body_that_is_no_message_is_no_trouble(self, body: str) -> None:
        with pytest.raises(UnreadableError, match="with 500"):
            require_success(Received(500, {}, body), "/x")

"""What goes wrong between a client and the double goes wrong as told, and only so often."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from builders_forge_world import ForgeWorld, a_world

SHOP = "/repos/acme/shop"


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as forge:
        yield forge


def ask(forge: ForgeWorld, path: str, body: Any = None) -> Any:
    token = forge.world.token(forge.bob)
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(forge.url + path, data, {"Authorization": f"Bearer {token}"})  # noqa: S310  # loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
        return json.load(answer)


def refusal(forge: ForgeWorld, path: str, body: Any = None) -> tuple[int, str | None]:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(forge, path, body)
    with refused.value:
        return refused.value.code, refused.value.headers["Retry-After"]


class TestFaults:
    def test_a_status_is_answered_as_often_as_told(self, forge: ForgeWorld) -> None:
        forge.world.faults.add("GET", "/repos/acme/shop$", "status", status=503, times=2, skip=1)
        ask(forge, SHOP)
        assert [refusal(forge, SHOP)[0], refusal(forge, SHOP)[0]] == [503, 503]
        ask(forge, SHOP)

    def test_a_limit_says_when_to_come_again(self, forge: ForgeWorld) -> None:
        forge.world.faults.add("*", "/shop", "status", status=403, retry_after=7)
        assert refusal(forge, SHOP) == (403, "7")

    def test_a_write_may_happen_and_be_answered_with_502(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        forge.world.faults.add("POST", "/comments", "after-success")
        assert refusal(forge, f"{SHOP}/issues/1/comments", {"body": "hello"})[0] == 502
        assert [comment.body for comment in pull.comments] == ["hello"]

    def test_a_page_may_be_short(self, forge: ForgeWorld) -> None:
        forge.a_pull({"a": "1\n", "b": "2\n", "c": "3\n"})
        forge.world.faults.add("GET", "/files", "truncate", keep=1)
        assert [len(ask(forge, f"{SHOP}/pulls/1/files")) for _ in range(2)] == [1, 3]

    def test_a_read_may_be_stale(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        old = pull.head_sha
        forge.world.remember(f"{SHOP}/pulls/1")
        forge.shop.commit(pull.head_ref, {"b": "2\n"}, author=forge.dave)
        forge.world.faults.add("GET", "/pulls/1$", "stale")
        assert [ask(forge, f"{SHOP}/pulls/1")["head"]["sha"] for _ in range(2)] == [old, pull.head_sha]

    def test_the_head_may_move_between_two_requests(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()

        def move() -> None:
            forge.shop.commit(pull.head_ref, {"b": "2\n"}, author=forge.dave)

        forge.world.faults.add("GET", "/files", "before", call=move)
        before = ask(forge, f"{SHOP}/pulls/1")["changed_files"]
        assert (before, len(ask(forge, f"{SHOP}/pulls/1/files"))) == (1, 2)

    def test_a_connection_may_break(self, forge: ForgeWorld) -> None:
        forge.world.faults.add("GET", "/shop", "drop")
        with pytest.raises(ConnectionError):
            ask(forge, SHOP)

    def test_an_answer_may_be_no_json(self, forge: ForgeWorld) -> None:
        forge.world.faults.add("GET", "/shop", "garbage")
        with pytest.raises(ValueError, match="Expecting value"):
            ask(forge, SHOP)


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: Any) -> None:
        return None


class TestLogin:
    def test_a_code_is_changed_into_a_token_of_its_user_once(self, forge: ForgeWorld) -> None:
        forge.world.browser_user = forge.alice
        query = {"client_id": "c", "redirect_uri": "http://127.0.0.1/back", "state": "s"}
        with pytest.raises(urllib.error.HTTPError) as sent:
            urllib.request.build_opener(Stay).open(f"{forge.url}/login/oauth/authorize?{urllib.parse.urlencode(query)}")
        with sent.value:
            place = urllib.parse.urlsplit(sent.value.headers["Location"])
        back = dict(urllib.parse.parse_qsl(place.query))
        form = {"client_id": "c", "client_secret": forge.world.client_secret, "code": back["code"]}

        def exchanged() -> Any:
            data = urllib.parse.urlencode(form).encode()
            ask_for = urllib.request.Request(  # noqa: S310  # loopback
                f"{forge.url}/login/oauth/access_token", data, {"Accept": "application/json"}
            )
            with urllib.request.urlopen(ask_for) as answer:  # noqa: S310  # loopback
                return json.load(answer)

        assert back["state"] == "s"
        assert forge.world.get("/user", exchanged()["access_token"])["id"] == 1001
        assert exchanged()["error"] == "bad_verification_code"

    def test_somebody_who_refuses_is_sent_back_without_a_code(self, forge: ForgeWorld) -> None:
        with pytest.raises(urllib.error.HTTPError) as sent:
            urllib.request.build_opener(Stay).open(f"{forge.url}/login/oauth/authorize?redirect_uri=http://127.0.0.1/")
        with sent.value:
            assert "error=access_denied" in sent.value.headers["Location"]

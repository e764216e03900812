import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gate.adapters.github import transport
from gate.adapters.github.client import GithubClient, Surroundings, TooManyPagesError
from gate.adapters.github.credentials import token_auth
from gate.adapters.github.place import Kept, Place
from gate.adapters.github.trees import Objects
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import RepositoryKey
from gate.usecases.forge_ports import GoneError

Canned = tuple[int, dict[str, str], bytes]


class Wire:
    """A server that answers each target with what a test put there: what travels, without any GitHub behind it."""

    def __init__(self, prefix: str = "") -> None:
        self.answers: dict[str, Canned] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                wire.seen.append((self.command, self.path, headers))
                status, more, body = wire.answers.get(self.path, (404, {}, b'{"message": "Not Found"}'))
                if headers.get("if-none-match") == more.get("ETag", "-"):
                    status, body = 304, b""
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PATCH = do_GET  # noqa: N815  # names that the server looks for

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}{prefix}"
        self.naps: list[float] = []
        self.around = Surroundings.at(self.url, sleep=self.naps.append)

    def put(self, target: str, value: Any, status: int = 200, **headers: str) -> None:
        self.answers[target] = (status, headers, json.dumps(value).encode())

    def client(self, owner: str = "one") -> GithubClient:
        return GithubClient(self.around, token_auth("secret"), owner)

    def place(self) -> Place:
        return Place(self.client(), RepositoryKey(1, 7), 5, "acme/shop", Kept())

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


class TestWhatIsSent:
    def test_the_version_of_the_api_and_the_login_are_said(self, wire: Wire) -> None:
        wire.put("/x", {})
        wire.client().get("/x")
        (_, _, headers) = wire.seen[0]
        assert headers["x-github-api-version"] == "2022-11-28"
        assert headers["authorization"] == "token secret"

    def test_an_enterprise_servers_address_is_kept_whatever_its_links_say(self) -> None:
        wire = Wire(prefix="/api/v3")
        link = '<https://github.example/repositories/7/things?page=2&per_page=100>; rel="next"'
        wire.put("/api/v3/things?per_page=100", [{"id": 1}], Link=link)
        wire.put("/api/v3/things?page=2&per_page=100", [{"id": 2}])
        assert wire.client().pages("/things") == [{"id": 1}, {"id": 2}]
        wire.close()

    def test_parts_of_a_path_stay_parts(self, wire: Wire) -> None:
        with pytest.raises(GoneError):
            wire.place().get("commits", "../../../user")
        assert wire.seen[0][1] == "/repos/acme/shop/commits/..%2F..%2F..%2Fuser"


class TestConditionalRequests:
    def test_what_did_not_change_is_not_sent_again(self, wire: Wire) -> None:
        wire.put("/x", {"n": 1}, ETag='"a"')
        client = wire.client()
        assert client.get("/x") == client.get("/x") == {"n": 1}
        assert wire.seen[1][2]["if-none-match"] == '"a"'

    def test_what_changed_is_taken_anew(self, wire: Wire) -> None:
        wire.put("/x", {"n": 1}, ETag='"a"')
        client = wire.client()
        client.get("/x")
        wire.put("/x", {"n": 2}, ETag='"b"')
        assert client.get("/x") == {"n": 2}

    def test_one_logins_answers_are_not_anothers(self, wire: Wire) -> None:
        wire.put("/x", {"n": 1}, ETag='"a"')
        wire.client("one").get("/x")
        wire.client("two").get("/x")
        assert "if-none-match" not in wire.seen[1][2]

    def test_a_full_last_page_is_not_believed_to_be_the_last_for_ever(self, wire: Wire) -> None:
        first = [{"id": number} for number in range(100)]
        wire.put("/x?per_page=100", first, ETag='"a"')
        client = wire.client()
        assert len(client.pages("/x")) == 100
        wire.put("/x?per_page=100", first, ETag='"a"', Link=f'<{wire.url}/x?page=2&per_page=100>; rel="next"')
        wire.put("/x?page=2&per_page=100", [{"id": 100}])
        assert len(client.pages("/x")) == 101


class TestWhatIsNotFollowed:
    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_an_error(self, wire: Wire, status: int) -> None:
        wire.put("/x?recursive=1", {}, status, Location=f"{wire.url}/y")
        wire.put("/y", {"n": 1})
        with pytest.raises(UnreadableError, match="moved elsewhere"):
            wire.client().get("/x", recursive=1)
        assert [target for _, target, _ in wire.seen] == ["/x?recursive=1"]

    def test_a_renamed_repository_is_found_by_its_number_with_the_query_kept(self, wire: Wire) -> None:
        wire.put("/repos/acme/shop/git/trees/main?recursive=1", {}, 301, Location=f"{wire.url}/repositories/7")
        wire.put("/repositories/7", {"id": 7, "full_name": "acme/store"})
        wire.put("/repos/acme/store/git/trees/main?recursive=1", {"n": 1})
        place = wire.place()
        assert place.get("git", "trees", "main", recursive=1) == {"n": 1}
        assert place.name == "acme/store"

    def test_a_redirect_to_another_repository_is_an_error(self, wire: Wire) -> None:
        wire.put("/repos/acme/shop", {}, 301, Location=f"{wire.url}/repositories/7")
        wire.put("/repositories/7", {"id": 8, "full_name": "evil/store"})
        with pytest.raises(UnreadableError, match="elsewhere"):
            wire.place().get()

    def test_a_redirected_write_goes_to_the_new_name_once(self, wire: Wire) -> None:
        wire.put("/repos/acme/shop/check-runs", {}, 307, Location=f"{wire.url}/repositories/7/check-runs")
        wire.put("/repositories/7", {"id": 7, "full_name": "acme/store"})
        wire.put("/repos/acme/store/check-runs", {"id": 1}, 201)
        assert wire.place().send("POST", "check-runs", body={}) == {"id": 1}
        assert [method for method, _, _ in wire.seen] == ["POST", "GET", "POST"]

    def test_an_answer_that_is_still_being_worked_out_is_an_error(self, wire: Wire) -> None:
        wire.put("/x", {}, 202)
        with pytest.raises(UnreadableError, match="still working"):
            wire.client().get("/x")

    def test_pages_that_lead_in_a_circle_are_an_error(self, wire: Wire) -> None:
        wire.put("/x?per_page=100", [1], Link=f'<{wire.url}/x?per_page=100>; rel="next"')
        with pytest.raises(TooManyPagesError):
            wire.client().pages("/x")


class TestBounds:
    def test_an_answer_that_is_too_large_is_an_error(self, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 1_000)
        wire.put("/x", "y" * 2_000)
        with pytest.raises(UnreadableError, match="larger than"):
            wire.client().get("/x")

    def test_bytes_that_are_no_utf_8_are_no_crash(self, wire: Wire) -> None:
        wire.answers["/x"] = (200, {}, b'{"name": "\xff"}')
        assert wire.client().get("/x") == {"name": "\ufffd"}

    def test_half_characters_and_nul_are_replaced_and_whole_ones_kept(self, wire: Wire) -> None:
        wire.answers["/x"] = (200, {}, b'{"a": "\\ud83d\\ude00", "b": "x\\ud800y", "c": "\\u0000", "d": "\\\\u0000"}')
        found = wire.client().get("/x")
        assert found == {"a": "\N{GRINNING FACE}", "b": "x\ufffdy", "c": "\ufffd", "d": "\\u0000"}

    def test_deep_nesting_is_an_error(self, wire: Wire) -> None:
        wire.answers["/x"] = (200, {}, b"[" * 100_000)
        with pytest.raises(UnreadableError, match="not JSON"):
            wire.client().get("/x")

    def test_an_address_where_nobody_answers_is_an_error(self) -> None:
        naps: list[float] = []
        client = GithubClient(Surroundings.at("http://127.0.0.1:9", sleep=naps.append), token_auth("secret"), "one")
        with pytest.raises(UnreadableError, match="did not answer"):
            client.get("/x")
        assert len(naps) == 2

    def test_every_thread_has_a_connection_of_its_own_and_all_are_counted(self, wire: Wire) -> None:
        wire.put("/x", {})
        client = wire.client()
        threads = [threading.Thread(target=client.get, args=("/x",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wire.around.counter.sent == len(wire.seen) == 8


class TestABlob:
    ID = "78981922613b2afb6025042ff6bd878ac1994e85"  # of `a` and a line end

    def read(self, wire: Wire, **answer: Any) -> bytes | None:
        wire.put(
            f"/repos/acme/shop/git/blobs/{self.ID}", {"size": 2, "encoding": "base64", "content": "YQo=", **answer}
        )
        return Objects(wire.place()).blob(self.ID, limit=100)

    def test_it_is_what_its_id_says(self, wire: Wire) -> None:
        assert self.read(wire) == b"a\n"
        assert self.read(wire, content="YQ\no=\n") == b"a\n"

    def test_one_above_the_limit_is_none(self, wire: Wire) -> None:
        assert self.read(wire, size=101) is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"content": "", "encoding": "none"},
            {"content": ""},
            {"content": "YQ=="},
            {"content": "YQo"},
            {"content": None},
            {"size": None},
            {"encoding": "utf-8", "content": "a\n"},
        ],
    )
    def test_a_content_that_is_left_out_or_cut_is_an_error_and_no_empty_file(
        self, wire: Wire, wrong: dict[str, Any]
    ) -> None:
        with pytest.raises(UnreadableError):
            self.read(wire, **wrong)

    def test_what_is_no_id_is_asked_of_nobody(self, wire: Wire) -> None:
        with pytest.raises(UnreadableError, match="no object id"):
            Objects(wire.place()).blob("HEAD", limit=100)
        assert wire.seen == []

"""S04: JSON on which readers disagree or choke is refused in bounded time, kept as such, and blocks nothing."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from builders_login import an_app
from builders_service import Service, a_service
from builders_webhooks import hand_in, headers_of
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.usecases.receive_delivery import HostileBodyError, parse_body

HOSTILE = {
    "nested arrays": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "an array as deep, closed": b'{"a":' + b"[" * 70 + b"]" * 70 + b"}",
    "a number of 5,000 digits": b'{"number": ' + b"9" * 5000 + b"}",
    "not a number": b'{"number": NaN}',
    "infinity": b'{"number": -Infinity}',
    "the same key twice": b'{"number": 1, "number": 2}',
    "the same key twice, one escaped": b'{"number": 1, "n\\u0075mber": 2}',
    "half a pair": b'{"title": "\\ud800"}',
    "half a pair as a key": b'{"\\uDfff": 1}',
    "a NUL": b'{"title": "\\u0000"}',
    "a NUL behind a backslash": b'{"title": "\\\\\\u0000"}',
    "bytes that are no text": b'{"title": "\xff"}',
    "text in UTF-16": '{"title": 1}'.encode("utf-16"),
    "an array": b"[]",
    "a word": b'"pull_request"',
    "nothing": b"",
    "two objects": b"{}{}",
    "a control character": b'{"title": "\n"}',
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> Any:
    return an_app(service).test_client()


@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused_kept_and_never_worked_on(service: Service, client: Any, name: str) -> None:
    body = HOSTILE[name]
    headers = headers_of("pull_request", body)
    assert client.post("/webhooks/github", data=body, headers=headers).status_code == 400
    with service.store.reading() as reading:
        kept = reading.delivery(headers["X-GitHub-Delivery"])
    assert kept is not None
    assert kept.body == body
    assert "deliver" not in service.store.waiting_jobs()


def test_a_sweep_finds_what_it_may_have_meant(service: Service, client: Any) -> None:
    pull = service.forge.a_pull()
    service.settle()
    pull.edit(body="No plan any more.\n", by=service.forge.dave)
    service.lose_webhooks()
    assert hand_in(client, "pull_request", HOSTILE["half a pair"]).status_code == 400
    service.work()
    assert service.check(pull) == "action_required"


def test_25_megabytes_of_brackets_are_refused_in_seconds() -> None:
    began = time.process_time()
    for letter in (b"[", b'{"":'):
        with pytest.raises(HostileBodyError):
            parse_body(letter * (25_000_000 // len(letter)))
    assert time.process_time() - began < 10


def test_brackets_within_a_text_are_no_nesting() -> None:
    assert parse_body(json.dumps({"title": '\\"[' + "[{" * 500}).encode())["title"].count("[") == 501


def test_the_letters_of_an_escape_within_a_text_are_letters() -> None:
    body = json.dumps({"body": "write `\\u0000` or `\\\\u0000`, never `\\ud800`"})
    assert parse_body(body.encode()) == json.loads(body)
    began = time.process_time()
    assert parse_body(b'{"body": "' + b"\\\\" * 5_000_000 + b'"}')
    assert time.process_time() - began < 10


@given(
    value=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**53), 2**53)
            | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            max_leaves=10,
        ),
        max_size=5,
    ),
    is_ascii=st.booleans(),
)
@settings(max_examples=150, deadline=None, database=None)
def test_plain_json_is_read_as_it_is(value: Any, *, is_ascii: bool) -> None:
    assert parse_body(json.dumps(value, ensure_ascii=is_ascii).encode()) == value

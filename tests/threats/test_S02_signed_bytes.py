"""S02: what was signed is what is read: the raw bytes, once, as JSON and nothing else."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from builders_login import an_app
from builders_service import Service, a_service
from builders_webhooks import headers_of

from gate.web.hooks import MAX_BYTES

PAYLOAD = b'{"zen":  "two spaces, \\u0061nd an escape"}'


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as service:
        yield service


def test_the_bytes_are_kept_as_they_came(service: Service) -> None:
    headers = headers_of("ping", PAYLOAD)
    assert an_app(service).test_client().post("/webhooks/github", data=PAYLOAD, headers=headers).status_code == 202
    with service.store.reading() as reading:
        kept = reading.delivery(headers["X-GitHub-Delivery"])
    assert kept is not None
    assert kept.body == PAYLOAD


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", ""]
)
def test_a_form_is_refused_though_it_is_signed(service: Service, kind: str) -> None:
    body = urlencode({"payload": PAYLOAD}).encode()
    answer = (
        an_app(service)
        .test_client()
        .post("/webhooks/github", data=body, headers=headers_of("ping", body, Content_Type=kind))
    )
    assert answer.status_code == 415


def test_a_body_that_is_not_what_was_signed_is_refused(service: Service) -> None:
    for body in (PAYLOAD + b"\n", PAYLOAD.replace(b"  ", b" "), b""):
        answer = an_app(service).test_client().post("/webhooks/github", data=body, headers=headers_of("ping", PAYLOAD))
        assert answer.status_code == 401


def test_more_than_github_sends_is_refused_unread(service: Service) -> None:
    given = {"CONTENT_LENGTH": str(MAX_BYTES + 1)}
    headers = headers_of("ping", b"")
    answer = an_app(service).test_client().post("/webhooks/github", headers=headers, environ_overrides=given)
    assert answer.status_code == 413

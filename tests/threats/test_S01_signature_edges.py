"""S01: a delivery is signed by a known secret over its raw bytes, in one spelling; all else is 401, never 500."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_login import an_app
from builders_service import Service, a_service
from builders_webhooks import SECRET, headers_of, signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.config import load_settings
from gate.core.errors import UsageError
from gate.web.hooks import is_signed

BODY = b'{"zen": "Keep it logically awesome."}'
GOOD = signature(BODY)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> Any:
    return an_app(service).test_client()


class TestASignature:
    def test_is_the_one_that_githubs_documentation_works_out(self) -> None:
        given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        assert is_signed(b"Hello, World!", given, [b"It's a Secret to Everybody"])

    @pytest.mark.parametrize(
        "given",
        [
            "", GOOD.removeprefix("sha256="), GOOD.upper(), "sha256=" + GOOD.removeprefix("sha256=").upper(),
            GOOD.replace("sha256", "sha1"), f"{GOOD}, {GOOD}", f" {GOOD}", f"{GOOD} ", f"{GOOD}\t", GOOD[:-1],
            f"{GOOD}0", "sha256=" + "0" * 64, "sha256=" + "é" * 64, "sha256=" + "\u0660" * 64, signature(BODY, b""),
            signature(b""), signature(BODY, b"another secret of ours"), "sha256=", "None",
        ],
    )  # fmt: skip
    def test_spelled_or_made_otherwise_is_refused(self, client: Any, given: str) -> None:
        headers = headers_of("ping", BODY)
        headers["X-Hub-Signature-256"] = given.encode().decode("latin-1")
        assert client.post("/webhooks/github", data=BODY, headers=headers).status_code == 401

    def test_that_is_missing_or_only_the_old_one_is_refused(self, client: Any) -> None:
        headers = headers_of("ping", BODY)
        headers["X-Hub-Signature"] = headers.pop("X-Hub-Signature-256")
        assert client.post("/webhooks/github", data=BODY, headers=headers).status_code == 401

    def test_sent_twice_is_refused_even_if_both_are_right(self, client: Any) -> None:
        headers = [*headers_of("ping", BODY).items(), ("X-Hub-Signature-256", GOOD)]
        assert client.post("/webhooks/github", data=BODY, headers=headers).status_code == 401

    def test_is_looked_at_before_anything_else(self, client: Any) -> None:
        answer = client.post("/webhooks/github", data=b"\xff{", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 401

    @given(body=st.binary(max_size=200), header=st.text(max_size=100))
    @settings(max_examples=200, deadline=None, database=None)
    def test_is_never_made_up(self, body: bytes, header: str) -> None:
        assert is_signed(body, header, [SECRET, b""]) == (header == signature(body))


class TestWhateverIsSent:
    @given(
        body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
        event=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=80),
        guid=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=80),
        kind=st.sampled_from(
            ["application/json", "application/json; charset=x", "text/plain", "application/octet-stream", ""]
        ),
        is_signed_by_us=st.booleans(),
    )
    @settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def test_the_answer_is_one_that_is_meant(  # one argument for each part of a request
        self, client: Any, *, body: bytes, event: str, guid: str, kind: str, is_signed_by_us: bool
    ) -> None:
        headers = {
            "Content-Type": kind,
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": signature(body) if is_signed_by_us else "sha256=" + "1" * 64,
        }
        answer = client.post("/webhooks/github", data=body, headers=headers)
        assert answer.status_code in ({202, 400, 415} if is_signed_by_us else {401}), answer.text

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
    def test_another_method_is_not_taken(self, client: Any, method: str) -> None:
        assert client.open("/webhooks/github", method=method, data=BODY).status_code == 405


class TestWithoutASecret:
    @pytest.mark.parametrize("secrets", [[], [b""], [b"", b""]])
    def test_the_service_does_not_start(self, service: Service, secrets: list[bytes]) -> None:
        with pytest.raises(UsageError, match="No secret is set"):
            an_app(service, webhook_secrets=secrets)

    @pytest.mark.parametrize("secret", ["short", "a secret of sixteen,short"])
    def test_nor_with_one_that_anybody_could_guess(self, tmp_path: Path, secret: str) -> None:
        with pytest.raises(UsageError, match="too short"):
            load_settings({"GATE_GITHUB_WEBHOOK_SECRET": secret}, folder=tmp_path)

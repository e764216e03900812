"""S05: keys of the issuer and questions of jobs go where the operator said; no redirect leads them elsewhere."""

from typing import Any

import pytest
from builders_workloads import REQUEST_TOKEN, an_issuer

from gate.adapters.actions_client import ActionsClient, Identity
from gate.adapters.issuer_keys import IssuerKeys
from gate.core.errors import UnreadableError, UsageError

INSIDE = "http://169.254.169.254/latest/meta-data"


class TestTheIssuersKeys:
    def test_are_not_fetched_where_a_redirect_leads(self) -> None:
        with an_issuer() as issuer, an_issuer() as other:
            issuer.location = f"{other.url}/.well-known/jwks"
            assert IssuerKeys(issuer.url, clock=lambda: 0.0).key("one") is None
            assert other.paths == []

    def test_are_bounded(self) -> None:
        with an_issuer() as issuer:
            issuer.keys = {"keys": issuer.keys["keys"], "more": "x" * 300_000}
            assert IssuerKeys(issuer.url, clock=lambda: 0.0).key("one") is None

    @pytest.mark.parametrize("address", [INSIDE, "file:///etc/passwd", "ftp://issuer.example", "issuer.example"])
    def test_come_over_https_or_not_at_all(self, address: str) -> None:
        with pytest.raises(UsageError):
            IssuerKeys(address, clock=lambda: 0.0)


class TestAJobsToken:
    def client(self, url: str, request_url: str) -> ActionsClient:
        return ActionsClient(url, Identity(request_url, REQUEST_TOKEN), sleep=lambda _: None)

    def test_is_not_sent_where_a_redirect_leads(self) -> None:
        with an_issuer() as issuer, an_issuer() as service, an_issuer() as other:
            service.location = f"{other.url}/steal"
            client = self.client(service.url, f"{issuer.url}/token?x=1")
            with pytest.raises(UnreadableError):
                client.evaluate("acme/shop", 1, {})
            assert other.paths == []

    @pytest.mark.parametrize("address", [INSIDE, "http://gate.example.com", "gate.example.com"])
    def test_goes_over_https_or_not_at_all(self, address: Any) -> None:
        with pytest.raises(UsageError, match="is not HTTPS"):
            self.client(address, "https://token.example")
        with pytest.raises(UsageError, match="is not HTTPS"):
            self.client("https://gate.example.com", address)

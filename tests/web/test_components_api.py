"""The API of ownership: owners of a path, components, records, suspects; and nothing of what may not be seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders_forge_world import BODY
from builders_incidents import RECORDS
from builders_login import an_app
from builders_service import Service, a_service
from builders_visitors import a_token, bearer

from gate.core.ownership.resolve import OwnershipIndex

ADDRESSES = (
    "/api/v1/owners?repository=acme/shop&path=api/pay.py",
    "/api/v1/components?repository=acme/shop",
    "/api/v1/components/payments-api",
    "/api/v1/components/payments-api/suspects",
    "/ownership/payments-api",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service"), files={".gate/ownership.yaml": RECORDS}) as service:
        pull = service.forge.a_pull({"api/pay.py": "amount = 3\n"}, title="Round otherwise", body=BODY)
        service.settle()
        pull.merge(service.forge.carol, as_admin=True)
        service.settle()
        service.clock.ahead_seconds += 60
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> Any:
    return an_app(service).test_client()


def got(client: Any, service: Service, address: str) -> Any:
    answer = client.get(address, headers=bearer(a_token(service)))
    assert answer.status_code == 200, answer.text
    return answer.get_json()


class TestWhatIsAnswered:
    def test_owners_of_a_path_by_section_with_the_line(self, client: Any, service: Service) -> None:
        found = got(client, service, "/api/v1/owners?repository=acme/shop&path=api/pay.py")
        assert found["owners"] == [
            {
                "path": "api/pay.py", "section": "default", "component": "payments-api", "owners": ["payments"],
                "source": ".gate/ownership.yaml:18",
            }
        ]  # fmt: skip
        unowned = got(client, service, "/api/v1/owners?repository=acme/shop&path=nowhere")
        assert unowned["owners"][0]["owners"] == []

    def test_components_that_a_query_finds(self, client: Any, service: Service) -> None:
        names = [one["name"] for one in got(client, service, "/api/v1/components")["components"]]
        assert names == ["payments-api", "ledger", "storefront"]
        found = got(client, service, "/api/v1/components?q=depends:ledger")["components"]
        assert [(one["name"], one["repository"]) for one in found] == [("payments-api", "acme/shop")]
        wrong = client.get("/api/v1/components?q=color:red", headers=bearer(a_token(service)))
        assert wrong.status_code == 400

    def test_rules_are_compiled_once_for_all_who_look(
        self, client: Any, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compiled: list[Any] = []
        make = OwnershipIndex.__init__

        def counted(index: OwnershipIndex, *arguments: Any) -> None:
            compiled.append(arguments)
            make(index, *arguments)

        monkeypatch.setattr(OwnershipIndex, "__init__", counted)
        for path in ("api/pay.py", "api/other.py"):
            got(client, service, f"/api/v1/owners?repository=acme/shop&path={path}")
            (found,) = got(client, service, f"/api/v1/components?q=path:{path}")["components"]
            assert found["name"] == "payments-api"
            page = client.get(f"/ownership?q=path:{path}", headers=bearer(a_token(service)))
            assert "payments-api" in page.text
        assert len(compiled) <= 1

    def test_the_record_of_one(self, client: Any, service: Service) -> None:
        (record,) = got(client, service, "/api/v1/components/payments-api")["records"]
        assert record["links"]["runbook"] == "https://runbooks.example.com/payments"
        assert record["rollback"]["method"] == "redeploy-previous"

    def test_suspects_with_reasons(self, client: Any, service: Service) -> None:
        (brief,) = got(client, service, "/api/v1/components/payments-api/suspects?days=3")["briefs"]
        (suspect,) = brief["suspects"]
        assert (suspect["title"], suspect["rollback"]) == ("Round otherwise", "revert")
        assert "It changed payments-api itself." in suspect["reasons"]
        earlier = "/api/v1/components/payments-api/suspects?at=2020-01-01T00:00:00Z"
        assert got(client, service, earlier)["briefs"][0]["suspects"] == []


class TestWhatMayNotBeSeen:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_is_as_if_it_did_not_exist(self, client: Any, service: Service, address: str) -> None:
        headers = bearer(a_token(service, repositories=("acme/other",)))
        unseen = client.get(address, headers=headers)
        missing = client.get(
            address.replace("payments-api", "nothing").replace("acme/shop", "acme/no"), headers=headers
        )
        assert (unseen.status_code, unseen.data) == (404, missing.data)

    def test_is_in_no_list(self, client: Any, service: Service) -> None:
        headers = bearer(a_token(service, repositories=("acme/other",)))
        assert client.get("/api/v1/components", headers=headers).get_json() == {"components": [], "unreadable": []}
        assert "payments-api" not in client.get("/ownership", headers=headers).text

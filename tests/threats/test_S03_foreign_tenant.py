"""S03: secrets overlap while one is rotated, and no delivery moves what belongs to another tenant."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders_forge_world import ACME, GATE_INSTALLATION, SHOP
from builders_login import an_app
from builders_service import Service, a_service
from builders_webhooks import hand_in

from gate.core.forge.snapshot import RepositoryKey

OLD, NEW = b"the old secret of a gate", b"the new secret of a gate"
MALLORYS = 666


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as service:
        service.forge.a_pull()
        service.settle()
        yield service


def a_payload(*, owner: int, installation: int, repository: int = SHOP, name: str = "acme/shop") -> dict[str, Any]:
    return {
        "action": "synchronize",
        "number": 1,
        "pull_request": {"number": 1},
        "installation": {"id": installation},
        "repository": {"id": repository, "full_name": name, "owner": {"id": owner}, "default_branch": "evil"},
    }


class TestRotation:
    def test_both_secrets_hold_while_both_are_set_and_one_no_longer_afterwards(self, service: Service) -> None:
        during = an_app(service, webhook_secrets=[NEW, OLD]).test_client()
        assert hand_in(during, "ping", {}, secret=OLD).status_code == 202
        assert hand_in(during, "ping", {}, secret=NEW).status_code == 202
        after = an_app(service, webhook_secrets=[NEW]).test_client()
        assert hand_in(after, "ping", {}, secret=OLD).status_code == 401
        assert hand_in(after, "ping", {}, secret=NEW).status_code == 202


class TestADeliveryInAnothersName:
    def test_never_joins_an_installation_with_another_owner(self, service: Service) -> None:
        client = an_app(service).test_client()
        forged = a_payload(owner=MALLORYS, installation=GATE_INSTALLATION, repository=666_000)
        assert hand_in(client, "pull_request", forged).status_code == 202
        service.work()
        with service.store.reading() as reading:
            known, true = reading.repositories(), reading.repository_named("acme/shop")
        assert [one.key for one in known] == [RepositoryKey(ACME, SHOP)]
        assert true is not None
        assert true.default_branch == "main"

    def test_is_kept_and_an_entry_says_so(self, service: Service) -> None:
        client = an_app(service).test_client()
        with service.store.reading() as reading:
            size = reading.checkpoint().size  # type: ignore[union-attr]  # the first judgement made one
        hand_in(client, "pull_request", a_payload(owner=MALLORYS, installation=GATE_INSTALLATION, repository=666_000))
        service.work()
        with service.store.reading() as reading:
            entry = reading.ledger_entry(size)
        assert entry is not None
        assert entry.kind == "anomaly-seen"
        assert b"foreign-installation" in entry.content

    def test_a_true_one_is_worked_on_as_ever(self, service: Service) -> None:
        client = an_app(service).test_client()
        assert hand_in(client, "ping", {}).status_code == 202
        service.forge.a_pull(title="Another")
        service.settle()
        assert service.errors == []
        with service.store.reading() as reading:
            assert len(list(reading.open_changes())) == 2

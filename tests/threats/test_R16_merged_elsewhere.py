"""R16: aimed elsewhere and merged before the gate looked again: an approval for the former base is none for it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_service import Service, a_service

from gate.core.ledger.entries import LedgerEntry


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service of one repository with a second branch."""
    with a_service(tmp_path) as made:
        made.forge.shop.commit("release", {"x.txt": "x\n"}, author=made.forge.carol, start="main")
        yield made


def merges(service: Service) -> list[LedgerEntry]:
    with service.store.reading() as reading:
        return [one for one in reading.ledger_entries(0, 1000) if one.kind == "change-merged"]


class TestAMergeIntoABaseThatNobodyWasAskedAbout:
    def test_is_not_told_as_approved(self, service: Service) -> None:
        pull = service.approved()
        pull.edit(base="release", by=service.forge.dave)
        pull.merge(service.forge.dave)
        service.settle()
        (entry,) = merges(service)
        payload = json.loads(entry.content)["payload"]
        assert (payload["base_ref"], payload["is_head_judged"]) == ("release", False)

    def test_is_told_so_where_the_base_is_the_one_that_was_judged(self, service: Service) -> None:
        pull = service.approved()
        pull.merge(service.forge.dave)
        service.settle()
        (entry,) = merges(service)
        payload = json.loads(entry.content)["payload"]
        assert (payload["base_ref"], payload["verdict"], payload["is_head_judged"]) == ("main", "approved", True)

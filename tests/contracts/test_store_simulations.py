"""The store keeps a simulation beside the facts that it belongs to, and nothing beside facts that are not there."""

from typing import Any

import pytest
from builders_store import a_change_row, a_known_repository, record_judgement

from gate.usecases.store_ports import StoreError


def test_the_first_one_stays(world: Any) -> None:
    a_known_repository(world.store)
    digest = record_judgement(world.store, a_change_row()).facts_digest
    for content in (b"first", b"second"):
        with world.store.writing() as writing:
            writing.save_simulation(digest, content)
    with world.store.reading() as reading:
        assert reading.simulation(digest) == b"first"
        assert reading.simulation("sha256:" + "0" * 64) is None


def test_it_needs_its_facts(world: Any) -> None:
    with pytest.raises(StoreError), world.store.writing() as writing:
        writing.save_simulation("sha256:" + "0" * 64, b"{}")

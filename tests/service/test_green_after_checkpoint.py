"""Nothing turns green before its entry is under a signed checkpoint, and the check names a head that covers it."""

import re
from pathlib import Path
from typing import Any

from builders_service import Service, a_service
from builders_store import ORIGIN, a_signer

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.merkle import leaf_hash
from gate.core.ledger.note import verify_checkpoint
from gate.core.ledger.proofs import verify_inclusion
from gate.usecases.prove_entries import prove_inclusion


def approved(service: Service) -> Any:
    pull = service.forge.a_pull()
    service.settle()
    pull.review(service.forge.alice, "APPROVED")
    return pull


def test_before_green_is_posted_its_verdict_is_under_a_checkpoint_that_verifies(tmp_path: Path) -> None:
    with a_service(tmp_path) as service:
        pull = approved(service)
        seen: list[int] = []

        def look(point: str) -> None:
            if point == "before-green":
                seen.append(covered_by(service, pull).size)

        object.__setattr__(service.gate, "at_point", look)
        service.settle()
        assert service.check(pull) == "success"
        assert seen


def covered_by(service: Service, pull: Any) -> SignedCheckpoint:
    """The newest checkpoint, after the recorded verdict was proven to be under it, by its signature and its root."""
    with service.store.reading() as reading:
        stored = reading.verdict(service.key(pull))
        checkpoint = reading.checkpoint()
        assert stored is not None
        assert checkpoint is not None
        entry = reading.ledger_entry(stored.ledger_index)
        proof = prove_inclusion(reading, stored.ledger_index)
    assert (entry.kind, stored.state) == ("verdict-changed", "approved")
    signer = a_signer()
    told = verify_checkpoint(proof.note, name=ORIGIN, public_key=signer.public_key, verify=verify_ed25519)
    leaf = leaf_hash(entry.content)
    verify_inclusion(leaf, index=proof.index, size=told.size, path=proof.path, root=told.root)
    return checkpoint


def test_a_verdict_whose_transaction_was_not_kept_turns_nothing_green(tmp_path: Path) -> None:
    with a_service(tmp_path) as service:
        pull = approved(service)
        service.receive()
        tools = service.store._tools

        class Broken:
            name, public_key = tools.signer.name, tools.signer.public_key

            def sign(self, _: bytes) -> bytes:
                raise OSError("the key is gone")

        service.store._tools = type(tools)(tools.clock, Broken(), tools.randomness)
        service.work()
        assert any("the key is gone" in error for error in service.errors)
        assert service.check(pull) == "in_progress"


def test_the_check_names_size_and_root_of_a_head_that_covers_its_verdict(tmp_path: Path) -> None:
    with a_service(tmp_path) as service:
        pull = approved(service)
        service.settle()
        text = summary_of(service, pull)
        found = re.search(r"Ledger: (\d+) entries, root `([0-9a-f]{64})`", text)
        assert found is not None
        with service.store.reading() as reading:
            stored = reading.verdict(service.key(pull))
            head = reading.checkpoint_at(int(found[1]))
        assert head.root.hex() == found[2]
        assert stored.ledger_index < head.size


def summary_of(service: Service, pull: Any) -> str:
    token = service.forge.world.installation_token(service.forge.installation)
    found = service.forge.world.get(f"/repos/acme/shop/commits/{pull.head_sha}/check-runs", token=token)
    return str(found["check_runs"][0]["output"]["summary"])

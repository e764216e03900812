"""A sign-off that ran out before the merge: what was merged was not approved, though no timer had said so yet."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_audit import clone_of
from builders_export import MadeExport, exported, failing, key_of, merge_a_change, unpacked
from builders_forge_world import POLICY
from builders_service import Service, a_service
from builders_store import a_signer
from doubles.github.pulls import Pull

from gate.usecases.replay_verdict import replay_change

HOUR = 3600


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service whose approvals hold for an hour."""
    with a_service(tmp_path) as made:
        policy = {".gate/policy.yaml": POLICY + "signoffs: {expire_after: 1h}\n"}
        made.forge.shop.commit("main", policy, author=made.forge.carol)
        yield made
        assert made.errors == []


def merged_after(service: Service, seconds: int) -> Pull:
    """A green change, merged so long after its approval, before the gate did anything more."""
    pull = service.approved()
    service.forge.world.clock.later(seconds=seconds)
    assert pull.would_merge()
    pull.merge(service.forge.dave)
    return pull


def entries(service: Service, kind: str) -> list[Any]:
    with service.store.reading() as reading:
        return [json.loads(one.content) for one in reading.ledger_entries(0, 1000) if one.kind == kind]


def exported_files(service: Service) -> dict[str, bytes]:
    raw, _ = exported(service)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def codes(files: dict[str, bytes]) -> list[tuple[str, str]]:
    return [(row["code"], row["change"]) for row in map(json.loads, files["exceptions/exceptions.jsonl"].splitlines())]


class TestAMergeBetweenExpiryAndItsTimer:
    def test_is_judged_by_the_clock_of_the_merge(self, service: Service) -> None:
        pull = merged_after(service, HOUR)
        service.settle()
        (merge,) = entries(service, "change-merged")
        assert (merge["payload"]["verdict"], merge["payload"]["is_head_judged"]) == ("waiting", True)
        verdict = service.verdict(pull)
        assert (verdict.state, service.codes(pull)) == ("waiting", {"expired"})
        assert verdict.decided_at == pull.merged_at
        with service.store.reading() as reading:
            assert {one.outcome for one in replay_change(reading, service.key(pull))} == {"same"}

    def test_is_an_exception_of_its_own_kind_in_a_whole_export_that_verifies(
        self, service: Service, tmp_path: Path
    ) -> None:
        pull = merged_after(service, HOUR)
        service.settle()
        head = _head(service)
        raw, result = exported(service, since_checkpoint=head)
        made = MadeExport(raw, result, key_of(a_signer()), clone_of(service), head)
        files = made.files()
        assert codes(files) == [("signoff-expired", str(pull.number)), ("unapproved-merge", str(pull.number))]
        (row,) = map(json.loads, files["population/changes.jsonl"].splitlines())
        assert (row["verdict"], row["signoffs"], row["exceptions"]) == ("waiting", [], ["unapproved-merge"])
        assert row["decided_at"] == pull.merged_at
        assert failing(unpacked(files, tmp_path / "export"), made, clones=False) == {"approval-before-merge"}

    def test_is_judged_so_however_late_the_gate_hears_of_it(self, service: Service) -> None:
        merged_after(service, HOUR)
        service.lose_webhooks()
        service.later(HOUR)
        service.sweep()
        (merge,) = entries(service, "change-merged")
        assert merge["payload"]["verdict"] == "waiting"
        assert len(entries(service, "signoff-voided")) == 1


class TestAMergeOfAChangeThatWasClosedMeanwhile:
    @pytest.mark.parametrize(("seconds", "verdict"), [(HOUR, "waiting"), (HOUR - 60, "approved")])
    def test_is_judged_by_the_clock_of_the_merge_too(self, service: Service, seconds: int, verdict: str) -> None:
        pull = service.approved()
        pull.close(by=service.forge.dave)
        service.settle()
        service.forge.world.clock.later(seconds=seconds)
        service.lose_webhooks()
        pull.reopen(by=service.forge.dave)
        pull.merge(service.forge.dave, as_admin=True)
        service.settle()
        (merge,) = entries(service, "change-merged")
        assert (merge["payload"]["verdict"], merge["payload"]["is_head_judged"]) == (verdict, True)


class TestAMergeBeforeExpiry:
    def test_stays_approved_however_late_the_gate_hears_of_it(self, service: Service) -> None:
        merged_after(service, HOUR - 60)
        service.lose_webhooks()
        service.later(2 * HOUR)
        service.sweep()
        (merge,) = entries(service, "change-merged")
        assert merge["payload"]["verdict"] == "approved"
        assert codes(exported_files(service)) == []


class TestASignOffThatRanOutWhileItsChangeWasOpen:
    def test_is_an_exception_in_the_export_and_an_approval_given_anew_counts(self, service: Service) -> None:
        pull = service.approved()
        service.forge.world.clock.later(seconds=HOUR)
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        pull.merge(service.forge.dave)
        service.settle()
        merge_a_change(service, 7)
        files = exported_files(service)
        assert codes(files) == [("signoff-expired", str(pull.number))]
        rows = [json.loads(line) for line in files["population/changes.jsonl"].splitlines()]
        assert [(row["verdict"], row["exceptions"]) for row in rows] == [("approved", []), ("approved", [])]


def _head(service: Service) -> str:
    with service.store.reading() as reading:
        found = reading.checkpoint()
    assert found is not None
    return found.note

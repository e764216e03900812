"""S20: a database from an old backup, told by heads kept elsewhere, approves nothing, and its links are void."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from builders_gate_command import run_gate
from builders_ledger import KEY, Ledger, a_recorded_ledger
from builders_service import Service
from builders_store import ORIGIN, a_key, a_known_repository, a_signer, a_world, sqlite_url
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gate.adapters.copy_files import FileCopy
from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.bootstrap_service import start_service
from gate.config import load_settings
from gate.core.errors import GateError, UnreadableError, UsageError
from gate.usecases.ledger_freeze import freeze, frozen_why, resume
from gate.usecases.links import IssuedLink
from gate.usecases.outside_copies import compare_at_start, keep_copy

AT = "2026-12-01T12:00:00Z"


def backed_up(tmp_path: Path, to: str) -> None:
    with sqlite3.connect(tmp_path / "gate.db") as source, sqlite3.connect(tmp_path / to) as target:
        source.backup(target)


def restored(service: Service, tmp_path: Path, backup: str) -> None:
    service.store.close()
    with sqlite3.connect(tmp_path / backup) as source, sqlite3.connect(tmp_path / "gate.db") as target:
        source.backup(target)


def compared(service: Service, copy: FileCopy) -> Any:
    return compare_at_start(service.store, [copy], KEY, verify_ed25519)


class TestAServiceOnAnOldBackup:
    def test_is_frozen_until_somebody_answers_for_it(self, service: Service, tmp_path: Path) -> None:
        copy = FileCopy(tmp_path / "heads.txt")
        pull = service.approved()
        backed_up(tmp_path, "old.db")
        service.later(600)
        service.forge.a_pull(title="Another")
        service.settle()
        with service.store.reading() as reading:
            keep_copy(copy, reading.checkpoint())  # type: ignore[arg-type]
        restored(service, tmp_path, "old.db")

        faults = compared(service, copy)
        assert [one.code for one in faults] == ["ledger-truncated"]
        assert freeze(service.store, faults, at=service.gate.instant())
        service.settle()
        assert service.verdict(pull).state == "error"
        assert service.codes(pull) == {"ledger-frozen"}
        assert service.check(pull) == "failure"
        assert not pull.would_merge()
        assert not freeze(service.store, faults, at=service.gate.instant())

        assert resume(service.store, [copy.newest() or ""], at=service.gate.instant(), reason="restored") == 1
        service.settle()
        assert service.check(pull) == "success"
        assert compared(service, copy) == []

    def test_an_approval_that_is_on_its_way_does_not_turn_green(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.receive()
        points: list[str] = []

        def at_point(point: str) -> None:
            if point == "recorded" and not points:
                points.append(point)
                freeze(service.store, a_fault(), at=service.gate.instant())

        object.__setattr__(service.gate, "at_point", at_point)
        service.work()
        assert points == ["recorded"]
        assert service.check(pull) == "failure"


def a_fault() -> Any:
    from gate.core.ledger.verification import LedgerFault

    return [LedgerFault(3, "ledger-truncated", "The ledger was cut.")]


class TestTheFreeze:
    def test_voids_every_link_and_is_an_entry(self, tmp_path: Path) -> None:
        world = a_world(sqlite_url(tmp_path))
        a_known_repository(world.store)
        with world.store.writing() as writing:
            writing.begin_judgement(a_key())
        link = IssuedLink("a link's id of 16", a_key(), "github:1001", "signoff", AT, "2026-12-09T12:00:00Z")
        with world.store.writing() as writing:
            writing.save_link(link)
        freeze(world.store, a_fault(), at=AT)
        with world.store.reading() as reading:
            assert frozen_why(reading).startswith("The ledger was cut.")
            assert reading.link(link.jti).revoked_at == AT  # type: ignore[union-attr]
            (entry,) = reading.entries_about("ledger")
        assert (entry.kind, entry.payload()["anomaly"]) == ("anomaly-seen", "ledger-frozen")
        assert (entry.payload()["code"], entry.payload()["links"]) == ("ledger-truncated", 1)
        world.store.close()

    def test_ends_with_a_reason_and_names_what_is_lost(self, tmp_path: Path) -> None:
        ledger = a_recorded_ledger(tmp_path)
        world = a_world(ledger.url)
        world.clock.at = "2026-12-04T00:00:00Z"
        freeze(world.store, a_fault(), at=AT)
        resume(world.store, [ledger.head()], at=AT, reason="the disk failed")
        with world.store.reading() as reading:
            assert frozen_why(reading) == ""
            payload = reading.entries_about("ledger")[-1].payload()
        assert payload["reason"] == "the disk failed"
        assert [one["size"] for one in payload["lost"]] == [301]
        with pytest.raises(UsageError, match="Nothing is frozen"):
            resume(world.store, [], at=AT, reason="again")
        world.store.close()


class TestAtStart:
    @pytest.fixture
    def ledger(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
        found = a_recorded_ledger(tmp_path)
        pem = a_signer()._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "key.pem").write_bytes(pem)
        for name, value in {
            "GATE_DATABASE_URL": found.url,
            "GATE_LEDGER_KEY_FILE": str(tmp_path / "key.pem"),
            "GATE_LEDGER_ORIGIN": ORIGIN,
            "GATE_LEDGER_COPIES": f"file:{tmp_path / 'heads.txt'}",
            "GATE_GITHUB_TOKEN": "a token",
            "GATE_GITHUB_WEBHOOK_SECRET": "a secret of sixteen",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("gate.bootstrap_service.refuse_old_clock", lambda _: None)  # recorded ahead of today
        return found

    def why(self) -> str:
        service = start_service(load_settings())
        with service.gate.store.reading() as reading:
            found = frozen_why(reading)
        service.stop()
        return found

    def test_a_ledger_that_goes_on_starts_as_ever(self, ledger: Ledger, tmp_path: Path) -> None:
        assert self.why() == ""
        (tmp_path / "heads.txt").write_text(ledger.head())
        assert self.why() == ""

    def test_one_that_is_behind_is_frozen_until_it_is_resumed(self, ledger: Ledger, tmp_path: Path) -> None:
        (tmp_path / "heads.txt").write_text(ledger.head())
        ledger.attack(
            "DELETE FROM ledger_entries WHERE idx > 285",
            "DELETE FROM ledger_checkpoints WHERE size > 286",
            "UPDATE ledger_head SET size = 0",
        )
        ledger.attack(set_head)
        assert "The ledger has 286 entries; a head signed over 300 was kept elsewhere." in self.why()
        ran = run_gate("ledger", "publish")
        assert ran.code == 1
        assert "Nothing was kept." in ran.err
        ran = run_gate("ledger", "resume", "--reason", "the disk failed")
        assert ran.out.startswith("Resumed; 1 head is given up as lost")
        assert self.why() == ""
        assert run_gate("ledger", "publish").code == 0
        assert run_gate("ledger", "verify", "--copy", str(tmp_path / "heads.txt")).code == 0

    @pytest.mark.parametrize("content", ["no heads", "a\nb\n\nc\n"])
    def test_a_place_that_cannot_be_read_stops_the_start(self, ledger: Ledger, tmp_path: Path, content: str) -> None:
        (tmp_path / "heads.txt").write_text(content)
        with pytest.raises(UnreadableError, match="Mend the file"):
            self.why()
        assert ledger.verified().faults == ()

    def test_another_key_stops_the_start(self, ledger: Ledger, tmp_path: Path) -> None:
        pem = a_signer(8)._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "key.pem").write_bytes(pem)
        with pytest.raises(GateError, match="not signed by this key"):
            self.why()
        assert ledger.verified().faults == ()


def set_head(connection: sqlite3.Connection) -> None:
    from gate.core.ledger.merkle import Frontier, leaf_hashes

    contents = [content for (content,) in connection.execute("SELECT content FROM ledger_entries ORDER BY idx")]
    tree = Frontier().extend(leaf_hashes(contents))
    connection.execute("UPDATE ledger_head SET size = ?, frontier = ?", (tree.size, tree.to_bytes()))

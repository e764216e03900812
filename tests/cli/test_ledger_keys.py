"""The ledger's key is rotated: the old one signs that the new one follows; what was signed before still verifies."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders_gate_command import run_gate
from builders_ledger import KEY, Ledger, a_ledger_of_the_settings
from builders_store import ORIGIN, a_draft, a_signer

from gate import bootstrap_ledger
from gate.adapters.db.key_file import FileSigner
from gate.bootstrap_parts import store_of
from gate.config import load_settings
from gate.core.ledger.signing_keys import Rotation, SigningKey, key_for, signing_keys
from gate.usecases.store_ports import StoreError


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    found = a_ledger_of_the_settings(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    return found


def append(store: Any) -> None:
    with store.writing() as writing:
        writing.append(a_draft(kind="check-posted"))


def ledger_keys() -> list[Any]:
    return [one for one in json.loads(run_gate("keys", "list", "--json").out) if one["purpose"] == "ledger"]


class TestRotating:
    def test_everything_before_and_after_it_verifies(self, ledger: Ledger, tmp_path: Path) -> None:
        ran = run_gate("keys", "rotate", "--ledger")
        assert (ran.code, ran.err) == (0, "")
        new = ran.out.split()[5]
        store = store_of(load_settings())
        append(store)
        store.close()
        assert run_gate("ledger", "verify").code == 0
        assert run_gate("ledger", "verify", "--key", new).code == 0
        assert run_gate("ledger", "verify", "--key", KEY.text).code == 1
        assert [(one["key"], one["after"], one["state"]) for one in ledger_keys()] == [
            (new, ledger.verified(key=key_of(new)).entries - 1, "signs"),
            (KEY.text, 0, "verifies"),
        ]
        assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
        assert not (tmp_path / "key.pem.next").exists()

    def test_a_running_process_takes_the_new_key_up(self, ledger: Ledger) -> None:
        running = store_of(load_settings())
        append(running)
        run_gate("keys", "rotate", "--ledger")
        append(running)
        run_gate("keys", "rotate", "--ledger")
        append(running)
        running.close()
        assert run_gate("ledger", "verify").code == 0
        assert len(ledger_keys()) == 3
        assert ledger.head()

    def test_a_process_whose_key_was_rotated_away_signs_nothing_more(self, ledger: Ledger, tmp_path: Path) -> None:
        pem = (tmp_path / "key.pem").read_bytes()
        run_gate("keys", "rotate", "--ledger")
        (tmp_path / "key.pem").write_bytes(pem)
        store = store_of(load_settings())
        with pytest.raises(StoreError, match="this process has another one"):
            append(store)
        store.close()
        assert "\n302\n" in ledger.head()

    def test_one_that_was_cut_short_is_finished_with_the_next_look(self, ledger: Ledger, tmp_path: Path) -> None:
        settings = load_settings()
        old = (tmp_path / "key.pem").read_bytes()
        run_gate("keys", "rotate", "--ledger")
        (tmp_path / "key.pem.next").write_bytes((tmp_path / "key.pem").read_bytes())
        (tmp_path / "key.pem").write_bytes(old)
        store = store_of(settings)
        append(store)  # the key that was to follow is found beside the old one
        assert bootstrap_ledger.faults_at_start(settings, store, ()) == []
        store.close()
        assert not (tmp_path / "key.pem.next").exists()
        assert run_gate("ledger", "verify").code == 0
        assert ledger.head()

    def test_a_key_that_was_prepared_and_never_recorded_signs_nothing(self, ledger: Ledger, tmp_path: Path) -> None:
        FileSigner(ORIGIN, tmp_path / "key.pem", may_create=False).prepare_next()
        store = store_of(load_settings())
        append(store)
        assert bootstrap_ledger.faults_at_start(load_settings(), store, ()) == []
        store.close()
        assert ledger.verified().faults == ()


def key_of(text: str) -> SigningKey:
    from gate.core.ledger.note import parse_verifier_key

    return SigningKey(*parse_verifier_key(text))


class TestWhichKeySigned:
    OLD, MIDDLE, NEW = (SigningKey(ORIGIN, a_signer(seed).public_key) for seed in (1, 2, 3))
    ROTATIONS = (Rotation(9, OLD.text, MIDDLE.text), Rotation(20, MIDDLE.text, NEW.text))

    @pytest.mark.parametrize(("size", "which"), [(1, 0), (10, 0), (11, 1), (21, 1), (22, 2), (999, 2)])
    def test_the_old_one_signs_the_checkpoint_over_its_own_end(self, size: int, which: int) -> None:
        keys = signing_keys(self.NEW, self.ROTATIONS)
        expected = (self.OLD, self.MIDDLE, self.NEW)[which]
        assert key_for(keys, size).text == expected.text

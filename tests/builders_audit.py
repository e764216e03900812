"""Builders for audits: a service's repository reconciled as a clone of it would be."""

from pathlib import Path

import pytest
from builders_service import Service
from builders_store import ORIGIN, a_signer, sqlite_url
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gate.adapters.git.branch_history import BranchHistory
from gate.adapters.git.checkout import Checkout
from gate.core.audit.history import Reconciliation
from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.record_reconciliation import BranchQuestion, reconcile_branch


def the_shop(service: Service) -> ForgeRepository:
    with service.store.reading() as reading:
        found = reading.repository_named("acme/shop")
    assert found is not None
    return found


def clone_of(service: Service) -> Path:
    """Where the double keeps the shop as a real bare repository."""
    path = service.forge.shop.objects.path
    assert isinstance(path, Path)
    return path


def reconciled(service: Service, branch: str = "main", **fields: object) -> Reconciliation:
    """The shop's branch accounted for with what the service knows."""
    checkout = Checkout.open(clone_of(service))
    try:
        tip = checkout.resolve(branch)
        question = BranchQuestion(the_shop(service), branch, tip, service.gate.instant(), **fields)  # type: ignore[arg-type]
        return reconcile_branch(service.store, BranchHistory(checkout), question)
    finally:
        checkout.close()


def settings_in_force(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands find the service's database and its ledger's key in a folder."""
    pem = a_signer()._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "ledger-key.pem").write_bytes(pem)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GATE_DATABASE_URL", sqlite_url(folder))
    monkeypatch.setenv("GATE_LEDGER_KEY_FILE", str(folder / "ledger-key.pem"))
    monkeypatch.setenv("GATE_LEDGER_ORIGIN", ORIGIN)

"""Builders of exports: a shop whose changes were merged in every way, reconciled and exported; and how to tamper.

export = an_export(tmp_path)          # bytes of the archive, the key, a clone, an earlier head
with tampered(export, {"population/changes.jsonl": cut_last_line}) as folder: ...
"""

import base64
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from builders_audit import clone_of, reconciled, the_shop
from builders_service import Service, a_service
from builders_store import a_signer

from gate.adapters.verifier_source import verifier_source
from gate.core.audit.attestation import envelope
from gate.core.canonical import canonical_bytes
from gate.core.ledger.note import NoteSigner, verifier_key
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.export_audit import export_audit
from gate.usecases.export_query import ExportQuery, ExportResult, ExportTools
from gate.usecases.open_incident import Opening, open_incident
from gate.usecases.record_reconciliation import explain_bypass
from gate.usecases.review_incident import HeldReview, review_incident
from gate.verifier.export import Asked, Export
from gate.verifier.main import verify
from gate.verifier.tlog import parse_key

YEAR = ExportQuery(
    since="2026-01-01T00:00:00Z", until="2027-01-01T00:00:00Z", sample=2, seed="rain", asked_by="Ann Auditor"
)
METHODS = ("merge", "squash", "rebase")


def key_of(signer: NoteSigner) -> str:
    return verifier_key(signer.name, signer.public_key)


@dataclass(frozen=True)
class MadeExport:
    """An export with what an auditor has besides."""

    raw: bytes
    result: ExportResult
    key: str
    clone: Path
    earlier_head: str

    def files(self) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(self.raw)) as archive:
            return {one.filename: archive.read(one) for one in archive.infolist()}


def tools() -> ExportTools:
    return ExportTools(signer=a_signer(), verifier=verifier_source(), new_spool=tempfile.TemporaryFile, version="0.1.0")


def exported(service: Service, query: ExportQuery = YEAR, **changed: Any) -> tuple[bytes, ExportResult]:
    """An export of a service, in memory."""
    sink = io.BytesIO()
    asked = replace(query, **changed)
    result = export_audit(service.store, asked, tools(), sink.write, at=service.gate.instant())
    return sink.getvalue(), result


def merge_a_change(service: Service, number: int, *, method: str = "merge", title: str = "") -> str:
    """A change of a file of its own, approved by an owner and merged."""
    settings = {"title": title} if title else {}
    return service.merged(service.forge.a_pull({f"api/file{number}.py": f"value = {number}\n"}, **settings), method)


def push_past_the_gate(service: Service, *, is_explained: bool = True) -> str:
    """A direct push, found by reconciling, and explained."""
    sha = service.forge.shop.commit("main", {"api/hotfix.py": "x = 1\n"}, author=service.forge.carol)
    service.settle()
    reconciled(service)
    if is_explained:
        explain_bypass(
            service.store, the_shop(service), sha, reason="Carol mended an outage", outcome="accepted",
            actor="github:1003", at=service.gate.instant(), authenticated="test",
        )  # fmt: skip
    return sha


def an_incident(service: Service, *, cause: int = 1) -> None:
    """An incident of two minutes and some seconds that a merged change caused, with its review held."""
    began_at = service.gate.instant()
    opened, _ = open_incident(service.gate, Opening(component="payments-api", title="Payments fail", began_at=began_at))
    service.clock.ahead_seconds += 130
    close_incident(service.gate, Closing(incident=opened.id, restored_at=service.gate.instant(), cause=cause))
    review_incident(service.gate, HeldReview(incident=opened.id, note="It rounds now", by="", authenticated="test"))
    service.settle()


def an_export(folder: Path, *, changes: int = 6, query: ExportQuery = YEAR) -> MadeExport:
    """An export in which every claim holds: changes merged in three ways, one push past the gate, explained."""
    with a_service(folder) as service:
        service.forge.world.rate_limit = max(5000, 100 * changes)  # all of them fall into one hour of the double
        for number in range(changes):
            title = "=cmd|' /C calc'!A0" if number == 1 else f"Change {number}"
            merge_a_change(service, number, method=METHODS[number % 3], title=title)
            if number == 1:
                with service.store.reading() as reading:
                    head = reading.checkpoint()
        push_past_the_gate(service)
        an_incident(service)
        assert service.errors == []
        clone = folder / "clone.git"
        service.forge.shop.objects.git("clone", "--quiet", "--bare", str(clone_of(service)), str(clone))
        assert head is not None
        raw, result = exported(service, replace(query, since_checkpoint=head.note))
        return MadeExport(raw, result, key_of(a_signer()), clone, head.note)


Edit = Callable[[bytes], bytes]


def unpacked(files: Mapping[str, bytes], folder: Path) -> Path:
    """The files of an export in a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def sealed_again(files: dict[str, bytes], signer: NoteSigner | None = None) -> dict[str, bytes]:
    """The files with a manifest that fits them, signed again: by who holds the key, where nothing else is said."""
    manifest = json.loads(files["manifest.json"])
    own = {"manifest.json", "manifest.intoto.json"}
    manifest["files"] = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
        if name not in own
    ]
    raw = canonical_bytes(manifest) + b"\n"
    statement = json.loads(base64.b64decode(json.loads(files["manifest.intoto.json"])["payload"]))
    statement["subject"][0]["digest"]["sha256"] = hashlib.sha256(raw).hexdigest()
    for name in ("origin", "checkpoint", "period", "counts", "incomplete"):
        statement["predicate"][name] = manifest[name]
    signed = envelope(canonical_bytes(statement), signer or a_signer())
    return {**files, "manifest.json": raw, "manifest.intoto.json": signed}


def failing(folder: Path, made: MadeExport, *, key: str = "", clones: bool = True) -> set[str]:
    """The claims of an export that do not hold."""
    try:
        export = Export(str(folder))
    except (ValueError, OSError):
        return {"export"}
    try:
        clone = [str(made.clone)] if clones else []
        asked = Asked(parse_key(key or made.key), [made.earlier_head], clone)
        return {name for name, _, failures in verify(export, asked) if failures}
    finally:
        export.close()

"""The packet of a change that was never judged: it tells of its merge, and nothing that only a judgement knows."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders_export import exported, merge_a_change, unpacked
from builders_service import a_service

from gate.core.audit.packet import packet_bytes
from gate.core.canonical import canonical_bytes
from gate.verifier.claims_packets import claim_packets
from gate.verifier.export import Asked, Export

Packet = dict[str, Any]
FORGERIES: dict[str, Callable[[Packet], object]] = {
    "sign-offs": lambda packet: packet["row"].update(signoffs=["Alice Adams (review, 2026-10-05T09:00:00Z)"]),
    "tickets": lambda packet: packet.update(tickets=[{"key": "OPS-1", "state": "open"}]),
    "exceptions": lambda packet: (packet["row"].update(exceptions=[]), packet.update(exceptions=[])),
    "summary": lambda packet: packet["verdict"].update(summary="Approved."),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """An export of one change that was merged before the gate had seen it."""
    with a_service(tmp_path_factory.mktemp("service")) as service:
        merge_a_change(service, 1)
        pull = service.forge.a_pull({"api/sneaky.py": "x = 1\n"})
        service.lose_webhooks()
        pull.merge(service.forge.dave, as_admin=True)
        service.settle()
        raw, _ = exported(service)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def faults(files: dict[str, bytes], folder: Path) -> list[str]:
    export = Export(str(unpacked(files, folder)))
    try:
        return list(claim_packets(export, Asked(("", "", b""))))
    finally:
        export.close()


class TestAPacketWithoutAVerdict:
    def test_is_honest_as_it_is_exported(self, files: dict[str, bytes], tmp_path: Path) -> None:
        assert faults(files, tmp_path) == []

    @pytest.mark.parametrize("forgery", list(FORGERIES))
    def test_is_refused_where_it_tells_more(self, files: dict[str, bytes], tmp_path: Path, forgery: str) -> None:
        lines = files["population/changes.jsonl"].splitlines()
        row = json.loads(lines[-1])
        assert row["verdict"] == "not-judged"
        name = f"changes/{row['id']}/packet.json"
        packet = json.loads(files[name])
        FORGERIES[forgery](packet)
        rows = b"\n".join([*lines[:-1], canonical_bytes(packet["row"])]) + b"\n"
        forged = {**files, name: packet_bytes(packet), "population/changes.jsonl": rows}
        (fault,) = faults(forged, tmp_path)
        assert "tells of what only a judgement knows" in fault

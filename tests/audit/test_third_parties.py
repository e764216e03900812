"""What other tools say of an export: OSCAL by compliance-trestle, DSSE by securesystemslib, in-toto by its library."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from builders_export import MadeExport, an_export
from builders_store import a_signer
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from gate.core.ledger.note import key_id

# Read in a process of its own: what that library warns of when it is loaded is not ours to mend.
READ_OSCAL = """
import sys
from trestle.oscal.assessment_results import Model
found = Model.parse_file(sys.argv[1]).assessment_results
print(len(found.results[0].findings), found.results[0].findings[0].target.status.state)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeExport:
    return an_export(tmp_path_factory.mktemp("export"), changes=2)


def read_oscal(file: Path) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-W", "ignore", "-c", READ_OSCAL, str(file)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


class TestOscal:
    def test_trestle_reads_the_assessment_results_and_refuses_a_tampered_one(
        self, made: MadeExport, tmp_path: Path
    ) -> None:
        raw = made.files()["controls/assessment-results.json"]
        file = tmp_path / "assessment-results.json"
        file.write_bytes(raw)
        done = read_oscal(file)
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.startswith("13 ")
        value: Any = json.loads(raw)
        value["assessment-results"]["results"][0]["findings"][0]["target"]["status"] = "satisfied"
        file.write_text(json.dumps(value))
        assert read_oscal(file).returncode != 0


def key() -> SSlibKey:
    signer = a_signer()
    number = key_id(signer.name, signer.public_key).hex()
    return SSlibKey(number, "ed25519", "ed25519", {"public": signer.public_key.hex()})


def envelopes(made: MadeExport) -> list[bytes]:
    return [raw for name, raw in made.files().items() if name.endswith((".intoto.json", ".intoto.jsonl"))]


class TestDsse:
    def test_securesystemslib_verifies_every_envelope(self, made: MadeExport) -> None:
        found = envelopes(made)
        assert len(found) == 3
        for raw in found:
            envelope = Envelope.from_dict(json.loads(raw))
            assert list(envelope.verify([key()], 1)) == [key().keyid]

    def test_and_refuses_one_whose_payload_was_edited(self, made: MadeExport) -> None:
        envelope = Envelope.from_dict(json.loads(envelopes(made)[0]))
        envelope.payload = envelope.payload.replace(b"approved", b"rejected", 1)
        with pytest.raises(VerificationError):
            envelope.verify([key()], 1)


class TestInToto:
    def test_every_statement_is_one_by_its_own_library(self, made: MadeExport) -> None:
        kinds = set()
        for raw in envelopes(made):
            value = json.loads(Envelope.from_dict(json.loads(raw)).payload)
            statement = Statement.copy_from_pb(json_format.ParseDict(value, Statement([], "", {}).pb))
            statement.validate()
            kinds.add(value["predicateType"].rpartition("/")[0].rpartition("/")[2])
        assert kinds == {"export", "change-approval"}

    def test_and_one_without_a_subject_is_refused(self, made: MadeExport) -> None:
        value = json.loads(Envelope.from_dict(json.loads(envelopes(made)[0])).payload)
        del value["subject"]
        statement = Statement.copy_from_pb(json_format.ParseDict(value, Statement([], "", {}).pb))
        with pytest.raises(ValueError, match="subject"):
            statement.validate()

"""A12: an export made after an erasure still verifies, says what was erased, and accepts no other verdict for it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders_audit import clone_of
from builders_export import MadeExport, exported, failing, key_of, merge_a_change, sealed_again, unpacked
from builders_service import a_service
from builders_store import a_signer

from gate.usecases.erase_person import erase_person
from gate.verifier.main import main

ALICE = "github:1001"
SEALED_WITH_THEIR_KEY = "verdict.json is not the verdict in the ledger"


@dataclass(frozen=True)
class Erased:
    """An export made after a person was forgotten, and the changes whose verdicts named them."""

    made: MadeExport
    verdicts: dict[int, str]
    before: dict[str, bytes]


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> Erased:
    folder = tmp_path_factory.mktemp("erased")
    with a_service(folder) as service:
        for number in range(2):
            merge_a_change(service, number, title="" if number else "Round as alice@example.com asked")
        clone = clone_of(service)
        before = MadeExport(*exported(service), key_of(a_signer()), clone, "").files()
        done = erase_person(service.store, ALICE, [], at=service.gate.instant(), reason="request 17")
        raw, result = exported(service)
        return Erased(MadeExport(raw, result, key_of(a_signer()), clone, ""), dict(done.verdicts), before)


def verdict_files(files: dict[str, bytes]) -> list[str]:
    return sorted(name for name in files if name.endswith("/verdict.json"))


def why(files: dict[str, bytes], made: MadeExport, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    main([str(unpacked(files, folder)), "--key", made.key])
    return capsys.readouterr().out


def test_every_claim_holds_and_what_was_erased_is_said(
    erased: Erased, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(erased.verdicts) >= 2
    files = erased.made.files()
    told = why(files, erased.made, tmp_path, capsys)
    assert "FAIL packets" not in told
    assert told.count("NOTE erased: change ") == len(verdict_files(files)) == 2
    assert not [line for line in told.splitlines() if line.startswith("FAIL") and "unapproved" not in line]


def test_what_is_left_of_their_verdicts_says_that_somebody_was_erased(erased: Erased) -> None:
    files = erased.made.files()
    for name in verdict_files(files):
        assert b"(erased)" in files[name]
        assert b"(erased)" not in erased.before[name]


@pytest.mark.parametrize("edit", ["another-word", "the-verdict-of-another"])
def test_any_other_verdict_is_refused(
    erased: Erased, edit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = erased.made.files()
    first, second = verdict_files(files)
    content = files[second] if edit == "the-verdict-of-another" else files[first].replace(b"(erased)", b"(mallory)", 1)
    assert content != files[first]
    files[first] = content
    told = why(sealed_again(files), erased.made, tmp_path, capsys)
    assert "FAIL packets" in told


def test_a_digest_that_no_erasure_names_is_refused_with_its_packet_agreeing(
    erased: Erased, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = erased.made.files()
    name = verdict_files(files)[0]
    files[name] += b"\n"
    packet_name = name.replace("verdict.json", "packet.json")
    packet = json.loads(files[packet_name])
    packet["verdict"]["sha256"] = hashlib.sha256(files[name]).hexdigest()
    files[packet_name] = json.dumps(packet).encode()
    assert SEALED_WITH_THEIR_KEY in why(sealed_again(files), erased.made, tmp_path, capsys)
    assert "packets" in failing(tmp_path, erased.made, clones=False)

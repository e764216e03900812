"""A13: a verifier that says yes to what it could not read. Every defect here must fail, each in its own way."""

import ast
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from builders_export import MadeExport, an_export, failing, sealed_again, unpacked
from builders_store import a_signer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.adapters.db.checkpoint_signing import verify_ed25519 as by_cryptography
from gate.adapters.verifier_source import verifier_source
from gate.core.ledger.note import verifier_key
from gate.verifier.ed25519 import verify_ed25519
from gate.verifier.tlog import parse_key


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeExport:
    return an_export(tmp_path_factory.mktemp("export"), changes=2)


def run(folder: Path, *more: str) -> tuple[int, str]:
    line = [sys.executable, "-I", "-S", "-", str(folder), *more]
    done = subprocess.run(line, input=verifier_source(), capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode()


class TestKeys:
    @settings(max_examples=100)
    @given(st.binary(min_size=32, max_size=32))
    def test_a_key_is_read_whatever_signs_stand_in_its_base64(self, raw: bytes) -> None:
        assert parse_key(verifier_key("gate.example/ledger", raw))[2] == raw


class TestTheFileItself:
    def test_it_is_python_3_9_and_imports_the_standard_library_alone(self) -> None:
        tree = ast.parse(verifier_source(), feature_version=(3, 9))
        names = {
            name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        }
        assert names <= sys.stdlib_module_names
        defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        assert len(set(defined)) == len(defined), "two of its modules define the same name"

    def test_it_is_the_same_bytes_every_time(self) -> None:
        assert verifier_source() == verifier_source()


class TestSignatures:
    @settings(max_examples=30, deadline=None)
    @given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511), st.integers(0, 255))
    def test_it_agrees_with_the_library_on_good_and_on_broken_ones(
        self, seed: bytes, message: bytes, bit: int, key_bit: int
    ) -> None:
        key = Ed25519PrivateKey.from_private_bytes(seed)
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        signature = key.sign(message)
        assert verify_ed25519(public, signature, message)
        assert not verify_ed25519(public, flipped(signature, bit), message)
        assert not verify_ed25519(public, signature, message + b"x")
        other = flipped(public, key_bit)
        assert verify_ed25519(other, signature, message) == by_cryptography(other, signature, message)

    @pytest.mark.parametrize(
        "public", [b"", b"\x01" + bytes(31), bytes(32), b"\xff" * 32, b"\xec" + b"\xff" * 30 + b"\x7f"]
    )
    def test_a_key_that_signs_anything_signs_nothing(self, public: bytes) -> None:
        assert not verify_ed25519(public, bytes(64), b"")
        assert not verify_ed25519(public, b"\x01" + bytes(63), b"")

    def test_a_signature_has_one_form_only(self) -> None:
        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        signature = key.sign(b"x")
        order = 2**252 + 27742317777372353535851937790883648493
        same = int.from_bytes(signature[32:], "little") + order
        assert not verify_ed25519(public, signature[:32] + same.to_bytes(32, "little"), b"x")


def flipped(raw: bytes, bit: int) -> bytes:
    place = bit // 8 % len(raw)
    return raw[:place] + bytes([raw[place] ^ 1 << bit % 8]) + raw[place + 1 :]


DEFECTS: dict[str, Callable[[dict[str, bytes]], object]] = {
    "no manifest": lambda files: files.pop("manifest.json"),
    "an empty manifest": lambda files: files.update({"manifest.json": b""}),
    "a manifest that is no object": lambda files: files.update({"manifest.json": b"[]"}),
    "another version": lambda files: files.update(
        {"manifest.json": files["manifest.json"].replace(b"gate.export/1", b"gate.export/2")}
    ),
    "no key": lambda files: files.pop("ledger/key"),
}


class TestWhatCannotBeReadAtAll:
    @pytest.mark.parametrize("name", DEFECTS)
    def test_it_ends_with_2_and_one_sentence(self, made: MadeExport, tmp_path: Path, name: str) -> None:
        files = made.files()
        DEFECTS[name](files)
        code, told = run(unpacked(files, tmp_path))
        assert (code, told.count("FAIL"), told.count("PASS")) == (2, 1, 0)

    def test_an_archive_that_is_cut_off(self, made: MadeExport, tmp_path: Path) -> None:
        for size in (0, 10, len(made.raw) // 2, len(made.raw) - 1):
            (tmp_path / "x.zip").write_bytes(made.raw[:size])
            code, told = run(tmp_path / "x.zip")
            assert (code, told.count("PASS")) == (2, 0)

    def test_nothing_at_all(self, tmp_path: Path) -> None:
        assert run(tmp_path / "none")[0] == 2


class TestWhatIsReadAndWrong:
    def test_the_key_of_another_ledger(self, made: MadeExport, tmp_path: Path) -> None:
        other = verifier_key("other.example/ledger", a_signer().public_key)
        found = failing(unpacked(made.files(), tmp_path), made, key=other)
        assert {"signature", "checkpoint", "leaves-to-root"} <= found

    def test_a_key_that_is_none(self, made: MadeExport, tmp_path: Path) -> None:
        for key in ("", "x", "gate.example/ledger+00000000+AQ=="):
            code, _ = run(unpacked(made.files(), tmp_path), "--key", key or "+")
            assert code == 2

    @pytest.mark.parametrize("name", ["ledger/entries.jsonl", "population/changes.jsonl", "population/commits.jsonl"])
    @pytest.mark.parametrize("content", [b"", b"{}\n", b"\xff\xfe", b"[" * 100_000, b'{"index": NaN}\n', b"null\n"])
    def test_evidence_that_is_empty_or_broken(
        self, made: MadeExport, tmp_path: Path, name: str, content: bytes
    ) -> None:
        files = {**made.files(), name: content}
        assert failing(unpacked(sealed_again(files), tmp_path), made) != set()

    def test_bytes_after_the_end_of_a_file(self, made: MadeExport, tmp_path: Path) -> None:
        files = made.files()
        files["ledger/checkpoint"] += b"more\n"
        assert "checkpoint" in failing(unpacked(sealed_again(files), tmp_path), made)

    def test_an_export_of_nothing_says_so_and_hides_no_change(self, made: MadeExport, tmp_path: Path) -> None:
        files = made.files()
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = []
        files = {"manifest.json": json.dumps(manifest).encode(), "ledger/key": files["ledger/key"]}
        found = failing(unpacked(files, tmp_path), made)
        assert {"signature", "checkpoint", "leaves-to-root", "population", "commits", "exceptions"} <= found

    def test_an_archive_is_verified_as_its_folder_is(self, made: MadeExport, tmp_path: Path) -> None:
        (tmp_path / "x.zip").write_bytes(made.raw)
        code, told = run(tmp_path / "x.zip", "--key", made.key, "--clone", str(made.clone))
        assert code == 0, told
        with zipfile.ZipFile(tmp_path / "x.zip") as archive:
            archive.extractall(tmp_path / "out")  # the gate's own
        assert run(tmp_path / "out", "--key", made.key, "--clone", str(made.clone)) == (code, told)

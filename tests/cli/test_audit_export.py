"""`gate audit export` and `gate audit verify`: from a service's database to a file that anybody can check."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_audit import settings_in_force
from builders_decision import compiled_from_now_on
from builders_export import key_of, merge_a_change, push_past_the_gate
from builders_gate_command import Ran, run_gate
from builders_service import Service, a_service
from builders_store import a_signer

from gate.core.change.sealing import open_facts_file
from gate.usecases import kept_rules

PERIOD = ("--from", "2026-01-01", "--to", "2027-01-01")


@pytest.fixture(scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Path]]:
    folder = tmp_path_factory.mktemp("shop")
    with a_service(folder) as found:
        merge_a_change(found, 1)
        push_past_the_gate(found)
        found.forge.shop.objects.git(
            "clone", "--quiet", "--bare", str(found.forge.shop.objects.path), str(folder / "c")
        )
        yield found, folder


@pytest.fixture
def shop(_shop: tuple[Service, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    settings_in_force(_shop[1], monkeypatch)
    return _shop[1]


def export(*more: str) -> Ran:
    return run_gate("audit", "export", *PERIOD, "-o", "x.zip", *more)


class TestAnExport:
    def test_it_verifies_itself_somewhere_else_with_python_alone(self, shop: Path, tmp_path: Path) -> None:
        ran = export("--sample", "1", "--seed", "rain")
        assert ran.code == 0, ran.err
        assert ran.out.startswith("x.zip: 1 change, ")
        with zipfile.ZipFile("x.zip") as archive:
            assert archive.testzip() is None
            archive.extractall(tmp_path)  # the gate's own
        line = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), "--clone", str(shop / "c")]
        line += ["--key", key_of(a_signer())]
        done = subprocess.run(line, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
        assert done.returncode == 0, done.stdout + done.stderr
        told = [text.split(" ")[0] for text in done.stdout.splitlines()]
        assert (told.count("PASS"), told.count("SKIP"), len(told)) == (17, 1, 18)
        page = (tmp_path / "report.html").read_bytes()
        (tmp_path / "report.html").write_bytes(page.replace(b"report", b"reporT", 1))
        done = subprocess.run(line, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
        assert done.returncode == 1
        assert "FAIL manifest: report.html is not what the manifest says" in done.stdout

    def test_the_gate_replays_every_packet(self, shop: Path) -> None:
        del shop
        assert export().code == 0
        ran = run_gate("audit", "verify", "x.zip", "--json")
        assert ran.code == 0, ran.out
        results = {one["claim"]: one["result"] for one in ran.json["claims"]}
        assert (results["replay"], results["pages"], results["clone"]) == ("pass", "pass", "skip")

    def test_rules_are_compiled_once_for_all_the_changes_that_they_judged(
        self, shop: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del shop
        assert export().code == 0
        with zipfile.ZipFile("x.zip") as archive:
            archive.extractall("x")  # the gate's own
        rows = Path("x/population/changes.jsonl")
        rows.write_bytes(rows.read_bytes() * 3)
        compiled = compiled_from_now_on(monkeypatch)
        ran = run_gate("audit", "verify", "x", "--json")
        assert {one["claim"]: one["result"] for one in ran.json["claims"]}["replay"] == "pass"
        assert len(compiled) == 1

    def test_a_gate_with_another_decision_in_it_is_found_out(self, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        del shop
        assert export().code == 0
        honest = kept_rules.decide

        def edited(*arguments: object, **named: object) -> object:
            from dataclasses import replace

            return replace(honest(*arguments, **named), summary="Approved.", notes=("trust me",))  # type: ignore[arg-type]

        monkeypatch.setattr(kept_rules, "decide", edited)
        ran = run_gate("audit", "verify", "x.zip")
        assert ran.code == 1
        assert "FAIL replay: change 500-1000-1: The facts give another verdict; the state is the same." in ran.out

    def test_it_is_an_entry_of_the_ledger_and_says_who_asked(self, shop: Path) -> None:
        del shop
        first = export("--json").json["manifest"]
        assert export("--json").json["manifest"] == first
        ran = run_gate("audit", "export", *PERIOD, "-o", "x.zip", "--repository", "acme/shop", "--json")
        assert ran.json["manifest"] != first

    def test_one_repository_alone_verifies_as_well(self, shop: Path) -> None:
        assert export("--repository", "acme/shop").code == 0
        ran = run_gate("audit", "verify", "x.zip", "--clone", shop / "c")
        assert ran.code == 0, ran.out
        with zipfile.ZipFile("x.zip") as archive:
            assert "ledger/leaves.bin" in archive.namelist()


class TestWhatIsMissing:
    def test_a_repository_that_was_never_reconciled_is_said_to_be_incomplete(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings_in_force(tmp_path, monkeypatch)
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            ran = export()
            assert ran.code == 3
            assert "Incomplete: The commits of acme/shop were never reconciled" in ran.err
            told = run_gate("audit", "verify", "x.zip")
            assert told.code == 0
            assert "NOTE incomplete: The commits of acme/shop" in told.out
            push_past_the_gate(service)
            merge_a_change(service, 2)
            assert "Changes of acme/shop were merged after its last reconciliation." in export().err


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (("--sample", "3"), "A sample needs a seed."),
            (("--repository", "acme/none"), "There is no repository 'acme/none'."),
            (("--from", "2028-01-01"), "The period ends before it begins."),
        ],
    )
    def test_it_is_one_sentence_and_leaves_no_file(self, shop: Path, more: tuple[str, ...], said: str) -> None:
        Path("x.zip").unlink(missing_ok=True)
        ran = export(*more)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert said in ran.err
        assert [path for path in shop.iterdir() if "x.zip" in path.name] == []

    def test_what_is_no_export_is_one_sentence(self, shop: Path) -> None:
        (shop / "not.zip").write_bytes(b"PK")
        ran = run_gate("audit", "verify", "not.zip")
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert "The export cannot be read" in ran.err


def test_the_facts_in_an_export_are_a_facts_file(shop: Path) -> None:
    del shop
    assert export().code == 0
    with zipfile.ZipFile("x.zip") as archive:
        raw = archive.read("changes/500-1000-1/facts.json")
    assert open_facts_file(raw).at.startswith("20")

"""S13: names in an export lead nowhere else, whoever made the archive."""

import io
import zipfile
from pathlib import Path

import pytest

from gate.core.audit.archive import Archive, require_name
from gate.verifier.export import BadExportError, Export


class TestWhatTheGateWrites:
    @pytest.mark.parametrize(
        "name",
        [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a\\b",
            "..\\x",
            "CON",
            "a/nul.txt",
            "COM1",
            "a b",
            "a//b",
            "a/",
            ".x",
            "x.",
        ],
    )
    def test_a_name_that_could_leave_the_folder_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="no name for a file"):
            require_name(name)

    def test_every_name_is_read_back_as_it_was_written(self) -> None:
        sink, spool = io.BytesIO(), io.BytesIO()
        archive = Archive(sink.write, spool)
        archive.add("changes/1-2-3/packet.json", b"{}")
        archive.stream("ledger/entries.jsonl", [b"one\n", b"two\n"])
        assert archive.close() == len(sink.getvalue())
        with zipfile.ZipFile(sink) as read:
            assert read.testzip() is None
            assert read.namelist() == ["changes/1-2-3/packet.json", "ledger/entries.jsonl"]
            assert read.read("ledger/entries.jsonl") == b"one\ntwo\n"
            assert {one.date_time for one in read.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {one.external_attr >> 16 for one in read.infolist()} == {0o100644}


class TestWhatTheVerifierUnpacks:
    @pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt", "..\\out.txt", "x y"])
    def test_an_archive_of_somebody_else_cannot_write_outside(self, tmp_path: Path, name: str) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(BadExportError, match="which no export has"):
            Export(str(tmp_path / "x.zip"))
        assert [path.name for path in tmp_path.rglob("*out*")] == []

    def test_a_link_in_an_archive_is_no_link_when_unpacked(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            info = zipfile.ZipInfo("manifest.json")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
        with pytest.raises(ValueError, match="Expecting value"):
            Export(str(tmp_path / "x.zip"))

    def test_the_same_name_twice_is_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr("manifest.json", "{}")
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr("manifest.json", "{}")
        with pytest.raises(BadExportError, match="which no export has"):
            Export(str(tmp_path / "x.zip"))

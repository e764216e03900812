"""The declared feature flag: found on a line that the change touches, or in files that the policy names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from builders_declaration import declared
from builders_facts import a_file

from gate.usecases.declared_flag import is_flag_found
from gate.usecases.ports import TreeEntry

BODY = "## Rollback\n\n- Method: feature flag\n- Flag: new-checkout\n"
CODE = a_file("web/app.py", blob="after", base_blob="before")


@dataclass
class Contents:
    """Blobs by sha, and the head's files by path."""

    blobs_by_sha: Mapping[str, bytes]
    files: Mapping[str, str] | None = None
    revision: str = "head"

    def blobs(self, shas: Iterable[str], *, limit: int) -> Iterable[tuple[str, bytes | None]]:
        return [(sha, self.blobs_by_sha[sha]) for sha in shas if len(self.blobs_by_sha[sha]) <= limit]

    def entries(self) -> list[TreeEntry]:
        return [TreeEntry(path, "100644", sha) for path, sha in (self.files or {}).items()]

    def entry(self, path: str) -> TreeEntry | None:
        return next((one for one in self.entries() if one.path == path), None)

    def read(self, path: str) -> bytes | None:
        found = self.entry(path)
        return self.blobs_by_sha[found.blob] if found else None


def found(
    before: bytes, after: bytes, *, body: str = BODY, flags: bytes = b"", paths: tuple[str, ...] | None = None
) -> bool | None:
    world = Contents({"before": before, "after": after, "flags": flags}, {"config/flags.yaml": "flags"})
    return is_flag_found(declared(body), [CODE], source=world, head=world, paths=paths)


class TestTheFlag:
    def test_is_found_on_a_line_that_came_went_or_changed(self) -> None:
        assert found(b"a\n", b"a\nif on('new-checkout'):\n") is True
        assert found(b"a\nif on('new-checkout'):\n", b"a\n") is True

    def test_is_not_found_on_a_line_that_stays_as_it_was(self) -> None:
        assert found(b"on('new-checkout')\na\n", b"b\non('new-checkout')\n") is False

    def test_is_found_in_the_files_that_the_policy_names_and_in_no_other(self) -> None:
        assert found(b"a\n", b"b\n", flags=b"new-checkout: off\n", paths=("/config/",)) is True
        assert found(b"a\n", b"b\n", flags=b"new-checkout: off\n", paths=("/other/",)) is False
        assert found(b"a\n", b"b\n", flags=b"new-checkout: off\n") is False

    def test_is_sought_only_where_one_is_declared(self) -> None:
        assert found(b"a\n", b"new-checkout\n", body="## Rollback\n\n- Method: revert\n") is None

"""Linting: everything that is wrong with the gate's files of one revision, all of it at once."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from gate.core.documents import Document
from gate.core.errors import Fault, GateError, InvalidFileError, UnreadableError
from gate.core.escalation.holidays import MOST_CALENDARS
from gate.core.ownership.records import OwnershipRecords
from gate.core.ownership.records_reading import check_records
from gate.core.ownership.registry import Ownership
from gate.core.policy.conditions import rests_on_claims
from gate.core.policy.model import Policy, PolicyDocument
from gate.core.policy.reading import check_policy, parse_policy
from gate.core.policy.scenario import ScenarioCases
from gate.core.times import instant
from gate.core.validation import fault_at, shown, validate_document
from gate.core.values import dataclass
from gate.usecases.holidays import read_days
from gate.usecases.load_ownership import load_ownership, records_files
from gate.usecases.load_rules import read_file
from gate.usecases.ports import Readers, Tree, TreeEntry

_AROUND = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class LintReport:
    """The files that were read, and what is wrong with them, sorted by place."""

    files: tuple[str, ...]
    faults: tuple[Fault, ...]

    def count(self, severity: str) -> int:
        """Return how many faults are of a severity."""
        return sum(fault.severity == severity for fault in self.faults)


def lint_files(tree: Tree, *, readers: Readers, config: str, at: dt.datetime) -> LintReport:
    """Return every fault of records, policy, cases, calendars and foreign ownership files; no file hides another's.

    `at` is the middle of the two years for which freeze calendars are worked out. Raises UnreadableError only where
    the tree itself cannot be listed; a single file that cannot be read is a fault of that file.
    """
    linter = _Linter(_NotedTree(tree), readers, config.strip("/") or ".gate", at)
    faults = sorted(set(linter.faults()))
    return LintReport(tuple(sorted(linter.tree.noted)), tuple(faults))


class _NotedTree:
    """A tree that notes which files were asked of it and exist."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.noted: set[str] = set()

    @property
    def revision(self) -> str:
        return self._tree.revision

    def entries(self) -> Sequence[TreeEntry]:
        return self._tree.entries()

    def entry(self, path: str) -> TreeEntry | None:
        return self._tree.entry(path)

    def read(self, path: str) -> bytes | None:
        if self._tree.entry(path) is not None:
            self.noted.add(path)
        return self._tree.read(path)


@dataclass(frozen=True, slots=True)
class _Linter:
    """The checks of one revision."""

    tree: _NotedTree
    readers: Readers
    config: str
    at: dt.datetime

    def faults(self) -> Iterator[Fault]:
        """Yield every fault; the same one may come twice, since sources are read together as well."""
        self.tree.entries()
        yield from self._records()
        yield from self._cases()
        path = f"{self.config}/policy.yaml"
        yield from self._misnamed(f"{self.config}/policy.yml", path)
        yield from self._misnamed(f"{self.config}/ownership.yml", f"{self.config}/ownership.yaml")
        document, faults = self._document(path)
        yield from faults
        parsed = self._parsed(document)
        ownership, faults = self._ownership(parsed.policy if parsed else Policy(version=1))
        yield from faults
        if document is not None:
            yield from check_policy(document, checks=self.readers.policy_checks, ownership=ownership)
        if document is not None and parsed is not None:
            yield from _unmatchable(document, parsed.policy)
            yield from self._freezes(parsed)

    def _document(self, path: str) -> tuple[Document | None, Sequence[Fault]]:
        """Return a file as a document, None where it is absent or broken, and what is wrong with it."""
        try:
            raw = read_file(self.tree, path)
            return (None, ()) if raw is None else (self.readers.load_yaml(raw, file=path), ())
        except InvalidFileError as error:
            return None, error.faults
        except UnreadableError as error:
            return None, (_unreadable(path, error),)

    def _documents(self, paths: Iterable[str]) -> tuple[list[Document], list[Fault]]:
        documents: list[Document] = []
        faults: list[Fault] = []
        for path in paths:
            document, found = self._document(path)
            faults += found
            documents += [document] if document is not None else []
        return documents, faults

    def _records(self) -> Iterator[Fault]:
        first = f"{self.config}/ownership.yaml"
        paths = records_files([e.path for e in self.tree.entries()], self.config)
        documents, faults = self._documents(dict.fromkeys((first, *paths)))
        yield from faults
        if not faults:
            found = check_records(documents)
            yield from found
            if not any(fault.severity == "error" for fault in found):
                yield from self._holidays(documents)
            return
        # NOTE: with one file unread its names are unknown; to check references would only raise false alarms.
        for document in documents:
            yield from _faults_of_model(OwnershipRecords, document)

    def _holidays(self, documents: Iterable[Document]) -> Iterator[Fault]:
        """Yield a fault for each calendar of holidays in the repository that cannot be used; no address is read."""
        found = [(one, validate_document(OwnershipRecords, one).holidays) for one in documents]
        beyond = sorted(name for _, holidays in found for name in holidays)[MOST_CALENDARS:]
        for document, holidays in found:
            for name, one in holidays.items():
                if name in beyond:
                    message = (
                        f"only {MOST_CALENDARS} calendars of holidays are read, by name, and `{shown(name)}` is not"
                    )
                    yield fault_at(document, ("holidays", name), "too-many-calendars", message, "leave one out")
                place, step = ("holidays", name, "calendar"), "until then nobody has holidays by it"
                try:
                    if "://" not in one.calendar:
                        read_days(self.tree, one, readers=self.readers, at=instant(self.at))
                    elif not self.readers.policy_checks.is_time_zone(one.timezone):
                        message = f"there is no time zone `{shown(one.timezone)}`"
                        yield fault_at(document, (*place[:2], "timezone"), "holidays-invalid", message, step)
                except GateError as error:
                    why = error.faults[0].message if isinstance(error, InvalidFileError) else error.message
                    message = f"the holidays `{shown(name)}` cannot be read: {why}".rstrip(".")
                    yield fault_at(document, place, "holidays-invalid", message, step)

    def _cases(self) -> Iterator[Fault]:
        folder = f"{self.config}/tests/"
        paths = [e.path for e in self.tree.entries() if e.path.startswith(folder)]
        documents, faults = self._documents(path for path in paths if path.endswith((".yaml", ".yml")))
        yield from faults
        for document in documents:
            yield from _faults_of_model(ScenarioCases, document)

    def _misnamed(self, path: str, expected: str) -> Iterator[Fault]:
        if self.tree.entry(path) is not None:
            self.tree.noted.add(path)
            is_beside = self.tree.entry(expected) is not None
            step = f"take it out, since there is {expected}" if is_beside else f"name it {expected}"
            yield Fault(path, 0, 0, "file-name", "this file is not read", step, "warning" if is_beside else "error")

    def _parsed(self, document: Document | None) -> PolicyDocument | None:
        if document is None:
            return None
        try:
            return parse_policy(document, checks=self.readers.policy_checks)
        except InvalidFileError:
            return None  # NOTE: its faults are told by `check_policy`, which knows the ownership as well

    def _ownership(self, policy: Policy) -> tuple[Ownership | None, Sequence[Fault]]:
        try:
            loaded = load_ownership(self.tree, load_yaml=self.readers.load_yaml, policy=policy, config=self.config)
        except InvalidFileError as error:
            return None, error.faults
        except UnreadableError as error:
            return None, (_unreadable(f"{self.config}/ownership.yaml", error),)
        return loaded.ownership, loaded.faults

    def _freezes(self, document: PolicyDocument) -> Sequence[Fault]:
        return self.readers.expand_freezes(
            document.policy.freezes,
            read=self.tree.read,
            from_at=instant(self.at - _AROUND),
            until_at=instant(self.at + _AROUND),
            file=document.file,
            lines=document.lines,
        ).faults


def _unmatchable(document: Document, policy: Policy) -> Iterator[Fault]:
    """Yield a warning for each standard change that the author's own words alone could satisfy: it never matches."""
    for number, model in enumerate(policy.standard_changes):
        if rests_on_claims(model.when):
            line, column = document.place(("standard_changes", number, "when"))
            message = (
                f"the standard change `{shown(model.name)}` rests on the author's words alone, so it never matches"
            )
            suggestion = "add what the gate itself can see, such as `only_paths` or `authors`"
            yield Fault(document.file, line, column, "standard-change-never-matches", message, suggestion, "warning")


def _faults_of_model(model: type[OwnershipRecords] | type[ScenarioCases], document: Document) -> Sequence[Fault]:
    try:
        validate_document(model, document)
    except InvalidFileError as error:
        return error.faults
    return ()


def _unreadable(path: str, error: UnreadableError) -> Fault:
    return Fault(path, 0, 0, "unreadable", error.message.rstrip("."), error.next_step.rstrip("."))

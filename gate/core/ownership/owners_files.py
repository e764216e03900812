"""Kubernetes OWNERS files: approvers per folder, aliases, inheritance from parent folders.

Source: the page "OWNERS Files" of the Kubernetes contributor documentation. Approvers of a parent folder may approve
below it as well, unless `options.no_parent_owners` is set. Of `filters` only `.*` is read: approvers that another
regular expression adds do not count, and where all approvers depend on one, the folder is blocked rather than
guessed. Reviewers, labels and emeritus approvers own nothing.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import Any

from gate.core.documents import Document
from gate.core.errors import Fault
from gate.core.identity import ascii_lower
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.imported import OWNERS_NAME, Imported, folder_of, folder_rule, free_name
from gate.core.ownership.records import TeamRecord
from gate.core.ownership.registry import Component, Rule, Section
from gate.core.values import dataclass

ALIASES_FILE = "OWNERS_ALIASES"
SECTION = "owners"
_LOGIN = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_ALIAS = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ALL_FILES = ".*"
_KEYS = (
    "approvers", "reviewers", "required_reviewers", "labels", "options", "filters", "emeritus_approvers",
    "emeritus_reviewers", "security_contacts", "component", "subcomponent", "auto_approve_unowned_subfolders",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnersFile:
    """One OWNERS file: who approves what is in its folder. `problem` blocks the folder instead."""

    file: str
    line: int = 1
    approvers: tuple[str, ...] = ()
    has_parents: bool = True
    problem: str | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnersAliases:
    """The aliases of a repository: lower-case name to logins. With a `problem` nobody can tell alias from login."""

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problem: str | None = None
    faults: tuple[Fault, ...] = ()


def read_owners_file(document: Document) -> OwnersFile:
    """Return what an OWNERS file says; never raises, and blocks its folder where it cannot be understood."""
    reader = _Reader(document)
    data = document.data
    if data is None:
        return OwnersFile(document.file)
    if not isinstance(data, dict):
        return reader.broken((), "the file is no mapping of keys such as `approvers`")
    for key in data:
        if key not in _KEYS:
            reader.note_unknown(key)
    has_parents = not reader.is_set(("options", "no_parent_owners"))
    around: tuple[str, ...] = ()
    if data.get("filters"):
        problem, uncounted = _judge_filters(data)
        if problem:
            return reader.broken(("filters",), problem)
        around = ("filters", _ALL_FILES)
        for key in uncounted:
            message = f"approvers of the filter `{str(key)[:80]}` do not count, only those of `.*`"
            reader.note(("filters", key), "owners-filter", message, "give these files a folder with an OWNERS file")
    path = (*around, "approvers")
    emeritus = {ascii_lower(name) for name in reader.names((*around, "emeritus_approvers"))}
    approvers = [name for name in reader.names(path) if ascii_lower(name) not in emeritus]
    if reader.problem:
        return reader.broken(path, reader.problem)
    line = document.key_place(path)[0]
    return OwnersFile(document.file, line, tuple(approvers), has_parents, None, tuple(reader.faults))


def read_owners_aliases(document: Document) -> OwnersAliases:
    """Return the aliases of OWNERS_ALIASES; never raises, and says why where it cannot be understood."""
    reader = _Reader(document)
    aliases = document.data.get("aliases") if isinstance(document.data, dict) else None
    if document.data is None or (isinstance(document.data, dict) and aliases is None):
        return OwnersAliases()
    if not isinstance(aliases, dict):
        problem = reader.broken(("aliases",), "`aliases` is no mapping of names to lists of logins")
        return OwnersAliases(problem=problem.problem, faults=problem.faults)
    members: dict[str, tuple[str, ...]] = {}
    for alias in aliases:
        names = reader.names(("aliases", alias))
        logins = tuple(name for name in names if reader.is_login(("aliases", alias), name))
        if not isinstance(alias, str) or not _ALIAS.fullmatch(alias) or ascii_lower(alias) in members:
            reader.problem = reader.problem or f"`{alias}` is no name of an alias, or is there twice"
        else:
            members[ascii_lower(alias)] = logins
    if reader.problem:
        broken = reader.broken(("aliases",), reader.problem)
        return OwnersAliases(problem=broken.problem, faults=broken.faults)
    return OwnersAliases(members, None, tuple(reader.faults))


def import_owners(
    files: Sequence[OwnersFile], aliases: OwnersAliases, *, taken: Collection[str] = (), known: Collection[str] = ()
) -> Imported:
    """Return one component for each folder with approvers of its own; parents' approvers may approve as well.

    `taken` are component names in use, `known` names of teams and people: an alias of such a name gets another one.
    Where a parent cannot be read, only the approvers below it count: fewer people, never others.
    """
    importer = _Importer(aliases, set(taken), set(known))
    for one in sorted(files, key=lambda each: (each.file.count("/"), each.file)):
        importer.add(one)
    section = Section(SECTION, tuple(importer.rules), OWNERS_NAME)
    return Imported(
        "owners",
        tuple(importer.components),
        (section,),
        teams=importer.teams,
        faults=(*aliases.faults, *(fault for one in files for fault in one.faults)),
    )


def _judge_filters(data: dict[Any, Any]) -> tuple[str, list[str]]:
    """Return why the filters cannot be read (else nothing), and those whose approvers do not count.

    Filters that match add up, so that leaving out those beside `.*` asks fewer people and never others.
    """
    filters = data["filters"]
    if not isinstance(filters, dict) or not all(isinstance(item, dict | None) for item in filters.values()):
        return "`filters` is no mapping of patterns to keys such as `approvers`", []
    if any(data.get(key) for key in ("approvers", "reviewers", "required_reviewers", "labels")):
        return "`filters` beside `approvers`, `reviewers` or `labels` is not allowed; put all of it under `filters`", []
    bearing = [key for key, item in filters.items() if item and item.get("approvers")]
    if bearing and _ALL_FILES not in bearing:
        return "approvers by `filters` with a regular expression are not supported; give the files a folder", []
    return "", [key for key in bearing if key != _ALL_FILES]


class _Reader:
    """Takes values out of a document and notes what is wrong with them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = []
        self.problem: str | None = None

    def names(self, path: tuple[Any, ...]) -> list[str]:
        """Return a list of names; what is no list of texts is a problem of the whole file."""
        value = self._value(path)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.problem = self.problem or f"`{path[-1]}` is no list of names; quote a login made of digits"
            return []
        return [item.removeprefix("@") for item in value]

    def is_set(self, path: tuple[str, ...]) -> bool:
        """Return a switch; anything but true or false is a problem, and counts as set: fewer people."""
        value = self._value(path)
        if value is not None and not isinstance(value, bool):
            self.problem = self.problem or f"`{path[-1]}` is neither true nor false"
        return bool(value)

    def is_login(self, path: tuple[Any, ...], name: str) -> bool:
        """Return whether a name can be a login; otherwise it is left out, and reported."""
        if _LOGIN.fullmatch(name):
            return True
        self.note(path, "owners-login", f"`{name[:80]}` is no login, so it approves nothing", "write the login alone")
        return False

    def note_unknown(self, key: object) -> None:
        near = difflib.get_close_matches(str(key), _KEYS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "take it out if nothing else reads it"
        self.note((str(key),), "owners-key", f"`{str(key)[:80]}` is not read here", hint)

    def note(self, path: tuple[Any, ...], code: str, message: str, suggestion: str) -> None:
        line, column = self.document.key_place(path)
        self.faults.append(Fault(self.document.file, line, column, code, message, suggestion, "warning"))

    def broken(self, path: tuple[Any, ...], reason: str) -> OwnersFile:
        """Return the file as one that blocks its folder, with the reason."""
        line, column = self.document.key_place(path)
        fault = Fault(self.document.file, line, column, "owners-file", reason, "mend it on the base branch")
        return OwnersFile(self.document.file, line, problem=reason, faults=(*self.faults, fault))

    def _value(self, path: tuple[Any, ...]) -> Any:
        value = self.document.data
        for key in path:
            if value is not None and not isinstance(value, dict):
                self.problem = self.problem or f"`{key}` stands in something that is no mapping"
                return None
            value = None if value is None else value.get(key)
        return value


class _Importer:
    """The section as it grows, parents before children."""

    def __init__(self, aliases: OwnersAliases, taken: set[str], known: set[str]) -> None:
        self.rules: list[Rule] = []
        self.components: list[Component] = []
        self.teams: dict[str, TeamRecord] = {}
        self._aliases = aliases
        self._taken = taken
        self._known = known
        self._team_of: dict[str, str] = {}
        # Folder -> the approvers that are handed down to the folders below it.
        self._handed_down: dict[str, tuple[str, ...]] = {}

    def add(self, one: OwnersFile) -> None:
        """Add the rule of one file; a file that names nobody and stops nobody adds none."""
        folder = folder_of(one.file)
        source = f"{one.file}:{one.line}"
        problem = one.problem or self._aliases.problem
        if problem is not None:
            self._handed_down[folder] = ()
            self.rules.append(folder_rule(folder, source=source, component=None, problem=problem))
            return
        owners = {reference for name in one.approvers for reference in self._references(name)}
        if one.has_parents and not owners:
            if one.approvers:
                self._handed_down[folder] = ()
                self._block(folder, source, "none of its approvers is a login or an alias")
            return
        inherited = self._inherited(folder) if one.has_parents else ()
        owners.update(inherited)
        self._handed_down[folder] = tuple(owners)
        if not owners:
            self._block(folder, source, "`no_parent_owners` is set and nobody is an approver")
            return
        name = free_name(f"/{folder}", self._taken, prefix="owners:")
        self._taken.add(name)
        self.rules.append(folder_rule(folder, source=source, component=len(self.components)))
        self.components.append(Component(name, SECTION, tuple(sorted(owners)), source))

    def _block(self, folder: str, source: str, problem: str) -> None:
        self.rules.append(folder_rule(folder, source=source, component=None, problem=problem))

    def _inherited(self, folder: str) -> tuple[str, ...]:
        while folder:
            folder = folder_of(folder)
            if folder in self._handed_down:
                return self._handed_down[folder]
        return ()

    def _references(self, name: str) -> tuple[str, ...]:
        key = ascii_lower(name)
        if key in self._aliases.members:
            logins = tuple(f"@{login}" for login in self._aliases.members[key])
            if any("_" in login for login in logins):
                return logins  # NOTE: logins of managed users hold an underscore, which no team of the records may.
            if key not in self._team_of:
                team = free_name(key, self._known, prefix="owners/")
                self._known.add(team)
                self._team_of[key] = team
                self.teams[team] = TeamRecord(members=logins)
            return (self._team_of[key],)
        return (f"@{key}",) if _LOGIN.fullmatch(name) else ()

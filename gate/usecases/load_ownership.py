"""Loading ownership: all sources that apply, from one revision, as one registry."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from gate.core.change.paths import shown
from gate.core.documents import Document
from gate.core.errors import Fault, InvalidFileError, UnreadableError
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.imported import CATALOG_NAME, OWNERS_NAME, Imported, merge_imported
from gate.core.ownership.importing import import_codeowners, import_records
from gate.core.ownership.registry import Ownership
from gate.core.policy.model import Policy, Source
from gate.core.values import dataclass
from gate.usecases.kept_rules import KeptRules
from gate.usecases.ports import LoadYaml, Tree

if TYPE_CHECKING:
    from gate.core.ownership.catalog import CatalogFile
    from gate.core.ownership.owners_files import OwnersAliases, OwnersFile

CODEOWNERS_PLACES: Mapping[str, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
"""Where each platform looks for the file; the first one found counts alone."""
_REGULAR = frozenset({"100644", "100755"})
_WILDCARD = lazy_regex(r"(?<!\\)(?:\\\\)*[*?\[]")


@dataclass(frozen=True, slots=True)
class OwnershipLoad:
    """The ownership of one revision, and what is wrong with its sources without making them useless."""

    ownership: Ownership
    faults: tuple[Fault, ...] = ()


def load_ownership(
    tree: Tree,
    *,
    load_yaml: LoadYaml,
    policy: Policy,
    repository: str | None = None,
    config: str = ".gate",
    kept: KeptRules | None = None,
) -> OwnershipLoad:
    """Return who owns what as of a tree, from the sources that the policy lists or else the first kind there is.

    Without `sources` in the policy these are the records, else CODEOWNERS, else the catalog, else OWNERS files.
    Raises InvalidFileError with all faults where the records are broken (the set is refused whole), UnreadableError
    where something that is there cannot be read: absence and failure are two things. Files whose bytes were read
    before are not parsed again where `kept` is given.
    """
    folder = config.strip("/") or ".gate"
    loader = _Loader(tree, policy, load_yaml=load_yaml, repository=repository, config=folder, kept=kept or KeptRules())
    sources = policy.sources or loader.first_source()
    found: list[Imported] = []
    for source in ("records", "codeowners", "backstage", "owners"):
        if source in sources:
            imported = loader.load(source, found)
            if imported is not None:
                found.append(imported)
            elif policy.sources:
                loader.note_absent(source)
    # A file that names nobody does not say that nobody is to be asked: without owners its files are not let through.
    is_bare = policy.sources is None and sources == ("codeowners",) and any(one.components for one in found)
    ownership = merge_imported(found, is_bare_codeowners=is_bare)
    faults = [*loader.faults, *(fault for one in found for fault in one.faults)]
    return OwnershipLoad(ownership, tuple(faults))


def records_files(paths: Sequence[str], config: str = ".gate") -> tuple[str, ...]:
    """Return which of some paths are records files, in the order in which they are read."""
    first, folder = f"{config}/ownership.yaml", f"{config}/ownership/"
    further = [p for p in paths if p.startswith(folder) and p.endswith(".yaml") and "/" not in p[len(folder) :]]
    return (*(p for p in paths if p == first), *sorted(further))


class _Loader:
    """Reads the sources of one tree, each only when it is asked for; what reads a format is imported with its file."""

    def __init__(
        self,
        tree: Tree,
        policy: Policy,
        *,
        load_yaml: LoadYaml,
        repository: str | None,
        config: str,
        kept: KeptRules,
    ) -> None:
        self.tree = tree
        self.load_yaml = load_yaml
        self.policy = policy
        self.repository = repository
        self.config = config
        self.kept = kept
        self.faults: list[Fault] = []

    def first_source(self) -> tuple[Source, ...]:
        """Return the first kind of source that there is, none where there is none."""
        if self._records:
            return ("records",)
        if self._codeowners is not None:
            return ("codeowners",)
        if self._named(CATALOG_NAME):
            return ("backstage",)
        return ("owners",) if self._named(OWNERS_NAME) else ()

    def load(self, source: Source, before: Sequence[Imported]) -> Imported | None:
        """Return what a source says, None where there is no such file."""
        loaders: Mapping[Source, Callable[[Sequence[Imported]], Imported | None]] = {
            "records": self._load_records,
            "codeowners": self._load_codeowners,
            "backstage": self._load_catalog,
            "owners": self._load_owners,
        }
        return loaders[source](before)

    def note_absent(self, source: Source) -> None:
        """Note that the policy lists a source of which there is no file."""
        message = f"the policy lists the source `{source}`, and there is no such file"
        fault = Fault(f"{self.config}/policy.yaml", 0, 0, "source-absent", message, "add it, or take it out", "warning")
        self.faults.append(fault)

    @cached_property
    def _records(self) -> tuple[str, ...]:
        """Return the records files.

        SECURITY: a link or submodule in place of the folder hides records; that is a failure, not their absence.
        """
        parts = [*self.config.split("/"), "ownership"]
        for name in ("/".join(parts[: count + 1]) for count in range(len(parts))):
            if (found := self.tree.entry(name)) is not None:
                kind = "a regular file" if found.mode in _REGULAR else "a link or submodule"
                raise UnreadableError(f"{shown(name)} is {kind}, not a folder.", next_step="Put the folder there.")
        folder = f"{self.config}/ownership"
        paths = [entry.path for entry in self.tree.entries() if entry.path.startswith(folder)]
        for path in paths:
            is_inside = path.startswith(f"{folder}/") or path == f"{folder}.yml"
            if is_inside and not records_files([path], self.config):
                message = "this file is not read as records"
                hint = f"name it {folder}/NAME.yaml"
                self.faults.append(Fault(path, 0, 0, "records-file-name", message, hint, "warning"))
        return records_files(paths, self.config)

    @cached_property
    def _codeowners(self) -> str | None:
        places = CODEOWNERS_PLACES[self.policy.codeowners_dialect]
        return next((place for place in places if self.tree.entry(place) is not None), None)

    def _named(self, name: str) -> tuple[str, ...]:
        end = f"/{name}"
        return tuple(e.path for e in self.tree.entries() if e.path == name or e.path.endswith(end))

    def _read(self, path: str) -> bytes:
        raw = self.tree.read(path)
        if raw is None:
            raise UnreadableError(f"{shown(path)} went away while it was read.", next_step="Try again.")
        return raw

    def _load_records(self, before: Sequence[Imported]) -> Imported | None:
        del before
        if not self._records:
            return None
        texts = {path: self._read(path) for path in self._records}
        return self.kept.source(f"records {self.repository}", texts, lambda: self._records_in(texts))

    def _records_in(self, texts: Mapping[str, bytes]) -> Imported:
        from gate.core.ownership.records_reading import parse_records

        documents: list[Document] = []
        faults: list[Fault] = []
        for path, raw in texts.items():
            try:
                documents.append(self.load_yaml(raw, file=path))
            except InvalidFileError as error:
                faults += error.faults
        if faults:
            raise InvalidFileError(faults)
        records, source_of = parse_records(documents)
        return import_records(records, source_of, repository=self.repository, file=self._records[0])

    def _load_codeowners(self, before: Sequence[Imported]) -> Imported | None:
        del before
        if self._codeowners is None:
            return None
        file, raw, dialect = self._codeowners, self._read(self._codeowners), self.policy.codeowners_dialect
        return self.kept.source(
            f"codeowners {dialect}",
            {file: raw},
            lambda: import_codeowners(parse_codeowners(raw, file=file, dialect=dialect)),
        )

    def _load_catalog(self, before: Sequence[Imported]) -> Imported | None:
        paths = self._named(CATALOG_NAME)
        if not paths:
            return None
        from gate.core.ownership.catalog_import import import_catalog

        return import_catalog(
            [self._catalog_file(path) for path in paths],
            has_folder=self._has_folder,
            taken={component.name for one in before for component in one.components},
            known_teams={team for one in before for team in one.teams},
            known_people={person for one in before for person in one.people},
        )

    def _load_owners(self, before: Sequence[Imported]) -> Imported | None:
        paths = self._named(OWNERS_NAME)
        if not paths:
            return None
        from gate.core.ownership.owners_files import import_owners

        known = {name for one in before for name in (*one.teams, *one.people)}
        taken = {component.name for one in before for component in one.components}
        files = [self._owners_file(path) for path in paths]
        return import_owners(files, self._aliases(), taken=taken, known=known)

    def _catalog_file(self, path: str) -> "CatalogFile":
        """Return one catalog file; what cannot be read blocks its folder, and never falls back to a wider owner."""
        from gate.core.ownership.catalog import CatalogFile

        reason = self._why_not_regular(path)
        if reason is not None:
            return CatalogFile(path, problem=reason, faults=(_broken(path, reason),))
        raw = self._read(path)
        return self.kept.source(f"catalog {self.repository}", {path: raw}, lambda: self._catalog_in(path, raw))

    def _catalog_in(self, path: str, raw: bytes) -> "CatalogFile":
        from gate.core.ownership.catalog import MAX_DOCUMENTS, CatalogFile, read_catalog, split_documents

        parts = split_documents(raw)
        if len(parts) > MAX_DOCUMENTS:
            reason = f"the file has more than {MAX_DOCUMENTS:,} documents"
            return CatalogFile(path, problem=reason, faults=(_broken(path, reason),))
        documents = []
        for part in parts:
            try:
                documents.append((self.load_yaml(part.raw, file=path), part.offset))
            except InvalidFileError as error:
                faults = tuple(replace(fault, line=fault.line + part.offset) for fault in error.faults)
                return CatalogFile(path, problem=faults[0].message, faults=faults)
        return read_catalog(path, documents, repository=self.repository)

    def _owners_file(self, path: str) -> "OwnersFile":
        from gate.core.ownership.owners_files import OwnersFile, read_owners_file

        reason = self._why_not_regular(path)
        if reason is not None:
            return OwnersFile(path, problem=reason, faults=(_broken(path, reason),))
        raw = self._read(path)
        try:
            return self.kept.source("owners", {path: raw}, lambda: read_owners_file(self.load_yaml(raw, file=path)))
        except InvalidFileError as error:
            first = error.faults[0]
            return OwnersFile(path, first.line or 1, problem=first.message, faults=error.faults)

    def _aliases(self) -> "OwnersAliases":
        from gate.core.ownership.owners_files import ALIASES_FILE, OwnersAliases, read_owners_aliases

        if self.tree.entry(ALIASES_FILE) is None:
            return OwnersAliases()
        try:
            return read_owners_aliases(self.load_yaml(self._read(ALIASES_FILE), file=ALIASES_FILE))
        except InvalidFileError as error:
            return OwnersAliases(problem=f"{ALIASES_FILE}: {error.faults[0].message}", faults=error.faults)

    def _why_not_regular(self, path: str) -> str | None:
        entry = self.tree.entry(path)
        if entry is None or entry.mode in _REGULAR:
            return None
        return "a symbolic link or submodule stands where the file should be"

    @cached_property
    def _folders(self) -> frozenset[str]:
        folders: set[str] = set()
        for entry in self.tree.entries():
            folder = entry.path.rpartition("/")[0]
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(folders)

    def _has_folder(self, pattern: str) -> bool:
        """Return whether the tree has the folder of a plain pattern; one with wildcards is taken at its word."""
        return bool(_WILDCARD.search(pattern)) or re.sub(r"\\(.)", r"\1", pattern).strip("/") in self._folders


def _broken(path: str, reason: str) -> Fault:
    return Fault(path, 0, 0, "ownership-file", reason, "put the file itself there")

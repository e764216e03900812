"""Showing a sign-off: all that somebody needs to decide on their part of one change, as it was judged last."""

from collections.abc import Iterator, Mapping, Sequence

from gate.core.asks import Ask, Asks
from gate.core.change.facts import AccountKey, ChangedFile, PersonKey
from gate.core.counting import count_of
from gate.core.errors import UnreadableError
from gate.core.explain.diff import FileDiff, diff_of
from gate.core.explain.outline import listed
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.signoff.scope import files_of
from gate.core.signoff.since import Version, changed_since, differing_files, version_of
from gate.core.values import dataclass
from gate.core.verdict import RequirementView
from gate.usecases.gate import Gate, known_repository
from gate.usecases.kept_facts import facts_of
from gate.usecases.store_ports import Reading
from gate.usecases.stored import StoredChange, StoredSignoff

MAX_BLOB_BYTES = 200_000
MAX_FILES = 60
_OPEN_FILES, _OPEN_LINES = 8, 120
_SUBMODULE = "160000"
_MODES: Mapping[str, str] = {"120000": "a symbolic link", _SUBMODULE: "a submodule", "100755": "executable"}


@dataclass(frozen=True, slots=True)
class FileView:
    """One file with its diff. `is_changed_since` marks what the same person has not seen in this form before."""

    path: str
    status: str
    additions: int
    deletions: int
    notes: tuple[str, ...]
    diff: FileDiff
    is_changed_since: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class SubjectView:
    """One subject that somebody is asked about, with the digest of what they would sign, and its files."""

    id: str
    name: str
    scope: str
    titles: tuple[str, ...]
    files: tuple[FileView, ...]
    files_omitted: int


@dataclass(frozen=True, slots=True)
class SignoffView:
    """One person's part of one change. `since` says what has changed since they signed off last, at `signed_at`.

    `unread` says why no diff could be read, empty where it could. `others` is what is asked of other people.
    """

    repository: ForgeRepository
    change: StoredChange
    asks: Asks
    account: AccountKey
    person: PersonKey
    name: str
    sentence: str
    subjects: tuple[SubjectView, ...]
    others: tuple[RequirementView, ...]
    signed_at: str
    since: tuple[str, ...]
    unread: str

    @property
    def scopes(self) -> Mapping[str, str]:
        """Return what would be signed: each subject with its scope."""
        return {subject.id: subject.scope for subject in self.subjects}


def show_signoff(
    gate: Gate, key: ChangeKey, account: AccountKey, *, subjects: Sequence[str] | None = None
) -> SignoffView | None:
    """Return what somebody is to decide on: the named subjects, or all that waits for them. None before a judgement.

    Nothing is written. The files come from the forge; where it does not answer the rest is shown nevertheless.
    """
    with gate.store.reading() as reading:
        change = reading.change(key)
        repository = known_repository(reading, key.repository_key)
    facts = facts_of(gate, change.facts_digest) if change is not None else None
    if change is None or facts is None:
        return None
    asks = gate.asks(facts, at=gate.instant())
    person = asks.person_of(account)
    wanted = list(asks.of(person)) if subjects is None else [ask for ask in asks.all if ask.subject.id in subjects]
    by_subject: dict[str, list[Ask]] = {}
    for ask in wanted:
        by_subject.setdefault(ask.subject.id, []).append(ask)
    with gate.store.reading() as reading:
        last, before = _last_seen(reading, key, asks, person)
    now = version_of(asks.facts)
    own = [ask.subject for ask in wanted]
    since = changed_since(before, now, own) if before else ()
    fresh = frozenset(differing_files(before, now, own)) if before else frozenset()
    shown, unread = _contents(gate, repository, asks, by_subject)
    mine = {ask.shown_in for ask in wanted}
    return SignoffView(
        repository=repository,
        change=change,
        asks=asks,
        account=account,
        person=person,
        name=_full_name(asks, person),
        sentence=_sentence(asks),
        subjects=tuple(_subject(asks, group, shown, fresh) for group in by_subject.values()),
        others=tuple(view for view in asks.verdict.requirements if view.needed and view.id not in mine),
        signed_at=last.at if last else "",
        since=since,
        unread=unread,
    )


def _last_seen(
    reading: Reading, key: ChangeKey, asks: Asks, person: PersonKey
) -> tuple[StoredSignoff | None, Version | None]:
    """Return the last sign-off of a person, and what they saw then where that is known."""
    own = [one for one in reading.signoffs(key) if asks.person_of(one.account) == person and one.decision == "approve"]
    last = max(own, key=lambda one: one.at, default=None)
    files = reading.content(last.content) if last is not None and last.content else None
    if last is None or files is None or not last.base_ref:
        return last, None
    return last, Version(last.base_ref, last.plan_digest, last.commit, files)


def _full_name(asks: Asks, person: PersonKey) -> str:
    record = asks.facts.ownership.people.get(person)
    return f"{record.name} ({person})" if record is not None and record.name else asks.directory.display(person)


def _sentence(asks: Asks) -> str:
    """Return the change in one sentence."""
    facts, verdict = asks.facts, asks.verdict
    added = sum(max(file.additions, 0) for file in facts.files)
    removed = sum(max(file.deletions, 0) for file in facts.files)
    names = [component.name for component in verdict.components]
    where = f" of {listed(names)}" if names else ""
    kind = "" if facts.declaration.change_type == "normal" else f", as a change of type {facts.declaration.change_type}"
    return (
        f"{verdict.change.author} changes {count_of(len(facts.files), 'file')}{where} "
        f"(+{added} \N{MINUS SIGN}{removed} lines), to be merged into `{facts.change.base_ref}`{kind}."
    )


def _contents(
    gate: Gate, repository: ForgeRepository, asks: Asks, wanted: Mapping[str, Sequence[Ask]]
) -> tuple[Mapping[str, bytes | None], str]:
    """Return the contents of all shown files by blob, and why there are none where the forge does not answer."""
    by_path = {file.path: file for file in asks.facts.files}
    shas: dict[str, None] = {}
    for group in wanted.values():
        for file in files_of(group[0].subject, by_path)[:MAX_FILES]:
            shas |= dict.fromkeys(blob for blob in _blobs_of(file) if blob)
    try:
        return dict(gate.access(repository).blobs(list(shas), limit=MAX_BLOB_BYTES)), ""
    except UnreadableError:
        return {}, "The files could not be read from the forge just now; reload the page in a moment."


def _blobs_of(file: ChangedFile) -> Iterator[str]:
    if file.base_mode != _SUBMODULE:
        yield file.base_blob
    if file.mode != _SUBMODULE:
        yield file.blob


def _subject(
    asks: Asks, group: Sequence[Ask], contents: Mapping[str, bytes | None], fresh: frozenset[str]
) -> SubjectView:
    by_path = {file.path: file for file in asks.facts.files}
    subject = group[0].subject
    files = files_of(subject, by_path)
    views = []
    for place, file in enumerate(files[:MAX_FILES]):
        diff = _diff(file, contents)
        views.append(
            FileView(
                path=file.path,
                status=file.status,
                additions=file.additions,
                deletions=file.deletions,
                notes=tuple(_notes(asks, file)),
                diff=diff,
                is_changed_since=file.path in fresh,
                is_open=place < _OPEN_FILES and len(diff.lines) <= _OPEN_LINES,
            )
        )
    titles = tuple(dict.fromkeys(ask.title for ask in group))
    return SubjectView(subject.id, subject.name, group[0].scope, titles, tuple(views), max(len(files) - MAX_FILES, 0))


def _diff(file: ChangedFile, contents: Mapping[str, bytes | None]) -> FileDiff:
    if _SUBMODULE in {file.mode, file.base_mode}:
        return FileDiff(
            note=f"A submodule moves from {file.base_blob[:12] or 'nothing'} to {file.blob[:12] or 'nothing'}."
        )
    blobs = [contents.get(blob) if blob else b"" for blob in (file.base_blob, file.blob)]
    if any(blob and blob not in contents for blob in (file.base_blob, file.blob)):
        return FileDiff(note="It could not be read.")
    return diff_of(blobs[0], blobs[1])


def _notes(asks: Asks, file: ChangedFile) -> Iterator[str]:
    """Yield what a diff alone does not show: kinds of entries, hidden views, paths that look like others."""
    if file.mode != file.base_mode:
        for mode, word in _MODES.items():
            if mode == file.mode:
                yield f"It is {word} now."
            elif mode == file.base_mode and file.mode:
                yield f"It was {word}."
    hidden = asks.facts.hidden_files.get(file.path)
    if hidden:
        yield f"The forge's own view does not show it in full: {hidden}."
    for look in asks.facts.look_alikes:
        if look.path == file.path:
            yield f"Its path looks like `{look.looks_like}`: {look.why}."

"""Unchanged: one query tells whether a change still is, field by field, what was read of it last."""

from dataclasses import dataclass
from typing import Any

from gate.adapters.github.answers import Row, instant_at, optional_row, optional_text, row_of, rows_of
from gate.adapters.github.place import Place
from gate.adapters.github.pushes import read_pushes
from gate.adapters.github.reviews import read_label_setters
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeAccount, Snapshot
from gate.usecases.forge_ports import RateLimitedError

QUERY = """\
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    isPrivate
    defaultBranchRef { name }
    pullRequest(number: $number) {
      state
      isDraft
      title
      body
      url
      createdAt
      author { ...who }
      authorAssociation
      baseRefName
      baseRef { target { oid } }
      headRefName
      headRefOid
      headRepository { databaseId nameWithOwner }
      labels(first: 100) { totalCount nodes { name } }
      reviews(first: 100) {
        totalCount
        nodes { fullDatabaseId state body submittedAt commit { oid } author { ...who } }
      }
      comments(first: 100) {
        totalCount
        nodes { fullDatabaseId body createdAt updatedAt lastEditedAt author { ...who } }
      }
    }
  }
}
fragment who on Actor {
  __typename
  login
  ... on User { databaseId }
  ... on Bot { databaseId }
}
"""
_KINDS = {"User": "user", "Bot": "bot"}
_STATES = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes-requested",
    "COMMENTED": "commented",
    "DISMISSED": "dismissed",
}
_MAX_DIGITS = 16
_CHARACTERS = 10_000
"""How much text weighs as much as any other thing that is kept."""


@dataclass(frozen=True, slots=True)
class LastRead:
    """What was read of a change last: its snapshot, with the two answers that are no part of it."""

    snapshot: Snapshot
    association: str
    head_repository: str


def remember(place: Place, read: LastRead) -> None:
    """Keep what was read of an open change, where everything of it could be read.

    SECURITY: it weighs what people wrote: a hundred comments of 64 KiB on each of many changes fill no memory (S16).
    """
    if read.snapshot.state == "open" and not read.snapshot.problems:
        place.kept.records.put(_key(place, read.snapshot.key.number), read, weight=_weight(read.snapshot))


def unchanged_snapshot(place: Place, number: int) -> Snapshot | None:
    """Return what was read of a change last where all of it is so now, at one moment; None where it must be read.

    INVARIANT: nothing is concluded from times or counts: every field of the answer, each review and comment with its
    whole text, must be what it was. What the answer leaves out follows from ids in it (files, commits), or is read
    after it (pushes, who set a label) and must be what it was too (tests/threats/test_R13_unchanged.py).
    Raises RateLimitedError; whatever else fails is left to the reading in full.
    """
    last: LastRead | None = place.kept.records.get(_key(place, number))
    if last is None:
        return None
    try:
        answer = place.query(QUERY, unsaid="GitHub does not answer the query.", number=number)
        is_same = _shown(answer, last) == _known(last) and _is_same_besides(place, last)
    except RateLimitedError:
        raise
    except UnreadableError:
        return None
    return last.snapshot if is_same else None


def _weight(snapshot: Snapshot) -> int:
    texts = [snapshot.body, *(one.body for one in snapshot.comments), *(one.body for one in snapshot.reviews)]
    return 1 + len(snapshot.files) // 100 + sum(map(len, texts)) // _CHARACTERS


def _key(place: Place, number: int) -> tuple[object, ...]:
    return (place.installation, place.key.id, "last-read", number)


def _is_same_besides(place: Place, last: LastRead) -> bool:
    """Return whether pushes and the setters of labels are what they were; asked last, so that they miss nothing."""
    snapshot = last.snapshot
    pushed = read_pushes(place.client, last.head_repository, snapshot.head_ref)
    if (pushed.pushes, pushed.why) != (snapshot.pushes, snapshot.pushes_unreadable):
        return False
    names = {label.name for label in snapshot.labels}
    if not names:
        return True
    setters = read_label_setters(place, snapshot.key.number)
    return all(setters.get(label.name) == label.set_by for label in snapshot.labels)


def _known(last: LastRead) -> tuple[object, ...]:
    """Return what the query shows of a change where it is as it was read."""
    snapshot, repository = last.snapshot, last.snapshot.repository
    return (
        (repository.key.id, repository.name, repository.default_branch, repository.is_private),
        ("OPEN", snapshot.is_draft, snapshot.title, snapshot.body, snapshot.url, snapshot.created_at),
        (_plain(snapshot.author), last.association),
        (snapshot.base_ref, snapshot.base_sha, snapshot.head_ref, snapshot.head_sha),
        (snapshot.head_repository, last.head_repository),
        tuple(sorted(label.name for label in snapshot.labels)),
        tuple((one.id, one.state, one.body, one.at, one.commit, _plain(one.account)) for one in snapshot.reviews),
        tuple((one.id, one.body, one.at, one.is_edited, _plain(one.account)) for one in snapshot.comments),
    )


def _shown(repository: Row, last: LastRead) -> tuple[object, ...]:
    """Return what the query shows, in the form of `_known`."""
    pull = _row(repository, "pullRequest")
    source = optional_row(pull, "headRepository") or {}
    target = _row(_row(pull, "baseRef"), "target")
    reviews = [row for row in _all(pull, "reviews") if row.get("state") != "PENDING"]
    association = pull.get("authorAssociation")
    return (
        (
            repository.get("databaseId"),
            repository.get("nameWithOwner"),
            _row(repository, "defaultBranchRef").get("name"),
            repository.get("isPrivate"),
        ),
        (
            pull.get("state"),
            pull.get("isDraft"),
            pull.get("title"),
            optional_text(pull, "body"),
            # NOTE: a plain page's address is the same by both ways; the API leaves it out where it has none.
            pull.get("url") if last.snapshot.url else "",
            instant_at(pull, "createdAt"),
        ),
        (_who(pull), association),
        (pull.get("baseRefName"), target.get("oid"), pull.get("headRefName"), pull.get("headRefOid")),
        (source.get("databaseId"), source.get("nameWithOwner", "")),
        tuple(sorted(optional_text(row, "name") for row in _all(pull, "labels"))),
        tuple(
            (
                _number(row),
                _STATES.get(optional_text(row, "state"), "commented"),
                optional_text(row, "body"),
                instant_at(row, "submittedAt"),
                optional_text(_row(row, "commit"), "oid"),
                _who(row),
            )
            for row in reviews
        ),
        tuple(
            (
                _number(row),
                optional_text(row, "body"),
                instant_at(row, "createdAt"),
                instant_at(row, "updatedAt") != instant_at(row, "createdAt") or row.get("lastEditedAt") is not None,
                _who(row),
            )
            for row in _all(pull, "comments")
        ),
    )


def _row(row: Row, key: str) -> Row:
    return row_of(row.get(key), key)


def _all(pull: Row, key: str) -> list[Row]:
    """Return the nodes of a list that is shown whole. Raises UnreadableError for one that is not."""
    listed = _row(pull, key)
    nodes = list(rows_of(listed.get("nodes"), key))
    if listed.get("totalCount") != len(nodes):
        raise UnreadableError(f"GitHub does not show all {key} at once.", next_step="They are read page by page.")
    return nodes


def _number(row: Row) -> int:
    """Return an id, which GraphQL writes as a text of digits: it may be longer than its own integers."""
    text = str(row.get("fullDatabaseId"))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else 0


def _who(row: Row) -> tuple[Any, ...] | None:
    """Return an account as far as both ways tell of it: the one writes a bot's name without its suffix."""
    author = optional_row(row, "author")
    if author is None:
        return None
    return (author.get("databaseId"), author.get("login"), _KINDS.get(optional_text(author, "__typename"), ""))


def _plain(account: ForgeAccount | None) -> tuple[Any, ...] | None:
    if account is None:
        return None
    login = account.login.removesuffix("[bot]") if account.kind == "bot" else account.login
    return (account.id, login, account.kind)

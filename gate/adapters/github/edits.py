"""Edits: which comments are not what was first written though their times are one and the same second."""

import hashlib
from collections.abc import Sequence

from gate.adapters.github.answers import Row, number_at, optional_row, optional_text, row_at, row_of, rows_of, text_at
from gate.adapters.github.place import Place
from gate.core.errors import UnreadableError
from gate.core.signoff.commands import may_hold_commands

QUERY = """\
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on IssueComment { lastEditedAt }
  }
}
"""
_AT_ONCE = 100
_KIND = "never-edited"


def edited_at_once(place: Place, rows: Sequence[Row]) -> frozenset[int]:
    """Return the ids of those comments with commands that were edited within the second of their writing.

    SECURITY: the REST API tells of an edit by its time alone, in whole seconds, and whoever may write may edit an
    owner's comment as soon as it is there: a program makes `/signoff` of a greeting before the second is over (R38).
    One question tells it of all of them, and is asked once of each text. Raises UnreadableError where GitHub does not
    say: a command is then not known to be its author's.
    """
    asked = [row for row in rows if _may_deceive(row) and not place.kept.records.get(_key(place, row))]
    edited: set[int] = set()
    for start in range(0, len(asked), _AT_ONCE):
        batch = asked[start : start + _AT_ONCE]
        for row, is_edited in zip(batch, _asked(place, batch), strict=True):
            if is_edited:
                edited.add(number_at(row, "id"))
            else:
                place.kept.records.put(_key(place, row), value=True)
    return frozenset(edited)


def _may_deceive(row: Row) -> bool:
    """Return whether a comment may be taken for its author's command, and shows no edit."""
    is_of_a_person = optional_row(row, "performed_via_github_app") is None
    is_plain = optional_text(row, "updated_at") == optional_text(row, "created_at")
    return is_plain and is_of_a_person and may_hold_commands(optional_text(row, "body"))


def _key(place: Place, row: Row) -> tuple[object, ...]:
    """Return under what it is kept that a text is the first one: another text is another question."""
    body = hashlib.sha256(optional_text(row, "body").encode("utf-8", "surrogatepass")).digest()
    return (place.installation, place.key.id, _KIND, number_at(row, "id"), body)


def _asked(place: Place, rows: Sequence[Row]) -> list[bool]:
    answer = row_of(place.client.query(QUERY, {"ids": [text_at(row, "node_id") for row in rows]}), "answer")
    if answer.get("errors"):
        raise _unsaid(place)
    nodes = rows_of(row_at(answer, "data").get("nodes"), "comments")
    if len(nodes) != len(rows) or not all("lastEditedAt" in node for node in nodes):
        raise _unsaid(place)
    return [node["lastEditedAt"] is not None for node in nodes]


def _unsaid(place: Place) -> UnreadableError:
    return UnreadableError(
        f"GitHub does not say whether a comment in {place.name} was edited.",
        next_step="Give the app or token the permission `pull-requests: read`.",
    )

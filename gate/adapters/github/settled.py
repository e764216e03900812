"""Settled: since when a change's text and base are what they are, which GitHub tells by GraphQL alone."""

from gate.adapters.github.answers import (
    Row,
    instant_at,
    optional_text,
    row_at,
    rows_of,
)
from gate.adapters.github.place import Place
from gate.core.change.facts import Instant

QUERY = """\
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    databaseId
    pullRequest(number: $number) {
      createdAt
      lastEditedAt
      timelineItems(last: 1, itemTypes: [BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT]) {
        nodes {
          ... on BaseRefChangedEvent { createdAt }
          ... on AutomaticBaseChangeSucceededEvent { createdAt }
        }
      }
    }
  }
}
"""


def settled_at(place: Place, number: int) -> Instant:
    """Return the newest of: opened, text edited, base branch changed.

    NOTE: the REST API tells of no edit of a change's text (only that something was updated), hence the one query.
    Raises GoneError where there is no such change, UnreadableError where GitHub does not say.
    """
    found = place.query(QUERY, unsaid=f"GitHub does not say when {place.name}#{number} was edited.", number=number)
    pull = row_at(found, "pullRequest")
    moves = [instant_at(row, "createdAt") for row in _rows(row_at(pull, "timelineItems"))]
    edited = [instant_at(pull, "lastEditedAt")] if optional_text(pull, "lastEditedAt") else []
    return max([instant_at(pull, "createdAt"), *edited, *moves])


def _rows(items: Row) -> list[Row]:
    return list(rows_of(items.get("nodes"), "events"))

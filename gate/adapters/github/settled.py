"""Settled: since when a change's text and base are what they are, which GitHub tells by GraphQL alone."""

from gate.adapters.github.answers import (
    Row,
    instant_at,
    number_at,
    optional_row,
    optional_text,
    row_at,
    row_of,
    rows_of,
)
from gate.adapters.github.place import Place
from gate.core.change.facts import Instant
from gate.core.errors import UnreadableError
from gate.usecases.forge_ports import GoneError

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
    owner, _, name = place.name.partition("/")
    answer = row_of(place.client.query(QUERY, {"owner": owner, "name": name, "number": number}), "answer")
    found = optional_row(optional_row(answer, "data") or {}, "repository")
    if answer.get("errors") or found is None:
        raise UnreadableError(
            f"GitHub does not say when {place.name}#{number} was edited.",
            next_step="Give the token the permission `pull-requests: read`.",
        )
    # SECURITY: a repository that was renamed may have left its name to another one.
    if number_at(found, "databaseId") != place.key.id:
        raise GoneError(f"{place.name} is another repository now.", next_step="Look it up by its new name.")
    pull = row_at(found, "pullRequest")
    moves = [instant_at(row, "createdAt") for row in _rows(row_at(pull, "timelineItems"))]
    edited = [instant_at(pull, "lastEditedAt")] if optional_text(pull, "lastEditedAt") else []
    return max([instant_at(pull, "createdAt"), *edited, *moves])


def _rows(items: Row) -> list[Row]:
    return list(rows_of(items.get("nodes"), "events"))

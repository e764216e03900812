"""Heads: the open changes with a given head, by a query that costs a few bytes for each open change."""

from gate.adapters.github.answers import number_at, optional_text, row_at, rows_of, sha_at
from gate.adapters.github.client import MAX_PAGES
from gate.adapters.github.place import Place
from gate.core.errors import UnreadableError

QUERY = """\
query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    databaseId
    pullRequests(states: OPEN, first: 100, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) {
      nodes { number sha: headRefOid }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


def open_with_head(place: Place, sha: str) -> list[int]:
    """Return the numbers of all open changes with this head, whatever their base, those of forks too; lowest first.

    NOTE: the REST list says the same in twenty kilobytes a change, shifts its pages when a change closes, and is asked
    for twice for each green check. `commits/SHA/pulls` is shorter still, but leaves out changes of forks, and those
    whose commit is on the default branch already: exactly what a shared head is looked for by (R14).
    Raises UnreadableError where GitHub does not answer in full, GoneError where the name is another repository's.
    """
    found: set[int] = set()
    after: str | None = None
    for _ in range(MAX_PAGES):
        unsaid = f"GitHub does not list the open changes of {place.name}."
        repository = place.query(QUERY, unsaid=unsaid, after=after)
        listed = row_at(repository, "pullRequests")
        found.update(number_at(row, "number") for row in rows_of(listed.get("nodes"), "changes") if sha_at(row) == sha)
        page = row_at(listed, "pageInfo")
        if page.get("hasNextPage") is False:
            return sorted(found)
        following = optional_text(page, "endCursor")
        if page.get("hasNextPage") is not True or not following or following == after:
            break
        after = following
    raise UnreadableError(f"GitHub's list of the open changes of {place.name} does not end.", next_step="Try again.")

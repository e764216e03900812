"""Comments: those on a change, and the gate's own one, found by a hidden marker."""

from collections.abc import Container, Sequence

from gate.adapters.github.accounts import account_at, account_of
from gate.adapters.github.answers import Row, instant_at, number_at, optional_row, optional_text, row_of, rows_of
from gate.adapters.github.client import path_of
from gate.adapters.github.edits import edited_at_once
from gate.adapters.github.place import Place
from gate.adapters.github.refusals import RefusedError
from gate.core.change.paths import shown
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeComment
from gate.usecases.forge_ports import GoneError, RateLimitedError

MAX_BODY_CHARACTERS = 65_536
REACTIONS = {"taken": "+1", "not-taken": "confused"}
"""How GitHub shows that a command was taken, or was not."""


def read_comments(place: Place, number: int) -> tuple[ForgeComment, ...]:
    """Return all comments on a change, oldest first."""
    rows = rows_of(place.pages("issues", number, "comments"), "comments")
    edited = edited_at_once(place, rows)
    return tuple(_comment_of(row, edited) for row in rows)


def publish_comment(
    place: Place, number: int, *, marker: str, body: str, known_id: int | None, app_id: int | None
) -> int:
    """Create the one comment that carries a marker, or update it in place; return its id.

    Only the gate's own comment is ever taken for it: a marker that somebody copies into theirs is nothing.
    """
    text = body if marker in body else f"{marker}\n{body}"
    if len(text) > MAX_BODY_CHARACTERS:
        raise UnreadableError(f"A comment of {len(text)} characters is longer than GitHub takes.")
    own = _known(place, number, known_id, marker, app_id) or _search(place, number, marker, app_id)
    if own is not None:
        if optional_text(own, "body") != text:
            place.send("PATCH", "issues", "comments", number_at(own, "id"), body={"body": text})
        return number_at(own, "id")
    try:
        return number_at(row_of(place.send("POST", "issues", number, "comments", body={"body": text}), "comment"), "id")
    except RateLimitedError:
        raise
    except UnreadableError:
        found = _search(place, number, marker, app_id)
        if found is None:
            raise
        return number_at(found, "id")


def react(place: Place, comment_id: int, content: str) -> None:
    """Add a reaction to a comment; one of the same kind that is there already stays. Raises GoneError for a 404."""
    place.send("POST", "issues", "comments", comment_id, "reactions", body={"content": content})


def request_review(place: Place, number: int, *, logins: Sequence[str], teams: Sequence[str]) -> None:
    """Ask people and teams for a review who are not asked already; the author is never asked.

    Raises RefusedError that names those whom GitHub does not ask, after all others were asked.
    """
    row = row_of(place.get("pulls", number, is_fresh=True), "pull request")
    author = account_at(row, "user")
    asked = {optional_text(one, "login").lower() for one in rows_of(row.get("requested_reviewers") or [], "reviewers")}
    asked_teams = {optional_text(one, "slug").lower() for one in rows_of(row.get("requested_teams") or [], "teams")}
    if author is not None:
        asked.add(author.login.lower())
    people = [login for login in dict.fromkeys(logins) if login.lower() not in asked]
    groups = [slug for slug in dict.fromkeys(teams) if slug.lower() not in asked_teams]
    if people or groups:
        _request(place, number, people, groups)


def _request(place: Place, number: int, people: Sequence[str], groups: Sequence[str]) -> None:
    """Send the request; where GitHub refuses it for one of them, ask each alone and name those that are refused."""
    try:
        place.send("POST", "pulls", number, "requested_reviewers", body=_asked(people, groups))
    except RefusedError:
        if len(people) + len(groups) == 1:
            raise
    else:
        return
    refused = []
    for person, group in [*((one, "") for one in people), *(("", one) for one in groups)]:
        try:
            body = _asked([person] if person else [], [group] if group else [])
            place.send("POST", "pulls", number, "requested_reviewers", body=body)
        except RefusedError:
            refused.append(person or group)
    if refused:
        raise RefusedError(
            f"GitHub asks no review of {shown(', '.join(refused))} on {place.name}#{number}.",
            next_step="Give them access to the repository.",
        )


def _asked(people: Sequence[str], groups: Sequence[str]) -> dict[str, list[str]]:
    return {"reviewers": list(people), "team_reviewers": list(groups)}


def _comment_of(row: Row, edited: Container[int]) -> ForgeComment:
    at, number = instant_at(row, "created_at"), number_at(row, "id")
    return ForgeComment(
        id=number,
        account=account_at(row, "user"),
        body=optional_text(row, "body"),
        at=at,
        is_edited=number in edited or instant_at(row, "updated_at") != at,
        # SECURITY: a comment that any app made in somebody's name was not written by them (R06).
        is_by_app=_app_of(row) is not None,
    )


def _known(place: Place, number: int, known_id: int | None, marker: str, app_id: int | None) -> Row | None:
    if known_id is None:
        return None
    try:
        row = row_of(place.get("issues", "comments", known_id, is_fresh=True), "comment")
    except GoneError:
        return None
    is_here = optional_text(row, "issue_url").endswith(f"/issues/{number}")
    return row if is_here and marker in optional_text(row, "body") and _is_own(place, row, app_id) else None


def _search(place: Place, number: int, marker: str, app_id: int | None) -> Row | None:
    rows = rows_of(place.pages("issues", number, "comments"), "comments")
    own = (row for row in rows if marker in optional_text(row, "body") and _is_own(place, row, app_id))
    return next(own, None)


def _is_own(place: Place, row: Row, app_id: int | None) -> bool:
    if app_id is not None:
        return _app_of(row) == app_id
    writer, me = account_at(row, "user"), account_of(place.client.get(path_of("user")))
    return writer is not None and me is not None and writer.id == me.id


def _app_of(row: Row) -> int | None:
    app = optional_row(row, "performed_via_github_app")
    return None if app is None else number_at(app, "id")

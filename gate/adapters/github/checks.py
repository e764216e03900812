"""Checks: check runs on a commit, read for all apps and written for the gate's own, once and in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gate.adapters.github.answers import Row, number_at, optional_row, optional_text, row_of, rows_of, sha_at, text_at
from gate.adapters.github.place import Place
from gate.core.change.facts import CheckRun
from gate.core.errors import UnreadableError
from gate.usecases.forge_ports import CheckRunText, CheckStatus, Conclusion, PublishedCheck, RateLimitedError

MAX_SUMMARY_CHARACTERS = 65_535
_MAX_TITLE_CHARACTERS = 255
_CONCLUSIONS = {"success", "failure", "action_required"}


@dataclass(frozen=True, slots=True)
class WantedCheck:
    """A check run as it is to be seen."""

    head_sha: str
    name: str
    external_id: str
    status: CheckStatus
    conclusion: Conclusion | None
    text: CheckRunText

    def __post_init__(self) -> None:
        """Refuse what GitHub would take in another sense: a completed run without a conclusion, or the reverse."""
        if (self.status == "completed") != (self.conclusion is not None):
            raise ValueError("a check run has a conclusion exactly where it is completed")
        if self.conclusion is not None and self.conclusion not in _CONCLUSIONS:
            raise ValueError(f"the gate never concludes {self.conclusion!r}")

    def body(self) -> dict[str, Any]:
        """Return the fields as GitHub takes them."""
        fields: dict[str, Any] = {
            "name": self.name,
            "external_id": self.external_id,
            "status": self.status,
            "output": {
                "title": self.text.title[:_MAX_TITLE_CHARACTERS],
                "summary": self.text.summary[:MAX_SUMMARY_CHARACTERS],
            },
        }
        if self.text.details_url:
            fields["details_url"] = self.text.details_url
        if self.conclusion is not None:
            fields["conclusion"] = self.conclusion
        return fields

    def is_shown_by(self, check: PublishedCheck) -> bool:
        """Return whether a check run says this, as far as a merge depends on it."""
        seen = (check.head_sha, check.name, check.external_id, check.status, check.conclusion)
        return seen == (self.head_sha, self.name, self.external_id, self.status, self.conclusion)


def our_checks(place: Place, head_sha: str, name: str, app_id: int | None) -> Sequence[PublishedCheck]:
    """Return all check runs of a name on a commit, those of other apps included."""
    return [published for published, _ in _listed(place, head_sha, name, app_id)]


def latest_checks(place: Place, head_sha: str) -> tuple[CheckRun, ...]:
    """Return the newest check run of every name and app on a commit, each with the slug of the app that made it.

    One that is not completed has its status for a conclusion: it is no success.
    """
    rows = place.pages("commits", head_sha, "check-runs", inside="check_runs", filter="all")
    newest: dict[tuple[str, str], tuple[int, CheckRun]] = {}
    for row in rows_of(rows, "check_runs"):
        app = optional_row(row, "app")
        is_done = text_at(row, "status") == "completed"
        run = CheckRun(
            text_at(row, "name"),
            optional_text(app, "slug") if app else "",
            text_at(row, "conclusion") if is_done else text_at(row, "status"),
        )
        key, number = (run.name, run.app), number_at(row, "id")
        if key not in newest or newest[key][0] < number:
            newest[key] = (number, run)
    return tuple(run for _, (_, run) in sorted(newest.items()))


def publish(place: Place, wanted: WantedCheck, *, app_id: int | None, known_id: int | None) -> PublishedCheck:
    """Create the check run, or update the gate's own of that name on that commit; return it as GitHub shows it then.

    A write whose answer was lost is looked for, not repeated. Raises UnreadableError where GitHub shows another state
    afterwards than was written: whoever calls must not take it for published.
    """
    ours = _ours(place, wanted, app_id, known_id)
    if ours is not None and wanted.is_shown_by(ours[0]) and _says(ours[1], wanted):
        return ours[0]
    try:
        written = _write(place, wanted, None if ours is None else ours[0].id)
    except RateLimitedError:
        raise
    except UnreadableError:
        found = _ours(place, wanted, app_id, known_id)
        if found is None or not wanted.is_shown_by(found[0]):
            raise
        return found[0]
    seen = _read_back(place, written, app_id, known_id)
    if not wanted.is_shown_by(seen) and ours is not None and wanted.status == "in_progress":
        # What was completed may stay so under an update: a new run of the name takes its place.
        seen = _read_back(place, _write(place, wanted, None), app_id, known_id)
    if not wanted.is_shown_by(seen):
        raise UnreadableError(
            f"GitHub shows the check {wanted.name!r} as {seen.status} ({seen.conclusion}) after it was written as "
            f"{wanted.status} ({wanted.conclusion}).",
            next_step="It is written again.",
        )
    return seen


def _write(place: Place, wanted: WantedCheck, known_id: int | None) -> int:
    if known_id is None:
        body = {**wanted.body(), "head_sha": wanted.head_sha}
        return number_at(row_of(place.send("POST", "check-runs", body=body), "check run"), "id")
    return number_at(row_of(place.send("PATCH", "check-runs", known_id, body=wanted.body()), "check run"), "id")


def _read_back(place: Place, check_id: int, app_id: int | None, known_id: int | None) -> PublishedCheck:
    row = row_of(place.get("check-runs", check_id, is_fresh=True), "check run")
    return _published(row, app_id, known_id)


def _ours(
    place: Place, wanted: WantedCheck, app_id: int | None, known_id: int | None
) -> tuple[PublishedCheck, Row] | None:
    """Return the gate's newest check run of the name on the commit, which is the one that GitHub heeds."""
    found = [pair for pair in _listed(place, wanted.head_sha, wanted.name, app_id, known_id) if pair[0].is_ours]
    return max(found, key=lambda pair: pair[0].id, default=None)


def _listed(
    place: Place, head_sha: str, name: str, app_id: int | None, known_id: int | None = None
) -> list[tuple[PublishedCheck, Row]]:
    rows = place.pages("commits", head_sha, "check-runs", inside="check_runs", check_name=name, filter="all")
    pairs = [(_published(row, app_id, known_id), row) for row in rows_of(rows, "check_runs")]
    return [pair for pair in pairs if pair[0].name == name and pair[0].head_sha == head_sha]


def _published(row: Row, app_id: int | None, known_id: int | None) -> PublishedCheck:
    app, check_id = optional_row(row, "app"), number_at(row, "id")
    is_ours = check_id == known_id if app_id is None else app is not None and app.get("id") == app_id
    return PublishedCheck(
        id=check_id,
        name=text_at(row, "name"),
        head_sha=sha_at(row, "head_sha"),
        external_id=optional_text(row, "external_id"),
        status=text_at(row, "status"),
        conclusion=optional_text(row, "conclusion") or None,
        is_ours=is_ours,
        app=number_at(app, "id") if app else 0,
    )


def _says(row: Row, wanted: WantedCheck) -> bool:
    output = optional_row(row, "output") or {}
    said = wanted.body()["output"]
    return (output.get("title"), output.get("summary")) == (said["title"], said["summary"])

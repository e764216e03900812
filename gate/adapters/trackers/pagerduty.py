"""PagerDuty: incidents through its REST API; notes show a change, one for each of its editions."""

import re
from collections.abc import Mapping
from typing import Any

from gate.adapters.trackers.fields import optional_text, text_at, title_of
from gate.adapters.trackers.line import Line
from gate.usecases.tracker_ports import FoundTicket, TicketDraft, TicketNote, TrackerError

PUBLIC_API = "https://api.pagerduty.com"
_KEY = re.compile(
    r"(?:pagerduty:|PD:|https://[a-z0-9-]{1,63}(?:\.eu)?\.pagerduty\.com/incidents/)(?P<id>[A-Z0-9]{6,30})", re.ASCII
)
_MAX_NOTE = 20_000


class PagerDuty:
    """Fulfils the port `Tracker` by an API key, in the name of the account whose address the operator gives."""

    name = "pagerduty"

    def __init__(
        self, token: str, *, sender: str, service: str = "", address: str = PUBLIC_API, ca_file: str = ""
    ) -> None:
        headers = {"Authorization": f"Token token={token}", "From": sender}
        headers["Accept"] = "application/vnd.pagerduty+json;version=2"
        self._line = Line("PagerDuty", address, headers=headers, ca_file=ca_file)
        self._service = service

    def owns(self, key: str) -> bool:
        """Return whether a key is an incident's address, or its id behind `PD:` or `pagerduty:`."""
        return _KEY.fullmatch(key) is not None

    def fetch(self, key: str) -> FoundTicket | None:
        """Return an incident."""
        answer = self._line.send("GET", f"/incidents/{_identity(key)}", accepts=(200, 404))
        return None if answer.status != 200 else _found(answer.object().get("incident"))  # noqa: PLR2004  # found

    def link(self, key: str, note: TicketNote) -> str:
        """Write a note unless the incident has it already: notes are never changed."""
        path = f"/incidents/{_identity(key)}/notes"
        marker = f"{note.marker}-{note.edition}"
        for row in self._line.send("GET", path).rows("notes"):
            if marker in optional_text(row, "content"):
                return optional_text(row, "id")
        content = f"{note.text[:_MAX_NOTE]}\n{note.url}\n[{marker}]"
        made = self._line.send("POST", path, body={"note": {"content": content}}).object().get("note")
        return optional_text(made if isinstance(made, Mapping) else {}, "id")

    def lacking_to_create(self) -> str:
        """Return which setting is to be set."""
        return "" if self._service else "Set GATE_PAGERDUTY_SERVICE to the id of the service to open incidents of."

    def create(self, draft: TicketDraft) -> FoundTicket:
        """Make an incident of the operator's service, or find the one with the draft's reference as its key."""
        if not self._service:
            raise TrackerError("PagerDuty has no service to open incidents of.", next_step=self.lacking_to_create())
        known = self._line.send("GET", "/incidents", query={"incident_key": draft.reference}).rows("incidents")
        if known:
            return _found(known[0])
        incident = {
            "type": "incident",
            "title": title_of(draft.title),
            "service": {"id": self._service, "type": "service_reference"},
            "incident_key": draft.reference,
            "body": {"type": "incident_body", "details": draft.text},
        }
        return _found(self._line.send("POST", "/incidents", body={"incident": incident}).object().get("incident"))


def _identity(key: str) -> str:
    match = _KEY.fullmatch(key)
    if match is None:
        raise TrackerError("This is no incident of PagerDuty's.")
    return match["id"]


def _found(row: Any) -> FoundTicket:
    if not isinstance(row, Mapping):
        raise TrackerError("PagerDuty answered without an incident.")
    identity = text_at(row, "id")
    if not re.fullmatch(r"[A-Z0-9]{6,30}", identity):
        raise TrackerError("PagerDuty answered with an id that is none.")
    is_over = text_at(row, "status") == "resolved"
    return FoundTicket(
        f"PD:{identity}",
        "incident",
        "closed" if is_over else "open",
        title_of(text_at(row, "title")),
        optional_text(row, "html_url"),
    )

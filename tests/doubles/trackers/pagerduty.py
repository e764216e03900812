"""A double of PagerDuty's REST API (version 2): incidents, their keys and their notes.

What is sent and answered is judged by the shapes that PagerDuty's own OpenAPI description gives these five requests.
"""

import itertools
import re
from typing import Any

from doubles.trackers import pagerduty_shapes
from doubles.trackers.server import Asked

TOKEN, SENDER, SERVICE = "a-token-of-a-test", "gate@example.com", "PSERVICE1"  # a double's own
AT = "2026-11-30T09:00:00Z"


class PagerDutyDouble:
    """An account with one service."""

    def __init__(self) -> None:
        self.incidents: dict[str, dict[str, Any]] = {}
        self.notes_of: dict[str, list[dict[str, Any]]] = {}
        self.wrong: list[str] = []
        self.ids = (f"Q{number:09}ABCD" for number in itertools.count(1))

    def an_incident(self, *, title: str = "Payments fail", status: str = "triggered", key: str = "") -> str:
        identity = next(self.ids)
        self.incidents[identity] = {
            "id": identity,
            "type": "incident",
            "title": title,
            "summary": title,
            "incident_number": len(self.incidents) + 1,
            "created_at": AT,
            "updated_at": AT,
            "urgency": "high",
            "service": {"id": SERVICE, "type": "service_reference"},
            "status": status,
            "incident_key": key or identity,
            "html_url": f"https://acme.pagerduty.com/incidents/{identity}",
        }
        self.notes_of[identity] = []
        return identity

    def notes(self, identity: str) -> list[str]:
        return [note["content"] for note in self.notes_of[identity]]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        status, value = self._answer(asked)
        self.wrong += pagerduty_shapes.wrong_with(asked, status, value)
        return status, value

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != f"Token token={TOKEN}":
            return 401, {"error": {"message": "Invalid Authentication Provided", "code": 2006}}
        if asked.method != "GET" and asked.headers.get("from") != SENDER:
            return 400, {"error": {"message": "Requester User Not Found", "code": 1008}}
        if asked.path == "/incidents":
            return self._list(asked) if asked.method == "GET" else self._create(asked.body["incident"])
        match = re.fullmatch(r"/incidents/([A-Z0-9]+)(/notes)?", asked.path)
        if match is None or match[1] not in self.incidents:
            return 404, {"error": {"message": "Not Found", "code": 2100}}
        if match[2] is None:
            return 200, {"incident": self.incidents[match[1]]}
        notes = self.notes_of[match[1]]
        if asked.method == "GET":
            return 200, {"notes": notes}
        author = {"id": "PGATE01", "type": "user_reference", "summary": "Gate"}
        row = {"id": f"N{len(notes)}", "user": author, "content": asked.body["note"]["content"], "created_at": AT}
        notes.append(row)
        return 200, {"note": row}

    def _list(self, asked: Asked) -> tuple[int, Any]:
        key = asked.query.get("incident_key")
        found = [one for one in self.incidents.values() if key in {None, one["incident_key"]}]
        return 200, {"incidents": found, "limit": 25, "offset": 0, "more": False, "total": None}

    def _create(self, given: dict[str, Any]) -> tuple[int, Any]:
        if given.get("type") != "incident" or given["service"]["id"] != SERVICE:
            return 400, {"error": {"message": "Invalid Input Provided", "code": 2001}}
        identity = self.an_incident(title=given["title"], key=given["incident_key"])
        return 201, {"incident": self.incidents[identity]}

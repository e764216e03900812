"""A double of a tracker behind the gate's own webhook contract: it does the same once for one key."""

import hashlib
import hmac
from typing import Any

from doubles.trackers.server import Asked

SECRET = b"a secret of sixteen"


class OwnDouble:
    """A tracker of somebody's own."""

    def __init__(self) -> None:
        self.tickets: dict[str, dict[str, Any]] = {}
        self.shown: dict[str, list[str]] = {}
        self.done: dict[str, Any] = {}

    def a_ticket(self, key: str, *, kind: str = "Change", state: str = "open", title: str = "Payments fail") -> None:
        self.tickets[key] = {"kind": kind, "state": state, "title": title}
        self.shown[key] = []

    def answer(self, asked: Asked) -> tuple[int, Any]:
        wanted = "sha256=" + hmac.new(SECRET, asked.raw, hashlib.sha256).hexdigest()
        if asked.headers.get("x-gate-signature-256") != wanted:
            return 401, {}
        value = asked.body
        if value["action"] == "fetch":
            found = self.tickets.get(value["key"])
            return 200, {"exists": found is not None, **(found or {})}
        once = asked.headers["idempotency-key"]
        if once not in self.done:
            self.done[once] = self._do(value)
        return 200, self.done[once]

    def _do(self, value: dict[str, Any]) -> Any:
        if value["action"] == "link":
            self.shown[value["key"]].append(value["text"])
            return {"id": str(len(self.done))}
        key = f"OWN-{len(self.tickets) + 1}"
        self.a_ticket(key, title=value["title"])
        return {"key": key, **self.tickets[key]}

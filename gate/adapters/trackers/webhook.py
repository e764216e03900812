"""A webhook of one's own: any other tracker behind one small JSON contract, signed, with an idempotency key."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gate.adapters.trackers.fields import kind_of, optional_text, text_at, title_of
from gate.adapters.trackers.line import Line
from gate.usecases.tracker_ports import FoundTicket, TicketDraft, TicketNote, TrackerError

SCHEMA = "gate.ticket/1"


class TicketWebhook:
    """Fulfils the port `Tracker` by asking an address of the operator's; docs/tickets.md holds the contract.

    Whoever answers must do the same once for the same `Idempotency-Key`, whenever it comes again.
    """

    name = "webhook"

    def __init__(self, address: str, secret: bytes, *, prefixes: Sequence[str], ca_file: str = "") -> None:
        self._line = Line("The ticket webhook", address, headers={}, ca_file=ca_file)
        self._secret = secret
        self._prefixes = tuple(prefixes)

    def owns(self, key: str) -> bool:
        """Return whether a key begins with one of the operator's prefixes."""
        return key.startswith(self._prefixes) if self._prefixes else False

    def fetch(self, key: str) -> FoundTicket | None:
        """Return a ticket."""
        row = self._ask("fetch", {"key": self._required(key)}, once=f"fetch:{key}")
        return None if row.get("exists") is False else _found(key, row)

    def link(self, key: str, note: TicketNote) -> str:
        """Have a ticket show a note, once for each edition."""
        value = {
            "key": self._required(key),
            "reference": note.reference,
            "edition": note.edition,
            "title": note.title,
            "url": note.url,
            "text": note.text,
            "markdown": note.markdown,
        }
        return optional_text(self._ask("link", value, once=f"{key} {note.marker}-{note.edition}"), "id")

    def lacking_to_create(self) -> str:
        """Return nothing: whoever is set up may make tickets."""
        return ""

    def create(self, draft: TicketDraft) -> FoundTicket:
        """Have a ticket made once."""
        value = {"reference": draft.reference, "title": draft.title, "text": draft.text}
        row = self._ask("create", value, once=f"create:{draft.reference}")
        return _found(text_at(row, "key"), row)

    def _required(self, key: str) -> str:
        if not self.owns(key):
            raise TrackerError("This key has none of the prefixes that the operator gave the ticket webhook.")
        return key

    def _ask(self, action: str, value: Mapping[str, Any], *, once: str) -> Mapping[str, Any]:
        raw = json.dumps({"schema": SCHEMA, "action": action, **value}).encode()
        signature = hmac.new(self._secret, raw, hashlib.sha256).hexdigest()
        key = hashlib.sha256(once.encode()).hexdigest()
        headers = {"X-Gate-Signature-256": f"sha256={signature}", "Idempotency-Key": key}
        return self._line.send("POST", "", raw=raw, headers=headers).object()


def _found(key: str, row: Mapping[str, Any]) -> FoundTicket:
    state = text_at(row, "state")
    if state not in {"open", "closed"}:
        raise TrackerError("The ticket webhook answered with a state that is neither open nor closed.")
    return FoundTicket(
        key,
        kind_of(text_at(row, "kind")),
        "closed" if state == "closed" else "open",
        title_of(text_at(row, "title")),
        optional_text(row, "url"),
    )

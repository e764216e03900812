"""ServiceNow: tasks of every kind through the Table API; work notes show a change, one for each of its editions."""

import re
from collections.abc import Mapping
from typing import Any

from gate.adapters.trackers.fields import kind_of, text_at, title_of
from gate.adapters.trackers.line import Line
from gate.usecases.tracker_ports import FoundTicket, TicketDraft, TicketNote, TrackerError

_NUMBER = re.compile(r"(INC|CHG|PRB|TASK|RITM|REQ|CTASK|SCTASK)[0-9]{5,12}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}")
_FIELDS = "sys_id,number,short_description,active,sys_class_name"


class ServiceNow:
    """Fulfils the port `Tracker` by an account of the instance with the right to read tasks and write work notes."""

    name = "servicenow"

    def __init__(self, address: str, *, user: str, password: str, ca_file: str = "") -> None:
        self._line = Line("ServiceNow", address, headers={}, login=(user, password), ca_file=ca_file)

    def owns(self, key: str) -> bool:
        """Return whether a key is a number such as `INC0012345`."""
        return _NUMBER.fullmatch(key) is not None

    def fetch(self, key: str) -> FoundTicket | None:
        """Return a task by its number."""
        row = self._row(f"number={self._required(key)}", table="task")
        return None if row is None else self._found(row)

    def link(self, key: str, note: TicketNote) -> str:
        """Write a work note unless the journal holds it already: what is written there is never changed."""
        row = self._row(f"number={self._required(key)}", table="task")
        if row is None:
            raise TrackerError(f"ServiceNow has no task {key}.", next_step="Correct the number in the declaration.")
        identity = _identity(row)
        marker = f"{note.marker}-{note.edition}"
        query = {
            "sysparm_query": f"element_id={identity}^element=work_notes^valueLIKE{marker}",
            "sysparm_fields": "sys_id",
            "sysparm_limit": "1",
        }
        known = self._line.send("GET", "/api/now/table/sys_journal_field", query=query).rows("result")
        if not known:
            body = {"work_notes": f"{note.text}\n{note.url}\n[{marker}]"}
            table = text_at(row, "sys_class_name")
            self._line.send("PATCH", f"/api/now/table/{_table(table)}/{identity}", body=body)
        return f"{identity}:{note.edition}"

    def lacking_to_create(self) -> str:
        """Return nothing: whoever is set up may make tickets."""
        return ""

    def create(self, draft: TicketDraft) -> FoundTicket:
        """Make an incident, or find the one that carries the draft's reference as its correlation id."""
        row = self._row(f"correlation_id={_plain(draft.reference)}", table="incident")
        if row is None:
            body = {
                "short_description": title_of(draft.title)[:160],
                "description": draft.text,
                "correlation_id": _plain(draft.reference),
                "correlation_display": "Sign-off gate",
            }
            row = _one(self._line.send("POST", "/api/now/table/incident", body=body).object().get("result"))
        return self._found(row)

    def _row(self, query: str, *, table: str) -> Mapping[str, Any] | None:
        asked = {"sysparm_query": query, "sysparm_fields": _FIELDS, "sysparm_limit": "2"}
        rows = self._line.send("GET", f"/api/now/table/{table}", query=asked).rows("result")
        if len(rows) > 1:
            raise TrackerError("ServiceNow has two tasks where there must be one.")
        return rows[0] if rows else None

    def _found(self, row: Mapping[str, Any]) -> FoundTicket:
        table = _table(text_at(row, "sys_class_name"))
        return FoundTicket(
            text_at(row, "number"),
            kind_of(table),
            "open" if text_at(row, "active") == "true" else "closed",
            title_of(text_at(row, "short_description")),
            f"{self._line.base}/nav_to.do?uri={table}.do?sys_id={_identity(row)}",
        )

    def _required(self, key: str) -> str:
        if not self.owns(key):
            raise TrackerError("This is no number of a ServiceNow task.")
        return key


def _identity(row: Mapping[str, Any]) -> str:
    found = text_at(row, "sys_id")
    if not _ID.fullmatch(found):
        raise TrackerError("ServiceNow answered with an id that is none.")
    return found


def _table(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,80}", name):
        raise TrackerError("ServiceNow answered with a table that is none.")
    return name


def _one(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TrackerError("ServiceNow answered without a result.")
    return value


def _plain(text: str) -> str:
    """Return a text that cannot end one condition of an encoded query and begin another."""
    return re.sub(r"[^A-Za-z0-9:./_-]", "_", text)[:100]

"""Jira: issues through its REST API (version 2, Cloud and Data Center); a remote link and one comment show a change."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from gate.adapters.trackers.fields import kind_of, optional_text, text_at, title_of
from gate.adapters.trackers.line import Line
from gate.usecases.tracker_ports import FoundTicket, TicketDraft, TicketNote, TrackerError

_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,30}-[0-9]{1,12}", re.ASCII)
_MOST_COMMENTS = 5_000
_PAGE = 100


class Jira:
    """Fulfils the port `Tracker` by a personal access token (Data Center) or an account's API token (Cloud)."""

    name = "jira"

    def __init__(
        self,
        address: str,
        token: str,
        *,
        user: str = "",
        project: str = "",
        issue_type: str = "Incident",
        ca_file: str = "",
    ) -> None:
        headers = {} if user else {"Authorization": f"Bearer {token}"}
        self._line = Line("Jira", address, headers=headers, login=(user, token) if user else None, ca_file=ca_file)
        self._project = project
        self._issue_type = issue_type
        self._self: str | None = None

    def owns(self, key: str) -> bool:
        """Return whether a key is a Jira key such as `OPS-12`, or the address of one here."""
        return self._key(key) is not None

    def fetch(self, key: str) -> FoundTicket | None:
        """Return an issue; one that the gate's account may not see is none, as Jira says it."""
        known = self._required(key)
        answer = self._line.send(
            "GET", f"/rest/api/2/issue/{known}", query={"fields": "summary,status,issuetype"}, accepts=(200, 404)
        )
        if answer.status != 200:  # noqa: PLR2004  # found
            return None
        issue = answer.object()
        # An issue that was moved to another project answers to its old key as well, and tells the new one.
        own = self._key(optional_text(issue, "key")) or known
        fields = issue.get("fields")
        if not isinstance(fields, Mapping):
            raise TrackerError("Jira answered an issue without fields.")
        is_done = text_at(fields, "status", "statusCategory", "key") == "done"
        return FoundTicket(
            own,
            kind_of(text_at(fields, "issuetype", "name")),
            "closed" if is_done else "open",
            title_of(text_at(fields, "summary")),
            f"{self._line.base}/browse/{own}",
        )

    def link(self, key: str, note: TicketNote) -> str:
        """Make an issue show a note: its remote link and its comment are updated in place."""
        known = self._required(key)
        remote = {
            "globalId": f"signoff-gate:{note.reference}",
            "application": {"type": "signoff-gate", "name": "Sign-off gate"},
            "relationship": "change",
            "object": {"url": note.url, "title": note.title[:255], "summary": note.edition},
        }
        self._line.send("POST", f"/rest/api/2/issue/{known}/remotelink", body=remote)
        body = {"body": f"{note.text}\n{{anchor:{note.marker}}}"}
        own = self._own_comment(known, note.marker)
        if own is None:
            made = self._line.send("POST", f"/rest/api/2/issue/{known}/comment", body=body).object()
            return str(made.get("id", ""))
        identity = str(own.get("id", ""))
        if own.get("body") != body["body"]:
            self._line.send("PUT", f"/rest/api/2/issue/{known}/comment/{identity}", body=body)
        return identity

    def lacking_to_create(self) -> str:
        """Return which setting is to be set."""
        return "" if self._project else "Set GATE_JIRA_PROJECT to the key of the project that gets the issues."

    def create(self, draft: TicketDraft) -> FoundTicket:
        """Make an issue in the operator's project, or find the one with the draft's label."""
        if not self._project:
            raise TrackerError("Jira has no project to make issues in.", next_step=self.lacking_to_create())
        label = "gate-" + hashlib.sha256(draft.reference.encode()).hexdigest()[:32]
        found = self._search(f'labels = "{label}"')
        if found:
            key = text_at(found[0], "key")
        else:
            fields = {
                "project": {"key": self._project},
                "issuetype": {"name": self._issue_type},
                "summary": title_of(draft.title)[:250],
                "description": draft.text,
                "labels": [label],
            }
            key = text_at(self._line.send("POST", "/rest/api/2/issue", body={"fields": fields}).object(), "key")
        made = self.fetch(key)
        if made is None:
            raise TrackerError("Jira does not show the issue that it made.")
        return made

    def _search(self, jql: str) -> Sequence[Mapping[str, Any]]:
        """Return the first issue that a query finds, or none.

        The Cloud took the address away that Data Center knows. NOTE: neither may find at once what was made a moment
        ago; the queue asks again after a minute.
        """
        query = {"jql": jql, "fields": "summary", "maxResults": "1"}
        answer = self._line.send("GET", "/rest/api/2/search", query=query, accepts=(200, HTTPStatus.GONE))
        if answer.status == HTTPStatus.GONE:
            answer = self._line.send("GET", "/rest/api/2/search/jql", query=query)
        return answer.rows("issues")

    def _own_comment(self, key: str, marker: str) -> Mapping[str, Any] | None:
        """Return the gate's own comment that carries a marker; one that somebody else copied it into is nothing."""
        me = self._myself()
        start = 0
        while start < _MOST_COMMENTS:
            query = {"startAt": str(start), "maxResults": str(_PAGE)}
            answer = self._line.send("GET", f"/rest/api/2/issue/{key}/comment", query=query)
            rows = answer.rows("comments")
            for row in rows:
                if marker in optional_text(row, "body") and _account(row.get("author")) == me:
                    return row
            start += len(rows)
            total = answer.object().get("total")
            if not rows or not isinstance(total, int) or start >= total:
                return None
        raise TrackerError(f"{key} has more than {_MOST_COMMENTS:,} comments.")

    def _myself(self) -> str:
        if self._self is None:
            self._self = _account(self._line.send("GET", "/rest/api/2/myself").object())
        return self._self

    def _key(self, key: str) -> str | None:
        known = key.removeprefix(f"{self._line.base}/browse/")
        return known if _KEY.fullmatch(known) else None

    def _required(self, key: str) -> str:
        known = self._key(key)
        if known is None:
            raise TrackerError("This is no key of a Jira issue.")
        return known


def _account(author: object) -> str:
    """Return what names an account for good: its id in the Cloud, its key or name elsewhere."""
    row = author if isinstance(author, Mapping) else {}
    return optional_text(row, "accountId") or optional_text(row, "name") or optional_text(row, "key")

"""Jira Data Center 8.20 as the package `jira820` plays it, called in this process, with the login looked at before.

As the Cloud it takes an account's token, has no `/search` any more (changelog CHANGE-2046) and pages by tokens.
"""

import asyncio
import base64
import json
from typing import Any
from urllib.parse import urlencode

from jira820 import make_app
from jira820.config import Config
from jira820.store import Store

from doubles.trackers.server import Asked

TOKEN = "a-token-of-a-test"  # noqa: S105  # a double's own
USER = "gate@example.com"
_GONE = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."


class JiraDouble:
    """A server with one project, `OPS`."""

    def __init__(self, *, is_cloud: bool = False) -> None:
        self.is_cloud = is_cloud
        config = Config(project_key="OPS", seed="1")
        config.issue_types.append(["Incident", "8"])
        self.store = Store(config)
        self.app = make_app(store=self.store)
        self.loop = asyncio.new_event_loop()

    def an_issue(self, *, title: str = "Payments fail", kind: str = "Bug") -> str:
        made = self.store.create_issue(
            {"project": {"key": "OPS"}, "summary": title, "issuetype": {"name": kind}, "description": ""}
        )
        return str(made["key"])

    def close(self, key: str) -> None:
        self.store.issues[key] |= {"statusName": "Done", "statusCategory": "done"}

    def comments(self, key: str) -> list[str]:
        status, value = self._call("GET", f"/rest/api/2/issue/{key}/comment", {"maxResults": "1000"}, b"")
        assert status == 200
        return [row["body"] for row in value["comments"]]

    def links(self, key: str) -> list[dict[str, Any]]:
        return list(self.store.issues[key].get("remotelinks", []))

    def answer(self, asked: Asked) -> tuple[int, Any]:
        basic = f"Basic {base64.b64encode(f'{USER}:{TOKEN}'.encode()).decode()}"
        if asked.headers.get("authorization") != (basic if self.is_cloud else f"Bearer {TOKEN}"):
            return 401, {"errorMessages": ["You are not authenticated."]}
        if self.is_cloud and asked.path == "/rest/api/2/search":
            return 410, {"errorMessages": [_GONE], "errors": {}}
        if self.is_cloud and asked.path == "/rest/api/2/search/jql":
            status, found = self._call(asked.method, "/rest/api/2/search", asked.query, asked.raw)
            return status, {"issues": found["issues"], "isLast": True} if status == 200 else found
        return self._call(asked.method, asked.path, asked.query, asked.raw)

    def _call(self, method: str, path: str, query: dict[str, str], raw: bytes) -> tuple[int, Any]:
        status, content = self.loop.run_until_complete(self._asgi(method, path, query, raw))
        return status, json.loads(content) if content else None

    async def _asgi(self, method: str, path: str, query: dict[str, str], raw: bytes) -> tuple[int, bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query).encode(),
            "headers": [(b"content-type", b"application/json"), (b"host", b"jira.example")],
            "scheme": "http",
            "server": ("jira.example", 80),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        await self.app(scope, receive, send)
        body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
        return sent[0]["status"], body

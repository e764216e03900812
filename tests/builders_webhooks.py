"""Webhooks as GitHub sends them, for tests: GitHub's own examples, signed, and handed in at the door.

answer = hand_in(client, "push", payload)            # signed with the test's secret, under a GUID of its own
"""

import gzip
import hashlib
import hmac
import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any

SECRET = b"a secret of sixteen"
EXAMPLES = Path(__file__).parent / "fixtures" / "github" / "webhook_examples.json.gz"
_COUNT = itertools.count(1)


@cache
def examples() -> dict[str, list[dict[str, Any]]]:
    """GitHub's own examples of payloads, by event."""
    found: dict[str, list[dict[str, Any]]] = json.loads(gzip.decompress(EXAMPLES.read_bytes()))
    return found


def signature(body: bytes, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def a_guid() -> str:
    return f"00000000-0000-4000-8000-{next(_COUNT):012}"


def headers_of(event: str, body: bytes, *, secret: bytes = SECRET, **others: str) -> dict[str, str]:
    """The headers of a signed delivery; `others` replace theirs by name, `_` standing for `-`."""
    given = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": a_guid(),
        "X-Hub-Signature-256": signature(body, secret),
    }
    return {**given, **{name.replace("_", "-"): value for name, value in others.items()}}


def hand_in(client: Any, event: str, payload: Any, **others: Any) -> Any:
    """Post a signed delivery; a payload that is no bytes is sent as JSON."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return client.post("/webhooks/github", data=body, headers=headers_of(event, body, **others))

"""Webhooks: signed deliveries that arrive now, later, twice, out of order, or not at all."""

import datetime as dt
import functools
import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["now", "queue", "drop", "duplicate", "fail"]
LONGEST_WAIT = 10
SENDER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def real_time() -> str:
    """Return the real time: a client asks for deliveries since an instant of its own clock."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(eq=False)
class Delivery:
    """One attempt to deliver an event. A redelivery is another attempt with the same GUID."""

    id: int
    guid: str
    event: str
    payload: dict[str, Any]
    installation_id: int | None
    repository_id: int | None
    app_id: int | None
    delivered_at: str
    is_redelivery: bool = False
    status_code: int = 0
    status: str = "waiting"
    duration: float = 0.0
    answer: str = ""
    sent_headers: dict[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str | None:
        """Return the action of the event."""
        return self.payload.get("action")


class Hooks:
    """Where webhooks go, and how. `log` holds every delivery that was attempted or lost, oldest first."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.mode: Mode = "now"
        self.log: list[Delivery] = []
        self.waiting: list[Delivery] = []
        self.due: list[Delivery] = []
        self.target = ""
        self.secret = ""
        self.is_recording = False
        self.in_flight = 0
        self.landed = threading.Condition()

    @property
    def is_listening(self) -> bool:
        """Return whether payloads are wanted at all."""
        return bool(self.target) or self.is_recording

    def post(
        self, event: str, payload: dict[str, Any], installation: int | None, repository: int | None, app: int | None
    ) -> None:
        """Take an event to be delivered after the act, as the mode says."""
        frozen = json.loads(json.dumps(payload))
        delivery = self._new(str(uuid.uuid4()), event, frozen, installation, repository, app)
        if self.mode == "drop":
            self._lose(delivery, "dropped")
        elif self.mode == "fail" or not self.target:
            self._lose(delivery, "failed to connect to host" if self.target else "recorded")
        elif self.mode == "queue":
            self.waiting.append(delivery)
        else:
            self.due.extend([delivery] * (2 if self.mode == "duplicate" else 1))

    def _new(
        self,
        guid: str,
        event: str,
        payload: dict[str, Any],
        installation: int | None,
        repository: int | None,
        app: int | None,
    ) -> Delivery:
        number = self.world.next_id("delivery", 700_001)
        return Delivery(number, guid, event, payload, installation, repository, app, real_time())

    def _lose(self, delivery: Delivery, why: str) -> None:
        delivery.status, delivery.status_code = why, 0
        self.log.append(delivery)

    def take_due(self) -> list[Callable[[], None]]:
        """Return what is to be sent after this act, once."""
        due, self.due = self.due, []
        with self.landed:
            self.in_flight += len(due)
        return [functools.partial(self._send_one, delivery) for delivery in due]

    def _send_one(self, delivery: Delivery) -> None:
        try:
            self.send(delivery)
        finally:
            with self.landed:
                self.in_flight -= 1
                self.landed.notify_all()

    def wait(self, seconds: float = LONGEST_WAIT) -> None:
        """Wait until everything arrived that requests to the API caused: their webhooks come after their answers."""
        with self.landed:
            if not self.landed.wait_for(lambda: not self.in_flight, seconds):
                raise AssertionError(f"{self.in_flight} webhooks did not arrive within {seconds} s")

    def pump(self, count: int | None = None, *, reverse: bool = False) -> int:
        """Send what waits, in another order if told so, and return how many were sent."""
        batch = self.waiting[:count]
        self.waiting = self.waiting[len(batch) :]
        for delivery in reversed(batch) if reverse else batch:
            self.send(delivery)
        return len(batch)

    def replay(self, delivery: Delivery) -> Delivery:
        """Send an old payload again as a stranger would: under a new GUID, with a signature that holds."""
        again = self._copy(delivery, str(uuid.uuid4()))
        self.send(again)
        return again

    def pretend(self, event: str, payload: dict[str, Any], *, secret: str) -> Delivery:
        """Send what nobody did, signed with a secret of the test's choice, as an attacker would."""
        delivery = self._new(str(uuid.uuid4()), event, payload, None, None, None)
        ours, self.secret = self.secret, secret
        try:
            self.send(delivery)
        finally:
            self.secret = ours
        return delivery

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send a delivery again as the platform does: under the same GUID."""
        again = self.again(delivery)
        self.send(again)
        return again

    def again(self, delivery: Delivery) -> Delivery:
        """Return another attempt of a delivery, not yet sent."""
        attempt = self._copy(delivery, delivery.guid)
        attempt.is_redelivery = True
        return attempt

    def _copy(self, old: Delivery, guid: str) -> Delivery:
        return self._new(guid, old.event, old.payload, old.installation_id, old.repository_id, old.app_id)

    def send(self, delivery: Delivery) -> None:
        """Send a delivery and note the answer."""
        body = json.dumps(delivery.payload, separators=(",", ":")).encode()
        delivery.sent_headers = self.headers(delivery, body)
        request = urllib.request.Request(self.target, body, delivery.sent_headers, method="POST")  # noqa: S310
        start = time.monotonic()
        try:
            with SENDER.open(request, timeout=LONGEST_WAIT) as answer:
                delivery.status_code, delivery.status = answer.status, "OK"
                delivery.answer = answer.read().decode(errors="replace")
        except urllib.error.HTTPError as refusal:
            delivery.status_code, delivery.status = refusal.code, f"Invalid HTTP Response: {refusal.code}"
            delivery.answer = refusal.read().decode(errors="replace")
        except OSError as failure:
            delivery.status_code, delivery.status = 0, f"failed to connect to host: {failure}"
        delivery.duration = round(time.monotonic() - start, 3)
        self.log.append(delivery)

    def headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        """Return the headers of a delivery, with its signature."""
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-ID": str(delivery.app_id or 0),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": f"sha256={signature}",
        }

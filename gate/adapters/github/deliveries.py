"""Deliveries: webhooks that GitHub could not hand over, and asking for them again."""

from collections.abc import Iterator

from gate.adapters.github.answers import instant_at, number_at, optional_text, row_of, text_at
from gate.adapters.github.client import GithubClient, path_of
from gate.core.change.facts import Instant
from gate.usecases.forge_ports import FailedDelivery

_ACCEPTED = range(200, 300)


def failed_deliveries(app: GithubClient, since: Instant) -> Iterator[FailedDelivery]:
    """Yield the deliveries since a time of which no attempt was accepted, newest first, each once."""
    accepted, shown = set(), set()
    rows = app.pages_while(
        "/app/hook/deliveries", lambda row: instant_at(row_of(row, "delivery"), "delivered_at") >= since
    )
    listed = [row_of(row, "delivery") for row in rows]
    for row in listed:
        if number_at(row, "status_code") in _ACCEPTED:
            accepted.add(text_at(row, "guid"))
    for row in listed:
        guid = text_at(row, "guid")
        if guid not in accepted and guid not in shown:
            shown.add(guid)
            yield FailedDelivery(
                number_at(row, "id"), guid, optional_text(row, "event"), instant_at(row, "delivered_at")
            )


def redeliver(app: GithubClient, delivery: FailedDelivery) -> None:
    """Ask GitHub to hand a delivery over again; it comes with the same GUID."""
    app.send("POST", path_of("app", "hook", "deliveries", delivery.id, "attempts"))

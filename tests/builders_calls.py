"""Calls: a component whose ladder calls bob, then carol, in a world where everybody's messages are only noted.

with bob_is_called(tmp_path) as (service, notifier, ladder):
    token = call_token(notifier, BOB)      # of the link by which bob acknowledges
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from builders_forge_world import OWNERSHIP
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.usecases.call_out import begin_call_out
from gate.usecases.notices import StoredEscalation

BOB, CAROL = "mailto:bob@example.com", "mailto:carol@example.com"
NIGHT = '{from: "00:00", to: "23:59"}'
RECORDS = (
    OWNERSHIP.replace("email: bob@example.com", f"email: bob@example.com, quiet_hours: {NIGHT}").replace(
        "{name: payments-api, owner: payments, paths: [/api/]}",
        "{name: payments-api, owner: payments, backup: platform, escalation: ladder, paths: [/api/]}",
    )
    + """\
escalations:
  ladder:
    levels:
      - {notify: [person:bob], channel: email, acknowledge_within: 15m}
      - {notify: [backup], channel: email, acknowledge_within: 30m}
"""
)
MINUTE = 60
_LINK = re.compile(r"/signoff/(\S+)")


@contextmanager
def a_world_of_calls(folder: Path) -> Iterator[tuple[Service, NotingNotifier]]:
    notifier = NotingNotifier()
    with a_service(folder, files={".gate/ownership.yaml": RECORDS}, notifier=notifier) as service:
        service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
        service.settle()
        notifier.sent.clear()
        yield service, notifier


@contextmanager
def bob_is_called(folder: Path) -> Iterator[tuple[Service, NotingNotifier, StoredEscalation]]:
    """A world of calls in which bob was called just now."""
    with a_world_of_calls(folder) as (service, notifier):
        ladder = begin_call(service)
        service.work()
        yield service, notifier, ladder


def begin_call(service: Service, name: str = "payments-api", **fields: Any) -> StoredEscalation:
    with service.store.reading() as reading:
        repository = reading.repository_named("acme/shop")
    assert repository is not None
    return begin_call_out(service.gate, repository, name, **{"cause": "drill", "matter": "first", **fields})


def ladder_now(service: Service, ladder: StoredEscalation) -> StoredEscalation:
    with service.store.reading() as reading:
        found = reading.escalation(ladder.id)
    assert found is not None
    return found


def call_token(notifier: NotingNotifier, to: str) -> str:
    """The token of the link in the newest message to an address."""
    found = _LINK.findall(notifier.to(to)[-1].text)
    assert len(found) == 1, notifier.to(to)[-1].text
    return str(found[0])

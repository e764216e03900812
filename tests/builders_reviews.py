"""Reviews: a shop whose payments-api is reviewed every 30 days, and messages that ask to confirm its record.

with a_shop_to_review(tmp_path) as (service, notifier):     # overdue since long
    client = a_trial(service)
    page = opened(client, review_token(notifier, ALICE))
    decide(client, page, **CONFIRM)
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builders_forge_world import OWNERSHIP
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.usecases.notices import StoredEscalation
from gate.usecases.remind import remind
from gate.usecases.review_ports import ConfirmedReview

ALICE, BOB, CAROL, ERIN = (f"mailto:{name}@example.com" for name in ("alice", "bob", "carol", "erin"))
PAYMENTS = "{name: payments-api, owner: payments, paths: [/api/]}"
REVIEW = "ownership-review:default/payments-api"
CONFIRM = {"decision": "confirm", "review": REVIEW}
DAY = 86_400
_LINK = re.compile(r"/signoff/(\S+)")


def records(*, reviewed: str = "2020-01-01", more: str = "", also: str = "") -> str:
    """The records of the shop with payments-api reviewed last on a day; `more` are more of its fields."""
    fields = f", backup: platform, reviewed: {reviewed}, review_every_days: 30{more}}}"
    return OWNERSHIP.replace(PAYMENTS, PAYMENTS[:-1] + fields) + also


@contextmanager
def a_shop_to_review(folder: Path, text: str = "", policy: str = "") -> Iterator[tuple[Service, NotingNotifier]]:
    """A service that knows the shop and has reminded whoever owes a review."""
    notifier = NotingNotifier()
    files = {".gate/ownership.yaml": text or records()} | ({".gate/policy.yaml": policy} if policy else {})
    with a_service(folder, files=files, notifier=notifier) as service:
        service.forge.a_pull({"web/page.html": "<p>x</p>\n"}).close(by=service.forge.dave)
        service.settle()
        notifier.sent.clear()
        remind(service.gate)
        service.work()
        yield service, notifier
        assert service.errors == []


def review_token(notifier: NotingNotifier, to: str) -> str:
    """The token of the link in the newest message to an address."""
    found = _LINK.findall(notifier.to(to)[-1].text)
    assert len(found) == 1, notifier.to(to)[-1].text
    return str(found[0])


def confirmed(service: Service) -> list[ConfirmedReview]:
    with service.store.reading() as reading:
        (shop,) = reading.repositories()
        return list(reading.confirmed_reviews(shop.key))


def ladders(service: Service) -> list[StoredEscalation]:
    with service.store.reading() as reading:
        return list(reading.escalations(cause="review"))


def change_records(service: Service, text: str) -> None:
    """Write the records on the default branch."""
    service.forge.shop.commit("main", {".gate/ownership.yaml": text}, author=service.forge.carol)

"""L20: an address that the records name anew gets no approval link at first, and the former address is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builders_calls import BOB, a_world_of_calls, begin_call
from builders_calls import RECORDS as CALLS
from builders_forge_world import OWNERSHIP
from builders_notify import NotingNotifier
from builders_service import Service, a_service

import gate.usecases

ALICE, MALLORY = "mailto:alice@example.com", "mailto:mallory@evil.example"
HIJACKED = OWNERSHIP.replace("email: alice@example.com", "email: mallory@evil.example")
DAY = 86_400
USECASES = Path(gate.usecases.__file__).parent


@contextmanager
def a_world_that_told_alice(folder: Path) -> Iterator[tuple[Service, NotingNotifier]]:
    notifier = NotingNotifier()
    with a_service(folder, notifier=notifier) as service:
        service.forge.a_pull()
        service.settle()
        assert notifier.to(ALICE)
        notifier.sent.clear()
        yield service, notifier


def hijack(service: Service) -> None:
    service.forge.shop.commit("main", {".gate/ownership.yaml": HIJACKED}, author=service.forge.carol)
    service.settle()


class TestAnAddressOfTheChangeItself:
    def test_is_never_used(self, tmp_path: Path) -> None:
        with a_world_that_told_alice(tmp_path) as (service, notifier):
            service.forge.a_pull({"api/pay.py": "amount = 3\n", ".gate/ownership.yaml": HIJACKED})
            service.settle()
            assert notifier.to(ALICE)
            assert notifier.to(MALLORY) == []


class TestAnAddressThatIsNewOnTheBase:
    def test_gets_no_link_and_the_former_one_is_told(self, tmp_path: Path) -> None:
        with a_world_that_told_alice(tmp_path) as (service, notifier):
            hijack(service)
            service.forge.a_pull()
            service.settle()
            (told,) = notifier.to(ALICE)
            assert told.subject == "Your address in the ownership records was changed"
            assert "/signoff/" not in told.text + told.html
            (new,) = notifier.to(MALLORY)
            assert "/signoff/" not in new.text + new.html
            assert "/changes/acme/shop/" in new.text

    def test_gets_links_once_the_former_one_had_a_day(self, tmp_path: Path) -> None:
        with a_world_that_told_alice(tmp_path) as (service, notifier):
            hijack(service)
            service.forge.a_pull()
            service.settle()
            service.clock.ahead_seconds += DAY + 1
            notifier.sent.clear()
            service.forge.a_pull()
            service.settle()
            assert any("/signoff/" in message.text for message in notifier.to(MALLORY))
            assert notifier.to(ALICE) == []


class TestWhoeverIsCalled:
    def test_gets_no_link_at_a_new_address_and_the_former_one_is_told(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, notifier):
            begin_call(service)
            service.work()
            assert "/signoff/" in notifier.to(BOB)[-1].text
            hijacked = CALLS.replace("email: bob@example.com", "email: mallory@evil.example")
            service.forge.shop.commit("main", {".gate/ownership.yaml": hijacked}, author=service.forge.carol)
            service.settle()
            begin_call(service, matter="second")
            service.work()
            assert notifier.to(BOB)[-1].subject == "Your address in the ownership records was changed"
            (called,) = notifier.to(MALLORY)
            assert "/signoff/" not in called.text + called.html

    def test_and_whoever_is_told_anything_is_told_by_the_one_place_that_looks_at_addresses(self) -> None:
        places = [file.name for file in USECASES.glob("*.py") if ".plan_notice(" in file.read_text()]
        assert places == ["plan_notice.py"]

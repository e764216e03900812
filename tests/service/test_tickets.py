"""Tickets that a change names: looked up at the forge, asked for again where it does not answer, never guessed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import BODY, POLICY
from builders_service import Service, a_service
from doubles.github.pulls import Pull

from gate.core.change.facts import Ticket
from gate.core.change.sealing import unseal
from gate.usecases.declared_tickets import issue_number
from gate.usecases.judge_change import ASK_AGAIN_SECONDS

RULES = POLICY + "tickets: {required: true, state: open}\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path, files={".gate/policy.yaml": RULES}) as service:
        yield service


def a_pull(service: Service, ticket: str) -> Pull:
    pull = service.forge.a_pull(body=f"{BODY}\n## Tickets\n\n{ticket}\n")
    service.settle()
    return pull


def tickets(service: Service, pull: Pull) -> tuple[Ticket, ...]:
    with service.store.reading() as reading:
        change = reading.change(service.key(pull))
        sealed = reading.facts(change.facts_digest if change else "")
    assert sealed is not None
    return unseal(sealed.content, sealed.personal).tickets


class TestADeclaredTicket:
    def test_is_in_the_facts_with_its_state_kind_and_title(self, service: Service) -> None:
        issue = service.forge.shop.issue("Amounts are off by a cent", author=service.forge.bob)
        pull = a_pull(service, f"#{issue.number}")
        assert tickets(service, pull) == (Ticket(f"#{issue.number}", "issue", "open", "Amounts are off by a cent"),)
        assert not service.codes(pull) & {"ticket-missing", "ticket-unfit", "ticket-unreadable"}

    def test_is_one_ticket_however_many_ways_it_is_named(self, tmp_path: Path) -> None:
        two = POLICY + "tickets: {required: true, min: 2}\n"
        with a_service(tmp_path, files={".gate/policy.yaml": two}) as service:
            first, second = (service.forge.shop.issue(title, author=service.forge.bob) for title in ("Off", "Also off"))
            pull = a_pull(service, f"#{first.number}, ACME/shop#{first.number}, #{first.number}")
            assert [ticket.key for ticket in tickets(service, pull)] == [f"#{first.number}"]
            assert service.codes(pull) >= {"ticket-unfit"}
            both = a_pull(service, f"#{first.number}, #{second.number}")
            assert not service.codes(both) & {"ticket-unfit", "ticket-missing"}

    def test_that_does_not_exist_is_the_authors_to_mend(self, service: Service) -> None:
        pull = a_pull(service, "#404")
        assert service.codes(pull) >= {"ticket-missing"}
        assert service.check(pull) == "action_required"

    def test_that_is_closed_while_the_change_is_open_no_longer_fits(self, service: Service) -> None:
        issue = service.forge.shop.issue("Amounts are off", author=service.forge.bob)
        pull = a_pull(service, f"acme/shop#{issue.number}")
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) == "success"
        issue.close(service.forge.bob)
        service.settle()
        assert service.check(pull) == "action_required"
        assert service.codes(pull) >= {"ticket-unfit"}
        issue.reopen(service.forge.bob)
        service.settle()
        assert service.check(pull) == "success"

    def test_of_another_change_disturbs_nobody(self, service: Service) -> None:
        issue = service.forge.shop.issue("Amounts are off", author=service.forge.bob)
        pull = a_pull(service, f"#{issue.number}")
        service.settle()  # the check that was just written comes back as a webhook
        with service.store.reading() as reading:
            before = reading.change(service.key(pull))
        service.forge.shop.issue("Another", author=service.forge.bob).close(service.forge.bob)
        service.settle()
        with service.store.reading() as reading:
            assert reading.change(service.key(pull)) == before


class TestAForgeThatDoesNotAnswer:
    def test_leaves_the_change_undecided_and_is_asked_again_soon(self, service: Service) -> None:
        issue = service.forge.shop.issue("Amounts are off", author=service.forge.bob)
        fault = service.forge.world.faults.add("GET", f"/issues/{issue.number}$", "status", status=502, times=None)
        pull = a_pull(service, f"#{issue.number}")
        assert service.codes(pull) >= {"ticket-unreadable"}
        assert service.check(pull) == "failure"
        service.forge.world.faults.active.remove(fault)
        service.later(ASK_AGAIN_SECONDS + 1)
        assert tickets(service, pull)[0].state == "open"
        assert service.check(pull) == "in_progress"

    def test_is_not_asked_for_what_another_tracker_holds(self, service: Service) -> None:
        pull = a_pull(service, "PAY-12")
        assert tickets(service, pull) == (Ticket("PAY-12", "", "unknown"),)
        assert service.codes(pull) >= {"ticket-unreadable"}


class TestWhichIssueAKeyMeans:
    @pytest.mark.parametrize(
        ("key", "number"),
        [
            ("#12", 12),
            ("acme/shop#12", 12),
            ("Acme/Shop#12", 12),
            ("https://github.com/acme/shop/issues/12", 12),
            ("https://github.com/acme/shop/pull/12/", 12),
            ("acme/other#12", None),
            ("https://github.com/acme/other/issues/12", None),
            ("https://github.com.evil.example/acme/shop/issues/12", None),
            ("https://evil.example/?x=https://github.com/acme/shop/issues/12", None),
            ("https://[/acme/shop/issues/12", None),
            ("#12345678901", None),
            ("PAY-12", None),
        ],
    )
    def test_is_one_of_this_repository_or_none(self, key: str, number: int | None) -> None:
        url = "https://github.com/acme/shop/pull/7"
        assert issue_number(key, repository="acme/shop", url=url) == number

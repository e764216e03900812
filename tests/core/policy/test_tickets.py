"""Tickets and checks: which linked ticket is enough, which other check has passed, and what is said if not."""

from typing import Any

import pytest
from builders_decision import decided, requirement, signed
from builders_facts import a_change, a_declaration, a_policy, account_key, some_facts

from gate.core.change.facts import CheckRun, Label, Ticket
from gate.core.policy.model import TicketRequirement
from gate.core.policy.tickets import judge_check, judge_tickets
from gate.core.verdict import RequirementView, RuleRef

RULE = RuleRef(name="Board", file=".gate/policy.yaml", line=10)
INCIDENT = Ticket("INC-1", kind="incident", state="open")
CHANGE = Ticket("CHG-2", kind="change", state="closed")


def judged(*tickets: Ticket, accepts_unknown: bool = False, **wanted: Any) -> RequirementView:
    """What a demand makes of the tickets that a declaration names."""
    declaration = a_declaration(tickets=tuple(ticket.key for ticket in tickets))
    facts = some_facts(declaration=declaration, tickets=tickets)
    asked = TicketRequirement.model_validate(wanted, strict=False)
    return judge_tickets(
        facts, asked, identity="ticket:Board", title="Board", rule=RULE, accepts_unknown=accepts_unknown
    )


def unlike(ticket: Ticket, state: Any, kind: str = "") -> Ticket:
    """The same key, as the tracker answered otherwise."""
    return Ticket(ticket.key, kind=kind, state=state)


class TestATicketThatIsEnough:
    @pytest.mark.parametrize("ticket", [INCIDENT, CHANGE, Ticket("X-3", kind="", state="open")])
    def test_is_any_that_there_is_where_nothing_more_is_asked(self, ticket: Ticket) -> None:
        view = judged(ticket)
        assert (view.state, view.code, view.next) == ("met", "ticket-linked", "")
        assert view.why == f"Linked to {ticket.key}."

    def test_is_of_one_of_the_kinds(self) -> None:
        assert judged(INCIDENT, kinds=["change", "incident"]).state == "met"
        assert judged(INCIDENT, kinds=["change"]).state == "needs-author"
        assert judged(Ticket("X-3", kind="", state="open"), kinds=["change"]).state == "needs-author"

    @pytest.mark.parametrize(("state", "fits"), [("open", INCIDENT), ("closed", CHANGE)])
    def test_is_in_the_state(self, state: str, fits: Ticket) -> None:
        other = CHANGE if fits is INCIDENT else INCIDENT
        assert judged(fits, state=state).state == "met"
        assert judged(other, state=state).state == "needs-author"

    def test_is_one_that_fits_among_others_that_do_not(self) -> None:
        view = judged(CHANGE, INCIDENT, unlike(Ticket("X-3", "", "open"), "missing"), kinds=["incident"])
        assert (view.state, view.why, view.needed, view.given) == ("met", "Linked to INC-1.", 1, 1)

    def test_is_not_one_alone_where_several_are_asked(self) -> None:
        one, both = judged(INCIDENT, min=2), judged(INCIDENT, CHANGE, min=2)
        assert (one.state, one.needed, one.given) == ("needs-author", 2, 1)
        assert (both.state, both.why, both.given) == ("met", "Linked to INC-1 and CHG-2.", 2)

    def test_is_one_however_often_and_in_whatever_letters_it_is_named(self) -> None:
        again = (INCIDENT, Ticket("inc-1", kind="incident", state="open"))
        assert (judged(*again, min=2).state, judged(*again, min=2).given) == ("needs-author", 1)
        assert judged(*again, CHANGE, min=2).why == "Linked to INC-1 and CHG-2."

    def test_says_who_asks_for_it(self) -> None:
        view = judged(INCIDENT)
        assert (view.id, view.kind, view.title, view.rule) == ("ticket:Board", "ticket", "Board", RULE)


class TestATicketThatIsNot:
    def test_is_none_at_all(self) -> None:
        view = judged(kinds=["change"])
        assert (view.state, view.code, view.given) == ("needs-author", "ticket-missing", 0)
        assert (view.why, view.next) == (
            "The declaration names no ticket.", "Name a change ticket under `Tickets`.",
        )  # fmt: skip

    def test_is_one_that_there_is_not_and_its_key_is_named(self) -> None:
        view = judged(CHANGE, unlike(INCIDENT, "missing"), kinds=["incident"])
        assert (view.state, view.code) == ("needs-author", "ticket-missing")
        assert (view.why, view.next) == ("There is no ticket INC-1.", "Correct the key under `Tickets`.")

    def test_is_one_of_another_kind_or_state(self) -> None:
        view = judged(CHANGE, kinds=["incident"], state="open")
        assert (view.state, view.code) == ("needs-author", "ticket-unfit")
        assert (view.why, view.next) == (
            "CHG-2 is not an open incident ticket.", "Name an open incident ticket under `Tickets`.",
        )  # fmt: skip

    def test_is_each_of_several_of_another_kind(self) -> None:
        view = judged(CHANGE, Ticket("CHG-3", "change", "open"), kinds=["incident"])
        assert (view.code, view.next) == ("ticket-unfit", "Name an incident ticket under `Tickets`.")
        assert view.why == "CHG-2 and CHG-3 are not incident tickets."

    def test_is_one_less_than_are_asked_for(self) -> None:
        view = judged(CHANGE, INCIDENT, kinds=["incident"], min=2)
        assert (view.code, view.why) == (
            "ticket-unfit", "2 incident tickets are needed, and only INC-1 can count.",
        )  # fmt: skip

    def test_is_one_that_nobody_has_looked_up(self) -> None:
        facts = some_facts(declaration=a_declaration(tickets=("INC-1",)))
        view = judge_tickets(facts, TicketRequirement(), identity="ticket:Board", title="Board", rule=RULE)
        assert (view.state, view.why) == ("needs-author", "INC-1 is not a ticket.")

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            ({}, "a ticket"),
            ({"kinds": ["incident", "change"]}, "an incident or change ticket"),
            ({"state": "closed"}, "a closed ticket"),
            ({"min": 2}, "2 tickets"),
            ({"min": 3, "kinds": ["change"], "state": "open"}, "3 open change tickets"),
        ],
    )
    def test_is_told_in_words_what_is_wanted(self, wanted: dict[str, Any], words: str) -> None:
        assert judged(**wanted).next == f"Name {words} under `Tickets`."


class TestATrackerThatCouldNotBeAsked:
    def test_leaves_the_matter_open_and_approves_nothing(self) -> None:
        view = judged(unlike(INCIDENT, "unknown"))
        assert (view.state, view.code, view.given) == ("error", "ticket-unreadable", 0)
        assert view.why == "INC-1 could not be looked up, so it is not known whether it is a ticket."
        assert view.next == "Let the gate reach the tracker, or state it with `--ticket KEY=kind:state`."

    def test_leaves_it_open_whatever_kind_and_state_are_asked(self) -> None:
        view = judged(unlike(INCIDENT, "unknown"), kinds=["incident"], state="open")
        assert (view.state, view.why) == (
            "error", "INC-1 could not be looked up, so it is not known whether it is an open incident ticket.",
        )  # fmt: skip

    def test_leaves_it_open_for_several_at_once(self) -> None:
        unread = (unlike(INCIDENT, "unknown"), unlike(CHANGE, "unknown"))
        both = "INC-1 and CHG-2 could not be looked up"
        assert judged(*unread, state="open").why == f"{both}, so it is not known whether they are open tickets."
        assert judged(*unread, accepts_unknown=True).why == f"{both}; the after-review must confirm them."

    def test_is_no_reason_to_call_a_ticket_none(self) -> None:
        view = judged(unlike(INCIDENT, "unknown"), CHANGE, min=3)
        assert view.why == "3 tickets are needed, and only CHG-2 and INC-1 can count."

    def test_may_still_hold_one_of_the_kind_that_somebody_stated(self) -> None:
        stated = unlike(INCIDENT, "unknown", kind="incident")
        assert judged(stated, kinds=["incident"]).state == "error"
        assert judged(stated, kinds=["change"]).code == "ticket-unfit"

    def test_is_of_no_account_where_the_others_are_enough(self) -> None:
        view = judged(unlike(INCIDENT, "unknown"), CHANGE)
        assert (view.state, view.why) == ("met", "Linked to CHG-2.")

    def test_counts_with_those_that_fit(self) -> None:
        assert judged(unlike(INCIDENT, "unknown"), CHANGE, min=2).state == "error"
        assert judged(unlike(INCIDENT, "unknown"), CHANGE, min=3).state == "needs-author"

    def test_is_left_to_the_review_after_an_emergency(self) -> None:
        view = judged(unlike(INCIDENT, "unknown"), accepts_unknown=True)
        assert (view.state, view.code, view.next) == ("met", "ticket-unverified", "")
        assert view.why == "INC-1 could not be looked up; the after-review must confirm it."

    def test_makes_no_ticket_that_there_is_not_pass_in_an_emergency(self) -> None:
        assert judged(unlike(INCIDENT, "missing"), accepts_unknown=True).state == "needs-author"
        assert judged(accepts_unknown=True).state == "needs-author"


class TestAPolicyThatRequiresTickets:
    def test_is_named_with_the_line_that_says_so(self) -> None:
        policies = (a_policy(tickets={"required": True}, lines={"tickets": 7}), a_policy(tickets={"required": True}))
        views = [requirement(decided(policy=policy), "ticket") for policy in policies]
        assert [view.rule for view in views] == [
            RuleRef(name="Tickets", file=".gate/policy.yaml", line=7),
            RuleRef(name="Tickets", file=".gate/policy.yaml", line=0),
        ]
        assert [view.title for view in views] == ["Linked ticket", "Linked ticket"]

    def test_and_only_such_a_policy_holds_a_change_without_one(self) -> None:
        assert decided(policy=a_policy(tickets={"required": True}), signoffs=signed("alice")).state == "needs-author"
        idle = a_policy(tickets={"required": False, "kinds": ["change"]})
        assert decided(policy=idle, signoffs=signed("alice")).state == "approved"

    def test_is_not_content_with_one_that_nobody_could_look_up_whatever_the_label(self) -> None:
        rule = {"name": "Board", "require": {"tickets": {"min": 1}}}
        emergency = {"label": "break-glass", "signoffs": {"person:carol": 1}, "set_by": ["owner"]}
        verdict = decided(
            policy=a_policy(tickets={"required": True}, rules=[rule], emergency=emergency),
            declaration=a_declaration(tickets=("INC-1",)),
            tickets=(unlike(INCIDENT, "unknown"),),
            change=a_change(labels=(Label("break-glass", account_key("alice")),)),
            signoffs=signed("carol"),
        )
        assert [entry.kind for entry in verdict.relaxations] == ["emergency"]
        assert [requirement(verdict, name).state for name in ("ticket", "ticket:Board")] == ["error", "error"]
        assert verdict.state == "error"


class TestAnotherCheck:
    def view(self, *runs: CheckRun, wanted: str = "build@ci") -> RequirementView:
        return judge_check(some_facts(checks=runs), wanted, identity="rule:Board:check", rule=RULE)

    def test_has_passed_where_every_run_of_it_succeeded(self) -> None:
        view = self.view(CheckRun("build", "ci", "success"), CheckRun("build", "ci", "success"))
        assert (view.state, view.code, view.next) == ("met", "check-passed", "")
        assert view.why == "The check `build` of ci passed."
        assert (view.id, view.kind, view.title, view.rule) == ("rule:Board:check", "rule", "Check build", RULE)

    @pytest.mark.parametrize("conclusion", ["failure", "timed_out", "cancelled", "action_required"])
    def test_has_failed_where_one_run_of_it_did(self, conclusion: str) -> None:
        view = self.view(CheckRun("build", "ci", "success"), CheckRun("build", "ci", conclusion))
        assert (view.state, view.code) == ("needs-author", "check-failed")
        assert (view.why, view.next) == ("The check `build` of ci failed on this head.", "Mend what it names.")

    @pytest.mark.parametrize("conclusion", ["", "neutral", "skipped", "stale", "never-heard-of"])
    def test_is_waited_for_where_a_run_of_it_came_to_nothing(self, conclusion: str) -> None:
        view = self.view(CheckRun("build", "ci", "success"), CheckRun("build", "ci", conclusion))
        assert (view.state, view.code) == ("waiting", "check-missing")
        assert view.why == "The check `build` of ci has not succeeded on this head yet."
        assert view.next == "Wait for it, or start it."

    def test_is_waited_for_where_there_is_no_run(self) -> None:
        assert self.view().state == "waiting"

    def test_is_that_of_its_app_and_of_its_name_alone(self) -> None:
        others = (CheckRun("build", "elsewhere", "success"), CheckRun("test", "ci", "success"))
        assert self.view(*others).state == "waiting"
        failed = (CheckRun("build", "elsewhere", "failure"), CheckRun("test", "ci", "failure"))
        assert self.view(CheckRun("build", "ci", "success"), *failed).state == "met"

    def test_may_have_a_name_with_an_at_sign_in_it(self) -> None:
        assert self.view(CheckRun("deploy@eu", "ci", "success"), wanted="deploy@eu@ci").title == "Check deploy@eu"
        assert self.view(CheckRun("deploy@eu", "ci", "success"), wanted="deploy@eu@ci").state == "met"

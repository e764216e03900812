"""The emergency path: what puts it in force, what it needs of its own, and what waits for the review after it."""

import dataclasses
import itertools
from typing import Any

import pytest
from builders_decision import PAYMENTS, decided, requirement, signed, states
from builders_facts import (
    AT,
    HEAD,
    a_change,
    a_commit,
    a_declaration,
    a_file,
    a_policy,
    a_signoff,
    account_key,
    accounts_of,
    some_facts,
)

from gate.core.change.facts import Account, FreezePeriod, Label, OwedReview, Push, Ticket
from gate.core.decide import decide_case
from gate.core.policy.case import Case
from gate.core.policy.model import PolicyDocument
from gate.core.verdict import RuleRef

ROLES = {"commander": ["carol"], "sre": ["erin"]}
BOT = "github:49699333"
OF_OWNERS = {"label": "break-glass", "signoffs": {"owner": 1}}
FREEZE = {"name": "Close", "from": "2026-11-30", "to": "2026-12-04"}
PERIOD = FreezePeriod(0, "2026-11-30T00:00:00Z", "2026-12-05T00:00:00Z")


def an_emergency(*, freezes: Any = (), **fields: Any) -> PolicyDocument:
    """A policy whose emergency path needs one commander, and whose label owners and commanders set."""
    emergency = {"label": "break-glass", "signoffs": {"role:commander": 1}, "set_by": ["owner", "role:commander"]}
    listed = {"freezes": list(freezes)} if freezes else {}
    return a_policy(emergency={**emergency, **fields}, roles=ROLES, **listed)


def labelled(by: str = "alice", label: str = "break-glass", **facts: Any) -> dict[str, Any]:
    """A change under the label."""
    return {"policy": an_emergency(), "change": a_change(labels=(Label(label, account_key(by)),)), **facts}


class TestWhatPutsItInForce:
    def test_every_one_of_its_sign_offs_and_not_only_some(self) -> None:
        policy = an_emergency(signoffs={"role:commander": 1, "role:sre": 1})
        half = decided(**labelled(policy=policy, signoffs=signed("carol")))
        assert (half.state, half.relaxations) == ("waiting", ())
        missing = requirement(half, "emergency:role:sre")
        assert (missing.state, missing.kind, missing.code) == ("waiting", "emergency", "emergency-signoff-missing")
        both = decided(**labelled(policy=policy, signoffs=signed("carol", "erin")))
        assert (both.state, [entry.kind for entry in both.relaxations]) == ("approved", ["emergency"])

    def test_no_other_label(self) -> None:
        assert decided(**labelled(label="trivial", signoffs=signed("carol"))).relaxations == ()

    def test_a_label_of_whoever_signs_off_where_the_policy_names_nobody_else(self) -> None:
        policy = an_emergency(set_by=["role:commander"])
        assert decided(**labelled("carol", policy=policy, signoffs=signed("carol"))).state == "approved"
        assert decided(**labelled("alice", policy=policy, signoffs=signed("carol"))).state == "waiting"
        plain = {"label": "break-glass", "signoffs": {"role:commander": 1}}
        default = a_policy(emergency=plain, roles=ROLES)
        assert decided(**labelled("carol", policy=default, signoffs=signed("carol"))).state == "approved"
        assert decided(**labelled("alice", policy=default, signoffs=signed("carol"))).state == "waiting"

    def test_what_is_missing_of_it_is_told_where_one_owner_signed_and_another_has_not(self) -> None:
        files = (a_file("services/payments/round.py"), a_file("web/page.html"))
        verdict = decided(**labelled(files=files, signoffs=signed("bob")))
        assert [states(verdict)[name] for name in (PAYMENTS, "ownership:web")] == ["met", "waiting"]
        assert states(verdict)["emergency:role:commander"] == "waiting"

    def test_it_waives_ownership_and_says_so_at_the_requirement(self) -> None:
        view = requirement(decided(**labelled(signoffs=signed("carol"))), PAYMENTS)
        assert (view.state, view.code, view.why, view.next, view.who) == (
            "met", "waived", "Waived by the emergency path.", "", (),
        )  # fmt: skip

    def test_it_waives_escalation_as_well(self) -> None:
        rule = {"name": "Ladder", "require": {"escalation": True}}
        emergency = {"label": "break-glass", "signoffs": {"role:commander": 1}, "set_by": ["owner"]}
        policy = a_policy(rules=[rule], roles=ROLES, emergency=emergency)
        assert decided(policy=policy, signoffs=signed("alice")).state != "approved"
        assert decided(**labelled(policy=policy, signoffs=signed("carol"))).state == "approved"


class TestWhoseSignOffsItNeeds:
    def test_the_default_owner_where_nobody_else_owns_what_is_changed(self) -> None:
        policy = a_policy(emergency=OF_OWNERS, default_owner="web")
        change: Any = {"policy": policy, "files": (a_file("scripts/run.sh"),)}
        asked = decided(**labelled("erin", **change))
        assert states(asked)["emergency:owner:unowned"] == "waiting"
        assert decided(**labelled("alice", **change)).relaxations == asked.relaxations == ()
        assert decided(**labelled("erin", **change, signoffs=signed("erin"))).state == "approved"

    def test_one_of_each_component_each_by_its_name(self) -> None:
        policy = a_policy(emergency=OF_OWNERS, default_owner="web")
        files = tuple(map(a_file, ("services/payments/round.py", "web/page.html", "scripts/run.sh")))
        verdict = decided(**labelled(policy=policy, files=files))
        assert [view.title for view in verdict.requirements if view.kind == "emergency"] == [
            "Emergency sign-off for payments-api",
            "Emergency sign-off for web",
            "Emergency sign-off for files without owner",
        ]

    def test_nobody_for_files_that_pass_unasked(self) -> None:
        rule = {"name": "R", "require": {"signoffs": {"role:sre": 1}}}
        policy = a_policy(
            emergency={**OF_OWNERS, "set_by": ["role:commander"]}, unowned="allow", roles=ROLES, rules=[rule]
        )
        files = (a_file("services/payments/round.py"), a_file("scripts/run.sh"))
        verdict = decided(**labelled("carol", policy=policy, files=files, signoffs=signed("alice")))
        assert verdict.state == "approved"
        assert [one.kind for one in verdict.relaxations] == ["emergency", "unowned-allow"]

    @pytest.mark.parametrize(
        ("party", "path", "way"),
        [
            ("backup", "web/x", "Name a backup of web in the ownership records on the base branch."),
            (
                "transfer",
                "web/x",
                "Say to whom web is handed over, under `transfer`, in the ownership records on the base branch.",
            ),
            ("owner", "run.sh", "Give the files an owner on the base branch, or set `default_owner` in the policy."),
        ],
    )
    def test_that_nobody_can_give_says_how_somebody_can(self, party: str, path: str, way: str) -> None:
        policy = an_emergency(signoffs={party: 1}, set_by=["role:commander"])
        verdict = decided(**labelled("carol", policy=policy, files=(a_file(path),)))
        (view,) = (one for one in verdict.requirements if one.id.startswith(f"emergency:{party}"))
        assert (view.code, view.next) == ("no-eligible-owner", way)


class TestWhenItShows:
    def test_in_force_it_is_named_even_where_the_ordinary_path_is_complete(self) -> None:
        verdict = decided(**labelled(signoffs=signed("alice", "carol")))
        assert (verdict.state, [entry.kind for entry in verdict.relaxations]) == ("approved", ["emergency"])
        assert requirement(verdict, "emergency:role:commander").state == "met"

    def test_unfinished_it_holds_up_nothing_that_the_ordinary_path_approves(self) -> None:
        verdict = decided(**labelled(signoffs=signed("alice")))
        assert (verdict.state, verdict.relaxations) == ("approved", ())
        assert "emergency:role:commander" not in states(verdict)

    def test_unfinished_it_says_who_is_missing_where_only_a_freeze_is_in_the_way(self) -> None:
        policy = an_emergency(freezes=[FREEZE])
        verdict = decided(**labelled(policy=policy, freeze_periods=(PERIOD,), signoffs=signed("alice")))
        assert requirement(verdict, "emergency:role:commander").state == "waiting"

    def test_unfinished_it_is_not_offered_for_what_it_cannot_waive(self) -> None:
        acts = (*signed("alice"), a_signoff("bob", "reject"))
        verdict = decided(**labelled(signoffs=acts))
        assert (verdict.state, "emergency:role:commander" in states(verdict)) == ("rejected", False)


class TestWhatItCovers:
    def test_all_files_at_this_very_head(self) -> None:
        case = Case.open(some_facts(**labelled(signoffs=signed("carol"))), at=AT, compiled=None)
        decide_case(case)
        everything = itertools.chain.from_iterable(case.asked)
        (asked,) = [asked for asked in everything if asked.requirement == "emergency:role:commander"]
        assert (asked.subject.id, asked.subject.has_all_files, asked.binds_head) == ("emergency", True, True)

    def test_it_ends_after_the_time_that_the_policy_gives_it(self) -> None:
        policy = an_emergency(expires_after="2h")
        given = labelled(policy=policy, signoffs=signed("carol", at="2026-12-01T11:00:00Z"))
        assert decided("2026-12-01T12:59:59Z", **given).valid_until == "2026-12-01T13:00:00Z"
        assert decided("2026-12-01T13:00:00Z", **given).state == "waiting"


class TestWhatItAsksFor:
    def test_names_the_line_of_the_policy_that_asks_and_line_0_where_that_is_not_known(self) -> None:
        named = an_emergency(tickets={"required": True})
        for lines, line in (({"emergency": 12}, 12), ({}, 0)):
            policy = dataclasses.replace(named, lines=lines)
            verdict = decided(**labelled(policy=policy))
            rules = [requirement(verdict, name).rule for name in ("emergency:role:commander", "ticket:emergency")]
            assert rules == [RuleRef("Emergency", ".gate/policy.yaml", line)] * 2

    def test_is_given_by_the_name_of_emergency_in_a_comment(self) -> None:
        view = requirement(decided(**labelled()), "emergency:role:commander")
        assert [(actor.person, "`/signoff emergency`" in actor.how) for actor in view.who] == [("carol", True)]


class TestItsTicket:
    POLICY = an_emergency(tickets={"required": True, "kinds": ["incident"]})

    def verdict(self, *tickets: Ticket) -> Any:
        declared = a_declaration(tickets=tuple(ticket.key for ticket in tickets))
        given = labelled(policy=self.POLICY, signoffs=signed("carol"), declaration=declared, tickets=tickets)
        return decided(**given)

    def test_is_needed_where_the_policy_says_so(self) -> None:
        verdict = self.verdict()
        assert (verdict.state, verdict.relaxations) == ("needs-author", ())
        assert requirement(verdict, "ticket:emergency").code == "ticket-missing"
        assert self.verdict(Ticket("INC-1", kind="incident", state="open")).state == "approved"

    def test_that_no_tracker_can_confirm_is_left_to_the_review(self) -> None:
        verdict = self.verdict(Ticket("INC-1", kind="incident", state="unknown"))
        assert verdict.state == "approved"
        assert requirement(verdict, "ticket:emergency").code == "ticket-unverified"


class TestABotsEmergency:
    def verdict(self, by: str, *signers: str) -> Any:
        bot = Account(BOT, kind="bot", login="dependabot[bot]")
        change = dataclasses.replace(a_change(labels=(Label("break-glass", account_key(by)),)), author=BOT)
        return decided(
            policy=an_emergency(),
            change=change,
            accounts={**accounts_of("alice", "bob", "carol", "dave", "erin"), BOT: bot},
            commits=(a_commit(author=BOT, committer=BOT),),
            pushers=(Push(BOT, HEAD),),
            signoffs=signed(*signers),
        )

    def test_needs_two_people_the_one_who_set_the_label_included(self) -> None:
        verdict = self.verdict("alice", "carol")
        view = requirement(verdict, "emergency:two-humans")
        assert (verdict.state, view.state, view.kind, view.code, view.given, view.needed, view.next) == (
            "approved", "met", "emergency", "two-humans", 2, 2, "",
        )  # fmt: skip

    def test_is_none_of_one_person_who_set_the_label_and_signed_alone(self) -> None:
        verdict = self.verdict("carol", "carol")
        view = requirement(verdict, "emergency:two-humans")
        assert (verdict.state, verdict.relaxations) == ("waiting", ())
        assert (view.state, view.code, view.given) == ("waiting", "bot-author-needs-two", 1)
        assert view.next == "Ask somebody other than carol, who set the label, for an emergency sign-off."


class TestAnOwedReview:
    OWED = OwedReview(41, "2026-12-01T12:00:00Z", ("payments-api",))

    def verdict(self, at: str, *owed: OwedReview) -> Any:
        return decided(at, signoffs=signed("alice", at="2026-12-01T00:00:00Z"), owed_reviews=owed or (self.OWED,))

    @pytest.mark.parametrize(
        ("at", "state", "until"),
        [
            ("2026-12-01T11:59:59Z", "approved", "2026-12-01T12:00:00Z"),
            ("2026-12-01T12:00:00Z", "waiting", None),
        ],
    )
    def test_is_overdue_from_the_instant_at_which_it_is_due(self, at: str, state: str, until: str | None) -> None:
        verdict = self.verdict(at)
        assert (verdict.state, verdict.valid_until) == (state, until)

    def test_of_several_the_one_due_first_is_named_with_all_that_wait(self) -> None:
        first = OwedReview(43, "2026-11-20T00:00:00Z", ("payments-api", "web"))
        view = requirement(self.verdict(AT, self.OWED, first), "emergency:after-review")
        assert view.kind == "emergency"
        assert "review of #43, which was approved by break-glass, was due on 2026-11-20" in view.why
        assert view.why.endswith("until then payments-api may not change.")

    def test_of_several_due_at_once_the_older_change_is_named(self) -> None:
        for order in ((41, 43), (43, 41)):
            owed = [OwedReview(number, "2026-11-20T00:00:00Z", ("payments-api",)) for number in order]
            view = requirement(self.verdict(AT, *owed), "emergency:after-review")
            assert view.why.startswith("The review of #41")

"""The decision as a whole: what is waived by what, which relaxations are named, and until when a verdict holds."""

import dataclasses
import itertools
import time
from typing import Any

import pytest
from builders_decision import PAYMENTS, decided, requirement, signed, states
from builders_facts import (
    HEAD,
    a_change,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_plan,
    a_policy,
    account_key,
    accounts_of,
    an_ownership,
)

from gate.core.change.facts import Account, Commit, Label, Push
from gate.core.policy.standard_changes import end_of
from gate.core.verdict import PRECEDENCE, Verdict, state_of

BOT, FORGE = "github:49699333", "mail:noreply@github.com"
MODEL = {"name": "Locks", "when": {"only_paths": ["*.lock"]}, "approved_by": "platform", "until": "2027-01-01"}
LOCK = (a_file("services/payments/x.lock"),)
UNOWNED = (a_file("scripts/a.sh"), a_file("scripts/b.sh"))


class TestRelaxationsAreNamed:
    def test_none_where_nothing_was_relaxed(self) -> None:
        assert decided(signoffs=signed("alice"), policy=a_policy(unowned="allow")).relaxations == ()

    def test_unowned_files_that_pass_unasked(self) -> None:
        verdict = decided(files=UNOWNED, policy=a_policy(unowned="allow"))
        assert [(entry.kind, entry.name) for entry in verdict.relaxations] == [("unowned-allow", "unowned: allow")]
        assert verdict.relaxations[0].why == (
            "Nobody owns scripts/a.sh and 1 more, and nobody is asked: the policy says `unowned: allow`."
        )
        one = decided(files=UNOWNED[:1], policy=a_policy(unowned="allow"))
        assert one.relaxations[0].why.startswith("Nobody owns scripts/a.sh, and nobody is asked")

    def test_with_a_bare_codeowners_file_and_no_policy_as_on_the_platform(self) -> None:
        ownership = an_ownership(a_component("web", "web", "/web/"), is_bare_codeowners=True)
        verdict = decided(files=UNOWNED, ownership=ownership, policy=a_policy(file="built-in defaults"))
        assert verdict.state == "approved"
        assert verdict.relaxations[0].why.endswith("nobody is asked: as on the platform.")

    def test_unowned_files_that_block_are_no_relaxation(self) -> None:
        verdict = decided(files=UNOWNED)
        assert (verdict.state, verdict.relaxations) == ("waiting", ())

    def test_a_standard_change_with_its_line_its_end_and_what_it_waives(self) -> None:
        verdict = decided(policy=a_policy(standard_changes=[MODEL]), files=LOCK)
        assert [(entry.kind, entry.name) for entry in verdict.relaxations] == [("standard-change", "Locks")]
        assert verdict.relaxations[0].why == (
            "The standard change `Locks` (.gate/policy.yaml:10), approved by platform until 2027-01-01, "
            "waives: ownership."
        )


class TestAStandardChange:
    def verdict(self, at: str = "2026-12-01T12:00:00Z", **model: Any) -> Verdict:
        rule = {"name": "R", "require": {"signoffs": {"person:carol": 1}}}
        policy = a_policy(standard_changes=[{**MODEL, **model}], rules=[rule])
        return decided(at, policy=policy, files=LOCK)

    def test_waives_what_it_names_and_nothing_besides(self) -> None:
        assert states(self.verdict())["rule:R:person:carol"] == "waiting"
        waived = requirement(self.verdict(), PAYMENTS)
        assert (waived.state, waived.code, waived.why) == ("met", "waived", "Waived by the standard change `Locks`.")
        both = self.verdict(waives=["ownership", "rules"])
        assert (both.state, states(both)["rule:R:person:carol"]) == ("approved", "met")
        assert self.verdict(waives=["rules"]).state == "waiting"

    def test_of_two_the_first_as_written_is_named(self) -> None:
        policy = a_policy(standard_changes=[MODEL, {**MODEL, "name": "Others"}])
        view = requirement(decided(policy=policy, files=LOCK), PAYMENTS)
        assert view.why == "Waived by the standard change `Locks`."

    def test_says_nothing_of_what_is_met_anyway(self) -> None:
        verdict = decided(policy=a_policy(standard_changes=[MODEL]), files=LOCK, signoffs=signed("alice"))
        assert requirement(verdict, PAYMENTS).code == "signed-off"

    def test_ends_at_the_very_instant_and_the_verdict_with_it(self) -> None:
        last = self.verdict("2026-12-31T23:59:59Z", waives=["ownership", "rules"])
        assert (last.state, last.valid_until) == ("approved", "2027-01-01T00:00:00Z")
        assert self.verdict("2027-01-01T00:00:00Z", waives=["ownership", "rules"]).state == "waiting"

    def test_ends_in_utc_unless_it_says_another_offset(self) -> None:
        assert self.verdict(until="2026-12-05T10:00:00").valid_until == "2026-12-05T10:00:00Z"
        assert self.verdict(until="2026-12-05").valid_until == "2026-12-05T00:00:00Z"

    def test_ends_at_the_same_instant_on_every_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "America/New_York")
        time.tzset()
        try:
            assert [end_of("2026-12-05T10:00:00"), end_of("2026-12-05T10:00:00+02:00")] == [
                "2026-12-05T10:00:00Z",
                "2026-12-05T08:00:00Z",
            ]
        finally:
            monkeypatch.undo()
            time.tzset()

    def test_is_no_change_of_the_gates_own_files(self) -> None:
        model = {**MODEL, "when": {"only_paths": ["*"]}}
        policy = a_policy(standard_changes=[model], default_owner="platform")
        files = (a_file(".gate/policy.yaml"), *LOCK)
        verdict = decided(policy=policy, files=files)
        assert (verdict.relaxations, states(verdict)[PAYMENTS]) == ((), "waiting")

    def test_of_components_fits_only_where_all_that_are_touched_fit(self) -> None:
        policy = a_policy(standard_changes=[{**MODEL, "when": {"tier": [3]}}])
        web = a_file("web/page.html")
        assert [entry.name for entry in decided(policy=policy, files=(web,)).relaxations] == ["Locks"]
        assert decided(policy=policy, files=(web, a_file("services/payments/x.py"))).relaxations == ()

    def test_of_files_fits_a_change_that_touches_no_component(self) -> None:
        lock = (a_file("scripts/x.lock"),)
        policy = a_policy(standard_changes=[MODEL], unowned="allow")
        assert [e.kind for e in decided(policy=policy, files=lock).relaxations] == ["standard-change", "unowned-allow"]

    @pytest.mark.parametrize("outer", [{}, {"any": [{"not_": {"tier": [1]}}], "not_": None}])
    def test_that_says_what_components_are_not_fits_no_files_that_nobody_owns(self, outer: dict[str, object]) -> None:
        when = {key: value for key, value in {"not_": {"tier": [1]}, **outer}.items() if value}
        policy = a_policy(standard_changes=[{**MODEL, "when": when}], default_owner="platform")
        web = a_file("web/page.html")
        assert [entry.name for entry in decided(policy=policy, files=(web,)).relaxations] == ["Locks"]
        for files in (UNOWNED, (web, *UNOWNED)):
            assert decided(policy=policy, files=files).relaxations == ()

    def test_whose_line_is_not_known_is_named_with_line_0(self) -> None:
        policy = dataclasses.replace(a_policy(standard_changes=[MODEL]), lines={})
        assert "(.gate/policy.yaml:0)" in decided(policy=policy, files=LOCK).relaxations[0].why

    def test_of_components_fits_no_change_that_touches_none(self) -> None:
        policy = a_policy(standard_changes=[{**MODEL, "when": {"tier": [3]}}], unowned="allow")
        assert [e.kind for e in decided(policy=policy, files=UNOWNED).relaxations] == ["unowned-allow"]


class TestWhoMadeIt:
    """The people whom `authors` of a standard change must cover."""

    def verdict(self, pushers: tuple[Push, ...] | None, *more: Commit, committer: str, author: str = BOT) -> Verdict:
        model = {**MODEL, "when": {"authors": ["dependabot[bot]"]}}
        accounts = {
            **accounts_of("alice", "dave"),
            BOT: Account(BOT, kind="bot", login="dependabot[bot]"),
            FORGE: Account(FORGE, kind="platform", email="noreply@github.com"),
        }
        return decided(
            policy=a_policy(standard_changes=[model]),
            accounts=accounts,
            change=dataclasses.replace(a_change(), author=BOT),
            commits=(a_commit(author=author, committer=committer), *more),
            pushers=pushers,
        )

    def test_the_platforms_own_committer_is_nobody(self) -> None:
        assert [e.name for e in self.verdict(None, committer=FORGE).relaxations] == ["Locks"]

    def test_a_committer_stands_for_a_pusher_only_where_pushers_cannot_be_known(self) -> None:
        dave = account_key("dave")
        assert self.verdict(None, committer=dave).relaxations == ()
        assert [e.name for e in self.verdict((Push(BOT, HEAD),), committer=dave).relaxations] == ["Locks"]

    def test_a_mechanical_merge_was_made_by_nobody(self) -> None:
        dave = account_key("dave")
        merge = a_commit("2" * 40, author=dave, committer=dave, is_mechanical_merge=True)
        for pushers in (None, (Push(BOT, HEAD),)):
            assert [e.name for e in self.verdict(pushers, merge, committer=BOT).relaxations] == ["Locks"]

    def test_whoever_wrote_a_commit_or_pushed_one_made_it_too(self) -> None:
        dave = account_key("dave")
        assert self.verdict((Push(BOT, HEAD), Push(dave, HEAD)), committer=BOT).relaxations == ()
        assert self.verdict((Push(BOT, HEAD),), committer=BOT, author=dave).relaxations == ()


class TestALabelThatRelaxes:
    MODEL = a_policy(standard_changes=[{**MODEL, "when": {"labels": ["trivial"]}}], default_owner="web")

    @pytest.mark.parametrize(("by", "is_relaxed"), [("carol", True), ("erin", True), ("dave", False)])
    def test_is_one_of_an_owner_a_backup_or_the_default_owner(self, by: str, *, is_relaxed: bool) -> None:
        change = a_change(labels=(Label("trivial", account_key(by)),))
        assert bool(decided(policy=self.MODEL, change=change).relaxations) is is_relaxed


class TestTheRisk:
    def terms(self, **facts: Any) -> set[str]:
        return {term.name for term in decided(**facts).risk.terms}

    def test_a_recent_incident_of_a_touched_component_adds_to_it(self) -> None:
        assert "recent_incident" in self.terms(recent_incidents=("payments-api",))
        assert "recent_incident" not in self.terms(recent_incidents=("web",))
        both = (a_file("services/payments/round.py"), a_file("web/page.html"))
        assert "recent_incident" in self.terms(recent_incidents=("web",), files=both)
        assert "recent_incident" not in self.terms(recent_incidents=None)

    def test_a_plan_without_a_way_back_makes_it_high(self) -> None:
        fixed = a_declaration(rollback=a_plan(method="forward-fix"))
        assert decided(declaration=fixed).risk.level == "high"
        assert decided(declaration=a_declaration(rollback=None)).risk.level == "medium"


class TestWhatElseIsAsked:
    def test_tickets_checks_and_escalation_are_part_of_the_whole(self) -> None:
        rule = {"name": "Safe", "require": {"checks": ["build@ci"], "escalation": True}}
        policy = a_policy(rules=[rule], tickets={"required": True})
        verdict = decided(policy=policy, signoffs=signed("alice"))
        open_codes = {view.code for view in verdict.requirements if view.state != "met"}
        assert verdict.state == "needs-author"
        assert {"ticket-missing", "check-missing"} < open_codes


class TestASignOffThatRunsOut:
    def test_bounds_the_verdict_where_only_a_rule_asks_for_it(self) -> None:
        rule = {"name": "Data", "require": {"signoffs": {"role:dba": 1}}}
        policy = a_policy(rules=[rule], roles={"dba": ["carol"]}, signoffs={"expire_after": "30d"})
        verdict = decided(policy=policy, signoffs=signed("carol"))
        assert (verdict.state, verdict.valid_until) == ("waiting", "2026-12-31T11:00:00Z")


class TestSeveralStates:
    def test_of_any_two_the_stronger_holds_in_either_order(self) -> None:
        for strong, weak in itertools.combinations(PRECEDENCE, 2):
            assert state_of([strong, weak]) == state_of([weak, strong]) == strong
        assert PRECEDENCE == ("error", "rejected", "needs-author", "frozen", "waiting", "met")

    def test_all_met_is_approved_and_nothing_asked_at_all_is_an_error(self) -> None:
        assert state_of(["met", "met"]) == "approved"
        assert state_of([]) == "error"

    def test_the_strongest_of_them_is_the_state_of_the_whole(self) -> None:
        no_plan = a_declaration(rollback=None)
        assert decided(declaration=no_plan).state == "needs-author"
        assert decided(declaration=no_plan, files=()).state == "error"
        assert decided().state == "waiting"

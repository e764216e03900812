"""Simulation: what proposed rules would have changed, told by comparing verdicts alone."""

from typing import Any

from builders_decision import signed
from builders_facts import AT, a_component, a_declaration, a_file, a_policy, an_ownership, some_facts

from gate.core.change.facts import Facts
from gate.core.explain.simulation import (
    brief_bytes,
    brief_of,
    json_of,
    markdown_of,
    parse_brief,
    summary_of,
    wait_of,
)
from gate.core.policy.simulate import Effect, Pair, PastChange, Simulation, simulate

TWO = a_policy(signoffs={"each_component": 2})
SECURITY = {"name": "Security", "when": {"paths": ["/services/**"]}, "require": {"signoffs": {"person:carol": 1}}}


def past(facts: Facts, **fields: Any) -> PastChange:
    return PastChange(**{"id": "#7", "title": "Round amounts", "facts": facts, "at": AT, **fields})


def tried(before: Facts, after: Facts, **fields: Any) -> Simulation:
    return simulate([Pair(past(before, **fields), before, after)])


def effect(before: Facts, after: Facts) -> Effect:
    (found,) = tried(before, after).effects
    return found


class TestOneChange:
    def test_is_the_same_under_the_same_rules(self) -> None:
        found = effect(some_facts(), some_facts())
        assert (found.kind, found.why) == ("same", "")

    def test_asks_more_people_where_more_must_sign(self) -> None:
        found = effect(some_facts(), some_facts(policy=TWO))
        assert (found.kind, found.why) == ("more-asked", "Also asked: payments-api.")
        assert (found.before.signoffs, found.after.signoffs) == (1, 2)

    def test_asks_fewer_people_where_fewer_must(self) -> None:
        found = effect(some_facts(policy=TWO), some_facts())
        assert (found.kind, found.why) == ("fewer-asked", "No longer asked: payments-api.")

    def test_asks_others_where_a_component_changes_hands(self) -> None:
        after = an_ownership(a_component("api", "payments", "/services/"))
        found = effect(some_facts(), some_facts(ownership=after))
        assert (found.kind, found.why) == ("asked-otherwise", "Asked: api; no longer asked: payments-api.")

    def test_is_newly_blocked_where_something_holds_it_that_did_not(self) -> None:
        plan = a_policy(rollback={"allow": ["restore-backup"]})
        found = effect(some_facts(), some_facts(policy=plan))
        assert found.kind == "newly-blocked"
        assert found.why == found.after.blocks["rollback"]

    def test_is_newly_blocked_where_nobody_can_end_the_wait(self) -> None:
        three = a_policy(signoffs={"each_component": 9})
        found = effect(some_facts(), some_facts(policy=three))
        assert found.kind == "newly-blocked"
        assert "must sign off" in found.why

    def test_is_newly_blocked_where_its_approval_would_not_do(self) -> None:
        given = signed("alice")
        found = effect(some_facts(signoffs=given), some_facts(signoffs=given, policy=a_policy(rules=[SECURITY])))
        assert (found.kind, found.before.state, found.after.state) == ("newly-blocked", "approved", "waiting")
        assert found.why == "It was approved, and would wait for Security."

    def test_is_newly_free_where_nothing_holds_it_any_more(self) -> None:
        bare = a_declaration(rollback=None)
        none = a_policy(rollback={"required": False})
        found = effect(some_facts(declaration=bare), some_facts(declaration=bare, policy=none))
        assert found.kind == "newly-free"

    def test_is_newly_free_where_nobody_need_sign(self) -> None:
        files = (a_file("docs/a.md"),)
        before = some_facts(files=files, policy=a_policy(default_owner="platform"))
        found = effect(before, some_facts(files=files, policy=a_policy(unowned="allow")))
        assert (found.kind, found.after.state) == ("newly-free", "approved")


class TestTheWait:
    def test_is_estimated_by_the_slowest_who_is_asked(self) -> None:
        slow = some_facts(files=(a_file("web/a.html"),))
        both = some_facts(files=(a_file("services/payments/round.py"), a_file("web/a.html")))
        pairs = [
            Pair(past(some_facts(), waited_minutes=10), some_facts(), some_facts()),
            Pair(past(slow, waited_minutes=600), slow, slow),
            Pair(past(both), both, both),
        ]
        assert [one.before.minutes for one in simulate(pairs).effects] == [10, 600, 600]

    def test_of_who_was_never_asked_is_the_usual_one(self) -> None:
        found = tried(some_facts(), some_facts(policy=a_policy(rules=[SECURITY])), waited_minutes=30)
        assert (found.minutes_before, found.minutes_after) == (30, 30)

    def test_is_unknown_where_nobody_knows_of_any(self) -> None:
        found = tried(some_facts(), some_facts())
        assert (found.minutes_before, wait_of(found)) == (None, "")

    def test_is_none_where_nobody_is_asked(self) -> None:
        free = some_facts(files=(a_file("docs/a.md"),), policy=a_policy(unowned="allow"))
        assert tried(free, free).minutes_after == 0


class TestInWords:
    def test_the_gravest_come_first_and_all_are_counted(self) -> None:
        blocked = some_facts(policy=a_policy(rollback={"allow": ["restore-backup"]}, signoffs={"each_component": 2}))
        web = some_facts(files=(a_file("web/a.html"),), policy=blocked.policy)
        found = simulate(
            [
                Pair(past(some_facts(), id="#1"), some_facts(), some_facts(policy=blocked.policy)),
                Pair(past(web, id="#2"), web, web),
            ]
        )
        assert [one.id for one in found.effects] == ["#1", "#2"]
        assert summary_of(found) == "Of 2 past changes: 1 newly blocked, 1 the same."

    def test_in_brief_changes_are_told_by_number_and_people_and_titles_not_at_all(self) -> None:
        given = signed("alice")
        before = some_facts(signoffs=given)
        brief = brief_of(tried(before, some_facts(signoffs=given, policy=TWO), title="<img> of bob"))
        assert brief.lines == ("newly blocked: #7 (payments-api)",)
        assert "bob" not in brief_bytes(brief).decode()
        assert parse_brief(brief_bytes(brief)) == brief

    def test_names_of_rules_do_nothing_in_markdown(self) -> None:
        odd = {**SECURITY, "name": "<img src=x> @acme/all **Approved**"}
        text = markdown_of(brief_of(tried(some_facts(), some_facts(policy=a_policy(rules=[odd])))))
        assert "<img" not in text
        assert "`@acme/all`" in text
        assert "**Approved**" not in text

    def test_nothing_to_try_on_is_said(self) -> None:
        assert summary_of(simulate(())) == "There is no past change to try this on."

    def test_json_tells_both_sides_of_each_change(self) -> None:
        (change,) = json_of(tried(some_facts(), some_facts(policy=TWO)))["changes"]
        assert change["effect"] == "more-asked"
        assert change["before"]["signoffs"] == {"ownership:payments-api": 1}
        assert change["after"]["signoffs"] == {"ownership:payments-api": 2}

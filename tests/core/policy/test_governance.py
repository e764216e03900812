"""Governance: a rule may ask that touched components can be escalated and that their ownership is reviewed in time."""

import pytest
from builders_decision import decided, requirement, signed
from builders_facts import AT, a_component, a_policy, an_ownership

from gate.core.ownership.records import Contact, EscalationLevel, EscalationPolicy, Vendor
from gate.core.verdict import RequirementView, Verdict

REVIEWED = a_policy(rules=[{"name": "Reviewed", "require": {"review_current": True}}])
ESCALATED = a_policy(rules=[{"name": "Ladder", "require": {"escalation": True}}])


def of_review(reviewed: str | None = None, every: int | None = None, *, at: str = AT) -> Verdict:
    component = a_component("api", "payments", "/services/", reviewed=reviewed, review_every_days=every)
    return decided(at, policy=REVIEWED, ownership=an_ownership(component), signoffs=signed("alice"))


def review(reviewed: str | None = None, every: int | None = None, *, at: str = AT) -> RequirementView:
    return requirement(of_review(reviewed, every, at=at), "rule:Reviewed:review-current")


class TestWhenIsAReviewOverdue:
    def test_on_its_last_day_it_is_in_time_and_a_moment_later_it_is_not(self) -> None:
        current = review("2026-11-01", 30, at="2026-12-01T23:59:59Z")
        assert (current.state, current.code, current.next) == ("met", "review-current", "")
        view = review("2026-11-01", 30, at="2026-12-02T00:00:00Z")
        assert (view.state, view.code) == ("waiting", "review-overdue")
        assert view.why == "The ownership review of api was due on 2026-12-01."

    def test_a_record_that_asks_for_no_review_is_never_overdue(self) -> None:
        assert review("2019-01-01", None).state == "met"

    def test_a_day_that_has_not_come_anywhere_on_earth_is_no_review(self) -> None:
        assert review("2026-12-02", 30, at="2026-12-01T09:59:59Z").why == (
            "The ownership review of api is said to have been held on 2026-12-02, which has not come."
        )
        assert review("2026-12-02", 30, at="2026-12-01T10:00:00Z").state == "met"

    def test_the_verdict_holds_until_the_review_is_due_or_its_day_comes(self) -> None:
        assert of_review("2026-11-15", 30).valid_until == "2026-12-16T00:00:00Z"
        assert of_review("2026-12-05", 30).valid_until == "2026-12-04T10:00:00Z"

    def test_of_several_the_first_by_name_is_told(self) -> None:
        owned = [
            a_component(name, "payments", "/services/", section=name, reviewed=day, review_every_days=1)
            for name, day in (("web", "2026-01-01"), ("api", "2026-02-01"))
        ]
        verdict = decided(policy=REVIEWED, ownership=an_ownership(*owned))
        why = requirement(verdict, "rule:Reviewed:review-current").why
        assert why == "The ownership review of api was due on 2026-02-02."

    def test_of_each_of_two_components_of_one_name_counts(self) -> None:
        for days in (("2026-01-01", "2026-11-30"), ("2026-11-30", "2026-01-01")):
            owned = [
                a_component("web", "web", "/services/", section=section, reviewed=day, review_every_days=30)
                for section, day in zip(("default", "ops"), days, strict=True)
            ]
            verdict = decided(policy=REVIEWED, ownership=an_ownership(*owned))
            why = requirement(verdict, "rule:Reviewed:review-current").why
            assert why == "The ownership review of web was due on 2026-01-31."

    def test_a_record_that_no_rule_speaks_of_is_not_asked(self) -> None:
        policy = a_policy(rules=[{"name": "Reviewed", "when": {"tier": [1]}, "require": {"review_current": True}}])
        owned = (
            a_component("api", "payments", "/services/", tier=1),
            a_component("old", "web", "/services/", section="ops", tier=3, reviewed="2019-01-01", review_every_days=30),
        )
        verdict = decided(policy=policy, ownership=an_ownership(*owned))
        assert requirement(verdict, "rule:Reviewed:review-current").state == "met"


class TestWhatIsAUsableEscalationPolicy:
    @pytest.mark.parametrize(
        ("notify", "on_call", "why"),
        [
            (("person:alice",), {}, ""),
            (("team:payments",), {}, ""),
            (("person:nobody",), {}, "Level 2 of ladder reaches nobody for api."),
            (("person:nobody", "backup"), {}, ""),
            (("vendor:acme",), {}, ""),
            (("vendor:other",), {}, "Level 2 of ladder reaches nobody for api."),
            (("owner:on-call",), {"payments": ("alice",)}, ""),
            (("owner:on-call",), {"payments": ()}, "Level 2 of ladder reaches nobody for api."),
            (("owner:on-call",), {"payments": None}, "Level 2 of ladder reaches nobody for api."),
            (("owner:on-call",), {"web": ("erin",)}, "Level 2 of ladder reaches nobody for api."),
        ],
    )
    def test_every_level_of_it_reaches_somebody(
        self, notify: tuple[str, ...], on_call: dict[str, tuple[str, ...] | None], why: str
    ) -> None:
        levels = [
            EscalationLevel(notify=called, channel="email", acknowledge_within="15m") for called in (("owner",), notify)
        ]
        ownership = an_ownership(
            a_component("api", "payments", "/services/", backup="carol", escalation="ladder"),
            escalations={"ladder": EscalationPolicy(levels=tuple(levels))},
            vendors={"acme": Vendor(name="Acme", contacts=(Contact(channel="email", to="noc@example.com"),))},
        )
        view = requirement(decided(policy=ESCALATED, ownership=ownership, on_call=on_call), "escalation:Ladder")
        expected = ("waiting", "no-escalation", why) if why else ("met", "escalation-usable", view.why)
        assert (view.state, view.code, view.why) == expected

    def test_a_component_without_one_waits_for_its_owner(self) -> None:
        ownership = an_ownership(a_component("api", "payments", "/services/"))
        view = requirement(decided(policy=ESCALATED, ownership=ownership), "escalation:Ladder")
        assert (view.state, view.why) == ("waiting", "api has no escalation policy.")

    def test_each_of_several_touched_components_needs_one(self) -> None:
        level = EscalationLevel(notify=("owner",), channel="email", acknowledge_within="15m")
        ladders = {"ladder": EscalationPolicy(levels=(level,))}
        for names in (("ladder", None), (None, "ladder")):
            owned = [
                a_component(f"c{number}", "payments", "/services/", section=f"s{number}", escalation=name)
                for number, name in enumerate(names)
            ]
            view = requirement(decided(policy=ESCALATED, ownership=an_ownership(*owned, escalations=ladders)),
                               "escalation:Ladder")  # fmt: skip
            assert (view.state, view.why) == ("waiting", f"c{names.index(None)} has no escalation policy.")

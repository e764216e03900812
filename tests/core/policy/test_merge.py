"""A repository may ask for more than its organisation, and for nothing less."""

import dataclasses
from typing import Any

import pytest
from builders_facts import (
    AT,
    PEOPLE,
    a_change,
    a_commit,
    a_component,
    a_file,
    a_policy,
    a_signoff,
    an_ownership,
    some_facts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.facts import CheckRun, Facts, Finding, FreezePeriod, Label, Ticket
from gate.core.decide import decide
from gate.core.errors import InvalidFileError
from gate.core.policy.merge import merge_policies
from gate.core.policy.model import DEFAULT_ALLOWED, Policy, PolicyDocument

RULE = {"name": "R", "require": {"signoffs": {"owner": 2}}}
FREEZE = {"name": "F", "from": "2026-12-01", "to": "2026-12-02"}
STANDARD = {"name": "S", "when": {"paths": ["*.lock"]}, "approved_by": "platform", "until": "2027-01-01"}
EMERGENCY = {"label": "break-glass", "signoffs": {"role:commander": 1}}


def policy(**keys: Any) -> Policy:
    return a_policy(**keys).policy


def merge(organisation: dict[str, Any], repository: dict[str, Any]) -> Policy:
    return merge_policies(policy(**organisation), policy(**repository))


def refused(organisation: dict[str, Any], repository: dict[str, Any], **more: Any) -> list[str]:
    with pytest.raises(InvalidFileError) as raised:
        merge_policies(policy(**organisation), policy(**repository), **more)
    return [f"{fault.line} {fault.code}: {fault.message}" for fault in raised.value.faults]


class TestNames:
    @pytest.mark.parametrize(
        "keys",
        [
            {"rules": [RULE]},
            {"freezes": [FREEZE]},
            {"roles": {"dba": ["carol"]}},
            {"standard_changes": [STANDARD], "delegate": ["standard_changes"]},
            {"emergency": EMERGENCY, "delegate": ["emergency"]},
        ],
    )
    def test_what_the_organisation_defines_cannot_be_redefined(self, keys: dict[str, Any]) -> None:
        mine = {key: value for key, value in keys.items() if key != "delegate"}
        (found,) = refused(keys, mine)
        assert "redefined: the organisation defines" in found

    def test_two_names_stand_side_by_side(self) -> None:
        merged = merge(
            {"rules": [RULE], "freezes": [FREEZE], "roles": {"dba": ["carol"]}},
            {"rules": [{**RULE, "name": "Q"}], "freezes": [{**FREEZE, "name": "G"}], "roles": {"ops": ["erin"]}},
        )
        assert [rule.name for rule in merged.rules] == ["R", "Q"]
        assert [freeze.name for freeze in merged.freezes] == ["F", "G"]
        assert merged.roles == {"dba": ("carol",), "ops": ("erin",)}

    def test_a_repository_does_not_fill_the_empty_role_that_the_organisation_asks(self) -> None:
        asks = {"rules": [{"name": "R", "require": {"signoffs": {"role:security": 1}}}]}
        (found,) = refused(asks, {"roles": {"security": ["dave"]}})
        assert "organisation-role" in found
        assert merge({}, {"roles": {"security": ["dave"]}}).roles == {"security": ("dave",)}

    def test_a_repository_does_not_say_who_lifts_vetoes(self) -> None:
        (found,) = refused({}, {"roles": {"veto-lift": ["dave", "erin"]}})
        assert "organisation-role" in found

    @pytest.mark.parametrize("key", ["default_owner", "policy_owner"])
    def test_an_owner_that_the_organisation_names_stays(self, key: str) -> None:
        assert getattr(merge({key: "platform"}, {}), key) == "platform"
        assert getattr(merge({}, {key: "web"}), key) == "web"
        (found,) = refused({key: "platform"}, {key: "web"})
        assert "redefined" in found

    def test_the_owner_of_the_policy_is_the_default_owner_of_the_organisation(self) -> None:
        assert merge({"default_owner": "platform"}, {}).policy_owner == "platform"


class TestTheStricterHolds:
    @pytest.mark.parametrize(
        ("ours", "theirs", "part", "expected"),
        [
            ({"each_component": 2}, {"each_component": 1}, "each_component", 2),
            ({}, {"each_component": 3}, "each_component", 3),
            ({"from": ["owner", "backup"]}, {"from": ["backup", "role:dba"]}, "from_", ("backup",)),
            ({"sources": ["review", "link"]}, {"sources": ["link", "api"]}, "sources", ("link",)),
            ({"exclude": ["author"]}, {"exclude": ["pusher"]}, "exclude", ("author", "pusher")),
            ({"veto": ["owner"]}, {"veto": ["role:dba"]}, "veto", ("owner", "role:dba")),
            ({"expire_after": "2w"}, {"expire_after": "10d"}, "expire_after", "10d"),
            ({"reauthenticate_within": "15m"}, {"reauthenticate_within": "8h"}, "reauthenticate_within", "15m"),
            ({"expire_after": "2w"}, {}, "expire_after", "2w"),
            ({}, {}, "expire_after", "none"),
            ({}, {"on_push": "invalidate-all"}, "on_push", "invalidate-all"),
        ],
    )
    def test_of_sign_offs(self, ours: dict[str, Any], theirs: dict[str, Any], part: str, expected: object) -> None:
        roles = {"roles": {"dba": ["carol"]}}
        assert getattr(merge({"signoffs": ours, **roles}, {"signoffs": theirs}).signoffs, part) == expected

    @pytest.mark.parametrize(
        ("ours", "theirs", "part", "expected"),
        [
            ({"required": False}, {}, "required", True),
            ({"required": False}, {"required": False}, "required", False),
            ({"allow": ["revert", "manual"]}, {}, "allow", ("revert", "manual")),
            ({}, {"allow": ["forward-fix", "revert"]}, "allow", ("revert",)),
            ({"max_restore_minutes": 30}, {"max_restore_minutes": 60}, "max_restore_minutes", 30),
            ({}, {"max_restore_minutes": 60}, "max_restore_minutes", 60),
            ({"rehearsed": True}, {}, "rehearsed", True),
            ({"rehearsed_by": ["gate", "reported"]}, {}, "rehearsed_by", ("gate",)),
            ({"flag_paths": ["/a", "/b"]}, {"flag_paths": ["/b", "/c"]}, "flag_paths", ("/b",)),
            ({"flag_paths": ["/a"]}, {}, "flag_paths", None),
        ],
    )
    def test_of_the_way_back(self, ours: dict[str, Any], theirs: dict[str, Any], part: str, expected: object) -> None:
        merged = merge({"rollback": ours}, {"rollback": theirs}).rollback
        found = getattr(merged, part)
        assert (set(found) if part == "allow" else found) == (set(expected) if part == "allow" else expected)  # type: ignore[call-overload]

    def test_of_data_loss_each_class_on_its_own(self) -> None:
        losses = ({"public": 10, "internal": 20}, {"public": 20, "internal": 10, "restricted": 5})
        ours, theirs = ({"rollback": {"data_loss_minutes": loss}} for loss in losses)
        found = merge(ours, theirs).rollback.data_loss_minutes
        assert (found.public, found.internal, found.confidential, found.restricted) == (10, 10, 60, 0)

    def test_of_risk_so_that_it_is_reached_as_early(self) -> None:
        merged = merge(
            {"risk": {"weights": {"large": 4, "tier_1": 1}, "medium_from": 3}},
            {"risk": {"weights": {"large": 2}, "high_from": 4}},
        ).risk
        assert merged.weights == {"large": 4, "tier_1": 3}
        assert (merged.medium_from, merged.high_from) == (2, 4)

    def test_of_tickets(self) -> None:
        ours = {"required": True, "kinds": ["change", "incident"], "min": 2}
        theirs = {"required": True, "kinds": ["change", "task"], "state": "open"}
        tickets = merge({"tickets": ours}, {"tickets": theirs}).tickets
        assert (tickets.required, tickets.kinds, tickets.state, tickets.min) == (True, ("change",), "open", 2)
        assert merge({"tickets": ours}, {}).tickets.required
        assert merge({}, {"tickets": theirs}).tickets.required

    def test_of_what_commits_are_asked_about(self) -> None:
        assert merge({}, {"commit_paths": "every-commit"}).commit_paths == "every-commit"

    @pytest.mark.parametrize(
        ("ours", "theirs", "expected"),
        [
            ({}, {"enforcement": "evaluate"}, "active"),
            ({"enforcement": "evaluate"}, {}, "evaluate"),
            ({"enforcement": "evaluate"}, {"enforcement": "active"}, "active"),
        ],
    )
    def test_of_enforcement(self, ours: dict[str, Any], theirs: dict[str, Any], expected: str) -> None:
        assert merge(ours, theirs).enforcement == expected

    def test_branches_are_the_organisations_where_it_names_any(self) -> None:
        assert merge({"branches": ["main"]}, {"branches": ["nothing"]}).branches == ("main",)
        assert merge({}, {"branches": ["release/*"]}).branches == ("release/*",)

    def test_sources_of_ownership_add_up_since_each_is_a_demand(self) -> None:
        assert merge({"sources": ["records"]}, {"sources": ["codeowners"]}).sources == ("records", "codeowners")
        assert merge({}, {}).sources is None


class TestNothingInCommon:
    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ({"signoffs": {"from": ["owner"]}}, {"signoffs": {"from": ["backup"]}}),
            ({"signoffs": {"sources": ["link"]}}, {"signoffs": {"sources": ["review"]}}),
            ({"rollback": {"allow": ["revert"]}}, {"rollback": {"allow": ["manual"]}}),
            (
                {"tickets": {"required": True, "kinds": ["change"]}},
                {"tickets": {"required": True, "kinds": ["incident"]}},
            ),
            (
                {"tickets": {"required": True, "state": "open"}},
                {"tickets": {"required": True, "state": "closed"}},
            ),
        ],
    )
    def test_it_is_a_fault_and_accepts_nobody(self, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
        (found,) = refused(ours, theirs)
        assert "nothing-in-common" in found


class TestRelaxations:
    @pytest.mark.parametrize("keys", [{"standard_changes": [STANDARD]}, {"emergency": EMERGENCY}, {"unowned": "allow"}])
    def test_only_the_organisation_relaxes(self, keys: dict[str, Any]) -> None:
        (kind,) = keys
        (found,) = refused({}, keys)
        assert "not-delegated" in found
        assert getattr(merge(keys, {}), kind) == getattr(policy(**keys), kind)

    @pytest.mark.parametrize("keys", [{"standard_changes": [STANDARD]}, {"emergency": EMERGENCY}, {"unowned": "allow"}])
    def test_what_is_delegated_a_repository_may_relax(self, keys: dict[str, Any]) -> None:
        (kind,) = keys
        merged = merge({"delegate": [kind]}, keys)
        assert getattr(merged, kind) == getattr(policy(**keys), kind)

    def test_a_repository_may_be_stricter_than_a_relaxed_organisation(self) -> None:
        assert merge({"unowned": "allow"}, {"unowned": "block"}).unowned == "block"

    def test_a_repository_delegates_nothing(self) -> None:
        (found,) = refused({}, {"delegate": ["emergency"]})
        assert "delegate" in found


class TestFaults:
    def test_all_are_told_at_once_at_their_lines(self) -> None:
        found = refused(
            {"rules": [RULE], "signoffs": {"from": ["owner"]}},
            {"rules": [RULE], "emergency": EMERGENCY, "signoffs": {"from": ["backup"]}},
            lines={"rules/0": 9, "emergency": 20, "signoffs": 3},
        )
        assert [line.partition(":")[0] for line in found] == ["3 nothing-in-common", "9 redefined", "20 not-delegated"]


PATHS = ["services/payments/a.py", "web/c.html", "web/d/e.html", "scripts/x.sh"]
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "paths": st.lists(st.sampled_from(["/web/", "*.py"]), min_size=1, max_size=2),
        "tier": st.just([1, 3]),
        "risk": st.just(["high"]),
        "touches": st.just(["data-migration"]),
        "labels": st.just(["big"]),
    },
).filter(bool)
REQUIREMENTS = st.sampled_from(
    [
        {"signoffs": {"owner": 2}},
        {"signoffs": {"team:platform": 1}},
        {"rollback": {"allow": ["revert", "manual"]}},
        {"rollback": {"max_restore_minutes": 10}},
        {"tickets": {"kinds": ["change"], "min": 1}},
        {"checks": ["build@ci"]},
    ]
)


def _subset(*items: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(items), min_size=1, unique=True)


SIGNOFFS = st.fixed_dictionaries(
    {},
    optional={
        "each_component": st.integers(1, 2),
        "from": _subset("owner", "backup").map(lambda parties: [*parties, "team:web"]),
        "exclude": _subset("author", "committer", "co-author", "pusher"),
        "sources": _subset("review", "comment").map(lambda channels: [*channels, "link"]),
        "expire_after": st.sampled_from(["30m", "2h", "none"]),
        "veto": _subset("owner", "backup", "team:platform"),
    },
)
ROLLBACKS = st.fixed_dictionaries(
    {},
    optional={
        "required": st.booleans(),
        "allow": _subset(*DEFAULT_ALLOWED).map(lambda methods: [*dict.fromkeys([*methods, "inherit"])]),
        "max_restore_minutes": st.sampled_from([5, 15, 60]),
    },
)
POLICIES = st.fixed_dictionaries(
    {"default_owner": st.just("platform")},
    optional={
        "signoffs": SIGNOFFS,
        "rollback": ROLLBACKS,
        "tickets": st.sampled_from([{"required": True}, {"required": True, "min": 2}, {"kinds": ["incident"]}]),
        "risk": st.sampled_from([{"high_from": 3}, {"weights": {"tier_1": 9}}, {"weights": {"tier_1": 0}}]),
        "frozen": st.just(value=True),
    },
)


@st.composite
def policies(draw: st.DrawFn, name: str) -> PolicyDocument:
    keys = draw(POLICIES)
    rules = [{"name": f"{name}{number}", "require": draw(REQUIREMENTS)} for number in range(draw(st.integers(0, 2)))]
    for rule in rules:
        if draw(st.booleans()):
            rule["when"] = draw(CONDITIONS)
    if keys.pop("frozen", False) and draw(st.booleans()):
        keys["freezes"] = [{"name": name, "from": "2026-11-30", "to": "2026-12-30", "components": {"tier": [1]}}]
    return a_policy(rules=rules, **keys)


@st.composite
def changes(draw: st.DrawFn) -> Facts:
    """A change near the border: most people signed, tickets and checks are mostly there."""
    people = draw(st.lists(st.sampled_from(sorted(PEOPLE)), min_size=2, max_size=5, unique=True))
    decisions = st.sampled_from(["approve"] * 9 + ["reject"])
    signoffs = [
        a_signoff(name, draw(decisions), id=name, reason="no", source=draw(st.sampled_from(["review", "comment"])))
        for name in people
    ]
    files = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=2, unique=True))
    findings = (
        [Finding("data-migration", files[0], "SQL", is_reversible=True, why="Seen.")] if draw(st.booleans()) else []
    )
    tickets = draw(st.lists(st.sampled_from(["change", "incident"]), max_size=2))
    return some_facts(
        files=tuple(a_file(path) for path in sorted(files)),
        ownership=an_ownership(
            a_component("payments-api", ("payments", "erin"), "/services/payments/", backup="platform", tier=1),
            a_component("web", ("web", "alice", "bob"), "/web/", backup="platform", tier=draw(st.integers(2, 3))),
        ),
        signoffs=tuple(signoffs),
        findings=tuple(findings),
        tickets=tuple(Ticket(f"T-{number}", kind, "open") for number, kind in enumerate(tickets)),
        checks=(CheckRun("build", "ci", draw(st.sampled_from(["success", "failure"]))),),
        change=a_change("dave", labels=(Label("big"),) if draw(st.booleans()) else ()),
        commits=(a_commit(by=draw(st.sampled_from(["dave", "dave", "alice"]))),),
    )


def under(facts: Facts, document: PolicyDocument) -> Facts:
    periods = tuple(
        FreezePeriod(number, "2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z")
        for number in range(len(document.policy.freezes))
    )
    return dataclasses.replace(facts, policy=document, freeze_periods=periods)


class TestTheMergeIsNeverLaxer:
    @given(organisation=policies("O"), repository=policies("R"), facts=changes())
    @settings(max_examples=200, deadline=None)
    def test_what_either_refuses_the_merge_refuses(
        self, organisation: PolicyDocument, repository: PolicyDocument, facts: Facts
    ) -> None:
        try:
            merged = merge_policies(organisation.policy, repository.policy)
        except InvalidFileError:
            return  # a conflict approves nothing
        states = [decide(under(facts, one), at=AT).state for one in (organisation, repository)]
        together = decide(under(facts, a_policy_of(merged)), at=AT).state
        assert together != "approved" or states == ["approved", "approved"]

    def test_the_changes_are_near_the_border(self) -> None:
        """A property over changes that are never approved would hold of anything."""
        facts = some_facts(signoffs=(a_signoff("alice"),))
        merged = merge({"default_owner": "platform"}, {"signoffs": {"each_component": 1}})
        assert decide(under(facts, a_policy_of(merged)), at=AT).state == "approved"


def a_policy_of(merged: Policy) -> PolicyDocument:
    return PolicyDocument(merged, lines={f"rules/{number}": number + 1 for number in range(len(merged.rules))})

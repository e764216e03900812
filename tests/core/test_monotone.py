"""More to look at never turns a refused change into an approved one; order and logins change nothing."""

import dataclasses
from typing import Any

from builders_facts import (
    AT,
    PEOPLE,
    a_change,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_plan,
    a_policy,
    a_signoff,
    account_key,
    accounts_of,
    an_ownership,
    some_facts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.facts import Account, Facts, Finding, FreezePeriod, Label, Problem, Push
from gate.core.change.plan_digest import plan_digest
from gate.core.decide import decide
from gate.core.explain.json import verdict_bytes
from gate.core.ownership.records import PersonRecord
from gate.core.ownership.registry import Rule, Section
from gate.core.verdict import state_of

NAMES = sorted(PEOPLE)
PATHS = [
    "services/payments/a.py",
    "services/payments/crypto/b.py",
    "web/c.html",
    "web/d/e.html",
    "docs/f.md",
    ".gate/policy.yaml",
]
PARTIES = ["owner", "backup", "role:dba", "team:platform", "person:erin"]
METHODS = ["revert", "manual", "feature-flag", "migration-downgrade", "forward-fix"]

conditions = st.fixed_dictionaries(
    {},
    optional={
        "paths": st.lists(st.sampled_from(["/web/", "*.py", "**/crypto/**", "/docs/*"]), min_size=1, max_size=2),
        "tier": st.lists(st.integers(1, 4), min_size=1, max_size=2),
        "components": st.lists(st.sampled_from(["payments-api", "web", "docs"]), min_size=1, max_size=2),
        "risk": st.just(["high"]),
        "touches": st.just(["data-migration"]),
        "files_changed": st.sampled_from([">0", ">2"]),
        "labels": st.just(["big"]),
        "branches": st.just(["main"]),
    },
).filter(bool)
requirements = st.one_of(
    st.dictionaries(st.sampled_from(PARTIES), st.integers(1, 2), min_size=1, max_size=2).map(lambda s: {"signoffs": s}),
    st.sampled_from([["revert", "manual"], ["migration-downgrade"]]).map(lambda a: {"rollback": {"allow": a}}),
    st.just({"tickets": {"min": 1}}),
    st.just({"escalation": True}),
)


@st.composite
def rules(draw: st.DrawFn, name: str = "rule") -> dict[str, Any]:
    rule: dict[str, Any] = {"name": f"{name} {draw(st.integers(0, 10**6))}", "require": draw(requirements)}
    if draw(st.booleans()):
        rule["when"] = draw(conditions)
    return rule


def _ownership(draw: st.DrawFn) -> Any:
    return an_ownership(
        a_component("payments-api", "payments", "/services/payments/", tier=draw(st.integers(1, 4)), backup="platform"),
        a_component("web", "web", "/web/", "!/web/d/", tier=3, backup=draw(st.sampled_from([None, "platform"]))),
        a_component("docs", ("alice", "erin"), "/docs/"),
    )


@st.composite
def changes(draw: st.DrawFn) -> Facts:
    """A change near the border: often approved, often one sign-off short."""
    files = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True))
    method = draw(st.sampled_from(METHODS))
    plan = a_plan(method=method, flag="new", reason="cannot", command="alembic")
    policy = a_policy(
        default_owner="platform",
        rules=draw(st.lists(rules(), max_size=2, unique_by=lambda rule: rule["name"])),
        roles={"dba": ["carol"]},
        signoffs={"from": draw(st.sampled_from([["owner"], ["owner", "backup"]]))},
    )
    people = draw(st.lists(st.sampled_from(NAMES), max_size=5))
    signoffs = tuple(
        a_signoff(name, id=f"s{number}", plan_digest=plan_digest(plan)) for number, name in enumerate(people)
    )
    return some_facts(
        files=tuple(a_file(path) for path in sorted(files)),
        ownership=_ownership(draw),
        policy=policy,
        declaration=a_declaration(rollback=plan),
        flag_found=True,
        signoffs=signoffs,
        change=a_change(draw(st.sampled_from(NAMES)), labels=(Label("big"),) if draw(st.booleans()) else ()),
        commits=(a_commit(by=draw(st.sampled_from(NAMES))),),
        pushers=(Push(account_key(draw(st.sampled_from(NAMES)))),),
    )


def _with_rule(draw: st.DrawFn, facts: Facts) -> Facts:
    policy = facts.policy.policy
    more = a_policy(rules=[draw(rules("added"))]).policy.rules
    changed = policy.model_copy(update={"rules": (*policy.rules, *more)})
    return dataclasses.replace(facts, policy=dataclasses.replace(facts.policy, policy=changed))


def _with_section(draw: st.DrawFn, facts: Facts) -> Facts:
    owner = draw(st.sampled_from(["payments", "platform", "web", "alice"]))
    pattern = draw(st.sampled_from(["*", "/web/", "*.py", "/nothing/"]))
    component = a_component("layer", owner, section="layer").component
    ownership = facts.ownership
    section = Section("layer", (Rule(pattern, "records:1", len(ownership.components)),), "records")
    changed = dataclasses.replace(
        ownership, components=(*ownership.components, component), sections=(*ownership.sections, section)
    )
    return dataclasses.replace(facts, ownership=changed)


def _with_file(draw: st.DrawFn, facts: Facts) -> Facts:
    path = draw(st.sampled_from([*PATHS, "scripts/new.sh", "web/late.html"]))
    if path in {file.path for file in facts.files}:
        return facts
    return dataclasses.replace(facts, files=(*facts.files, a_file(path)))


def _with_contributor(draw: st.DrawFn, facts: Facts) -> Facts:
    name = draw(st.sampled_from(NAMES))
    how = draw(st.sampled_from(["push", "commit", "co-author"]))
    if how == "push":
        return dataclasses.replace(facts, pushers=(*(facts.pushers or ()), Push(account_key(name))))
    if how == "commit":
        return dataclasses.replace(facts, commits=(*facts.commits, a_commit(sha="e" * 40, by=name)))
    first = dataclasses.replace(facts.commits[0], co_authors=(account_key(name),))
    return dataclasses.replace(facts, commits=(first, *facts.commits[1:]))


def _with_error(draw: st.DrawFn, facts: Facts) -> Facts:
    code = draw(st.sampled_from(["too-many-files", "undecodable-path"]))
    return dataclasses.replace(facts, problems=(Problem(code, "Cut off.", "Split it."),))


def _with_freeze(draw: st.DrawFn, facts: Facts) -> Facts:
    policy = facts.policy.policy
    freeze = a_policy(freezes=[{"name": "F", "from": "2026-11-01T00:00", "to": "2027-01-01T00:00"}]).policy.freezes
    changed = policy.model_copy(update={"freezes": freeze})
    period = draw(
        st.sampled_from(
            [("2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z"), ("2027-02-01T00:00:00Z", "2027-02-02T00:00:00Z")]
        )
    )
    return dataclasses.replace(
        facts, policy=dataclasses.replace(facts.policy, policy=changed), freeze_periods=(FreezePeriod(0, *period),)
    )


def _with_finding(draw: st.DrawFn, facts: Facts) -> Facts:
    kind = draw(st.sampled_from(["data-migration", "artifact", "infrastructure-destroy", "removed-public-api"]))
    finding = Finding(kind, facts.files[0].path, "SQL", draw(st.sampled_from([True, False, None])), "Seen.")
    return dataclasses.replace(facts, findings=(*facts.findings, finding))


def _with_declared_component(draw: st.DrawFn, facts: Facts) -> Facts:
    name = draw(st.sampled_from(["payments-api", "web", "docs", "unknown"]))
    return dataclasses.replace(facts, declaration=dataclasses.replace(facts.declaration, affects=(name,)))


def _with_rejection(draw: st.DrawFn, facts: Facts) -> Facts:
    name = draw(st.sampled_from(NAMES))
    return dataclasses.replace(facts, signoffs=(*facts.signoffs, a_signoff(name, "reject", id="no", reason="no")))


MORE = {
    "a rule": _with_rule,
    "a section": _with_section,
    "a file": _with_file,
    "a contributor": _with_contributor,
    "an error": _with_error,
    "a freeze": _with_freeze,
    "a finding": _with_finding,
    "a declared component": _with_declared_component,
    "a rejection": _with_rejection,
}


def check_more_never_approves(data: st.DataObject, facts: Facts, what: str) -> None:
    before = decide(facts, at=AT)
    more = data.draw(st.composite(MORE[what])(facts), label=what)
    if decide(more, at=AT).state == "approved":
        assert before.state == "approved", (what, before.summary)


class TestAddingNeverApproves:
    @given(data=st.data(), facts=changes(), what=st.sampled_from(sorted(MORE)))
    @settings(max_examples=400, deadline=None)
    def test_more_of_anything_never_turns_a_refused_change_into_an_approved_one(
        self, data: st.DataObject, facts: Facts, what: str
    ) -> None:
        check_more_never_approves(data, facts, what)

    def test_the_generated_changes_are_approved_often_enough_for_the_property_to_mean_something(self) -> None:
        plan = a_plan()
        facts = some_facts(
            declaration=a_declaration(rollback=plan), signoffs=(a_signoff("alice", plan_digest=plan_digest(plan)),)
        )
        assert decide(facts, at=AT).state == "approved"


relaxing = st.fixed_dictionaries(
    {},
    optional={
        "only_paths": st.lists(st.sampled_from(["/web/", "*.py", "/docs/*", "*"]), min_size=1, max_size=2),
        "tier": st.lists(st.integers(1, 4), min_size=1, max_size=2),
        "components": st.lists(st.sampled_from(["payments-api", "web", "docs"]), min_size=1, max_size=2),
        "labels": st.just(["big"]),
        "files_changed": st.sampled_from(["<3", "<2"]),
        "components_touched": st.just("<2"),
        "author_in": st.just(["team:platform"]),
        "not": st.sampled_from([{"paths": ["/web/"]}, {"components": ["web"]}, {"touches": ["data-migration"]}]),
    },
).filter(bool)


@st.composite
def relaxed_changes(draw: st.DrawFn) -> Facts:
    """A change under a standard change, an emergency or both, with the label that may put them in force."""
    facts = draw(changes())
    waives = st.lists(st.sampled_from(["ownership", "rules", "tickets"]), min_size=1, unique=True)
    model = {"name": "M", "when": draw(relaxing), "approved_by": "platform", "until": "2027-01-01"}
    signoffs = draw(st.sampled_from([{"owner": 1}, {"role:dba": 1}, {"backup": 1, "role:dba": 1}]))
    set_by = draw(st.sampled_from([{}, {"set_by": ["owner"]}, {"set_by": ["role:dba"]}]))
    parts: dict[str, Any] = {
        "standard_changes": [{**model, "waives": draw(waives)}],
        "emergency": {"label": "big", "signoffs": signoffs, **set_by},
    }
    chosen = draw(st.lists(st.sampled_from(sorted(parts)), min_size=1, unique=True))
    added = a_policy(roles={"dba": ["carol"]}, **{key: parts[key] for key in chosen}).policy
    update = {key: getattr(added, key) for key in chosen} | draw(st.sampled_from([{}, {"unowned": "allow"}]))
    policy = facts.policy.policy.model_copy(update=update)
    return dataclasses.replace(
        facts,
        policy=dataclasses.replace(facts.policy, policy=policy),
        change=dataclasses.replace(facts.change, labels=(Label("big", account_key(draw(st.sampled_from(NAMES)))),)),
        accounts=accounts_of(*NAMES),
    )


class TestRelaxationsNeverSpread:
    @given(data=st.data(), facts=relaxed_changes(), what=st.sampled_from(sorted(MORE)))
    @settings(max_examples=400, deadline=None)
    def test_no_more_of_anything_brings_a_refused_change_under_one(
        self, data: st.DataObject, facts: Facts, what: str
    ) -> None:
        check_more_never_approves(data, facts, what)


class TestOrderNeverMatters:
    @given(facts=changes(), data=st.data())
    @settings(max_examples=100, deadline=None)
    def test_permuting_the_inputs_changes_nothing(self, facts: Facts, data: st.DataObject) -> None:
        shuffled = dataclasses.replace(
            facts,
            files=tuple(data.draw(st.permutations(facts.files))),
            signoffs=tuple(data.draw(st.permutations(facts.signoffs))),
            commits=tuple(data.draw(st.permutations(facts.commits))),
            accounts=dict(data.draw(st.permutations(list(facts.accounts.items())))),
        )
        assert decide(shuffled, at=AT) == decide(facts, at=AT)

    @given(facts=changes())
    @settings(max_examples=50, deadline=None)
    def test_the_same_facts_give_the_same_verdict(self, facts: Facts) -> None:
        assert verdict_bytes(decide(facts, at=AT)) == verdict_bytes(decide(facts, at=AT))


class TestTheExplanationSaysWhatWasDecided:
    @given(facts=changes(), data=st.data())
    @settings(max_examples=150, deadline=None)
    def test_the_state_is_the_strongest_of_what_is_shown(self, facts: Facts, data: st.DataObject) -> None:
        facts = data.draw(st.composite(MORE[data.draw(st.sampled_from(sorted(MORE)))])(facts))
        verdict = decide(facts, at=AT)
        assert verdict.state == state_of([view.state for view in verdict.requirements])


class TestLoginsAreForDisplay:
    @given(facts=changes())
    @settings(max_examples=100, deadline=None)
    def test_renaming_all_logins_with_ids_fixed_changes_no_state(self, facts: Facts) -> None:
        renamed = {
            name: PersonRecord(name=r.name, github=f"new-{r.github}", github_id=r.github_id, email=r.email)
            for name, r in facts.ownership.people.items()
        }
        accounts = {
            key: dataclasses.replace(account, login=f"new-{account.login}") for key, account in facts.accounts.items()
        }
        other = dataclasses.replace(
            facts, accounts=accounts, ownership=dataclasses.replace(facts.ownership, people=renamed)
        )
        before, after = decide(facts, at=AT), decide(other, at=AT)
        assert [(r.id, r.state, r.code) for r in before.requirements] == [
            (r.id, r.state, r.code) for r in after.requirements
        ]

    def test_a_recycled_login_with_another_id_is_somebody_else(self) -> None:
        plan = a_plan()
        impostor = {"github:9999": Account("github:9999", login="alice")}
        signoff = a_signoff("alice", account="github:9999", plan_digest=plan_digest(plan))
        facts = some_facts(
            declaration=a_declaration(rollback=plan), accounts={**accounts_of("dave"), **impostor}, signoffs=(signoff,)
        )
        assert decide(facts, at=AT).state == "waiting"

"""Scenarios: a change in short form and what the gate must say to it; the format of `.gate/tests/*.yaml`, version 1."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from gate.core.canonical import digest_of
from gate.core.change.declaration import ChangeType, Declaration, RiskLevel, RollbackPlan, Window
from gate.core.change.facts import (
    Account,
    Change,
    ChangedFile,
    CheckRun,
    Commit,
    Facts,
    Finding,
    FreezePeriod,
    Instant,
    Label,
    Push,
    Rehearsal,
    Repository,
    SignOff,
    Team,
    Ticket,
)
from gate.core.change.plan_digest import plan_digest
from gate.core.ownership.records import Name, RollbackMethod, Text
from gate.core.ownership.registry import Ownership
from gate.core.policy.model import PolicyDocument
from gate.core.strict import Field, Strict
from gate.core.values import dataclass
from gate.core.verdict import RequirementState, State, Verdict

Moment = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        description="An instant in UTC, quoted: `2026-12-24T12:00:00Z`.",
    ),
]
_HEAD = "c" * 40
_BASE = "b" * 40


class ScenarioFile(Strict):
    """One changed file; a plain path stands for a modified one."""

    path: Text
    status: Literal["added", "modified", "deleted", "changed"] = "modified"
    lines: Annotated[int, Field(ge=0)] = 10
    is_binary: bool = Field(default=False, alias="binary")


class ScenarioRollback(Strict):
    """The rollback plan as the gate would understand it."""

    method: RollbackMethod
    steps: tuple[Text, ...] = ()
    verification: Text | None = None
    restore_minutes: int | None = None
    data_impact: Text | None = None
    command: Text | None = None
    flag: Text | None = None
    artifact: Text | None = None
    backup: Text | None = None
    data_loss_minutes: int | None = None
    reason: Text | None = None
    rehearsed: bool = False


class ScenarioFinding(Strict):
    """What the diff of a file shows."""

    path: Text
    kind: Literal["data-migration", "artifact", "infrastructure-destroy", "removed-public-api"]
    tool: Text = "SQL"
    reversible: bool | None = None


class ScenarioChange(Strict):
    """A change in short form; what is not said is ordinary: an owner's colleague, one modified file, a manual plan."""

    author: Text = "author@example.com"
    co_authors: tuple[Text, ...] = ()
    files: Annotated[tuple[Text | ScenarioFile, ...], Field(min_length=1)]
    base: Text = "main"
    title: Text = "A change"
    labels: Mapping[Text, Text | None] = Field(default_factory=dict, description="Label -> who set it.")
    type: ChangeType = "normal"
    risk: RiskLevel | None = None
    environments: tuple[Name, ...] = ()
    affects: tuple[Name, ...] = ()
    tickets: Mapping[Text, Annotated[str, Field(pattern=r"^[a-z-]+:(open|closed|missing|unknown)$")]] = Field(
        default_factory=dict, description="Key -> `kind:state`."
    )
    window: tuple[Moment, Moment] | None = None
    rollback: ScenarioRollback | Literal["none"] = ScenarioRollback(
        method="manual", steps=("redeploy the previous version",), verification="the smoke test", restore_minutes=15
    )
    findings: tuple[ScenarioFinding, ...] = ()
    signoffs: tuple[Text, ...] = Field(default=(), description="`PERSON` or `PERSON:SUBJECT`.")
    rejections: Mapping[Text, Text] = Field(default_factory=dict, description="Person -> reason.")
    checks: Mapping[Text, Text] = Field(default_factory=dict, description="`NAME@APP` -> conclusion.")
    frozen: Mapping[Text, tuple[Moment, Moment]] = Field(
        default_factory=dict, description="Name of a freeze with a calendar -> one of its periods."
    )
    first_contribution: bool = False
    verified: bool = True


class ScenarioExpectation(Strict):
    """What the verdict must say; every part that is named must hold, anything else may be as it is."""

    state: State
    requirements: Mapping[Text, RequirementState] = Field(default_factory=dict)
    codes: tuple[Text, ...] = ()
    asked: tuple[Text, ...] = ()
    summary: Text | None = Field(default=None, description="Words that the summary must hold.")


class Scenario(Strict):
    """One case: a change, the time, and what is expected."""

    name: Text
    at: Moment = "2026-06-01T12:00:00Z"
    change: ScenarioChange
    expect: ScenarioExpectation


class ScenarioCases(Strict):
    """A file of cases."""

    version: Literal[1]
    cases: Annotated[tuple[Scenario, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that the verdict did not say as expected."""

    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}"


def mismatches(expected: ScenarioExpectation, verdict: Verdict) -> list[Mismatch]:
    """Return every part of an expectation that a verdict does not meet."""
    found = [] if verdict.state == expected.state else [Mismatch("state", expected.state, verdict.state)]
    states = {requirement.id: requirement.state for requirement in verdict.requirements}
    for identity, state in expected.requirements.items():
        seen = states.get(identity, "absent")
        if seen != state:
            found.append(Mismatch(identity, state, seen))
    codes = {requirement.code for requirement in verdict.requirements if requirement.state != "met"}
    found += [Mismatch("reason code", code, _listed(codes)) for code in expected.codes if code not in codes]
    asked = {actor.person for requirement in verdict.requirements for actor in requirement.who}
    found += [Mismatch("asked", person, _listed(asked)) for person in expected.asked if person not in asked]
    if expected.summary and expected.summary.casefold() not in verdict.summary.casefold():
        found.append(Mismatch("summary", expected.summary, verdict.summary))
    return found


def _listed(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def facts_of(
    scenario: Scenario, *, ownership: Ownership, policy: PolicyDocument, periods: Sequence[FreezePeriod], engine: str
) -> Facts:
    """Return the facts that a scenario stands for, under the given ownership and policy.

    `periods` are the policy's freeze windows in UTC; those of calendars are taken from the scenario's `frozen`.
    """
    change = scenario.change
    declaration = _declaration(change)
    people = [change.author, *change.co_authors, *(name.partition(":")[0] for name in change.signoffs)]
    people += [*change.rejections, *(name for name in change.labels.values() if name)]
    accounts = {_key(name): _account(name, ownership) for name in dict.fromkeys(people)}
    return Facts(
        engine=engine,
        change=Change(
            repository=Repository(0, "sample/repository", "main"),
            number=0,
            title=change.title,
            author=_key(change.author),
            base_ref=change.base,
            base_sha=_BASE,
            head_sha=_HEAD,
            merge_bases=(_BASE,),
            labels=tuple(Label(name, _key(who) if who else None) for name, who in change.labels.items()),
        ),
        files=tuple(sorted((_file(entry) for entry in change.files), key=lambda file: file.path)),
        commits=(
            Commit(
                _HEAD, _key(change.author), _key(change.author), tuple(map(_key, change.co_authors)), change.verified
            ),
        ),
        accounts=accounts,
        ownership=ownership,
        policy=policy,
        declaration=declaration,
        pushers=(Push(_key(change.author), _HEAD),),
        teams={team.github_team: Team() for team in ownership.teams.values() if team.github_team},
        signoffs=tuple(_signoffs(scenario, plan_digest(declaration.rollback))),
        findings=tuple(_finding(entry) for entry in change.findings),
        rehearsals=_rehearsals(change),
        tickets=tuple(
            Ticket(key, text.partition(":")[0], text.partition(":")[2])  # type: ignore[arg-type]  # by their pattern
            for key, text in change.tickets.items()
        ),
        checks=tuple(
            CheckRun(name.rpartition("@")[0], name.rpartition("@")[2], conclusion)
            for name, conclusion in change.checks.items()
        ),
        freeze_periods=(*periods, *_frozen(change, policy)),
        is_first_contribution=change.first_contribution,
    )


def _key(name: str) -> str:
    return f"mail:{name}" if "@" in name else f"person:{name}"


def _account(name: str, ownership: Ownership) -> Account:
    record = ownership.people.get(name)
    if record is None:
        kind: Literal["user", "bot"] = "bot" if name.endswith("[bot]") else "user"
        return Account(_key(name), kind, login=None if "@" in name else name)
    return Account(name, login=record.github, email=record.email)


def _file(entry: str | ScenarioFile) -> ChangedFile:
    file = entry if isinstance(entry, ScenarioFile) else ScenarioFile(path=entry)
    is_added, is_deleted = file.status == "added", file.status == "deleted"
    blob = digest_of([file.path, file.status])[7:47]
    return ChangedFile(
        path=file.path,
        status=file.status,
        mode="" if is_deleted else "100644",
        base_mode="" if is_added else "100644",
        blob="" if is_deleted else blob,
        base_blob="" if is_added else blob[::-1],
        additions=0 if is_deleted else file.lines,
        deletions=file.lines if is_deleted else 0,
        is_binary=file.is_binary,
    )


def _finding(entry: ScenarioFinding) -> Finding:
    return Finding(entry.kind, entry.path, entry.tool, entry.reversible, f"{entry.tool}: the case says so.")


def _declaration(change: ScenarioChange) -> Declaration:
    plan = None
    if isinstance(change.rollback, ScenarioRollback):
        values = change.rollback.model_dump(exclude={"rehearsed"})
        plan = RollbackPlan(**values, source="scenario")
    return Declaration(
        change_type=change.type,
        risk=change.risk,
        environments=change.environments,
        affects=change.affects,
        tickets=tuple(change.tickets),
        window=Window(*change.window) if change.window else None,
        rollback=plan,
        sources=("scenario",),
    )


def _rehearsals(change: ScenarioChange) -> tuple[Rehearsal, ...]:
    if not isinstance(change.rollback, ScenarioRollback) or not change.rollback.rehearsed:
        return ()
    return (Rehearsal("revert", is_passed=True, head_sha=_HEAD, source="gate", why="The revert restored the base."),)


def _signoffs(scenario: Scenario, plan: str) -> list[SignOff]:
    at: Instant = scenario.at
    found = []
    for number, text in enumerate(scenario.change.signoffs):
        person, _, subject = text.partition(":")
        subjects = (subject,) if subject else ()
        found.append(
            SignOff(f"s{number}", _key(person), "review", "approve", at, commit=_HEAD, base_ref=scenario.change.base,
                    plan_digest=plan, subjects=subjects)
        )  # fmt: skip
    for number, (person, reason) in enumerate(scenario.change.rejections.items()):
        found.append(SignOff(f"r{number}", _key(person), "review", "reject", at, commit=_HEAD, reason=reason))
    return found


def _frozen(change: ScenarioChange, policy: PolicyDocument) -> list[FreezePeriod]:
    numbers = {freeze.name: number for number, freeze in enumerate(policy.policy.freezes)}
    return [FreezePeriod(numbers[name], *period) for name, period in change.frozen.items() if name in numbers]

"""Rollback methods: what each one must state, and what in the diff makes it not enough."""

from collections.abc import Callable, Mapping, Sequence

from gate.core.change.declaration import RollbackPlan
from gate.core.change.facts import Finding
from gate.core.change.paths import quoted, shown
from gate.core.ownership.records import RollbackMethod
from gate.core.ownership.registry import Component
from gate.core.policy.model import DataLossLimits
from gate.core.values import dataclass
from gate.core.verdict import RollbackProblem

_FILES_NAMED = 3
_MIGRATION_TOOLS = (
    "alembic", "manage.py", "django", "rails", "rake", "flyway", "liquibase", "knex", "prisma", "goose", "migrate",
    "sequelize", "typeorm", "dotnet", "dbmate", "sqitch",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MethodCase:
    """One method to be checked, with all that it reckons with.

    `component` is set where the plan is that component's standing playbook rather than the author's own words.
    """

    method: RollbackMethod
    plan: RollbackPlan
    findings: Sequence[Finding]
    components: Sequence[Component]
    flag_found: bool | None
    limits: DataLossLimits
    alternatives: frozenset[str]
    component: Component | None = None

    def name(self, key: str = "method") -> str:
        """Return the method as a sentence names it, with the place where it, or one of its values, is written."""
        if self.component is not None:
            return f"`{self.method}` (the playbook of {shown(self.component.name)}, {shown(self.component.source)})"
        return f"`{self.method}`{place_of(self.plan, key)}"


def check_method(case: MethodCase) -> list[RollbackProblem]:
    """Return everything that is wrong with a method for this change; empty where it holds."""
    return _CHECKS[case.method](case)


def place_of(plan: RollbackPlan, key: str) -> str:
    """Return where a value of the plan is written, as ` (body:5)`; empty where that is not known."""
    line = plan.lines.get(key) or plan.lines.get("method") or plan.line
    if not plan.source:
        return ""
    return f" ({shown(plan.source)}:{line})" if line else f" ({shown(plan.source)})"


def listed(items: Sequence[str], last: str = "and") -> str:
    """Return items as people list them: `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def steps_of(plan: RollbackPlan) -> tuple[str, ...]:
    """Return the steps that say something."""
    return tuple(step for step in plan.steps if is_said(step))


def is_said(text: str | None) -> bool:
    """Return whether a value says anything at all."""
    return text is not None and any(letter.isalnum() for letter in text)


@dataclass(frozen=True, slots=True)
class _Undone:
    """Why taking code back does not undo one kind of finding, and which methods reckon with it."""

    one: str
    several: str
    why: str
    instead: tuple[RollbackMethod, ...]


_NOT_UNDONE: Mapping[str, _Undone] = {
    "data-migration": _Undone(
        "is a data migration",
        "are data migrations",
        "taking back the code does not take back what it did to the data",
        ("migration-downgrade", "restore-backup", "manual"),
    ),
    "artifact": _Undone(
        "publishes an artifact",
        "publish artifacts",
        "what was published stays published",
        ("redeploy-previous", "manual"),
    ),
    "infrastructure-destroy": _Undone(
        "destroys infrastructure",
        "destroy infrastructure",
        "what comes back is new and empty",
        ("restore-backup", "manual"),
    ),
    "removed-public-api": _Undone(
        "removes a public interface",
        "remove public interfaces",
        "callers break or move on in the meantime",
        ("redeploy-previous", "feature-flag", "manual"),
    ),
}


def _check_revert(case: MethodCase) -> list[RollbackProblem]:
    return _not_enough(case, "revert-not-enough", tuple(_NOT_UNDONE))


def _check_redeploy(case: MethodCase) -> list[RollbackProblem]:
    problems = _not_enough(case, "redeploy-not-enough", ("data-migration",))
    has_playbooks = bool(case.components) and all(
        one.rollback is not None and one.rollback.method == "redeploy-previous" for one in case.components
    )
    if not is_said(case.plan.artifact) and not has_playbooks and case.component is None:
        text = (
            f"{case.name()} does not say what to deploy; state `Artifact` (an image or a tag), or give every touched "
            f"component a playbook with this method."
        )
        problems.append(RollbackProblem(code="artifact-missing", text=text))
    return problems


def _not_enough(case: MethodCase, code: str, kinds: Sequence[str]) -> list[RollbackProblem]:
    problems = []
    for kind in kinds:
        found = [finding for finding in case.findings if finding.kind == kind]
        if not found:
            continue
        undone = _NOT_UNDONE[kind]
        instead = [f"`{method}`" for method in undone.instead if method in case.alternatives]
        if kind == "data-migration" and any(finding.is_reversible is not True for finding in found):
            instead = [method for method in instead if method != "`migration-downgrade`"]
        next_step = f"declare {listed(instead, 'or')} instead" if instead else "declare a method that reckons with it"
        does = undone.one if len(found) == 1 else undone.several
        text = f"{case.name()} is not enough, because {_files(found)} {does}: {undone.why}; {next_step}."
        problems.append(RollbackProblem(code=code, text=text))
    return problems


def _files(findings: Sequence[Finding]) -> str:
    """Return the first files of some findings with what was seen in them, and how many more there are."""
    first = findings[:_FILES_NAMED]
    named = [f"{quoted(one.path)} ({shown(one.why).rstrip('.')})" for one in first]
    more = len(findings) - len(first)
    return listed([*named, f"{more} more"] if more else named)


def _check_flag(case: MethodCase) -> list[RollbackProblem]:
    if not is_said(case.plan.flag):
        text = f"{case.name()} does not name the flag; state `Flag` with its name as it stands in the code."
        return [RollbackProblem(code="flag-missing", text=text)]
    if case.flag_found is not True:
        flag = quoted(case.plan.flag or "")
        seen = "does not occur" if case.flag_found is False else "could not be looked for"
        text = (
            f"The flag {flag}{place_of(case.plan, 'flag')} {seen} in the diff or in the paths that the policy names; "
            f"correct its name, or have its file listed under `flag_paths`."
        )
        return [RollbackProblem(code="flag-not-found", text=text)]
    return []


def _check_downgrade(case: MethodCase) -> list[RollbackProblem]:
    problems = []
    steps = steps_of(case.plan)
    names_tool = any(tool in step.lower() for step in steps for tool in _MIGRATION_TOOLS)
    if not is_said(case.plan.command) and not names_tool and not (case.component and steps):
        text = f"{case.name()} names neither tool nor command; state `Command`, such as `alembic downgrade -1`."
        problems.append(RollbackProblem(code="command-missing", text=text))
    stuck = [one for one in case.findings if one.kind == "data-migration" and one.is_reversible is not True]
    if stuck:
        instead = [f"`{one}`" for one in ("restore-backup", "manual", "forward-fix") if one in case.alternatives]
        other = f", or declare {listed(instead, 'or')}" if instead else ""
        text = f"{case.name()} cannot take back {_files(stuck)}; write the down step there{other}."
        problems.append(RollbackProblem(code="migration-irreversible", text=text))
    return problems


def _check_backup(case: MethodCase) -> list[RollbackProblem]:
    problems = []
    plan = case.plan
    if not is_said(plan.backup) and not (case.component and steps_of(plan)):
        text = f"{case.name()} does not say which backup; state `Backup` with its name or schedule."
        problems.append(RollbackProblem(code="backup-missing", text=text))
    if plan.data_loss_minutes is None:
        text = f"{case.name()} does not say how much data is lost; state `Data-loss window`, such as `15 minutes`."
        problems.append(RollbackProblem(code="data-loss-missing", text=text))
        return problems
    limit, reason = _strictest_limit(case)
    if plan.data_loss_minutes > limit:
        text = (
            f"{case.name('data_loss_minutes')} loses {minutes(plan.data_loss_minutes)} of data, and {reason} allows "
            f"{minutes(limit)}; name a newer backup, or declare another method."
        )
        problems.append(RollbackProblem(code="data-loss-too-long", text=text))
    return problems


def _strictest_limit(case: MethodCase) -> tuple[int, str]:
    """Return how many minutes of data may be lost, and what says so.

    SECURITY: a component without a data class counts as the strictest class of the policy, since unknown data may be
    the most precious; recording `data_class` is what relaxes it.
    """
    limits: Mapping[str, int] = case.limits.model_dump()
    unknown = min(limits.values())
    judged = []
    for one in case.components:
        if one.data_class is None:
            judged.append((unknown, f"{shown(one.name)}, which has no `data_class` in the records,"))
        else:
            judged.append(
                (limits.get(one.data_class, unknown), f"{shown(one.name)} (data class `{shown(one.data_class)}`)")
            )
    return min(judged, key=lambda entry: entry[0], default=(unknown, "data of no known component"))


def minutes(count: int) -> str:
    """Return a number of minutes as people read it."""
    return "1 minute" if count == 1 else f"{count} minutes"


def _check_forward_fix(case: MethodCase) -> list[RollbackProblem]:
    if is_said(case.plan.reason):
        return []
    text = f"{case.name()} does not say why no way back exists; state `Reason`."
    return [RollbackProblem(code="reason-missing", text=text)]


def _check_manual(case: MethodCase) -> list[RollbackProblem]:
    plan = case.plan
    problems = []
    if not steps_of(plan):
        text = f"{case.name()} has no steps; number at least one thing to do under `Steps`."
        problems.append(RollbackProblem(code="steps-missing", text=text))
    if plan.is_prose and case.component is None:
        return problems
    if not is_said(plan.verification):
        text = f"{case.name()} does not say how to tell that it worked; state `Verification`."
        problems.append(RollbackProblem(code="verification-missing", text=text))
    if plan.restore_minutes is None:
        problems.append(restore_time_missing(case.name()))
    return problems


def restore_time_missing(name: str) -> RollbackProblem:
    """Return the problem of a plan that does not say how long it takes."""
    text = f"{name} does not say how long it takes; state `Time to restore`, such as `15 minutes`."
    return RollbackProblem(code="restore-time-missing", text=text)


def _check_inherit(case: MethodCase) -> list[RollbackProblem]:
    """Refuse a playbook that itself inherits: `inherit` is resolved before, and only one level deep."""
    text = f"{case.name()} leads to no method; record one that can be carried out in the component's playbook."
    return [RollbackProblem(code="playbook-circular", text=text)]


_CHECKS: Mapping[RollbackMethod, Callable[[MethodCase], list[RollbackProblem]]] = {
    "revert": _check_revert,
    "redeploy-previous": _check_redeploy,
    "feature-flag": _check_flag,
    "migration-downgrade": _check_downgrade,
    "restore-backup": _check_backup,
    "forward-fix": _check_forward_fix,
    "manual": _check_manual,
    "inherit": _check_inherit,
}

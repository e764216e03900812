"""Examining: looks at every repository that the gate guards, and judges what stands between a change and its branch."""

from collections.abc import Iterator, Sequence

from gate.core.change.facts import Instant
from gate.core.counting import count_of
from gate.core.errors import GateError, InvalidFileError
from gate.core.examination import Finding
from gate.core.forge.snapshot import ForgeRepository
from gate.core.values import dataclass
from gate.usecases.examine_calendars import examine_calendars
from gate.usecases.forge_ports import Forge, GoneError, Protection
from gate.usecases.gate import EVALUATE_SUFFIX
from gate.usecases.load_rules import BUILT_IN, Rules, load_policy, load_rules, sentences_of
from gate.usecases.ports import Readers, Tree

MOST_REPOSITORIES = 500
_SENTENCES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What is looked at, and when: the repositories named `owner/name`, or all."""

    forge: Forge
    readers: Readers
    check_name: str
    at: Instant
    config: str = ".gate"
    names: Sequence[str] = ()


def examine_organisation(round_: Round, name: str) -> Finding:
    """Return whether the organisation's policy, in a repository `owner/name`, can be read and is valid."""
    area = f"organisation's policy in {name}"
    try:
        found = round_.forge.find(name)
        if found is None:
            step = "Install the app on it, or correct GATE_CONFIG_REPOSITORY; until then nothing is approved."
            return Finding("fail", area, "The gate is not installed on it.", step)
        access = round_.forge.access(found.key, installation=found.installation, name=found.name)
        tree = access.commit_tree(access.branch_tip(found.default_branch))
        document = load_policy(tree, readers=round_.readers, config=round_.config)
    except InvalidFileError as error:
        said = " ".join(sentences_of(error)[:_SENTENCES])
        return Finding("fail", area, f"It is not valid: {said}", "Mend it; until then nothing is approved.")
    except GateError as error:
        return unreached(area, error)
    if document is BUILT_IN:
        return Finding("warn", area, f"There is no {round_.config}/policy.yaml.", "Write one, or unset the setting.")
    return Finding("ok", area, "It is valid.")


def examine_repositories(round_: Round) -> Iterator[Finding]:
    """Yield the findings of every repository of a round, one repository after the other."""
    count = 0
    for found in _repositories(round_):
        if isinstance(found, Finding):
            yield found
            continue
        count += 1
        if count > MOST_REPOSITORIES:
            said = f"Only the first {MOST_REPOSITORIES} repositories were looked at."
            yield Finding("fail", "repositories", said, "Look at others by --repository.", is_unreached=True)
            return
        yield from _examine_repository(found, round_)
    if not count:
        said = "The gate is installed on no repository, so nothing is guarded."
        yield Finding("fail", "repositories", said, "Install the app on the repositories that it shall guard.")


def examine_deliveries(forge: Forge, since: Instant) -> Iterator[Finding]:
    """Yield whether webhooks arrived since a time."""
    area = "webhooks"
    try:
        failed = sorted(forge.failed_deliveries(since), key=lambda delivery: delivery.delivered_at)
    except GateError as error:
        yield unreached(area, error)
        return
    if not failed:
        yield Finding("ok", area, f"No webhook since {since} failed for good.")
        return
    last = failed[-1]
    were = "was" if len(failed) == 1 else "were"
    said = (
        f"{count_of(len(failed), 'webhook')} since {since} {were} never accepted, "
        f"the last one `{last.event}` at {last.delivered_at}."
    )
    step = "Look whether GATE_BASE_URL can be reached from GitHub and the secrets agree; the sweep asks for them again."
    yield Finding("fail", area, said, step)


def judge_protection(
    protection: Protection, *, area: str, branch: str, check: str, app_id: int | None, is_evaluated: bool = False
) -> Iterator[Finding]:
    """Yield what a branch's protection is worth. What cannot be seen is never taken for good."""
    if not protection.is_required:
        yield _not_required(protection, area, branch, check, is_evaluated=is_evaluated)
        return
    yield Finding("ok", area, f"{branch} demands the check `{check}`.")
    if protection.why:
        yield Finding("warn", area, f"Not all of {branch}'s protection can be seen. {protection.why}", _SEE)
    yield _pin(protection, area, app_id)
    yield _judged(
        area,
        protection.covers_admins,
        good="Administrators need the check as well.",
        bad="Administrators may merge without the check.",
        mend="Include administrators in the protection, and empty the bypass list of the ruleset.",
        what="whether administrators are included",
    )
    forbids = None if protection.allows_force_push is None else not protection.allows_force_push
    yield _judged(
        area,
        forbids,
        good=f"{branch} cannot be force-pushed.",
        bad=f"{branch} can be force-pushed, past the policy and records that govern it.",
        mend="Forbid force pushes.",
        what="whether force pushes are forbidden",
    )
    if protection.uses_queue is None:
        yield Finding("warn", area, "It cannot be seen whether there is a merge queue.", _SEE)
    else:
        said = "There is a merge queue; its groups are judged." if protection.uses_queue else "There is no merge queue."
        yield Finding("ok", area, said)


_SEE = "Give the app `administration: read`, and look again."


def unreached(area: str, error: GateError) -> Finding:
    """Return the finding that something could not be looked at."""
    return Finding("fail", area, error.message, error.next_step, is_unreached=True)


def _repositories(round_: Round) -> Iterator[ForgeRepository | Finding]:
    try:
        if not round_.names:
            yield from round_.forge.installed_repositories()
            return
        for name in round_.names:
            found = round_.forge.find(name)
            step = "Install the app on it, or correct its name."
            yield found or Finding("fail", name, "The gate is not installed on it.", step)
    except GateError as error:
        yield unreached("repositories", error)


def _examine_repository(repository: ForgeRepository, round_: Round) -> Iterator[Finding]:
    area, branch = repository.name, repository.default_branch
    access = round_.forge.access(repository.key, installation=repository.installation, name=repository.name)
    is_evaluated = False
    try:
        tree = access.commit_tree(access.branch_tip(branch))
        rules = load_rules(tree, readers=round_.readers, config=round_.config, repository=area)
        calendars = [*_calendars(tree, rules, area, round_)]
    except GoneError as error:
        yield Finding(
            "fail", area, f"{branch} cannot be read: {error.message}", "Push a first commit.", is_unreached=True
        )
        return
    except InvalidFileError as error:
        said = " ".join(sentences_of(error)[:_SENTENCES])
        step = "Mend it; `gate lint` shows all. Until then the last valid rules hold, and no change is approved."
        yield Finding("fail", area, f"The rules of {branch} are not valid: {said}", step)
    except GateError as error:
        yield unreached(area, error)
        return
    else:
        is_evaluated = rules.policy.policy.enforcement == "evaluate"
        yield from _judge_rules(rules, area, branch, round_.config)
        yield from calendars
    check = round_.check_name + (EVALUATE_SUFFIX if is_evaluated else "")
    try:
        protection = access.protection(branch, check)
    except GateError as error:
        yield unreached(area, error)
        return
    yield from judge_protection(
        protection,
        area=area,
        branch=branch,
        check=check,
        app_id=round_.forge.app_id(),
        is_evaluated=is_evaluated,
    )


def _calendars(tree: Tree, rules: Rules, area: str, round_: Round) -> Iterator[Finding]:
    return examine_calendars(
        tree, rules.ownership, area=area, readers=round_.readers, at=round_.at, config=round_.config
    )


def _judge_rules(rules: Rules, area: str, branch: str, config: str) -> Iterator[Finding]:
    if rules.policy is BUILT_IN:
        said = f"{branch} has no {config}/policy.yaml: the built-in defaults hold."
        yield Finding("warn", area, said, "Write one; `gate init` begins it.")
    else:
        yield Finding("ok", area, f"The policy of {branch} is valid.")
    if not rules.ownership.components and not rules.ownership.sections:
        said = f"{branch} says nowhere who owns what."
        yield Finding("warn", area, said, "Write records or a CODEOWNERS file; `gate init` begins them.")
    if rules.policy.policy.enforcement == "evaluate":
        said = "The policy only evaluates: it says what it would decide and holds nothing up."
        yield Finding("warn", area, said, "Set `enforcement: active` when you trust it.")


def _not_required(protection: Protection, area: str, branch: str, check: str, *, is_evaluated: bool) -> Finding:
    if is_evaluated and not protection.why:
        return Finding(
            "ok", area, f"{branch} does not demand `{check}`, which is right while the policy only evaluates."
        )
    if protection.why:
        said = f"It cannot be seen whether {branch} demands the check `{check}`. {protection.why}"
        return Finding("fail", area, said, _SEE, is_unreached=True)
    said = f"{branch} does not demand the check `{check}`: every change can be merged unsigned."
    step = (
        "Add it to the required checks, from this app only. An Action in `standalone` mode is advisory unless the"
        " organisation requires its workflow from a protected repository."
    )
    return Finding("fail", area, said, step)


def _pin(protection: Protection, area: str, app_id: int | None) -> Finding:
    pinned = protection.pinned_app
    if app_id is None:
        said = "With a plain token the check is not this gate's alone: others can write one of its name."
        return Finding("warn", area, said, "Use an app, and demand the check from it.")
    if pinned is None:
        said = "The check may come from any app: whoever may write checks or commit statuses can make it green."
        return Finding("fail", area, said, f"Demand it from this app (id {app_id}) only.")
    if pinned != app_id:
        said = f"The check must come from app {pinned}, which is not this one ({app_id}): it can never turn green."
        return Finding("fail", area, said, f"Demand it from app {app_id}.")
    return Finding("ok", area, "The check must come from this app.")


def _judged(area: str, answer: bool | None, *, good: str, bad: str, mend: str, what: str) -> Finding:  # noqa: FBT001  # a logic of three values
    if answer is None:
        return Finding("warn", area, f"It cannot be seen {what}.", _SEE)
    return Finding("ok", area, good) if answer else Finding("fail", area, bad, mend)

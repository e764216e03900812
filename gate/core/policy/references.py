"""References: which teams of the forge a decision on some files can ask for, so that only those are read."""

from collections.abc import Iterable, Iterator, Sequence

from gate.core.ownership.registry import Component
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.ownership.teams import is_team_of_forge, within
from gate.core.policy.model import Condition, Policy, Requirement


def teams_of_forge(
    index: OwnershipIndex,
    policy: Policy,
    *,
    paths: Sequence[str],
    led_to: Sequence[str] = (),
    declared: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return every `organisation/team` that can be asked for a change of these files, sorted.

    Those of the policy are all returned, whatever their rules match. `led_to` is what `places_led_to` returns.
    """
    ownership = index.ownership
    numbers = {number for path in (*paths, *led_to) for number in index.components_of(path)}
    numbers |= {number for path in led_to for number in index.components_of(path, as_folder=True)}
    names = frozenset(declared)
    touched = [c for number, c in enumerate(ownership.components) if number in numbers or c.name in names]
    reached = within([*_of_policy(policy), *_of_components(touched)], ownership.teams)
    return tuple(sorted({one[1:] for one in reached if is_team_of_forge(one)}))


def conditions_of(policy: Policy) -> Iterator[Condition]:
    """Yield every condition of a policy, nested ones included."""
    todo = [rule.when for rule in policy.rules if rule.when] + [model.when for model in policy.standard_changes]
    while todo:
        condition = todo.pop()
        yield condition
        todo += [*(condition.any or ()), *(condition.all or ()), *([condition.not_] if condition.not_ else [])]


def _of_components(components: Iterable[Component]) -> Iterator[str]:
    for component in components:
        yield from component.owners
        if component.backup:
            yield component.backup
        if component.transfer:
            yield component.transfer.to


def _of_policy(policy: Policy) -> Iterator[str]:
    yield from (name for name in (policy.default_owner, policy.policy_owner) if name)
    parties = [*policy.signoffs.from_, *policy.signoffs.veto]
    for rule in policy.rules:
        parties += _asked(rule.require)
    for condition in conditions_of(policy):
        parties += condition.author_in or ()
    if policy.emergency:
        parties += [*policy.emergency.signoffs, *(policy.emergency.set_by or ())]
    yield from (model.approved_by for model in policy.standard_changes)
    yield from (party.partition(":")[2] for party in parties if party.startswith(("team:", "person:")))
    for members in policy.roles.values():
        yield from (member.removeprefix("team:").removeprefix("person:") for member in members)


def _asked(require: Requirement) -> list[str]:
    return [*(require.signoffs or ()), *(party for part in require.any_of or () for party in _asked(part))]

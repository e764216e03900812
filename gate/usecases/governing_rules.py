"""Governing rules: a branch's own rules under the floor of the default branch and the organisation's policy."""

from dataclasses import replace
from typing import TypeVar

from gate.core.errors import InvalidFileError
from gate.core.policy.model import Freeze, Policy, PolicyDocument, Rule
from gate.usecases.load_rules import BUILT_IN, Rules, sentences_of

Item = TypeVar("Item", Rule, Freeze)
_NAMED = ("rules", "freezes", "standard_changes")


def under_floor(rules: Rules, floor: Rules) -> Rules:
    """Return the rules of a branch that is not the default one: at least as strict as the default branch's.

    `branches` and every relaxation are the default branch's alone, so that a branch of one's own can only tighten
    (R22). Where the two cannot be put together, the floor holds and the reason stands in `broken`.
    """
    broken = tuple(dict.fromkeys((*rules.broken, *floor.broken)))
    if rules.policy is BUILT_IN or rules.policy.policy == floor.policy.policy:
        return Rules(floor.policy, rules.ownership, broken)
    from gate.core.policy.merge import merge_policies

    lower = floor.policy.policy
    upper = _only_tightening(rules.policy.policy, lower)
    try:
        merged = merge_policies(lower, upper, file=rules.policy.file, lines=rules.policy.lines)
    except InvalidFileError as error:
        return Rules(floor.policy, rules.ownership, (*broken, *sentences_of(error)))
    return Rules(_document(merged, rules.policy), rules.ownership, broken)


def under_organisation(rules: Rules, organisation: PolicyDocument) -> Rules:
    """Return rules under an organisation's policy; what conflicts with it stands in `broken`."""
    if rules.policy is BUILT_IN:
        return replace(rules, policy=organisation)
    from gate.core.policy.merge import merge_policies

    own = rules.policy
    try:
        merged = merge_policies(organisation.policy, own.policy, file=own.file, lines=own.lines)
    except InvalidFileError as error:
        return Rules(organisation, rules.ownership, (*rules.broken, *sentences_of(error)))
    return replace(rules, policy=_document(merged, own))


def _only_tightening(policy: Policy, floor: Policy) -> Policy:
    """Return a branch's policy without what the floor says already, and without anything that relaxes it."""
    updates: dict[str, object] = {
        "rules": tuple(_apart(rule, floor.rules) for rule in policy.rules if rule not in floor.rules),
        "freezes": tuple(_apart(freeze, floor.freezes) for freeze in policy.freezes if freeze not in floor.freezes),
        "standard_changes": (),
        "emergency": None,
        "delegate": None,
        "branches": None,
        "default_owner": None,
        "policy_owner": None,
        "roles": {name: members for name, members in policy.roles.items() if name not in floor.roles},
    }
    if floor.unowned == "block":
        updates["unowned"] = "block"
    return policy.model_copy(update=updates)


def _apart(item: Item, others: tuple[Item, ...]) -> Item:
    """Return an item under a name that none of the others has."""
    if item.name not in {other.name for other in others}:
        return item
    return item.model_copy(update={"name": f"{item.name} (on this branch)"})


def _document(merged: Policy, own: PolicyDocument) -> PolicyDocument:
    """Return a merged policy with the lines of what the repository itself wrote."""
    lines = {key: line for key, line in own.lines.items() if "/" not in key}
    for kind in _NAMED:
        written = {item.name: own.lines.get(f"{kind}/{n}", 0) for n, item in enumerate(getattr(own.policy, kind))}
        for number, item in enumerate(getattr(merged, kind)):
            if line := written.get(item.name):
                lines[f"{kind}/{number}"] = line
    return PolicyDocument(merged, own.file, lines)

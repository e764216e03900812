"""Colleagues: who may sign off on the same as somebody, by records and policy alone, without any change."""

from collections.abc import Iterator, Mapping

from gate.core.change.facts import Account, AccountKey, Change, Facts, PersonKey, Repository, Team
from gate.core.ownership.registry import Ownership
from gate.core.policy.model import Policy, PolicyDocument, Requirement
from gate.core.signoff.people import Directory, People, people_of

_OF_COMPONENTS = frozenset({"owner", "backup", "transfer"})


def colleagues_of(
    account: AccountKey,
    *,
    ownership: Ownership,
    policy: PolicyDocument,
    teams: Mapping[str, Team],
    accounts: Mapping[AccountKey, Account],
) -> dict[AccountKey, str]:
    """Return the accounts of all who are in a circle with somebody, with the names that people know them by.

    A circle is who may sign off on one component, or on what one rule asks. Nobody is their own colleague.
    """
    directory = Directory(facts_of_no_change(ownership, policy, teams, accounts))
    person = _person_of(account, ownership, accounts)
    found: set[PersonKey] = set()
    for circle in _circles(directory, ownership, policy.policy):
        if person in circle.members:
            found |= circle.members
    named = {_account_of(one, ownership): directory.display(one) for one in found - {person}}
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _circles(directory: Directory, ownership: Ownership, policy: Policy) -> Iterator[People]:
    for component in ownership.components:
        yield people_of([directory.party(party, component) for party in policy.signoffs.from_])
    for rule in policy.rules:
        yield from (directory.party(party) for party in _parties(rule.require) if party not in _OF_COMPONENTS)
    for owner in (policy.default_owner, policy.policy_owner):
        yield directory.behind(owner) if owner else People()


def _parties(require: Requirement) -> Iterator[str]:
    yield from require.signoffs or ()
    for part in require.any_of or ():
        yield from _parties(part)


def _person_of(account: AccountKey, ownership: Ownership, accounts: Mapping[AccountKey, Account]) -> PersonKey:
    named = (name for name, record in ownership.people.items() if record.account == account)
    known = accounts.get(account)
    return next(named, known.person if known else account)


def _account_of(person: PersonKey, ownership: Ownership) -> AccountKey:
    record = ownership.people.get(person)
    if record is not None and record.account is not None:
        return record.account
    return f"person:{person}" if record is not None else person


def facts_of_no_change(
    ownership: Ownership, policy: PolicyDocument, teams: Mapping[str, Team], accounts: Mapping[AccountKey, Account]
) -> Facts:
    """Return facts of no change at all: who is who is all that is asked of them."""
    change = Change(Repository(0, ""), 0, "", "", "", "", "", ())
    return Facts("", change, (), (), accounts, ownership, policy, teams=teams)

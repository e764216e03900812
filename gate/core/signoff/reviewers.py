"""Reviewers: who may confirm the ownership record of a component: its owner's people, and its backup's."""

from collections.abc import Mapping

from gate.core.change.facts import Account, AccountKey, PersonKey, Team
from gate.core.ownership.registry import Component, Ownership
from gate.core.policy.model import PolicyDocument
from gate.core.signoff.colleagues import facts_of_no_change
from gate.core.signoff.people import Directory, People
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Who is accountable for a component, and its backup: either may confirm its record."""

    owners: People
    backups: People

    def may_confirm(self, person: PersonKey) -> bool:
        """Return whether somebody may confirm the record."""
        return person in self.owners.members or person in self.backups.members


def reviewers_of(
    component: Component,
    *,
    ownership: Ownership,
    policy: PolicyDocument,
    teams: Mapping[str, Team],
    accounts: Mapping[AccountKey, Account],
) -> Reviewers:
    """Return who may confirm the record of a component. A team that cannot be read entitles its known members only."""
    directory = Directory(facts_of_no_change(ownership, policy, teams, accounts))
    return Reviewers(directory.party("owner", component), directory.party("backup", component))

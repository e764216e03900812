"""Teams now: the members of the forge's teams that some components name, without any change."""

from collections.abc import Iterable

from gate.core.change.facts import Account, AccountKey, Team
from gate.core.identity import AccountBook
from gate.core.policy.references import teams_of_forge
from gate.core.values import dataclass
from gate.usecases.gate import Gate
from gate.usecases.repository_ownership import OwnershipNow


@dataclass(frozen=True, slots=True)
class TeamsNow:
    """Teams of the forge by `organisation/team`, and the accounts of their members."""

    teams: dict[str, Team]
    accounts: dict[AccountKey, Account]


def teams_now(gate: Gate, now: OwnershipNow, components: Iterable[str]) -> TeamsNow:
    """Return the teams that the policy or some components name. Raises UnreadableError where one does not answer."""
    book, access = AccountBook(now.ownership.people), gate.access(now.repository)
    found = TeamsNow({}, {})
    with gate.readers.kept.lent(now.ownership, now.policy) as compiled:
        wanted = teams_of_forge(compiled.index, now.policy.policy, paths=(), declared=components)
    for name in wanted:
        organisation, _, slug = name.partition("/")
        team = access.team(organisation, slug)
        known = dict(book.account_of_forge(member) for member in team.members)
        found.accounts.update(known)
        found.teams[name] = Team(tuple(sorted({one.person for one in known.values()})), team.unreadable)
    return found

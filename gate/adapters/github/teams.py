"""Teams: who is in one now, or why that cannot be told."""

from gate.adapters.github.accounts import account_of
from gate.adapters.github.client import GithubClient, path_of
from gate.core.change.paths import shown
from gate.core.forge.snapshot import ForgeTeam
from gate.usecases.forge_ports import ForbiddenError, GoneError


def read_team(client: GithubClient, organisation: str, slug: str) -> ForgeTeam:
    """Return the active members of a team, those of teams within it included.

    SECURITY: a team that GitHub hides or that is gone is unreadable, never empty (R44).
    """
    name = shown(f"{organisation}/{slug}")
    try:
        rows = client.pages(path_of("orgs", organisation, "teams", slug, "members"))
    except GoneError:
        return ForgeTeam(unreadable=f"GitHub shows no team {name} to the gate.")
    except ForbiddenError:
        return ForgeTeam(unreadable=f"The gate may not read the members of {name}.")
    members = [account_of(row) for row in rows]
    if None in members:
        return ForgeTeam(unreadable=f"GitHub lists a member of {name} without an account.")
    known = {account.id: account for account in members if account is not None}
    return ForgeTeam(tuple(known[number] for number in sorted(known)))

"""Pushes: who moved the change's branch, by GitHub's own record of the repository's activity."""

from typing import NamedTuple

from gate.adapters.github.accounts import account_at
from gate.adapters.github.answers import Row, instant_at, optional_text, row_of
from gate.adapters.github.client import GithubClient, TooManyPagesError, repository_path
from gate.core.forge.snapshot import ForgePush
from gate.usecases.forge_ports import ForbiddenError, GoneError

MAX_PAGES = 20


class Pushes(NamedTuple):
    """The pushes to a branch, newest first; None where they cannot be read, and why."""

    pushes: tuple[ForgePush, ...] | None
    why: str = ""


def read_pushes(client: GithubClient, repository: str, branch: str) -> Pushes:
    """Return the pushes to a branch of the change's own or forked repository.

    A record that cannot be read is told apart from one without pushes. Raises UnreadableError where GitHub fails.
    """
    if not repository:
        return Pushes(None, "The repository that the change comes from is gone.")
    try:
        rows = client.pages(repository_path(repository, "activity"), max_pages=MAX_PAGES, ref=f"refs/heads/{branch}")
    except GoneError:
        return Pushes(None, f"GitHub shows no activity of {repository} to the gate.")
    except ForbiddenError:
        return Pushes(None, f"The gate may not read the activity of {repository}.")
    except TooManyPagesError:
        return Pushes(None, f"The branch has more than {MAX_PAGES * 100} pushes.")
    return Pushes(tuple(_push_of(row_of(row, "activity")) for row in rows))


def _push_of(row: Row) -> ForgePush:
    before, after = optional_text(row, "before"), optional_text(row, "after")
    return ForgePush(
        account=account_at(row, "actor"),
        after="" if after.strip("0") == "" else after,
        before="" if before.strip("0") == "" else before,
        at=instant_at(row, "timestamp"),
    )

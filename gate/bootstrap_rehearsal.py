"""Bootstrap of rehearsals: a checkout, a throw-away worktree, and what runs a change's migrations and commands."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gate.bootstrap import open_checkout

if TYPE_CHECKING:
    from gate.adapters.git.checkout import Checkout
    from gate.core.change.observed import ObservedChange
    from gate.core.change.rehearsal import RehearsalReport


def rehearse(  # one change, and what of it may run
    repo: Path,
    *,
    base: str,
    head: str,
    config: str,
    component: str = "",
    is_with_migrations: bool,
    is_with_commands: bool,
) -> "RehearsalReport":
    """Return what was tried of a change's way back. With migrations or commands the change's own code runs.

    Raises UsageError for unknown names, UnreadableError where the checkout lacks what is needed.
    """
    checkout = open_checkout(repo)
    try:
        base_revision, head_revision = checkout.revisions(base, head)
        change = checkout.changes(base_revision.sha, head_revision.sha)
        chosen = _commands(checkout, change, config, component) if is_with_commands else {}
        return _rehearse(checkout, change, chosen, is_with_migrations=is_with_migrations)
    finally:
        checkout.close()


def _commands(checkout: "Checkout", change: "ObservedChange", config: str, component: str) -> Mapping[str, str]:
    """Return the commands as the base's records have them: a change cannot choose how it is rehearsed."""
    from gate.bootstrap import readers
    from gate.usecases.load_rules import load_rules
    from gate.usecases.rehearse_rollback import commands_of

    base = checkout.commit_tree(change.base_sha)
    rules = load_rules(base, readers=readers(), config=config, repository=None)
    return commands_of(rules.ownership, [file.path for file in change.files], component=component)


def _rehearse(
    checkout: "Checkout", change: "ObservedChange", commands: Mapping[str, str], *, is_with_migrations: bool
) -> "RehearsalReport":
    from gate.adapters.git.workshop import GitWorkshop
    from gate.adapters.rehearsal.alembic import rehearse_alembic
    from gate.adapters.rehearsal.children import run_shell_command
    from gate.usecases.rehearse_rollback import rehearse_rollback

    with GitWorkshop(checkout, change.base_sha, change.head_sha) as workshop:
        return rehearse_rollback(
            workshop,
            base_sha=change.base_sha,
            head_sha=change.head_sha,
            changed_paths=[file.path for file in change.files],
            run_migrations=rehearse_alembic if is_with_migrations else None,
            run_command=run_shell_command,
            commands=commands,
        )

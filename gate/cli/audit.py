"""`gate audit`: account for every commit, export the evidence, and verify an export."""

import importlib

import click

from gate.cli.groups import WholeHelpGroup

_COMMANDS = {
    "reconcile": "audit_reconcile",
    "bypasses": "audit_bypasses",
    "explain": "audit_explain",
    "export": "audit_export",
    "verify": "audit_verify",
}


class _Lazy(WholeHelpGroup):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"gate.cli.{_COMMANDS[cmd_name]}").command
        return found


@click.group(name="audit", cls=_Lazy)
def command() -> None:
    """Account for every commit, export the evidence, verify an export."""

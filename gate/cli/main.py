"""The root of the command line: finds a command's module only when it is called, and prints errors as sentences."""

import importlib
import sys

import click

from gate import __version__
from gate.core.errors import GateError, InvalidFileError

# The command's words -> the module of gate.cli that holds it; the command object is named `command`.
_COMMANDS = {
    "check": "check",
    "demo": "demo",
    "init": "init",
    "lint": "lint",
    "owners": "owners",
    "ownership": "ownership",
    "policy": "policy",
    "rehearse": "rehearse",
    "schemas": "schemas",
}
_HIDDEN = {"demo", "schemas"}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are used, so that `gate --version` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [name for name in _COMMANDS if name not in _HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"gate.cli.{_COMMANDS[cmd_name]}")
        found: click.Command = module.command
        return found


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gate")
def command() -> None:
    r"""Ask of every change whether everyone accountable has signed off, and whether there is a way back.

    \b
    Start with:
      gate init --yes                      write .gate/ from what the repository already says
      gate lint                            check it
      gate check --base main --head HEAD   judge a change before you push it

    Exit codes: 0 fine or approved, 1 not approved or findings, 2 wrong usage or invalid file, 3 could not reach or
    read something.
    """


def main() -> None:
    """Run the command line and end the process with the documented exit code."""
    try:
        result = command.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(3)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except InvalidFileError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        sys.exit(error.exit_code)
    except GateError as error:
        click.echo(f"gate: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(result if isinstance(result, int) else 0)

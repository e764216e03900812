"""The root of the command line: finds a command's module only when it is called, and prints errors as sentences."""

import importlib
import io
import signal
import sys
from types import FrameType

import click

from gate import __version__
from gate.cli.groups import WholeHelpGroup

# The command's words -> the module of gate.cli that holds it; the command object is named `command`.
_COMMANDS = {
    "app": "app",
    "audit": "audit",
    "check": "check",
    "db": "db",
    "demo": "demo",
    "doctor": "doctor",
    "drill": "drill",
    "escalation": "escalation",
    "incident": "incident",
    "init": "init",
    "keys": "keys",
    "ledger": "ledger",
    "links": "links",
    "lint": "lint",
    "owners": "owners",
    "ownership": "ownership",
    "policy": "policy",
    "rehearse": "rehearse",
    "replay": "replay",
    "schemas": "schemas",
    "suspects": "suspects",
    "serve": "serve",
    "worker": "worker",
    "tokens": "tokens",
}
_HIDDEN = {"demo", "schemas"}


class _LazyGroup(WholeHelpGroup):
    """A group whose commands are imported when they are used, so that `gate --version` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(name for name in _COMMANDS if name not in _HIDDEN)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"gate.cli.{_COMMANDS[cmd_name]}")
        found: click.Command = module.command
        return found


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gate")
def command() -> None:
    """Ask of every change whether everyone accountable has signed off, and whether there is a way back.

    \b
    Start with:
      gate init --yes                      write .gate/ from what the repository already says
      gate lint                            check it
      gate check --base main --head HEAD   judge a change before you push it

    Exit codes: 0 fine or approved, 1 not approved or findings, 2 wrong usage or invalid file, 3 could not reach or
    read something.
    """  # noqa: D301 (click reads the backspace)


def main() -> None:
    """Run the command line and end the process with the documented exit code; never with a traceback."""
    _prepare()
    try:
        result = command.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(3)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told as a sentence with its exit code)
        from gate.cli.failures import tell_failure

        sys.exit(tell_failure(error))
    sys.exit(result if isinstance(result, int) else 0)


def _prepare() -> None:
    """Make output that cannot fail for a letter, and an end by signal that leaves nothing behind."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal's encoding lacks is escaped, never an error
            stream.reconfigure(errors="backslashreplace")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # NOTE: what `nohup` ignores stays ignored
            signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    """End the process by way of every `finally`, so that temporary folders and children do not outlive it."""
    sys.exit(128 + number)

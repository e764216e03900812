"""Failures: what a command that could not finish says, as sentences, and the exit code that goes with them."""

import os
import sys

import click

from gate.core.errors import GateError, InvalidFileError
from gate.core.explain.escaping import prose, visible


def tell_failure(error: Exception) -> int:
    """Print what went wrong on standard error and return the exit code; a traceback only where it is asked for."""
    if isinstance(error, InvalidFileError):
        for fault in error.faults:
            click.echo(visible(str(fault)), err=True)
        return error.exit_code
    if isinstance(error, GateError):
        click.echo(f"gate: {visible(str(error))}", err=True)
        return error.exit_code
    # A fault of the gate's own: no answer, hence no approval either.
    click.echo(f"gate: {_as_sentence(error)}", err=True)
    if os.environ.get("GATE_DEBUG") == "1":
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    return 3


def _as_sentence(error: Exception) -> str:
    """Return what to say of an error that nobody foresaw, and what to do about it."""
    said = prose(str(error), 200)
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    step = "Nothing was decided. Run it again with GATE_DEBUG=1 for the details, and report them."
    return f"An error in the gate itself stopped it ({what}). {step}"

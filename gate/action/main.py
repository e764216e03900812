"""The entry of the Action: reads what was asked, judges by the mode, and says everything in the runner's own words."""

import sys
from collections.abc import Mapping
from typing import TextIO

from gate.action.job import read_inputs, read_job
from gate.action.runner import Runner
from gate.core.errors import GateError, UnreadableError
from gate.core.explain.escaping import prose


def run(environment: Mapping[str, str], out: TextIO | None = None) -> int:
    """Return the job's exit code: 0 fine, 1 not approved, 2 wrong inputs or an invalid file, 3 could not reach or read.

    Whatever goes wrong, nothing is green by it, and the outputs say `error`.
    """
    runner = Runner(environment, out or sys.stdout)
    try:
        inputs, job = read_inputs(environment), read_job(environment)
        runner.mask(inputs.token)
        if inputs.mode == "standalone":
            from gate.action.standalone import judge_standalone

            return judge_standalone(inputs, job, runner)
        from gate.action.service import ask_service

        return ask_service(inputs, job, environment, runner)
    except GateError as error:
        return _refused(runner, error)
    except Exception as error:  # noqa: BLE001  # a fault of the gate's own: no answer, hence no approval either
        what = f"An error in the gate itself stopped it ({type(error).__name__}: {prose(str(error), 200)})."
        return _refused(runner, UnreadableError(what, next_step="Nothing was decided; report it, please."))


def _refused(runner: Runner, error: GateError) -> int:
    runner.set_output("state", "error")
    runner.set_output("waiting-for", "")
    runner.refuse(error)
    return error.exit_code

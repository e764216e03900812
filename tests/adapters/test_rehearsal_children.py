"""Children for foreign code: whatever happens to the gate meanwhile, they end with it."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gate.adapters.rehearsal import children
from gate.adapters.rehearsal.children import run_child


class TestAnInterrupt:
    def test_that_comes_while_a_child_is_started_leaves_none_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started: list[int] = []

        class Interrupted(subprocess.Popen[bytes]):
            """A child that somebody interrupts before its parent knows of it."""

            def __init__(self, *arguments: Any, **named: Any) -> None:
                super().__init__(*arguments, **named)
                started.append(self.pid)
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(children.subprocess, "Popen", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_child(["/bin/sleep", "60"], folder=tmp_path, seconds=60)
        with pytest.raises(ProcessLookupError):
            os.kill(started[0], 0)

    def test_is_answered_afterwards_as_it_was_before(self, tmp_path: Path) -> None:
        before = signal.getsignal(signal.SIGINT)
        assert run_child(["/bin/true"], folder=tmp_path, seconds=60).code == 0
        assert signal.getsignal(signal.SIGINT) is before

"""What the Action tells its runner: no value of anybody else's becomes a command or ends another value."""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders_verdict import a_requirement, a_touched_component, a_verdict

from gate.action.outcome import MAX_OUTPUT_BYTES, compact_verdict, tell, waiting_for
from gate.action.runner import MAX_SUMMARY_BYTES, Runner
from gate.core.errors import UsageError
from gate.core.verdict import Actor, Verdict

HOSTILE = "x\nstate=approved\nEOF\n::set-output name=state::approved\n##[add-mask]x\r::error::y"


@dataclass(frozen=True)
class Told:
    """A runner with the files that it was given."""

    folder: Path
    out: io.StringIO
    runner: Runner

    def outputs(self) -> dict[str, str]:
        """The outputs as GitHub's runner reads its file."""
        lines = iter((self.folder / "output").read_bytes().decode().split("\n"))
        found = {}
        for line in lines:
            name, mark, fence = line.partition("<<")
            if mark:
                found[name] = "\n".join(iter(lambda: next(lines), fence))  # read before the next one
        return found

    def commands(self) -> list[str]:
        """The lines that GitHub's runner takes for commands, those between stop and go left out."""
        stopped, found = "", []
        for line in re.split(r"[\r\n]+", self.out.getvalue()):
            plain = line.strip()
            if stopped:
                stopped = "" if plain == f"::{stopped}::" else stopped
            elif plain.startswith("::stop-commands::"):
                stopped = plain.removeprefix("::stop-commands::")
            elif plain.startswith("::") or "##[" in plain:
                found.append(plain)
        return found


@pytest.fixture
def told(tmp_path: Path) -> Told:
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    out = io.StringIO()
    return Told(tmp_path, out, Runner(files, out))


class TestAHostileValue:
    def test_stays_within_its_output(self, told: Told) -> None:
        told.runner.set_output("verdict", HOSTILE)
        told.runner.set_output("state", "waiting")
        assert told.outputs() == {"verdict": HOSTILE, "state": "waiting"}

    def test_is_no_command_in_the_log(self, told: Told) -> None:
        told.runner.show(HOSTILE)
        assert told.commands() == []

    def test_is_one_line_of_an_annotation(self, told: Told) -> None:
        told.runner.refuse(UsageError(HOSTILE))
        (only,) = told.commands()
        assert only.startswith("::error title=Sign-off gate::x")

    def test_of_a_verdict_reaches_nothing(self, told: Told) -> None:
        asked = a_requirement(why=HOSTILE, title=HOSTILE, files=("a\n::error::b",))
        tell(told.runner, a_verdict(asked, title=HOSTILE), url="https://gate.example", note="")
        assert told.outputs()["state"] == a_verdict(asked).state
        assert len(told.commands()) == 1


class TestAVerdict:
    def test_names_everybody_who_can_act_once(self) -> None:
        asked = [a_requirement(id=f"ownership:{name}", who=(Actor("alice", "x"), Actor(name, "x"))) for name in "ab"]
        assert waiting_for(a_verdict(*asked)) == ["alice", "a", "b"]

    def test_that_is_too_large_loses_files_first(self) -> None:
        files = tuple(f"folder/{number:06}.py" for number in range(30_000))
        large = a_verdict(a_requirement(), components=(a_touched_component(files=files),))
        text = compact_verdict(large)
        assert len(text) <= MAX_OUTPUT_BYTES
        assert len(json.loads(text)["components"][0]["files"]) == 200

    def test_of_usual_size_is_whole(self) -> None:
        verdict: Verdict = a_verdict(a_requirement())
        assert json.loads(compact_verdict(verdict))["summary"] == verdict.summary


class TestASummary:
    def test_is_cut_to_what_the_runner_takes(self, told: Told) -> None:
        told.runner.add_summary("\N{SNOWMAN}" * MAX_SUMMARY_BYTES)
        assert (told.folder / "summary").stat().st_size <= MAX_SUMMARY_BYTES + 1

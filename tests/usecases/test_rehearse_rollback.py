"""The rehearsal as a flow: in which order it runs, and what each outcome makes of the report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gate.core.change.rehearsal import RehearsalReport
from gate.core.errors import UsageError
from gate.core.ownership.records import Playbook
from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.usecases.rehearse_rollback import Attempt, Result, commands_of, rehearse_rollback

BASE, HEAD = "1" * 40, "2" * 40


@dataclass
class NotedWorkshop:
    """A workshop whose steps end as told and are noted in order."""

    merged: Result = "passed"
    reverted: Result = "passed"
    noted: list[str] = field(default_factory=list)
    folder: Path = Path("nowhere")

    def merge(self) -> Attempt:
        self.noted.append("merge")
        return Attempt("merge", self.merged, "why")

    def revert(self) -> Attempt:
        self.noted.append("revert")
        return Attempt("revert", self.reverted, "why")

    def fill_with_merge(self) -> None:
        self.noted.append("fill")

    def migrate(self, folder: Path, changed_paths: Sequence[str]) -> Iterable[Attempt]:
        assert (folder, changed_paths) == (self.folder, ["a"])
        self.noted.append("migrate")
        yield Attempt("migrations", "untried", "why")

    def run(self, folder: Path, command: str) -> tuple[bool, str]:
        assert folder == self.folder
        self.noted.append(command)
        return command != "false", "x" * 5000

    def rehearse(self, **commands: str) -> RehearsalReport:
        return rehearse_rollback(
            self,
            base_sha=BASE,
            head_sha=HEAD,
            changed_paths=["a"],
            run_migrations=self.migrate,
            run_command=self.run,
            commands=commands,
        )


class TestTheOrder:
    def test_code_of_the_change_runs_after_merge_and_revert_are_judged(self) -> None:
        workshop = NotedWorkshop()
        workshop.rehearse(b="second", a="first")
        assert workshop.noted == ["merge", "revert", "fill", "migrate", "fill", "first", "fill", "second"]

    @pytest.mark.parametrize("merged", ["failed", "untried"])
    def test_nothing_follows_a_merge_that_did_not_happen(self, merged: Result) -> None:
        workshop = NotedWorkshop(merged=merged)
        workshop.rehearse(a="first")
        assert workshop.noted == ["merge"]


class TestTheReport:
    def test_has_passed_only_where_all_was_tried_and_passed(self) -> None:
        workshop = NotedWorkshop()
        assert not workshop.rehearse().is_passed
        assert not workshop.rehearse().is_failed

    @pytest.mark.parametrize(("reverted", "command"), [("failed", "true"), ("passed", "false")])
    def test_has_failed_where_one_step_did(self, reverted: Result, command: str) -> None:
        assert NotedWorkshop(reverted=reverted).rehearse(a=command).is_failed

    def test_of_nothing_at_all_has_not_passed(self) -> None:
        report = NotedWorkshop(merged="untried").rehearse()
        assert (report.is_passed, report.is_failed) == (False, False)

    def test_makes_facts_in_which_an_untried_step_did_not_pass(self) -> None:
        facts = NotedWorkshop().rehearse(api="true").rehearsals()
        assert [(one.step, one.is_passed, one.source, one.component) for one in facts] == [
            ("merge", True, "gate", ""),
            ("revert", True, "gate", ""),
            ("command:api", True, "reported", "api"),
            ("migrations", False, "gate", ""),
        ]
        assert {one.head_sha for one in facts} == {HEAD}
        assert max(len(one.why) for one in facts) == 4000


def an_ownership(**commands: str | None) -> Ownership:
    """Return components by name, each owning the folder of its name, with its rehearsal command."""
    components = tuple(
        Component(name, "default", ("a",), "x:1", rollback=Playbook(method="revert", rehearse=command))
        for name, command in commands.items()
    )
    rules = tuple(Rule(f"/{name}/", "x:1", number) for number, name in enumerate(commands))
    return Ownership(components, (Section("default", rules, "x"),))


class TestWhoseCommands:
    def test_those_of_touched_components(self) -> None:
        ownership = an_ownership(api="one", web="two", docs=None)
        assert commands_of(ownership, ["api/x", "docs/x", "none"]) == {"api": "one"}
        assert commands_of(ownership, ["api/x", "web/y"], component="web") == {"web": "two"}

    @pytest.mark.parametrize("name", ["docs", "web", "none"])
    def test_one_that_is_not_touched_or_has_none_is_refused(self, name: str) -> None:
        with pytest.raises(UsageError, match="touches no component"):
            commands_of(an_ownership(api="one", web="two", docs=None), ["api/x", "docs/x"], component=name)

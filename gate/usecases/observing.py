"""Observing: what every change is looked at for once it can be read, in a checkout and at a forge alike."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Protocol

from gate.core.change.facts import (
    MODE_SUBMODULE,
    MODE_SYMLINK,
    ChangedFile,
    Finding,
    FreezePeriod,
    GateFiles,
    LookAlike,
    Problem,
)
from gate.core.change.findings import FileContent, examine, is_candidate
from gate.core.change.look_alikes import find_look_alikes
from gate.core.ownership.matcher import PathMatcher
from gate.core.policy.gate_files import GATE_FILES
from gate.core.policy.model import Requirement
from gate.core.policy.references import conditions_of
from gate.core.times import instant
from gate.core.values import dataclass
from gate.usecases.load_rules import BUILT_IN, Rules, faults_of
from gate.usecases.ports import Readers, Tree
from gate.usecases.rotation import read_rotation

FREEZE_HORIZON = dt.timedelta(days=400)
FREEZE_LOOK_BACK = dt.timedelta(days=40)
TEMPLATE_PLACES = tuple(
    f"{folder}{name}"
    for folder in (".github/", "", "docs/")
    for name in ("PULL_REQUEST_TEMPLATE.md", "pull_request_template.md")
)
"""Where the platform looks for the template of a pull request."""
MAX_READ_BYTES = 2 * 1024 * 1024
"""Longer files are not examined for migrations and the like; they count as what cannot be told."""


class BlobSource(Protocol):
    """Whatever hands out blobs by their sha."""

    def blobs(self, shas: Iterable[str], *, limit: int) -> Iterable[tuple[str, bytes | None]]:
        """Yield each blob with its bytes, None where it is larger than `limit`."""
        ...


@dataclass(slots=True)
class Look:
    """One look at a change: its files under certain rules, with both trees at hand.

    `base` is the tree that the rules come from, `head` the change's own. What cannot be worked out is added to
    `problems`.
    """

    source: BlobSource
    base: Tree
    head: Tree
    files: Sequence[ChangedFile]
    rules: Rules
    readers: Readers
    at: dt.datetime
    config: str = ".gate"
    problems: list[Problem] = field(default_factory=list)

    def findings(self) -> tuple[Finding, ...]:
        """Read what can hold migrations and the like, on both sides, and return what a rollback must reckon with."""
        extra = tuple(pattern for component in self.rules.ownership.components for pattern in component.migrations)
        named = PathMatcher([extra])
        wanted = [file for file in self.files if is_candidate(file.path) or named.match(file.path)[0] >= 0]
        shas = {sha for file in wanted for sha in (file.blob, file.base_blob) if sha and _is_regular(file, sha)}
        contents = dict(self.source.blobs(sorted(shas), limit=MAX_READ_BYTES))
        examined = [
            FileContent(
                path=file.path, status=file.status, head=contents.get(file.blob), base=contents.get(file.base_blob)
            )
            for file in wanted
        ]
        return examine(examined, extra_patterns=extra, read_head=self.head.read)

    def freezes(self) -> tuple[FreezePeriod, ...]:
        """Return the periods of all freeze windows around now."""
        policy = self.rules.policy
        if not policy.policy.freezes:
            return ()
        expanded = self.readers.expand_freezes(
            policy.policy.freezes,
            read=self.base.read,
            from_at=instant(self.at - FREEZE_LOOK_BACK),
            until_at=instant(self.at + FREEZE_HORIZON),
            file=policy.file,
            lines=policy.lines,
        )
        self.problems += [Problem(fault.code, str(fault), "Mend it on the base branch.") for fault in expanded.faults]
        return tuple(expanded.periods)

    def on_call(self) -> dict[str, tuple[str, ...] | None]:
        """Return who is on call for each team now; None where its rotation cannot be read."""
        ownership = self.rules.ownership
        rotations = {name: team.on_call.schedule for name, team in ownership.teams.items() if team.on_call}
        if not any(_asks_for_escalation(rule.require) for rule in self.rules.policy.policy.rules):
            return {}
        found: dict[str, tuple[str, ...] | None] = {}
        for name, file in sorted(rotations.items()):
            # What cannot be read reaches nobody: the requirement then waits.
            names = read_rotation(self.base, file, readers=self.readers, at=instant(self.at)).names
            found[name] = None if names is None else tuple(names)
        return found

    def title_hits(self, title: str) -> dict[str, bool]:
        """Return the outcome of every title pattern of the policy."""
        patterns = {pattern for when in conditions_of(self.rules.policy.policy) if (pattern := when.title)}
        return {pattern: self.readers.title_matches(pattern, title) for pattern in sorted(patterns)}

    def gate_files(self) -> GateFiles:
        """Return what is wrong with the gate's own files at the head, where the change touches any."""
        if not touches_rules(self.files, self.config):
            return GateFiles()
        faults = list(faults_of(self.head, readers=self.readers, config=self.config, repository=None))
        names = {f"{self.config}/policy.yaml"} if self.rules.policy is not BUILT_IN else set()
        gone = sorted(names & {file.path for file in self.files if file.status == "deleted"})
        faults += [f"{name} is deleted; a policy in force is changed, not removed." for name in gone]
        return GateFiles(tuple(faults))

    def look_alikes(self) -> tuple[LookAlike, ...]:
        """Return the files that look like owned ones, or like the gate's own."""
        paths = [file.path for file in self.files]
        with self.readers.kept.lent(self.rules.ownership, self.rules.policy) as compiled:
            return find_look_alikes(paths, spellings=compiled.spellings, stakes_in=compiled.stakes_in)

    def declared_files(self) -> list[tuple[str, bytes]]:
        """Return the declaration files that the change brings along, with their content."""
        folder = f"{self.config}/changes/"
        names = [
            file.path
            for file in self.files
            if file.status == "added" and file.path.startswith(folder) and file.path.endswith((".yaml", ".yml"))
        ]
        return [(name, raw) for name in names if (raw := self.head.read(name)) is not None]

    def template(self) -> str | None:
        """Return the repository's own template of a change request."""
        for name in TEMPLATE_PLACES:
            raw = self.base.read(name)
            if raw is not None:
                return raw.decode("utf-8", errors="replace")
        return None


def touches_rules(files: Iterable[ChangedFile], config: str) -> bool:
    """Return whether any file may hold policy or ownership."""
    matcher = PathMatcher([(*GATE_FILES, f"/{config}/", "/**/catalog-info.yaml", "OWNERS*")])
    return any(matcher.match(file.path)[0] >= 0 for file in files)


def _asks_for_escalation(require: Requirement) -> bool:
    return bool(require.escalation) or any(_asks_for_escalation(part) for part in require.any_of or ())


def _is_regular(file: ChangedFile, sha: str) -> bool:
    mode = file.mode if sha == file.blob else file.base_mode
    return mode not in {MODE_SUBMODULE, MODE_SYMLINK}

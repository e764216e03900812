"""Observing a change in a local checkout: everything that a decision needs, gathered once, with nothing decided."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from gate import __version__
from gate.core.change.declaration import Declaration
from gate.core.change.facts import (
    MODE_SUBMODULE,
    MODE_SYMLINK,
    AccountKey,
    Change,
    ChangedFile,
    Facts,
    Finding,
    FreezePeriod,
    GateFiles,
    Label,
    LookAlike,
    Problem,
    Repository,
    Ticket,
)
from gate.core.change.findings import FileContent, examine, is_candidate
from gate.core.change.look_alikes import find_look_alikes
from gate.core.change.observed import ObservedChange, ObservedCommit, attribute
from gate.core.change.plan_digest import plan_digest
from gate.core.errors import GateError
from gate.core.identity import Identity
from gate.core.ownership.matcher import PathMatcher
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.policy.model import Condition, Policy, Requirement
from gate.core.policy.touched import GATE_FILES
from gate.core.signoff.eligibility import instant
from gate.usecases.load_rules import BUILT_IN, Rules, faults_of, rules_in_force
from gate.usecases.local_question import LocalQuestion, StatedSignoffs, stated_identity
from gate.usecases.ports import LocalCheckout, Readers, Tree
from gate.usecases.read_declaration import read_declaration

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


def observe_local_change(checkout: LocalCheckout, question: LocalQuestion, *, readers: Readers) -> Facts:
    """Return the facts of a change in a checkout. Raises UsageError for unknown revisions, UnreadableError for gaps."""
    return _Observation(checkout, question, readers).facts()


class _Observation:
    """One observation, step by step; each step adds what the next ones look at."""

    def __init__(self, checkout: LocalCheckout, question: LocalQuestion, readers: Readers) -> None:
        self.checkout = checkout
        self.question = question
        self.readers = readers
        base, self.head = checkout.revisions(question.base, question.head)
        self.base = base
        self.base_tree: Tree = checkout.commit_tree(base.sha)
        self.assumptions: list[str] = []
        self.problems: list[Problem] = []

    def facts(self) -> Facts:
        """Return all that was observed."""
        rules = self._rules()
        policy = rules.policy.policy
        seen = self.checkout.changes(self.base.sha, self.head.sha, every_commit=policy.commit_paths == "every-commit")
        head_commit = self.checkout.commit(self.head.sha)
        title = self.question.title or head_commit.message.partition("\n")[0].strip()
        author = stated_identity(self.question.author) if self.question.author else head_commit.author
        stated = [stated_identity(text.partition(":")[0]) for text in self.question.signoffs]
        stated += [stated_identity(text.rpartition("=")[2]) for text in self.question.labels if "=" in text]
        commits, accounts, keys = attribute(
            seen.commits, rules.ownership.people, *([author] if author else []), *stated
        )
        declaration = self._declaration(seen, head_commit)
        files = tuple(sorted((*seen.files, *seen.restored), key=lambda file: file.path))
        base_ref, default_branch = self._branches()
        self.assumptions.append("Who pushed is not known in a local checkout; committers stand for pushers.")
        signoffs = StatedSignoffs(self.question, self.head.sha, base_ref, plan_digest(declaration.rollback))
        return Facts(
            engine=__version__,
            change=Change(
                repository=Repository(0, self.checkout.name, default_branch),
                number=0,
                title=title,
                author=keys.get(author, "") if author else "",
                base_ref=base_ref,
                base_sha=seen.base_sha,
                head_sha=seen.head_sha,
                merge_bases=seen.merge_bases,
                labels=tuple(self._labels(keys)),
            ),
            files=files,
            commits=commits,
            accounts=signoffs.accounts(accounts, commits, rules, keys),
            ownership=rules.ownership,
            policy=rules.policy,
            declaration=declaration,
            unattributed=tuple(commit.sha for commit in commits if commit.author is None or commit.committer is None),
            signoffs=signoffs.given(keys),
            findings=self._findings(files, seen, rules),
            rehearsals=self.question.rehearsals,
            tickets=self._tickets(declaration),
            freeze_periods=self._freezes(rules),
            look_alikes=_look_alikes(files, rules),
            title_hits=self._title_hits(policy, title),
            on_call=self._on_call(rules),
            flag_found=self._flag_found(declaration, seen, policy),
            is_first_contribution=self._is_first(author),
            gate_files=self._gate_files(files, rules),
            broken_base=rules.broken,
            problems=(*seen.problems, *self.problems),
            assumptions=(*seen.assumptions, *self.assumptions),
            hidden_files=seen.hidden_files,
        )

    def _rules(self) -> Rules:
        return rules_in_force(
            self.base_tree,
            self._earlier_trees(),
            readers=self.readers,
            config=self.question.config,
            repository=None,
        )

    def _earlier_trees(self) -> Iterator[Tree]:
        for sha in self.checkout.first_parents(self.base.sha)[1:]:
            yield self.checkout.commit_tree(sha)

    def _branches(self) -> tuple[str, str]:
        """Return the base branch and the default branch; a base that is no branch is taken for the default one."""
        default = self.checkout.default_branch
        named = self.question.branch or self.base.branch
        if not named:
            named = default or "main"
            self.assumptions.append(f"The base is no branch; it is taken for `{named}` (say otherwise with --branch).")
        return named, default

    def _declaration(self, seen: ObservedChange, head_commit: ObservedCommit) -> Declaration:
        head_tree = self.checkout.commit_tree(self.head.sha)
        folder = f"{self.question.config}/changes/"
        names = [
            file.path
            for file in seen.files
            if file.status == "added" and file.path.startswith(folder) and file.path.endswith((".yaml", ".yml"))
        ]
        files = [(name, raw) for name in names if (raw := head_tree.read(name)) is not None]
        is_from_message = self.question.body is None and not files
        return read_declaration(
            body=self.question.body,
            files=files,
            template=self._template(),
            commit_message=head_commit.message if is_from_message else None,
            load_yaml=self.readers.load_yaml,
            outline=self.readers.outline,
        )

    def _template(self) -> str | None:
        for name in TEMPLATE_PLACES:
            raw = self.base_tree.read(name)
            if raw is not None:
                return raw.decode("utf-8", errors="replace")
        return None

    def _labels(self, keys: Mapping[Identity, AccountKey]) -> Iterator[Label]:
        """Yield each `--label`; `LABEL=PERSON` says who set it."""
        for text in self.question.labels:
            name, mark, person = text.rpartition("=")
            yield Label(name, keys.get(stated_identity(person))) if mark else Label(text)

    def _findings(self, files: Sequence[ChangedFile], seen: ObservedChange, rules: Rules) -> tuple[Finding, ...]:
        """Read what can hold migrations and the like, on both sides, and return what a rollback must reckon with."""
        extra = tuple(pattern for component in rules.ownership.components for pattern in component.migrations)
        named = PathMatcher([extra])
        wanted = [file for file in files if is_candidate(file.path) or named.match(file.path)[0] >= 0]
        shas = {sha for file in wanted for sha in (file.blob, file.base_blob) if sha and _is_regular(file, sha)}
        contents = dict(self.checkout.blobs(sorted(shas), limit=MAX_READ_BYTES))
        head_tree = self.checkout.commit_tree(seen.head_sha)
        examined = [
            FileContent(
                path=file.path, status=file.status, head=contents.get(file.blob), base=contents.get(file.base_blob)
            )
            for file in wanted
        ]
        return examine(examined, extra_patterns=extra, read_head=head_tree.read)

    def _tickets(self, declaration: Declaration) -> tuple[Ticket, ...]:
        """Return the declared tickets: as stated with `--ticket`, else as what nobody could look up."""
        stated = {ticket.key: ticket for ticket in self.question.tickets}
        return tuple(stated.get(key, Ticket(key, "", "unknown")) for key in declaration.tickets)

    def _freezes(self, rules: Rules) -> tuple[FreezePeriod, ...]:
        if not rules.policy.policy.freezes:
            return ()
        expanded = self.readers.expand_freezes(
            rules.policy.policy.freezes,
            read=self.base_tree.read,
            from_at=instant(self.question.at - FREEZE_LOOK_BACK),
            until_at=instant(self.question.at + FREEZE_HORIZON),
            file=rules.policy.file,
            lines=rules.policy.lines,
        )
        self.problems += [Problem(fault.code, str(fault), "Mend it on the base branch.") for fault in expanded.faults]
        return tuple(expanded.periods)

    def _on_call(self, rules: Rules) -> dict[str, tuple[str, ...] | None]:
        """Return who is on call for each team now; None where its rotation is not a readable file of the base."""
        ownership = rules.ownership
        rotations = {name: team.on_call.schedule for name, team in ownership.teams.items() if team.on_call}
        if not any(_asks_for_escalation(rule.require) for rule in rules.policy.policy.rules):
            return {}
        found: dict[str, tuple[str, ...] | None] = {}
        for name, file in sorted(rotations.items()):
            try:
                raw = None if "://" in file else self.base_tree.read(file)
                named = None if raw is None else self.readers.on_call(raw, instant(self.question.at), file=file)
            except GateError:
                named = None  # what cannot be read reaches nobody: the requirement then waits
            found[name] = None if named is None else tuple(named)
        return found

    def _title_hits(self, policy: Policy, title: str) -> dict[str, bool]:
        patterns = {pattern for when in _conditions(policy) if (pattern := when.title)}
        return {pattern: self.readers.title_matches(pattern, title) for pattern in sorted(patterns)}

    def _flag_found(self, declaration: Declaration, seen: ObservedChange, policy: Policy) -> bool | None:
        """Return whether the declared feature flag is in the diff, or in the paths that the policy names."""
        flag = declaration.rollback.flag if declaration.rollback else None
        if not flag:
            return None
        if self.checkout.is_text_changed(flag, seen):
            return True
        paths = policy.rollback.flag_paths
        if not paths:
            return False
        matcher = PathMatcher([paths])
        return any(matcher.match(path)[0] >= 0 for path in self.checkout.files_holding(flag, seen.head_sha))

    def _is_first(self, author: Identity | None) -> bool | None:
        if author is None or not author.email:
            return None
        return self.checkout.is_first_contribution([author.email], self.base.sha)

    def _gate_files(self, files: Sequence[ChangedFile], rules: Rules) -> GateFiles:
        """Return what is wrong with the gate's own files at the head, where the change touches any."""
        touched = PathMatcher([(*GATE_FILES, f"/{self.question.config}/", "/**/catalog-info.yaml", "OWNERS*")])
        if not any(touched.match(file.path)[0] >= 0 for file in files):
            return GateFiles()
        head_tree = self.checkout.commit_tree(self.head.sha)
        faults = list(faults_of(head_tree, readers=self.readers, config=self.question.config, repository=None))
        names = {f"{self.question.config}/policy.yaml"} if rules.policy is not BUILT_IN else set()
        gone = sorted(names & {file.path for file in files if file.status == "deleted"})
        faults += [f"{name} is deleted; a policy in force is changed, not removed." for name in gone]
        return GateFiles(tuple(faults))


def _look_alikes(files: Sequence[ChangedFile], rules: Rules) -> tuple[LookAlike, ...]:
    """Return the files that look like owned ones, or like the gate's own."""
    index = OwnershipIndex(rules.ownership, [GATE_FILES])
    gate_owner = len(rules.ownership.components)

    def owners_of(path: str) -> frozenset[int]:
        hits = index.group([path])[0][2]
        return index.components_of(path) | (frozenset({gate_owner}) if hits[0] >= 0 else frozenset())

    patterns = [rule.pattern for section in rules.ownership.sections for rule in section.rules]
    return find_look_alikes([file.path for file in files], patterns=[*patterns, *GATE_FILES], owners_of=owners_of)


def _asks_for_escalation(require: Requirement) -> bool:
    return bool(require.escalation) or any(_asks_for_escalation(part) for part in require.any_of or ())


def _is_regular(file: ChangedFile, sha: str) -> bool:
    mode = file.mode if sha == file.blob else file.base_mode
    return mode not in {MODE_SUBMODULE, MODE_SYMLINK}


def _conditions(policy: Policy) -> Iterator[Condition]:
    todo = [rule.when for rule in policy.rules if rule.when] + [model.when for model in policy.standard_changes]
    while todo:
        condition = todo.pop()
        yield condition
        todo += [*(condition.any or ()), *(condition.all or ()), *([condition.not_] if condition.not_ else [])]

"""Observing a change in a local checkout: everything that a decision needs, gathered once, with nothing decided."""

from collections.abc import Iterator, Mapping

from gate import __version__
from gate.core.change.declaration import Declaration
from gate.core.change.facts import AccountKey, Change, Facts, Label, Repository, Ticket
from gate.core.change.observed import ObservedChange, ObservedCommit, attribute
from gate.core.change.plan_digest import plan_digest
from gate.core.identity import Identity
from gate.core.ownership.matcher import PathMatcher
from gate.core.policy.model import Policy
from gate.usecases.governing_rules import under_floor
from gate.usecases.load_rules import BUILT_IN, Rules, rules_in_force
from gate.usecases.local_question import LocalQuestion, StatedSignoffs, stated_identity
from gate.usecases.observing import Look
from gate.usecases.ports import LocalCheckout, Readers, Tree
from gate.usecases.read_declaration import read_declaration

_USUAL_DEFAULTS = frozenset({"main", "master"})


def observe_local_change(
    checkout: LocalCheckout, question: LocalQuestion, *, readers: Readers, rules: Rules | None = None
) -> Facts:
    """Return the facts of a change in a checkout, under the base's own rules or under those that are given.

    Raises UsageError for unknown revisions, UnreadableError for gaps.
    """
    return _Observation(checkout, question, readers, rules).facts()


class _Observation:
    """One observation, step by step; each step adds what the next ones look at."""

    def __init__(self, checkout: LocalCheckout, question: LocalQuestion, readers: Readers, rules: Rules | None) -> None:
        self.given = rules
        self.checkout = checkout
        self.question = question
        self.readers = readers
        base, self.head = checkout.revisions(question.base, question.head)
        self.base = base
        self.base_tree: Tree = checkout.commit_tree(base.sha)
        self.assumptions: list[str] = []

    def facts(self) -> Facts:
        """Return all that was observed."""
        base_ref, default_branch = self._branches()
        rules = self.given or self._rules(base_ref, default_branch)
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
        files = tuple(sorted((*seen.files, *seen.restored), key=lambda file: file.path))
        head_tree = self.checkout.commit_tree(self.head.sha)
        look = Look(
            self.checkout, self.base_tree, head_tree, files, rules, self.readers, self.question.at, self.question.config
        )
        declaration = self._declaration(look, head_commit)
        if rules.policy.file == BUILT_IN.file and not rules.broken:
            where = f"{self.question.config}/policy.yaml"
            self.assumptions.append(f"The base has no {where}, so the built-in defaults hold.")
        self.assumptions.append("Who pushed is not known in a local checkout; committers stand for pushers.")
        signoffs = StatedSignoffs(self.question, self.head.sha, base_ref, plan_digest(declaration.rollback))
        self.assumptions += [*signoffs.misplaced(rules), *signoffs.unrelated(accounts, commits, rules)]
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
            findings=look.findings(),
            rehearsals=self.question.rehearsals,
            tickets=self._tickets(declaration),
            freeze_periods=look.freezes(),
            look_alikes=look.look_alikes(),
            title_hits=look.title_hits(title),
            on_call=look.on_call(),
            flag_found=self._flag_found(declaration, seen, policy),
            is_first_contribution=self._is_first(author),
            gate_files=look.gate_files(),
            broken_base=rules.broken,
            problems=(*seen.problems, *look.problems),
            assumptions=(*seen.assumptions, *self.assumptions),
            hidden_files=seen.hidden_files,
        )

    def _rules(self, base_ref: str, default_branch: str) -> Rules:
        """Return the rules of the base, under the floor of the default branch where that is another.

        SECURITY: a branch of one's own only tightens; its policy does not say that the gate speaks for it (R22).
        """
        rules = self._rules_of(self.base.sha)
        if default_branch and base_ref != default_branch:
            (default,) = self.checkout.revisions(default_branch)
            return under_floor(rules, self._rules_of(default.sha))
        if not default_branch and base_ref not in _USUAL_DEFAULTS:
            known = f"The default branch is not known here; the policy of `{base_ref}` is taken as it stands."
            self.assumptions.append(known)
        return rules

    def _rules_of(self, sha: str) -> Rules:
        return rules_in_force(
            self.checkout.commit_tree(sha),
            self._before(sha),
            readers=self.readers,
            config=self.question.config,
            repository=None,
        )

    def _before(self, sha: str) -> Iterator[Tree]:
        """Yield the trees of the commits before one, newest first; the history is only read where somebody asks."""
        for earlier in self.checkout.first_parents(sha)[1:]:
            yield self.checkout.commit_tree(earlier)

    def _branches(self) -> tuple[str, str]:
        """Return the base branch and the default branch; a base that is no branch is taken for the default one."""
        default = self.checkout.default_branch
        named = self.question.branch or self.base.branch
        if not named:
            named = default or "main"
            self.assumptions.append(f"The base is no branch; it is taken for `{named}` (say otherwise with --branch).")
        return named, default

    def _declaration(self, look: Look, head_commit: ObservedCommit) -> Declaration:
        files = look.declared_files()
        is_from_message = self.question.body is None and not files
        return read_declaration(
            body=self.question.body,
            files=files,
            template=look.template(),
            commit_message=head_commit.message if is_from_message else None,
            load_yaml=self.readers.load_yaml,
            outline=self.readers.outline,
        )

    def _labels(self, keys: Mapping[Identity, AccountKey]) -> Iterator[Label]:
        """Yield each `--label`; `LABEL=PERSON` says who set it."""
        for text in self.question.labels:
            name, mark, person = text.rpartition("=")
            yield Label(name, keys.get(stated_identity(person))) if mark else Label(text)

    def _tickets(self, declaration: Declaration) -> tuple[Ticket, ...]:
        """Return the declared tickets: as stated with `--ticket`, else as what nobody could look up."""
        stated = {ticket.key: ticket for ticket in self.question.tickets}
        return tuple(stated.get(key, Ticket(key, "", "unknown")) for key in declaration.tickets)

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

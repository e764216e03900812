"""Observing a change at a forge: the facts of one consistent snapshot, with nothing decided."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from gate import __version__
from gate.core.change.declaration import Declaration
from gate.core.change.facts import (
    Account,
    AccountKey,
    Change,
    ChangedFile,
    Commit,
    Facts,
    Label,
    OwedReview,
    PersonKey,
    Problem,
    Push,
    Rehearsal,
    Repository,
    Team,
    Ticket,
)
from gate.core.change.plan_digest import plan_digest
from gate.core.change.trailers import co_authors_in
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeAccount, ForgeCommit, ForgePush, Snapshot, content_digest
from gate.core.identity import AccountBook, Identity
from gate.core.ownership.matcher import PathMatcher
from gate.core.policy.references import teams_of_forge
from gate.core.signoff.eligibility import instant, longest_hold
from gate.core.values import dataclass
from gate.usecases.change_port import ChangeReader
from gate.usecases.declared_tickets import look_up_ticket
from gate.usecases.forge_signoffs import CommentReading, Known, Seen, SignoffsSeen, read_signoffs
from gate.usecases.load_rules import Rules
from gate.usecases.observing import MAX_READ_BYTES, Look
from gate.usecases.ports import Readers, Tree
from gate.usecases.read_declaration import read_declaration
from gate.usecases.tracker_ports import Tracker

_ZERO = "0" * 40
_MAX_FLAG_FILES = 500


@dataclass(frozen=True, slots=True)
class ForgeObservation:
    """The facts of a change, the digest of its content, and the sign-offs to be kept anew."""

    facts: Facts
    content: str
    plan_digest: str
    signoffs: SignoffsSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeQuestion:
    """What is needed besides the forge: the snapshot, the rules in force, what is known from before, and the time."""

    snapshot: Snapshot
    rules: Rules
    base_tree: Tree
    known: Known
    pushes: Sequence[ForgePush]
    at: dt.datetime
    config: str = ".gate"
    rehearsals: tuple[Rehearsal, ...] = ()
    assumptions: tuple[str, ...] = ()
    trackers: Sequence[Tracker] = ()
    recent_incidents: tuple[str, ...] | None = None
    owed_reviews: tuple[OwedReview, ...] = ()


def observe_forge_change(access: ChangeReader, question: ForgeQuestion, *, readers: Readers) -> ForgeObservation:
    """Return the facts of a change at a forge. Raises UnreadableError where the forge does not answer."""
    return _Observation(access, question, readers).outcome()


class _Observation:
    """One observation; accounts grow as they are met."""

    def __init__(self, access: ChangeReader, question: ForgeQuestion, readers: Readers) -> None:
        self.access = access
        self.question = question
        self.snapshot = question.snapshot
        self.rules = question.rules
        self.readers = readers
        self.book = AccountBook(question.rules.ownership.people)
        self.accounts: dict[AccountKey, Account] = {}
        self.problems: list[Problem] = []
        self.head_tree = access.commit_tree(question.snapshot.head_sha)

    def outcome(self) -> ForgeObservation:
        """Return all that was observed."""
        snapshot, question, policy = self.snapshot, self.question, self.rules.policy.policy
        files = tuple(sorted(snapshot.files, key=lambda file: file.path))
        look = Look(
            self.access, question.base_tree, self.head_tree, files, self.rules, self.readers, question.at,
            question.config,
        )  # fmt: skip
        declaration = self._declaration(look)
        plan = plan_digest(declaration.rollback)
        content = content_digest(files)
        seen = Seen(instant(question.at), snapshot.base_ref, plan, content, snapshot.head_sha, longest_hold(policy))
        names = [component.name for component in self.rules.ownership.components]
        pushes = [*question.pushes, *(snapshot.pushes or ())]
        signoffs = read_signoffs(
            snapshot, seen, question.known, files_at=self._files_at, digest=content_digest,
            comments=CommentReading(self.readers.outline, names, pushes),
        )  # fmt: skip
        self._meet(review.account for review in snapshot.reviews)
        self._meet(review.dismissed_by for review in snapshot.reviews)
        acting = {act.account for act in signoffs.acts}
        self._meet(c.account for c in snapshot.comments if c.account and f"github:{c.account.id}" in acting)
        self._meet_again(act.account for act in signoffs.acts)
        commits = tuple(self._commit(commit) for commit in snapshot.commits)
        pushers, uncovered = self._pushers()
        facts = Facts(
            engine=__version__,
            change=self._change(),
            files=files,
            commits=commits,
            accounts=self.accounts,
            ownership=self.rules.ownership,
            policy=self.rules.policy,
            declaration=declaration,
            pushers=pushers,
            unattributed=uncovered,
            teams=self._teams(files, declaration),
            signoffs=signoffs.acts,
            earlier_contents=signoffs.earlier,
            findings=look.findings(),
            rehearsals=question.rehearsals,
            tickets=tuple(self._ticket(key) for key in declaration.tickets),
            checks=snapshot.checks,
            freeze_periods=look.freezes(),
            look_alikes=look.look_alikes(),
            title_hits=look.title_hits(snapshot.title),
            on_call=look.on_call(),
            flag_found=self._flag_found(declaration, files),
            is_first_contribution=snapshot.is_first_contribution,
            recent_incidents=question.recent_incidents,
            owed_reviews=question.owed_reviews,
            gate_files=look.gate_files(),
            broken_base=self.rules.broken,
            problems=(*snapshot.problems, *look.problems, *self.problems),
            assumptions=question.assumptions,
            hidden_files=snapshot.hidden_files,
        )
        return ForgeObservation(facts, content, plan, signoffs)

    def _change(self) -> Change:
        snapshot = self.snapshot
        author = self._key(snapshot.author) if snapshot.author else f"deleted:change:{snapshot.key.number}"
        if snapshot.author is None:
            why = "The account that opened this change no longer exists, so nobody can be told apart from its author."
            self.problems.append(Problem("author-unknown", why, "Open the change again from an account that exists."))
        return Change(
            repository=Repository(
                snapshot.repository.key.id, snapshot.repository.name, snapshot.repository.default_branch
            ),
            number=snapshot.key.number,
            title=snapshot.title,
            author=author,
            base_ref=snapshot.base_ref,
            base_sha=snapshot.base_sha,
            head_sha=snapshot.head_sha,
            merge_bases=snapshot.merge_bases,
            url=snapshot.url,
            is_draft=snapshot.is_draft,
            labels=tuple(
                Label(label.name, self._key(label.set_by) if label.set_by else None)
                for label in sorted(snapshot.labels, key=lambda label: label.name)
            ),
        )

    def _declaration(self, look: Look) -> Declaration:
        return read_declaration(
            body=self.snapshot.body,
            files=look.declared_files(),
            template=look.template(),
            commit_message=None,
            load_yaml=self.readers.load_yaml,
            outline=self.readers.outline,
        )

    def _meet(self, accounts: Iterable[ForgeAccount | None]) -> None:
        for account in accounts:
            if account is not None:
                self._key(account)

    def _meet_again(self, keys: Iterable[AccountKey]) -> None:
        """Make the accounts known whose sign-offs are kept here: at the forge by number, or by their record.

        One that is gone from the forge counts for nothing any more, and its no still stands.
        """
        for key in sorted(set(keys) - self.accounts.keys()):
            kind, _, name = key.partition(":")
            if kind == "github" and name.isdecimal():
                found = self.access.account_numbered(int(name)) or ForgeAccount(int(name), "", "unknown")
                self._key(found)
            elif kind == "person" and name in self.rules.ownership.people:
                self.accounts[key] = Account(name, "user", self.rules.ownership.people[name].github)

    def _key(self, account: ForgeAccount) -> AccountKey:
        """Return the key of an account, which is known from now on.

        SECURITY: the forge's word holds, whatever a commit's address claimed of the same number before (R04).
        """
        key, found = self.book.account_of_forge(account)
        known = self.accounts.get(key)
        if known is None or known.email is not None:  # an address: a commit's claim
            self.accounts[key] = found
        return key

    def _claimed(self, name: str, email: str) -> AccountKey | None:
        """Return the key of a name and address that the forge maps to no account."""
        found = self.book.account_of(Identity(name, email))
        if found is None:
            return None
        self.accounts.setdefault(*found)
        return found[0]

    def _commit(self, commit: ForgeCommit) -> Commit:
        author, committer = commit.author, commit.committer
        return Commit(
            sha=commit.sha,
            author=self._key(author) if author else self._claimed(commit.author_name, commit.author_email),
            committer=self._key(committer)
            if committer
            else self._claimed(commit.committer_name, commit.committer_email),
            co_authors=tuple(
                dict.fromkeys(
                    key for who in co_authors_in(commit.message) if (key := self._claimed(who.name, who.email))
                )
            ),
            is_verified=commit.is_verified,
            is_mechanical_merge=commit.is_mechanical_merge,
        )

    def _pushers(self) -> tuple[tuple[Push, ...], tuple[str, ...]]:
        """Return who pushed what is in the change, and the head where nobody is known to have pushed it (R03)."""
        pushes: dict[str, list[ForgePush]] = {}
        for push in (*self.question.pushes, *(self.snapshot.pushes or ())):
            if push.account:
                pushes.setdefault(push.after, []).append(push)
        shas = {commit.sha for commit in self.snapshot.commits} | _heads_behind(self.snapshot, pushes)
        found = {
            Push(self._key(push.account), push.after) for sha in shas for push in pushes.get(sha, ()) if push.account
        }
        head = self.snapshot.head_sha
        return tuple(sorted(found, key=lambda push: (push.account, push.sha))), () if head in pushes else (head,)

    def _teams(self, files: Sequence[ChangedFile], declaration: Declaration) -> dict[str, Team]:
        wanted = teams_of_forge(
            self.rules.ownership,
            self.rules.policy.policy,
            paths=[file.path for file in files],
            declared=declaration.affects,
        )
        teams = {}
        for name in wanted:
            organisation, _, slug = name.partition("/")
            team = self.access.team(organisation, slug)
            members = tuple(sorted({self._person(account) for account in team.members}))
            teams[name] = Team(members, team.unreadable)
        return teams

    def _person(self, account: ForgeAccount) -> PersonKey:
        return self.accounts[self._key(account)].person

    def _ticket(self, key: str) -> Ticket:
        trackers, snapshot = self.question.trackers, self.snapshot
        return look_up_ticket(self.access, key, repository=snapshot.repository, url=snapshot.url, trackers=trackers)

    def _files_at(self, sha: str) -> tuple[ChangedFile, ...] | None:
        try:
            return self.access.files_between(self.snapshot.base_sha, sha)
        except UnreadableError:
            return None  # what cannot be read cannot be shown to be the same: the review does not count

    def _flag_found(self, declaration: Declaration, files: Sequence[ChangedFile]) -> bool | None:
        """Return whether the declared feature flag is in a changed line, or in the paths that the policy names."""
        flag = declaration.rollback.flag if declaration.rollback else None
        if not flag:
            return None
        shas = {sha for file in files[:_MAX_FLAG_FILES] for sha in (file.blob, file.base_blob) if sha}
        contents = dict(self.access.blobs(sorted(shas), limit=MAX_READ_BYTES))
        if any(_is_on_changed_line(flag, contents.get(f.base_blob), contents.get(f.blob)) for f in files):
            return True
        paths = self.rules.policy.policy.rollback.flag_paths
        if not paths:
            return False
        matcher = PathMatcher([paths])
        named = [e.blob for e in self.head_tree.entries() if matcher.match(e.path)[0] >= 0][:_MAX_FLAG_FILES]
        return any(flag.encode() in (raw or b"") for _, raw in self.access.blobs(named, limit=MAX_READ_BYTES))


def _heads_behind(snapshot: Snapshot, pushes: Mapping[str, Sequence[ForgePush]]) -> set[str]:
    """Return every head that the branch had since it left the base, forced ones included.

    SECURITY: a commit may have been pushed more than once, by several people; each of them had a hand in it (R02).
    """
    met: set[str] = set()
    todo = [snapshot.head_sha]
    while todo:
        sha = todo.pop()
        if sha in pushes and sha not in met and sha not in snapshot.merge_bases:
            met.add(sha)
            todo += [push.before or _ZERO for push in pushes[sha]]
    return met


def _is_on_changed_line(text: str, before: bytes | None, after: bytes | None) -> bool:
    """Return whether a line with this text is in one version and not in the other."""
    needle = text.encode()
    old = {line for line in (before or b"").split(b"\n") if needle in line}
    new = {line for line in (after or b"").split(b"\n") if needle in line}
    return old != new

"""Observing a change at a forge: the facts of one consistent snapshot, with nothing decided."""

import datetime as dt
from collections.abc import Sequence

from gate import __version__
from gate.core.change.declaration import Declaration
from gate.core.change.facts import (
    Change,
    ChangedFile,
    Facts,
    Label,
    LookAlike,
    OwedReview,
    Problem,
    Rehearsal,
    Repository,
    Team,
    Ticket,
)
from gate.core.change.plan_digest import plan_digest
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgePush, Snapshot, content_digest
from gate.core.policy.references import teams_of_forge
from gate.core.policy.touched import places_led_to
from gate.core.signoff.eligibility import longest_hold
from gate.core.times import instant
from gate.core.values import dataclass
from gate.usecases.accounts_met import AccountsMet
from gate.usecases.change_port import ChangeReader
from gate.usecases.declared_flag import is_flag_found
from gate.usecases.declared_tickets import look_up_tickets
from gate.usecases.forge_signoffs import CommentReading, Known, Seen, SignoffsSeen, read_signoffs
from gate.usecases.load_rules import Rules
from gate.usecases.observing import Look
from gate.usecases.ports import Readers, Tree
from gate.usecases.pushers import pushers_of
from gate.usecases.read_declaration import read_declaration
from gate.usecases.tracker_ports import Tracker


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
        self.met = AccountsMet(access, question.rules.ownership.people)
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
        self.met.meet(review.account for review in snapshot.reviews)
        self.met.meet(review.dismissed_by for review in snapshot.reviews)
        acting = {act.account for act in signoffs.acts}
        self.met.meet(c.account for c in snapshot.comments if c.account and c.account.key in acting)
        self.met.meet_again(act.account for act in signoffs.acts)
        commits = tuple(self.met.commit(commit) for commit in snapshot.commits)
        pushers, uncovered = pushers_of(snapshot, question.pushes, self.met.key_of)
        look_alikes = look.look_alikes()
        facts = Facts(
            engine=__version__,
            change=self._change(),
            files=files,
            commits=commits,
            accounts=self.met.accounts,
            ownership=self.rules.ownership,
            policy=self.rules.policy,
            declaration=declaration,
            pushers=pushers,
            unattributed=uncovered,
            teams=self._teams(files, look_alikes, declaration),
            signoffs=signoffs.acts,
            earlier_contents=signoffs.earlier,
            findings=look.findings(),
            rehearsals=question.rehearsals,
            tickets=self._tickets(declaration.tickets),
            checks=snapshot.checks,
            freeze_periods=look.freezes(),
            look_alikes=look_alikes,
            title_hits=look.title_hits(snapshot.title),
            on_call=look.on_call(),
            flag_found=is_flag_found(
                declaration, files, source=self.access, head=self.head_tree, paths=policy.rollback.flag_paths
            ),
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
        author = self.met.key_of(snapshot.author) if snapshot.author else f"deleted:change:{snapshot.key.number}"
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
                Label(label.name, self.met.key_of(label.set_by) if label.set_by else None)
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

    def _teams(
        self, files: Sequence[ChangedFile], look_alikes: Sequence[LookAlike], declaration: Declaration
    ) -> dict[str, Team]:
        rules, paths = self.rules, [file.path for file in files]
        led_to = places_led_to(files, look_alikes)
        with self.readers.kept.lent(rules.ownership, rules.policy) as compiled:
            wanted = teams_of_forge(
                compiled.index, rules.policy.policy, paths=paths, led_to=led_to, declared=declaration.affects
            )
        teams = {}
        for name in wanted:
            organisation, _, slug = name.partition("/")
            team = self.access.team(organisation, slug)
            members = tuple(sorted({self.met.person(account) for account in team.members}))
            teams[name] = Team(members, team.unreadable)
        return teams

    def _tickets(self, keys: Sequence[str]) -> tuple[Ticket, ...]:
        repository, url = self.snapshot.repository, self.snapshot.url
        return look_up_tickets(self.access, keys, repository=repository, url=url, trackers=self.question.trackers)

    def _files_at(self, sha: str) -> tuple[ChangedFile, ...] | None:
        try:
            return self.access.files_between(self.snapshot.base_sha, sha)
        except UnreadableError:
            return None  # what cannot be read cannot be shown to be the same: the review does not count

"""Simulating a policy: past changes, recorded or reconstructed, under the rules in force and the proposed ones."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from gate.core.change.facts import Account, AccountKey, Facts, FreezePeriod, Team
from gate.core.change.observed import LandedCommit
from gate.core.errors import GateError
from gate.core.forge.snapshot import ForgeAccount
from gate.core.identity import AccountBook, Identity
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.references import conditions_of
from gate.core.policy.simulate import Pair, PastChange, Simulation, simulate
from gate.core.times import instant, parse_instant
from gate.core.values import dataclass
from gate.usecases.load_rules import Rules
from gate.usecases.local_question import LocalQuestion
from gate.usecases.observe_local_change import observe_local_change
from gate.usecases.ports import LocalCheckout, Readers

_AROUND = dt.timedelta(days=40)
_MOST_MINUTES = 60 * 24 * 60
"""A wait of more than sixty days says nothing of how long people take to sign off."""

ReadFile = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rules to be compared, and what reads the calendar files that they name."""

    rules: Rules
    read: ReadFile


def simulate_over(
    past: Sequence[PastChange], *, before: Proposal, after: Proposal, readers: Readers, left_out: int = 0
) -> Simulation:
    """Return what the proposal would have changed for past changes. Raises InvalidFileError for a broken calendar."""
    if not past:
        return simulate((), left_out=left_out)
    teams = _teams_seen(past)
    old = _Restating(before, past, readers, teams)
    new = _Restating(after, past, readers, teams)
    pairs = (Pair(one, old.restated(one.facts), new.restated(one.facts)) for one in past)
    with old.compiled() as rules, new.compiled() as proposed:
        return simulate(pairs, old=rules, new=proposed, left_out=left_out)


def _teams_seen(past: Sequence[PastChange]) -> Mapping[str, Team]:
    """Return the members of every team that any of the changes knew, as the newest of them did."""
    found: dict[str, Team] = {}
    for one in sorted(past, key=lambda change: change.at):
        found |= {name: team for name, team in one.facts.teams.items() if not team.unreadable}
    return found


class _Restating:
    """Puts facts under other rules: whatever was worked out of the rules is worked out anew."""

    def __init__(
        self, proposal: Proposal, past: Sequence[PastChange], readers: Readers, teams: Mapping[str, Team]
    ) -> None:
        self.rules = proposal.rules
        self.readers = readers
        self.teams = teams
        self.book = AccountBook(proposal.rules.ownership.people)
        self.patterns = sorted({w.title for w in conditions_of(proposal.rules.policy.policy) if w.title})
        self.periods = self._periods(proposal.read, past)

    def _periods(self, read: ReadFile, past: Sequence[PastChange]) -> tuple[FreezePeriod, ...]:
        document = self.rules.policy
        if not document.policy.freezes:
            return ()
        times = [parse_instant(one.at) for one in past]
        expanded = self.readers.expand_freezes(
            document.policy.freezes,
            read=read,
            from_at=instant(min(times) - _AROUND),
            until_at=instant(max(times) + _AROUND),
            file=document.file,
            lines=document.lines,
        )
        return tuple(expanded.periods)

    def compiled(self) -> AbstractContextManager[CompiledRules]:
        """Lend these rules compiled, to look the files of past changes up."""
        return self.readers.kept.lent(self.rules.ownership, self.rules.policy)

    def restated(self, facts: Facts) -> Facts:
        """Return the facts of a past change as they would be under these rules."""
        title = facts.change.title
        return replace(
            facts,
            ownership=self.rules.ownership,
            policy=self.rules.policy,
            accounts={key: self._account(key, account) for key, account in facts.accounts.items()},
            teams={**self.teams, **facts.teams},
            title_hits={pattern: self.readers.title_matches(pattern, title) for pattern in self.patterns},
            freeze_periods=self.periods,
            broken_base=self.rules.broken,
            digest="",
        )

    def _account(self, key: AccountKey, account: Account) -> Account:
        """Return an account with the person that these records see behind it."""
        if account.kind in {"platform", "unknown"}:
            return account
        kind, _, rest = key.partition(":")
        if kind == "github" and rest.isascii() and rest.isdigit():
            forge = ForgeAccount(int(rest), account.login or "", account.kind)
            return replace(account, person=self.book.account_of_forge(forge)[1].person)
        found = self.book.account_of(Identity(account.name or "", account.email or "", account.login or ""))
        return account if found is None else replace(account, person=found[1].person)


def reconstructed(
    checkout: LocalCheckout, landings: Iterable[LandedCommit], *, rules: Rules, readers: Readers, config: str
) -> Iterator[PastChange | None]:
    """Yield the change behind each landing; None for one that cannot be read in full.

    A merge is the change between its first parent and what it merged, any other commit (a squash) is one by itself.
    Nobody knows who signed off then, so that none has.
    """
    for landing in landings:
        commit = landing.commit
        is_merge = len(commit.parents) > 1
        question = LocalQuestion(
            base=commit.parents[0],
            head=commit.parents[1] if is_merge else commit.sha,
            at=dt.datetime.fromtimestamp(commit.committed_at, dt.UTC),
            config=config,
            title=commit.message.partition("\n")[0].strip() or commit.sha[:12],
            branch=checkout.default_branch or None,
        )
        try:
            facts = observe_local_change(checkout, question, readers=readers, rules=rules)
        except GateError:
            yield None
            continue
        waited = _minutes(commit.committed_at - checkout.commit(question.head).committed_at) if is_merge else None
        yield PastChange(
            id=commit.sha[:12], title=question.title or "", facts=facts, at=instant(question.at), waited_minutes=waited
        )


def _minutes(seconds: float) -> int | None:
    minutes = round(seconds / 60)
    return minutes if 0 <= minutes <= _MOST_MINUTES else None

"""Answering commands: each command of a comment gets its answer once; `/delegate` is carried out by it."""

from collections.abc import Iterator, Mapping

from gate.core.asks import Asks
from gate.core.change.facts import AccountKey, SignOff
from gate.core.errors import GateError
from gate.core.explain.escaping import prose
from gate.core.forge.snapshot import ForgeComment, Snapshot
from gate.core.signoff.answers import TAKEN, Answer, answer_to
from gate.core.signoff.commands import Command, commands_in, may_hold_commands
from gate.core.values import dataclass
from gate.usecases.command_answers import CommandAnswer
from gate.usecases.delegate_signoff import delegate_signoff, people_to_ask
from gate.usecases.gate import Gate
from gate.usecases.heed_comments import known_people
from gate.usecases.jobs import comment_job, react_job
from gate.usecases.people import StandIn
from gate.usecases.repository_ownership import ownership_now
from gate.usecases.signoff_decisions import SignoffRefusedError
from gate.usecases.stand_ins import MAX_REASON, name_stand_in, possible_stand_ins

_MAX_BODY = 65_536
_MOST_WHY = 500
_HOW = "the forge's comment"


def answer_commands(gate: Gate, snapshot: Snapshot, asks: Asks) -> int:
    """Answer every command of a change that has no answer yet; return how many.

    The answer is what the command was understood as first, so that it is given once, however often the change is
    judged. Who asks somebody else by `/delegate` is held to the same as on the page.
    """
    key = snapshot.key
    with gate.store.reading() as reading:
        known = {(one.comment, one.line) for one in reading.command_answers(key)}
    answering = _Answering(gate, snapshot, asks)
    found = [one for one in answering.answers(known) if (one.comment, one.line) not in known]
    if not found:
        return 0
    at = gate.instant()
    with gate.store.writing() as writing:
        for one in found:
            writing.save_command_answer(one)
        if gate.settings.comments and asks.verdict.enforcement == "active":
            for comment in sorted({one.comment for one in found}):
                writing.enqueue(react_job(key, comment, at=at))
            writing.enqueue(comment_job(key, at=at))
    gate.measures.count("commands_answered", len(found))
    return len(found)


@dataclass(frozen=True, slots=True)
class _Answering:
    """The commands of one change, with what is needed to answer them."""

    gate: Gate
    snapshot: Snapshot
    asks: Asks

    def answers(self, known: "set[tuple[int, int]]") -> Iterator[CommandAnswer]:
        """Yield the answer to each command that has none."""
        acts = {act.id: act for act in self.asks.facts.signoffs}
        names = [component.name for component in self.asks.facts.ownership.components]
        for comment in self.snapshot.comments:
            body = comment.body[:_MAX_BODY]
            if comment.is_by_app or comment.account is None or not may_hold_commands(body):
                continue
            for command in commands_in(body, self.gate.readers.outline(body), names=names):
                if (comment.id, command.line) not in known:
                    yield self._answer(comment, command, acts)

    def _answer(self, comment: ForgeComment, command: Command, acts: Mapping[str, SignOff]) -> CommandAnswer:
        account = self._account(comment)
        act = acts.get(f"comment:{comment.id}:{command.line}")
        if act is not None:
            answer = answer_to(act, self.asks)
        elif comment.is_edited:
            answer = Answer(is_taken=False, why="The comment was edited, so it counts for nothing. Write a new one.")
        elif command.kind == "delegate":
            answer = self._delegated(account, command)
        elif command.kind == "escalate":
            answer = self._escalated(account)
        else:
            answer = Answer(is_taken=False, why="It was not understood.")
        return CommandAnswer(
            key=self.snapshot.key,
            comment=comment.id,
            line=command.line,
            account=account,
            name=self.asks.directory.display(self.asks.person_of(account)),
            kind=command.kind,
            outcome="taken" if answer.is_taken else "unsure" if answer.is_unsure else "refused",
            why=prose(answer.why, _MOST_WHY),
            given_at=comment.at,
            answered_at=self.gate.instant(),
        )

    def _account(self, comment: ForgeComment) -> AccountKey:
        return comment.account.key if comment.account is not None else ""

    def _escalated(self, account: AccountKey) -> Answer:
        person = self.asks.person_of(account)
        if person in known_people(self.asks.facts):
            return TAKEN
        return Answer(is_taken=False, why="Only people whom the ownership records name call others.")

    def _delegated(self, account: AccountKey, command: Command) -> Answer:
        """Carry a delegation out, and with a day the standing in; return what became of it.

        SECURITY: a stranger's is answered and no more: anybody may comment, and each attempt of somebody known costs
        questions at the forge and an entry of the ledger (S16).
        """
        person = self.asks.person_of(account)
        if person not in known_people(self.asks.facts) and not self.asks.concerning(person):
            return Answer(is_taken=False, why="Only people who are asked for sign-offs here ask somebody else.")
        to = self._named(command.to)
        if not to:
            why = f"Nobody is known here as `{command.to}`. Name a person of the records, or a login."
            return Answer(is_taken=False, why=why)
        reason = command.reason[:MAX_REASON]
        try:
            if command.until:
                self._stand_in(account, to, command.until, reason)
            # Who stands in from now on need not be entitled to this very change: its author, say.
            if not command.until or self._may_be_asked(account, to):
                delegate_signoff(self.gate, self.snapshot.key, account, to, authenticated=_HOW, reason=reason)
        except SignoffRefusedError as refused:
            return Answer(is_taken=False, why=str(refused))
        return TAKEN

    def _may_be_asked(self, account: AccountKey, to: AccountKey) -> bool:
        person = self.asks.person_of(account)
        with self.gate.store.reading() as reading:
            was_asked = any(self.asks.person_of(one.to) == person for one in reading.delegations(self.snapshot.key))
        return to in people_to_ask(self.asks, account) and not was_asked

    def _stand_in(self, account: AccountKey, to: AccountKey, until: str, reason: str) -> None:
        now = self.gate.instant()
        try:
            places = [ownership_now(self.gate, self.snapshot.repository)]
            possible = possible_stand_ins(self.gate, account, places)
        except GateError:
            what = "Who may stand in cannot be told: the forge did not answer."
            raise SignoffRefusedError("not-eligible", what, next_step="Say it again.") from None
        name_stand_in(
            self.gate, StandIn(account, to, now[:10], until, now, reason), possible=possible, authenticated=_HOW
        )

    def _named(self, name: str) -> AccountKey:
        """Return the account behind a name of the records or a login, empty for nobody that is known.

        SECURITY: a login that nobody here is known by names nobody, whoever may register it (R43).
        """
        people = self.asks.facts.ownership.people
        if name in people:
            return self.asks.account_of(name)
        found = self.asks.directory.behind(f"@{name}").members
        known = {account.person for account in self.asks.facts.accounts.values()} | people.keys()
        return next((self.asks.account_of(person) for person in found if person in known), "")

"""Command answers: what is kept of each command in a comment: who gave it, and what became of it."""

from typing import Literal, Protocol

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey
from gate.core.signoff.commands import CommandKind
from gate.core.values import dataclass

Outcome = Literal["taken", "refused", "unsure"]


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What became of one command, as it was understood first. `name` is who gave it, `why` a sentence if not taken."""

    key: ChangeKey
    comment: int
    line: int
    account: AccountKey
    name: str
    kind: CommandKind
    outcome: Outcome
    why: str
    given_at: Instant
    answered_at: Instant


class ReadingAnswers(Protocol):
    """What can be looked up of answers to commands."""

    def command_answers(self, key: ChangeKey) -> "tuple[CommandAnswer, ...]": ...  # noqa: D102  # oldest comment first


class WritingAnswers(Protocol):
    """What is kept of answers to commands."""

    def save_command_answer(self, answer: CommandAnswer) -> bool:
        """Keep an answer, and return False where the command was answered before."""
        ...

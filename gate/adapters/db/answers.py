"""Answers: what became of each command in a comment, kept as it was understood first."""

from abc import ABC, abstractmethod

from sqlalchemy import Connection, select

from gate.adapters.db.rows import change_key_of, is_change, key_values, storable
from gate.adapters.db.tables_commands import command_answers
from gate.adapters.db.upserts import is_inserted
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.command_answers import CommandAnswer

_TEXTS = ("account", "name", "kind", "outcome", "why", "given_at", "answered_at")


class ReadingAnswers(ABC):
    """Looks answers up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def command_answers(self, key: ChangeKey) -> tuple[CommandAnswer, ...]:
        """Return what became of every command of a change, oldest comment first."""
        c = command_answers.c
        wanted = select(command_answers).where(is_change(command_answers, key)).order_by(c.comment, c.line)
        rows = self._look().execute(wanted).mappings()
        return tuple(
            CommandAnswer(change_key_of(row), row["comment"], row["line"], **{name: row[name] for name in _TEXTS})
            for row in rows
        )


class WritingAnswers(ReadingAnswers):
    """Keeps answers."""

    def save_command_answer(self, answer: CommandAnswer) -> bool:
        """Keep an answer, and return False where the command was answered before."""
        texts = {name: storable(getattr(answer, name)) for name in _TEXTS}
        row = {**key_values(answer.key), "comment": answer.comment, "line": answer.line, **texts}
        return is_inserted(self._look(), command_answers, row)

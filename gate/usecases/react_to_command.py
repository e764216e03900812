"""Reacting to a command: its comment shows whether the gate took it; why not stands in the gate's own comment."""

from gate.core.forge.snapshot import ChangeKey
from gate.usecases.forge_ports import ForbiddenError, GoneError
from gate.usecases.gate import Gate, known_repository


def react_to_command(gate: Gate, key: ChangeKey, comment: int) -> bool:
    """Show what became of a comment's commands: one reaction where all are taken, another one where any is not.

    The forge keeps one reaction of a kind from each account, so that it may be sent again. Return whether it was sent.
    """
    with gate.store.reading() as reading:
        repository = known_repository(reading, key.repository_key)
        answers = [one for one in reading.command_answers(key) if one.comment == comment]
    if not answers:
        return False
    is_taken = all(one.outcome == "taken" for one in answers)
    try:
        gate.access(repository).react(comment, "taken" if is_taken else "not-taken")
    except GoneError:
        return False  # the comment was deleted: there is nothing to react to
    except ForbiddenError:
        gate.measures.count("reactions_forbidden")
        return False  # a courtesy: the gate's comment says the same
    return True

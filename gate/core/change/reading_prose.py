"""Reading prose: a rollback plan written as people talk, in which at least one thing to do must be found."""

from collections.abc import Sequence

from gate.core.change.reading_parts import Loose
from gate.core.change.reading_sections import folded
from gate.core.change.reading_statements import Part, Reading, Written
from gate.core.change.reading_text import emptiness_of, is_concrete, quoted, word_of
from gate.core.change.reading_values import read_written
from gate.core.change.vocabulary import METHODS


def read_prose(loose: Sequence[Loose], reading: Reading, line: int, *, shipped: frozenset[str]) -> None:
    """State the method `manual` with the prose as its steps, or why it is no plan.

    A plan that consists of nothing but the name of a method is that method.
    """
    said = [one.part for one in loose if emptiness_of(one.part.text) != "empty"]
    own = [part for part in said if part.is_code or folded(part.text) not in shipped]
    kept = [part for part in own if not emptiness_of(part.text)]
    if not kept:
        _report_nothing(said, own, reading, line)
        return
    if len(kept) == 1 and word_of(kept[0].plain) in METHODS:
        reading.state("method", METHODS[word_of(kept[0].plain)], kept[0].line)
        return
    if not any(is_concrete(part.plain) and not part.is_link and not part.is_code for part in kept):
        text = f"The rollback plan holds no step: {quoted(kept[0].plain)} does not say what to do (line {line})."
        hint = "Write what is to be done, in the imperative, or under `Steps`."
        reading.lack("rollback-missing", f"{text} {hint}", kept[0].line)
        return
    read_written(Written("steps", kept[0].line, tuple(kept)), reading)
    if any(reading.of("steps")):
        reading.state("method", "manual", line)
        reading.is_prose = True


def _report_nothing(said: Sequence[Part], own: Sequence[Part], reading: Reading, line: int) -> None:
    if own:
        text = (
            f"The rollback plan is a placeholder: {quoted(own[0].plain)} (line {own[0].line}); write how to get back."
        )
        reading.lack("rollback-placeholder", text, own[0].line)
    elif said:
        text = f"The rollback plan is the untouched template (line {line}); fill in how to get back."
        reading.lack("rollback-template", text, line)
    else:
        text = f"The rollback plan says nothing (line {line}); write how to get back, beginning with `Method`."
        reading.lack("rollback-missing", text, line)

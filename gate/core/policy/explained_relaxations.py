"""Explained relaxations: standard changes, freezes and the emergency path of a policy in words."""

from collections.abc import Iterator, Mapping

from gate.core.change.facts import Facts, Instant
from gate.core.policy.demands import in_words
from gate.core.policy.explanation import DEAD, asks_of, phrase, unmeetable, words_of
from gate.core.policy.model import Emergency, Freeze, Requirement, StandardChange, TicketRequirement
from gate.core.policy.standard_changes import end_of
from gate.core.signoff.people import Directory
from gate.core.values import dataclass

_WAIVED: Mapping[str, str] = {
    "ownership": "the sign-offs of owners",
    "rules": "what rules ask for",
    "tickets": "the ticket",
    "rollback": "the rollback plan",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """What one of them does, sentence by sentence, where it is written, and what is wrong with it."""

    title: str
    line: int
    sentences: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def is_dead(self) -> bool:
        """Return whether it asks for what nobody can give."""
        return any(warning.startswith(DEAD) for warning in self.warnings)


def explain_relaxations(facts: Facts, *, at: Instant) -> list[Passage]:
    """Return every standard change, every freeze and the emergency path of these rules, in that order."""
    policy, lines = facts.policy.policy, facts.policy.lines
    found = [
        _standard_change(one, lines.get(f"standard_changes/{number}", 0), at)
        for number, one in enumerate(policy.standard_changes)
    ]
    may_be_emergency = policy.emergency is not None
    for number, freeze in enumerate(policy.freezes):
        found.append(_freeze(freeze, lines.get(f"freezes/{number}", 0), may_be_emergency=may_be_emergency))
    if policy.emergency is not None:
        found.append(_emergency(policy.emergency, lines.get("emergency", 0), Directory(facts)))
    return found


def _standard_change(model: StandardChange, line: int, at: Instant) -> Passage:
    waived = in_words([_WAIVED[one] for one in model.waives])
    return Passage(
        f"Standard change {model.name}",
        line,
        (f"{words_of(model.when)}, {waived} may be missing: approved by {model.approved_by} until {model.until}",),
        ("it has ended, so it lets nothing through any more",) if end_of(model.until) <= at else (),
    )


def _freeze(freeze: Freeze, line: int, *, may_be_emergency: bool) -> Passage:
    """Return a freeze in words. An emergency in force passes it whether or not it makes that exception."""
    zone = f" ({freeze.timezone})" if freeze.timezone else ""
    when = f"by the calendar {freeze.calendar}" if freeze.calendar else f"from {freeze.from_} to {freeze.to}"
    what = f"a change is held if {phrase(freeze.components)}" if freeze.components else "every change is held"
    spared = ["an emergency"] if may_be_emergency else []
    spared += ["a standard change"] if "standard" in (freeze.except_ or ()) else []
    save = f", save {in_words(spared, last='or')}" if spared else ""
    return Passage(f"Freeze {freeze.name}", line, (f"{when}{zone} {what}{save}",))


def _emergency(path: Emergency, line: int, directory: Directory) -> Passage:
    needed = Requirement(signoffs=path.signoffs)
    setters = in_words([one.replace(":", " ") for one in path.set_by or sorted(path.signoffs)], last="or")
    return Passage(
        "Emergency",
        line,
        tuple(_sentences(path, setters, needed)),
        tuple(unmeetable(needed, directory.facts.ownership.components, directory)),
    )


def _sentences(path: Emergency, setters: str, needed: Requirement) -> Iterator[str]:
    yield f"when somebody of {setters} has set the label {path.label}, it asks for {in_words(list(asks_of(needed)))}"
    if path.tickets.required:
        ticket = TicketRequirement(kinds=path.tickets.kinds, state=path.tickets.state, min=path.tickets.min)
        yield f"and for {in_words(list(asks_of(Requirement(tickets=ticket))))}"
    yield "it waives owners, rules, escalation and freezes; never the rollback plan, a rejection or a policy change"
    yield f"its sign-offs hold for {path.expires_after}, and it is reviewed within {path.review_within}"

"""Standard changes: pre-approved models that waive what they name."""

from gate.core.change.facts import Facts, Instant
from gate.core.policy.conditions import Circumstances, asks_about_components, excludes_components, rests_on_claims
from gate.core.policy.model import StandardChange
from gate.core.policy.touched import Touched
from gate.core.times import instant, moment_of
from gate.core.values import dataclass
from gate.core.verdict import RelaxationView


@dataclass(frozen=True, slots=True)
class StandardMatch:
    """A standard change whose model this change fits, with the line on which it is written and its last instant."""

    model: StandardChange
    file: str
    line: int
    until: Instant

    def view(self) -> RelaxationView:
        """Return how the verdict names this relaxation."""
        what = ", ".join(self.model.waives)
        why = (
            f"The standard change `{self.model.name}` ({self.file}:{self.line}), approved by {self.model.approved_by} "
            f"until {self.until[:10]}, waives: {what}."
        )
        return RelaxationView(kind="standard-change", name=self.model.name, why=why)


def matching_standard_changes(
    facts: Facts, touched: Touched, circumstances: Circumstances, *, at: Instant
) -> list[StandardMatch]:
    """Return the standard changes that the change fits for certain and that are still in force.

    SECURITY: where it cannot be told, it does not fit. Every touched component must fit, not only one of them, and so
    must files that nobody owns, of which nothing is known, neither what they are nor what they are not; a change of
    the gate's own files is never a standard change. Nor does a model match that the author's own words alone could
    satisfy.
    """
    if touched.gate_files:
        return []
    found = []
    for number, model in enumerate(facts.policy.policy.standard_changes):
        until = end_of(model.until)
        if until <= at or rests_on_claims(model.when):
            continue
        components = touched.concerned if asks_about_components(model.when) else [None]
        if None in components and excludes_components(model.when):
            continue
        answers = [circumstances.holds(model.when, component, is_demanding=False) for component in components]
        if answers and all(answer is True for answer in answers):
            line = facts.policy.lines.get(f"standard_changes/{number}", 0)
            found.append(StandardMatch(model, facts.policy.file, line, until))
    return found


def end_of(local: str) -> Instant:
    """Return the instant from which a model is no longer in force; a time without an offset is UTC."""
    return instant(moment_of(local))

"""Judging a change of a local checkout: observe, seal, decide; the same facts give the same verdict again."""

from dataclasses import replace

from gate.core.change.facts import Facts, Instant
from gate.core.change.sealing import SealedFacts, content_salt, facts_file_bytes, seal, unseal
from gate.core.decide import decide
from gate.core.errors import UnreadableError
from gate.core.times import instant
from gate.core.values import dataclass
from gate.core.verdict import Verdict
from gate.usecases.local_question import LocalQuestion
from gate.usecases.observe_local_change import observe_local_change
from gate.usecases.ports import LocalCheckout, Readers


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the facts that it can be recomputed from, sealed as they are stored."""

    verdict: Verdict
    sealed: SealedFacts
    at: Instant
    is_base_broken: bool


def judge_local_change(checkout: LocalCheckout, question: LocalQuestion, *, readers: Readers) -> Judgement:
    """Return the verdict on a change in a checkout.

    Raises UsageError for unknown revisions, UnreadableError where the checkout lacks what is needed.
    """
    observed = observe_local_change(checkout, question, readers=readers)
    sealed = seal(observed, salt=content_salt(observed))
    at = instant(question.at)
    verdict = readers.kept.decide(replace(observed, digest=sealed.digest), at=at)
    return Judgement(verdict, sealed, at, bool(observed.broken_base))


def saved_facts(judgement: Judgement) -> bytes:
    """Return a facts file from which the same verdict is made again, byte for byte.

    Raises UnreadableError where reading it back would give anything else: such a file is never written.
    """
    again = decide(unseal(judgement.sealed.content, judgement.sealed.personal), at=judgement.at)
    if again != judgement.verdict:
        raise UnreadableError("The facts of this change do not survive being saved.", next_step="Report it, please.")
    return facts_file_bytes(judgement.sealed, judgement.at)


def judge_facts(facts: Facts, *, at: Instant) -> Verdict:
    """Return the verdict on saved facts."""
    return decide(facts, at=at)

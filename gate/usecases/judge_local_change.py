"""Judging a change of a local checkout: observe, seal, decide; the same facts give the same verdict again."""

from dataclasses import dataclass

from gate.core.change.facts import Facts, Instant
from gate.core.change.sealing import SealedFacts, content_salt, settle
from gate.core.decide import decide
from gate.core.signoff.eligibility import instant
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
    facts, sealed = settle(observed, salt=content_salt(observed))
    return Judgement(_decided(facts, instant(question.at)), sealed, instant(question.at), bool(facts.broken_base))


def judge_facts(facts: Facts, *, at: Instant) -> Verdict:
    """Return the verdict on saved facts."""
    return _decided(facts, at)


def _decided(facts: Facts, at: Instant) -> Verdict:
    return decide(facts, at=at)

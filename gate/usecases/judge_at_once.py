"""Judging at once: a change at a forge, judged without a store, from what the forge itself still knows."""

import datetime as dt
from dataclasses import replace

from gate.core.change.facts import Rehearsal
from gate.core.change.sealing import content_salt, seal
from gate.core.errors import UsageError
from gate.core.policy.model import PolicyDocument
from gate.core.times import instant
from gate.core.values import dataclass
from gate.usecases.change_port import ChangeReader
from gate.usecases.forge_rules import asks_for_checks, rules_at_forge
from gate.usecases.forge_signoffs import Known
from gate.usecases.judge_local_change import Judgement
from gate.usecases.observe_forge_change import ForgeQuestion, observe_forge_change
from gate.usecases.ports import Readers

SEEN_AT_ONCE = (
    "Judged from one look at the forge: reviews count that were given after the last edit of text and base; "
    "approval links, pushes of before and what the service keeps are not known here."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleLook:
    """What is asked: the number of the change, the time, and what the forge does not show."""

    number: int
    at: dt.datetime
    config: str = ".gate"
    organisation: PolicyDocument | None = None
    rehearsals: tuple[Rehearsal, ...] = ()
    assumptions: tuple[str, ...] = ()


def judge_at_once(access: ChangeReader, look: SingleLook, *, readers: Readers) -> Judgement:
    """Return the verdict on an open change.

    SECURITY: nothing is kept from earlier looks, so a review counts only where the forge records that neither text
    nor base were edited since it was given (R16, R36).
    Raises UsageError where the change is not open, UnreadableError where the forge does not answer in full.
    """
    snapshot = access.snapshot(look.number)
    if snapshot.state != "open":
        raise UsageError(
            f"{snapshot.repository.name}#{look.number} is {snapshot.state}.", next_step="Name a change that is open."
        )
    rules = rules_at_forge(access, snapshot, organisation=look.organisation, readers=readers, config=look.config)
    if asks_for_checks(rules.policy.policy):
        snapshot = replace(snapshot, checks=access.check_runs(snapshot.head_sha))
    settled_at = access.settled_at(look.number) if snapshot.reviews else snapshot.created_at
    question = ForgeQuestion(
        snapshot=snapshot,
        rules=rules,
        base_tree=access.commit_tree(snapshot.base_sha),
        known=Known((), (), lambda _: None, settled_at),
        pushes=(),
        at=look.at,
        config=look.config,
        rehearsals=look.rehearsals,
        assumptions=(SEEN_AT_ONCE, *look.assumptions),
    )
    observed = observe_forge_change(access, question, readers=readers).facts
    sealed = seal(observed, salt=content_salt(observed))
    at = instant(look.at)
    verdict = readers.kept.decide(replace(observed, digest=sealed.digest), at=at)
    return Judgement(verdict, sealed, at, bool(observed.broken_base))

"""Replaying: a verdict decided anew from its sealed facts, and compared with the recorded one byte for byte."""

from typing import Literal

from gate import __version__
from gate.core.change.facts import Instant
from gate.core.change.personal import UnsealError
from gate.core.change.sealing import SealedFacts, unseal
from gate.core.errors import InvalidFileError, UnreadableError, UsageError
from gate.core.explain.json import parse_verdict, verdict_bytes
from gate.core.forge.snapshot import ChangeKey
from gate.core.values import dataclass
from gate.core.verdict import Verdict
from gate.usecases.kept_rules import KeptRules
from gate.usecases.store_ports import Reading

Outcome = Literal["same", "erased", "differs", "other-engine"]
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of one verdict: `same` to the byte, or what stands against it; `why` is one sentence."""

    outcome: Outcome
    facts: str
    at: Instant
    state: str
    why: str
    ledger_index: int | None = None
    made: bytes = b""


def replay(
    sealed: SealedFacts, at: Instant, recorded: bytes, *, kept: KeptRules, ledger_index: int | None = None
) -> Replay:
    """Return whether these facts, judged at this time, give exactly the verdict that was recorded.

    Where personal values were erased, its words may differ; `erased` then says that state, requirements, codes and
    risk come out the same. `kept` spares compiling rules that equal those of a verdict before. Raises
    InvalidFileError where the record is no verdict.
    """
    told = parse_verdict(recorded)
    made: bytes = b""

    def ends(outcome: Outcome, why: str) -> Replay:
        return Replay(outcome, sealed.digest, at, told.state, why, ledger_index, made)

    if told.engine != __version__:
        why = f"It was decided by engine {told.engine}, and this is {__version__}: install release {told.engine}."
        return ends("other-engine", why)
    try:
        verdict = kept.decide(unseal(sealed.content, sealed.personal), at=at)
    except UnsealError as error:
        return ends("differs", f"The facts cannot be opened: {error}.")
    made = verdict_bytes(verdict)
    if made == recorded and not sealed.erased:
        return ends("same", "The facts give the same verdict, byte for byte.")
    if sealed.erased and _essence(verdict) == _essence(told):
        return ends("erased", _erased(len(sealed.erased)))
    if verdict.state != told.state:
        return ends("differs", f"The facts give another verdict: {verdict.state} where {told.state} is recorded.")
    return ends("differs", "The facts give another verdict; the state is the same.")


def replay_change(reading: Reading, key: ChangeKey) -> list[Replay]:
    """Return the replays of all recorded verdicts on a change, oldest first.

    Raises UsageError where none was recorded, UnreadableError where the facts of one are gone.
    """
    found = list(reversed(reading.verdicts(key, limit=_MOST)))
    if not found:
        raise UsageError("No verdict on this change was recorded here.", next_step="Name one that the gate judged.")
    done = []
    kept = KeptRules()
    for stored in found:
        sealed = reading.facts(stored.facts_digest)
        if sealed is None:
            step = "Run `gate ledger verify`."
            raise UnreadableError(f"The facts {stored.facts_digest[:19]} are gone.", next_step=step)
        try:
            done.append(replay(sealed, stored.at, stored.verdict, kept=kept, ledger_index=stored.ledger_index))
        except InvalidFileError as error:
            why = f"What is recorded is no verdict: {error}"
            done.append(Replay("differs", stored.facts_digest, stored.at, stored.state, why, stored.ledger_index))
    return done


def _erased(count: int) -> str:
    values = "1 personal value" if count == 1 else f"{count} personal values"
    return f"{values} of the facts were erased; state, requirements and codes come out the same."


def _essence(verdict: Verdict) -> object:
    """Return what of a verdict holds nothing personal."""
    requirements = [(one.id, one.kind, one.state, one.code, one.needed, one.given) for one in verdict.requirements]
    return verdict.state, verdict.facts, verdict.decided_at, verdict.risk.level, verdict.risk.score, requirements

"""The freeze: a database older than a head of its ledger kept elsewhere approves nothing until that is settled."""

from collections.abc import Sequence

from gate.core.change.facts import Instant, Problem
from gate.core.errors import UsageError
from gate.core.ledger.entries import EntryDraft
from gate.core.ledger.verification import LedgerFault
from gate.usecases.jobs import judge_job, withdraw_job
from gate.usecases.outside_copies import FREEZE, size_and_root
from gate.usecases.store_ports import Reading, Store, Writing
from gate.usecases.verify_ledger import SUBJECT

CODE = "ledger-frozen"
_NEXT = "An operator restores the newest database, or runs `gate ledger resume --reason TEXT`."


def frozen_why(reading: Reading) -> str:
    """Return why nothing may be approved now, empty where nothing stands against it."""
    return reading.setting(FREEZE) or ""


def problems_of(reading: Reading) -> tuple[Problem, ...]:
    """Return the freeze as a problem of facts: while it lasts every verdict is an error with this reason."""
    why = frozen_why(reading)
    return (Problem(CODE, why, _NEXT),) if why else ()


def freeze(store: Store, faults: Sequence[LedgerFault], *, at: Instant) -> bool:
    """Withhold all approvals, void every link and have everything judged anew; return False where it is so already.

    All of it is one transaction, with its entry: a crash leaves the gate frozen or not begun.
    """
    why = f"{faults[0].text} Nothing is approved until that is settled."
    with store.writing() as writing:
        if frozen_why(writing):
            return False
        writing.save_setting(FREEZE, why)
        links = writing.revoke_links(at=at, why=CODE)
        payload = {"anomaly": CODE, "code": faults[0].code, "why": faults[0].text, "links": len(links)}
        writing.append(EntryDraft("anomaly-seen", at, SUBJECT, payload=payload))
        _judge_all(writing, at, why="the ledger is older than a copy of its head")
    return True


def resume(store: Store, lost: Sequence[str], *, at: Instant, reason: str) -> int:
    """End a freeze, with somebody's reason in the ledger; return how many heads are given up as lost.

    `lost` are the notes kept elsewhere that this ledger does not continue: they are named in the entry, so that a
    verifier knows that somebody answered for them. Raises UsageError where nothing is frozen.
    """
    with store.writing() as writing:
        if not frozen_why(writing):
            raise UsageError("Nothing is frozen.", next_step="`gate ledger verify` says whether all holds.")
        heads = [{"size": size, "root": root.hex()} for size, root in map(size_and_root, lost)]
        payload = {"what": CODE, "reason": reason, "lost": heads}
        draft = EntryDraft("acknowledged", at, SUBJECT, authenticated="command-line", payload=payload)
        writing.append(draft)
        writing.save_setting(FREEZE, "")
        _judge_all(writing, at, why="the ledger's freeze has ended")
    return len(heads)


def _judge_all(writing: Writing, at: Instant, *, why: str) -> None:
    for change in list(writing.open_changes()):
        if change.published == "success":
            writing.enqueue(withdraw_job(change.key.repository_key, change.head_sha, at=at, why=why))
        writing.enqueue(judge_job(change.key, at=at, why=why))

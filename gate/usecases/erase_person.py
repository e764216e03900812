"""Erasing a person: names, addresses and words are forgotten, the ledger and every proof stay, and an entry says so."""

from collections.abc import Sequence

from gate.core.change.facts import Instant
from gate.core.errors import UsageError
from gate.core.ledger.entries import EntryDraft
from gate.usecases.ledger_ports import Erased
from gate.usecases.store_ports import Store

_VERDICTS_AN_ENTRY = 300
"""So that an entry stays below its 64 KiB."""


def erase_person(store: Store, account: str, names: Sequence[str], *, at: Instant, reason: str) -> Erased:
    """Forget a person and record that they were; return how much was forgotten.

    What the forge still says of them is read again with the next judgement of an open change: have it erased there
    first. Raises UsageError where nothing is known of them, StoreError where the database refuses.
    """
    with store.writing() as writing:
        erased = writing.erase_person(account, names)
        if not (erased.values or erased.beside_entries or erased.others or erased.verdicts):
            step = "Name the account as github:1001, and further names with --name."
            raise UsageError(f"Nothing is kept of {account}.", next_step=step)
        verdicts = sorted(erased.verdicts.items())
        for start in range(0, max(len(verdicts), 1), _VERDICTS_AN_ENTRY):
            portion = verdicts[start : start + _VERDICTS_AN_ENTRY]
            payload = {
                "account": account,
                "values": erased.values,
                "beside_entries": erased.beside_entries,
                "rows": erased.others,
                "verdicts": {str(index): digest for index, digest in portion},
                "reason": reason,
            }
            entry = EntryDraft("personal-data-erased", at, "service", authenticated="command-line", payload=payload)
            writing.append(entry)
    return erased

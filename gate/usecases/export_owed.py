"""Exporting what is owed and by whose records: reviews after break-glass with their terms, and ownership in force."""

import json
from collections.abc import Iterator

from gate.core.audit.tables import csv_line, json_line
from gate.usecases.export_ledger import Scope
from gate.usecases.store_ports import Reading
from gate.usecases.stored import ChangeFilter

REVIEWS = ("repository", "number", "head", "opened_at", "due_at", "done_at", "done_by", "is_overdue")


def after_reviews(reading: Reading, scope: Scope) -> Iterator[bytes]:
    """Yield every review that a break-glass owed: those that nobody has done first, each late one marked.

    What is open is late where its term ended before the newest entry of the ledger.
    """
    yield csv_line(REVIEWS)
    names = {one.key: one.name for one in scope.repositories}
    for is_open in (True, False):
        for one in reading.after_reviews(is_open=is_open):
            if one.key.repository_key in names:
                is_late = (one.done_at or scope.checkpoint.at) > one.due_at
                name = names[one.key.repository_key]
                ends = (one.opened_at, one.due_at, one.done_at, one.done_by)
                yield csv_line((name, one.key.number, one.head_sha, *ends, is_late))


def records_in_force(reading: Reading, scope: Scope) -> Iterator[bytes]:
    """Yield the ownership records of each repository as the newest judgement found them, with the facts that hold them.

    What is personal stands there by its commitment, as in the facts.
    """
    for repository in scope.repositories:
        page = reading.changes(ChangeFilter(repositories=(repository.key,), limit=1))
        for change in page.changes:
            sealed = reading.facts(change.facts_digest)
            if sealed is not None:
                ownership = json.loads(sealed.content)["ownership"]
                row = {"repository": repository.name, "facts": change.facts_digest, "judged_at": change.judged_at}
                yield json_line({**row, "ownership": ownership})

"""Changes: kept with the generation of their judgements as a fence against what was overtaken."""

from collections.abc import Iterator

from sqlalchemy import Connection, literal, select, tuple_, update
from sqlalchemy.sql import and_

from gate.adapters.db.columns import OPEN
from gate.adapters.db.rows import change_of, is_change, is_repository, key_values, storable, values_of
from gate.adapters.db.tables import changes, generations
from gate.adapters.db.upserts import insert_new, put
from gate.core.forge.snapshot import ChangeKey, RepositoryKey
from gate.usecases.store_ports import StaleGenerationError
from gate.usecases.stored import StoredChange

PORTION = 500
ORDER = (changes.c.judged_at, changes.c.tenant, changes.c.repository, changes.c.number)
SELECT = select(changes, generations.c.generation).join_from(
    changes,
    generations,
    and_(
        generations.c.tenant == changes.c.tenant,
        generations.c.repository == changes.c.repository,
        generations.c.number == changes.c.number,
    ),
)


def change_at(connection: Connection, key: ChangeKey) -> StoredChange | None:
    """Return a change with its present generation."""
    row = connection.execute(SELECT.where(is_change(changes, key))).mappings().one_or_none()
    return None if row is None else change_of(row)


def begin(connection: Connection, key: ChangeKey) -> int:
    """Return the next generation of a change; no earlier one can be recorded from now on."""
    insert_new(connection, generations, [{**key_values(key), "generation": 0}])
    statement = (
        update(generations)
        .where(is_change(generations, key))
        .values(generation=generations.c.generation + 1)
        .returning(generations.c.generation)
    )
    return int(connection.execute(statement).scalar_one())


def fence(connection: Connection, key: ChangeKey, generation: int) -> None:
    """Hold a change's generation until the transaction ends. Raises StaleGenerationError for one that is overtaken."""
    held = select(generations.c.generation).where(is_change(generations, key)).with_for_update()
    present = connection.execute(held).scalar_one_or_none()
    if present is None:
        insert_new(connection, generations, [{**key_values(key), "generation": generation}])
        present = connection.execute(held).scalar_one()
    if generation < present:
        raise StaleGenerationError(f"Judgement {generation} of change {key.number} was overtaken by {present}.")
    if generation > present:
        connection.execute(update(generations).where(is_change(generations, key)).values(generation=generation))


def save(connection: Connection, change: StoredChange) -> None:
    """Keep a change. Raises StaleGenerationError where a later judgement has begun."""
    fence(connection, change.key, change.generation)
    put(connection, changes, values_of(change, "generation"))


def open_changes(
    connection: Connection, repository: RepositoryKey | None, *, base_ref: str | None, head_sha: str | None
) -> Iterator[StoredChange]:
    """Yield open changes, oldest judged first, in portions."""
    wanted = SELECT.where(OPEN)
    if repository is not None:
        wanted = wanted.where(is_repository(changes, repository))
    if base_ref is not None:
        wanted = wanted.where(changes.c.base_ref == storable(base_ref))
    if head_sha is not None:
        wanted = wanted.where(changes.c.head_sha == storable(head_sha))
    wanted = wanted.order_by(*ORDER).limit(PORTION)
    portion = wanted
    while True:
        rows = connection.execute(portion).mappings().all()
        yield from map(change_of, rows)
        if len(rows) < PORTION:
            return
        last = rows[-1]
        portion = wanted.where(tuple_(*ORDER) > tuple_(*(literal(last[column.name]) for column in ORDER)))

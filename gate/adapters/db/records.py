"""Records: repositories, sign-offs, pushes and deliveries, each as it came, and never less than it was."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, RowMapping, func, select, update

from gate.adapters.db.rows import (
    is_change,
    is_repository,
    repository_of,
    signoff_of,
    storable,
    values_of,
)
from gate.adapters.db.tables import deliveries, pushes, repositories, signoffs
from gate.adapters.db.upserts import is_inserted, put, put_later
from gate.core.forge.snapshot import AccountKind, ChangeKey, ForgeAccount, ForgePush, ForgeRepository, RepositoryKey
from gate.usecases.store_ports import StoreError
from gate.usecases.stored import Delivery, StoredSignoff

_AT_ONCE = 400


def repository_at(connection: Connection, key: RepositoryKey) -> ForgeRepository | None:
    """Return a repository by its number."""
    wanted = select(repositories).where(is_repository(repositories, key))
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else repository_of(row)


def repository_named(connection: Connection, name: str) -> ForgeRepository | None:
    """Return the repository that has a name now; ASCII case does not matter."""
    if not name:
        return None
    wanted = select(repositories).where(repositories.c.name_key == _name_key(name), repositories.c.name_key != "")
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else repository_of(row)


def repositories_by_name(connection: Connection) -> Sequence[ForgeRepository]:
    """Return all repositories, by name."""
    c = repositories.c
    wanted = select(repositories).order_by(func.lower(c.name), c.tenant, c.id)
    return tuple(repository_of(row) for row in connection.execute(wanted).mappings())


def installation_tenants(connection: Connection, installation: int) -> Sequence[int]:
    """Return whose installation it is by the repositories that are known to be its own."""
    c = repositories.c
    wanted = select(c.tenant).distinct().where(c.installation == installation, c.tenant > 0).order_by(c.tenant)
    return tuple(connection.execute(wanted).scalars())


def save_repository(connection: Connection, repository: ForgeRepository) -> None:
    """Keep a repository under its name, which no other has any more; an unknown default branch stays the known one."""
    known = repository_at(connection, repository.key)
    if known is not None and not repository.default_branch:
        repository = replace(repository, default_branch=known.default_branch)
    name = _name_key(repository.name)
    holder = repository_named(connection, repository.name)
    if known == repository and holder is not None and holder.key == repository.key:
        return
    taken = update(repositories).where(repositories.c.name_key == name, ~is_repository(repositories, repository.key))
    connection.execute(taken.values(name_key=""))
    put(connection, repositories, {**values_of(repository), "name_key": name})


def signoffs_of(connection: Connection, key: ChangeKey) -> Sequence[StoredSignoff]:
    """Return all sign-offs of a change, in the order in which they were first seen."""
    wanted = select(signoffs).where(is_change(signoffs, key)).order_by(signoffs.c.position)
    return tuple(signoff_of(row) for row in connection.execute(wanted).mappings())


def save_signoff(connection: Connection, signoff: StoredSignoff) -> None:
    """Keep a sign-off, or the first reason why a known one is void: what is void stays so, for that reason.

    Who made it void may come out later, once.
    """
    is_this = is_change(signoffs, signoff.key) & (signoffs.c.id == storable(signoff.id))
    known = connection.execute(select(signoffs.c.void, signoffs.c.voided_by).where(is_this)).one_or_none()
    if known is None:
        last = select(func.max(signoffs.c.position)).where(is_change(signoffs, signoff.key))
        position = (connection.execute(last).scalar_one() or 0) + 1
        put(connection, signoffs, {**values_of(signoff), "position": position})
    elif not known.void and signoff.void:
        values = {"void": storable(signoff.void), "voided_by": signoff.voided_by}
        connection.execute(update(signoffs).where(is_this, signoffs.c.void == "").values(values))
    elif known.void and known.void == storable(signoff.void) and known.voided_by is None:
        is_open = signoffs.c.voided_by.is_(None)
        connection.execute(update(signoffs).where(is_this, is_open).values(voided_by=signoff.voided_by))


def save_push(connection: Connection, repository: RepositoryKey, push: ForgePush) -> None:
    """Keep who moved a branch to a commit; the same move made or told twice is one, as of the last time."""
    account = push.account or ForgeAccount(0, "", "unknown")
    row = {
        "tenant": repository.tenant,
        "repository": repository.id,
        "after": storable(push.after),
        "before": storable(push.before),
        "account": account.id,
        "login": storable(account.login),
        "kind": account.kind,
        "at": push.at,
    }
    put_later(connection, pushes, row, time="at")


def pushes_to(connection: Connection, repository: RepositoryKey, shas: Sequence[str]) -> Sequence[ForgePush]:
    """Return who moved any branch to one of these commits."""
    found: list[ForgePush] = []
    wanted = list(dict.fromkeys(storable(sha) for sha in shas))
    for start in range(0, len(wanted), _AT_ONCE):
        some = pushes.c.after.in_(wanted[start : start + _AT_ONCE])
        rows = connection.execute(select(pushes).where(is_repository(pushes, repository), some)).mappings()
        found.extend(_push_of(row) for row in rows)
    return tuple(sorted(found, key=lambda push: (push.at, push.after, push.before, push.account is not None)))


def add_delivery(connection: Connection, delivery: Delivery) -> bool:
    """Keep a delivery with the digest of its body, and return False where its GUID was kept before."""
    digest = "sha256:" + hashlib.sha256(delivery.body).hexdigest()
    if delivery.digest not in {"", digest}:
        raise StoreError("A delivery and its digest do not belong together.", next_step="This is a fault of the gate.")
    row = {**values_of(replace(delivery, digest=digest), "body"), "body": delivery.body, "outcome": ""}
    return is_inserted(connection, deliveries, row)


def finish_delivery(connection: Connection, guid: str, *, outcome: str) -> None:
    """Keep what became of a delivery."""
    connection.execute(update(deliveries).where(deliveries.c.guid == storable(guid)).values(outcome=outcome))


def delivery_at(connection: Connection, guid: str) -> Delivery | None:
    """Return a delivery by its GUID, with its raw body."""
    wanted = select(deliveries).where(deliveries.c.guid == storable(guid))
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        return None
    kept = {name: row[name] for name in ("guid", "event", "received_at", "tenant", "repository", "action", "digest")}
    return Delivery(body=bytes(row["body"]), **kept)


def _push_of(row: RowMapping) -> ForgePush:
    kind: AccountKind = row["kind"]
    account = ForgeAccount(row["account"], row["login"], kind) if row["account"] else None
    return ForgePush(account, row["after"], row["before"], row["at"])


def _name_key(name: str) -> str:
    """Return a name in lower case as ASCII has it: what else a name holds is told apart to the letter."""
    return "".join(char.lower() if char.isascii() else char for char in storable(name))

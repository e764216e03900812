"""Erasure: what is kept of a person besides their account number is forgotten, and every proof stays what it was."""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, and_, delete, exists, or_, select, update

from gate.adapters.db.tables import (
    changes,
    deliveries,
    facts,
    ledger_entries,
    ledger_personal,
    personal_values,
    pushes,
    signoffs,
    verdicts,
)
from gate.adapters.db.tables_access import sessions
from gate.adapters.db.tables_commands import command_answers
from gate.adapters.db.tables_people import linked_logins, stand_ins, unlinked_logins
from gate.core.change.personal import ERASED
from gate.usecases.ledger_ports import Erased

_LEVEL = 6
_TOKEN = re.compile(r"sealed(?:-text)?:([0-9a-f]{64})")
Words = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Person:
    """An account, and the words that name whoever has it."""

    account: str
    words: Words


def erase(connection: Connection, account: str, given: Sequence[str]) -> Erased:
    """Forget a person wherever it is kept, and return how much that was.

    Names, logins and addresses of the account are found in facts by its number; every personal value that holds one of
    them goes, whole, and so does what the account itself wrote. Verdicts lose the words and keep the rest.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is freed in the file is overwritten
    names = {*given, *_names_of(connection, account)}
    words = sorted((re.escape(name) for name in names if len(name) > 1), key=len, reverse=True)
    person = _Person(account, re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)" if words else r"(?!)", re.IGNORECASE))
    values = sum(1 for _ in _erase_values(connection, person))
    beside = sum(1 for _ in _erase_beside_entries(connection, person))
    redacted = dict(_redact_verdicts(connection, person))
    others = _erase_rows(connection, person)
    return Erased(values=values, beside_entries=beside, others=others, verdicts=redacted)


def _names_of(connection: Connection, account: str) -> Iterator[str]:
    """Yield what facts call an account, and whoever the ownership records say has it: login, name, address."""
    key = json.dumps(account).encode()
    for row in _rows(connection, facts):
        content = zlib.decompress(row["content"])
        if key not in content:
            continue
        tree = json.loads(content)
        records = [one for one in tree["ownership"]["people"].values() if f"github:{one.get('github_id')}" == account]
        told = [str(value) for one in (tree["accounts"].get(account, {}), *records) for value in one.values()]
        tokens = [found[1] for value in told if (found := _TOKEN.fullmatch(value))]
        p = personal_values.c
        wanted = select(p.value).where(_is_of(row), p.commitment.in_(tokens), p.value.is_not(None))
        yield from (json.loads(value) for value in connection.execute(wanted).scalars())


def _erase_values(connection: Connection, person: _Person) -> Iterator[str]:
    p = personal_values.c
    for row in _rows(connection, personal_values):
        if row["value"] is not None and person.words.search(json.loads(row["value"])):
            where = and_(_is_of(row), p.commitment == row["commitment"])
            connection.execute(update(personal_values).where(where).values(salt=None, value=None))
            yield row["commitment"]


def _erase_beside_entries(connection: Connection, person: _Person) -> Iterator[int]:
    p = ledger_personal.c
    actor = f'"actor":{json.dumps(person.account)}'.encode()
    wanted = select(p.idx, p.path, p.value, ledger_entries.c.content).join(ledger_entries).where(p.value.is_not(None))
    for index, path, value, content in connection.execute(wanted).all():
        if actor in content or person.words.search(value):
            where = and_(p.idx == index, p.path == path)
            connection.execute(update(ledger_personal).where(where).values(salt=None, value=None))
            yield index


def _redact_verdicts(connection: Connection, person: _Person) -> Iterator[tuple[int, str]]:
    """Yield the entry of each verdict that held the words, with the digest of what is kept of it now."""
    v = verdicts.c
    for row in _rows(connection, verdicts):
        told = zlib.decompress(row["verdict"]).decode()
        if person.words.search(told) is None:
            continue
        text = json.dumps(_redacted(json.loads(told), person.words), ensure_ascii=False, indent=2)
        raw = (text + "\n").encode("utf-8", "backslashreplace")
        values = {"verdict": zlib.compress(raw, _LEVEL)}
        where = and_(_is_of(row, verdicts), v.generation == row["generation"])
        connection.execute(update(verdicts).where(where).values(values))
        yield row["ledger_index"], "sha256:" + hashlib.sha256(raw).hexdigest()


def _redacted(value: Any, words: Words) -> Any:
    if isinstance(value, str):
        return words.sub(ERASED, value)
    if isinstance(value, list):
        return [_redacted(item, words) for item in value]
    if isinstance(value, dict):
        return {key: _redacted(item, words) for key, item in value.items()}
    return value


def _erase_rows(connection: Connection, person: _Person) -> int:
    """Forget the person in what is kept besides facts, verdicts and the ledger; return in how many rows."""
    count = 0
    for row in _rows(connection, signoffs):
        if row["reason"] and (row["account"] == person.account or person.words.search(row["reason"])):
            where = and_(_is_of(row, signoffs), signoffs.c.id == row["id"])
            count += connection.execute(update(signoffs).where(where).values(reason=ERASED)).rowcount
    for row in _rows(connection, changes):
        if person.words.search(row["title"]):
            count += connection.execute(update(changes).where(_is_of(row, changes)).values(title=ERASED)).rowcount
    for row in _rows(connection, deliveries):
        if person.words.search(row["body"].decode("utf-8", "replace")):
            where = deliveries.c.guid == row["guid"]
            count += connection.execute(update(deliveries).where(where).values(body=b"")).rowcount
    count += _erase_beside_the_account(connection, person)
    number = person.account.removeprefix("github:")
    if number.isdigit():
        forgotten = update(pushes).where(pushes.c.account == int(number), pushes.c.login != "").values(login="")
        count += connection.execute(forgotten).rowcount
    return count + connection.execute(delete(sessions).where(sessions.c.account == person.account)).rowcount


def _erase_beside_the_account(connection: Connection, person: _Person) -> int:
    """Forget the logins of the person, who stands in for them, and why; return how many rows."""
    t, u, s = linked_logins.c, unlinked_logins.c, stand_ins.c
    is_mine = exists().where(t.account == person.account, t.issuer == u.issuer, t.subject == u.subject)
    connection.execute(delete(unlinked_logins).where(is_mine))
    count = connection.execute(delete(linked_logins).where(t.account == person.account)).rowcount
    is_about = or_(s.account == person.account, s.to_account == person.account)
    count += connection.execute(delete(stand_ins).where(is_about)).rowcount
    for row in connection.execute(select(stand_ins).where(s.reason != "")).all():
        if person.words.search(row.reason):
            is_this = and_(s.account == row.account, s.to_account == row.to_account, s.begins_on == row.begins_on)
            count += connection.execute(update(stand_ins).where(is_this).values(reason=ERASED)).rowcount
    a = command_answers.c
    for answer in _rows(connection, command_answers):
        if answer["account"] == person.account or person.words.search(f"{answer['name']} {answer['why']}"):
            is_this = and_(_is_of(answer, command_answers), a.comment == answer["comment"], a.line == answer["line"])
            values = {"name": ERASED, "why": person.words.sub(ERASED, answer["why"])}
            count += connection.execute(update(command_answers).where(is_this).values(values)).rowcount
    return count


def _rows(connection: Connection, table: Table) -> Iterator[RowMapping]:
    """Yield all rows of a table in portions, by its key, so that they may be changed meanwhile."""
    keys = list(table.primary_key.columns)
    places = connection.execute(select(*keys).order_by(*keys)).all()
    for place in places:
        wanted = select(table).where(*(key == value for key, value in zip(keys, place, strict=True)))
        row = connection.execute(wanted).mappings().one_or_none()
        if row is not None:
            yield row


def _is_of(row: Mapping[str, Any] | RowMapping, table: Table = personal_values) -> Any:
    c = table.c
    return and_(c.tenant == row["tenant"], c.repository == row["repository"], c.number == row["number"])

"""Names: what people know an account by: its name in the ownership records, else its login at the forge now."""

from flask import current_app

from gate.core.change.facts import AccountKey
from gate.core.errors import GateError
from gate.core.explain.escaping import visible
from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.repository_ownership import OwnershipSight
from gate.web.door import Door


def name_of(door: Door, repository: ForgeRepository, account: AccountKey) -> str:
    """Return who an account is in words that are visible: `bob` of the records, `octocat`, or `GitHub account 1002`.

    A login is display: it is the one of now, whatever the account was called when it did something.
    """
    kind, _, name = account.partition(":")
    if kind != "github" or not name.isdecimal():
        return visible(name if kind == "person" else account)
    return visible(_person(repository, account) or _login(door, repository, int(name)) or f"GitHub account {name}")


def _person(repository: ForgeRepository, account: AccountKey) -> str:
    ownership: OwnershipSight = current_app.extensions["gate.ownership"]
    now = ownership.of(repository)
    people = now.ownership.people if now is not None else {}
    return next((name for name, record in people.items() if record.account == account), "")


def _login(door: Door, repository: ForgeRepository, number: int) -> str:
    try:
        found = door.gate.access(repository).account_numbered(number)
    except GateError:
        return ""
    return found.login if found is not None else ""

"""Accounts: who somebody is at GitHub, and which repository something is, by numeric id."""

from typing import Any

from gate.adapters.github.answers import Row, number_at, optional_row, optional_text, row_of, text_at
from gate.adapters.github.client import GithubClient, path_of
from gate.adapters.github.place import Place
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import AccountKind, ForgeAccount, ForgeRepository, RepositoryKey
from gate.usecases.forge_ports import GoneError

WEB_FLOW_ID = 19864447
_WEB_FLOW_LOGIN = "web-flow"
_KINDS: dict[str, AccountKind] = {"User": "user", "Bot": "bot"}
_NO_READER = {"none", ""}


def account_of(value: Any) -> ForgeAccount | None:
    """Return an account, None for a deleted one (null) or one that GitHub does not know (an empty object).

    SECURITY: only the id and the login of the platform's own committer together make `platform`, who is nobody.
    """
    if not value:
        return None
    row = row_of(value, "user")
    account_id, login = number_at(row, "id"), text_at(row, "login")
    if account_id == WEB_FLOW_ID and login == _WEB_FLOW_LOGIN:
        return ForgeAccount(account_id, login, "platform")
    return ForgeAccount(account_id, login, _KINDS.get(optional_text(row, "type"), "unknown"))


def account_at(row: Row, key: str) -> ForgeAccount | None:
    """Return the account in a field, None where it is null, absent or empty."""
    return account_of(row.get(key))


def find_account(client: GithubClient, login: str) -> ForgeAccount | None:
    """Return the account that a login names now, None where there is none."""
    try:
        return account_of(client.get(path_of("users", login)))
    except GoneError:
        return None


def account_numbered(client: GithubClient, number: int) -> ForgeAccount | None:
    """Return the account of an id, None where there is none. Raises UnreadableError for an answer about another one."""
    try:
        found = account_of(client.get(path_of("user", str(number))))
    except GoneError:
        return None
    if found is not None and found.id != number:
        raise UnreadableError(f"GitHub answered for account {number} with another one.")
    return found


def may_read(place: Place, account: ForgeAccount) -> bool:
    """Return whether an account may read a repository now.

    SECURITY: GitHub is asked by login, and a login may be somebody else's by now: the id in the answer must agree.
    """
    try:
        row = row_of(place.get("collaborators", account.login, "permission"), "permission")
    except GoneError:
        return False
    user = account_of(optional_row(row, "user"))
    return user is not None and user.id == account.id and optional_text(row, "permission") not in _NO_READER


def repository_of(row: Row, tenant: int, installation: int) -> ForgeRepository:
    """Return a repository as GitHub names it now. `tenant` is the account that the gate is installed on."""
    return ForgeRepository(
        key=RepositoryKey(tenant, number_at(row, "id")),
        name=text_at(row, "full_name"),
        default_branch=text_at(row, "default_branch"),
        installation=installation,
        is_private=row.get("private") is not False,
    )

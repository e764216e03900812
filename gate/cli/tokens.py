"""`gate tokens`: make, list and revoke the tokens by which programs read the service's API."""

import datetime as dt
import os
from typing import get_args

import click

from gate import bootstrap
from gate.cli.groups import WholeHelpGroup
from gate.cli.output import table, write_json, write_lines
from gate.cli.service_store import opened_store
from gate.core.errors import UsageError
from gate.core.explain.escaping import visible
from gate.core.lazy_regex import lazy_regex
from gate.core.ledger.entries import EntryDraft
from gate.core.secrets_digest import SECRET_BYTES, secret_hash, token_of
from gate.core.times import instant
from gate.usecases.stored import ApiToken, Role

_REPOSITORY = lazy_regex(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_ACCOUNT = lazy_regex(r"github:[1-9][0-9]{0,18}")
_MOST_DAYS = 366
_MOST_NAME = 100
_MOST_REPOSITORIES = 200
_ID_BYTES = 6


@click.group(name="tokens", cls=WholeHelpGroup)
def command() -> None:
    """Let programs read the service's API, each with a role of its own and for a limited time."""


@command.command(name="create")
@click.option("--role", type=click.Choice(get_args(Role)), required=True, help="What its bearer may do.")
@click.option("--repository", "repositories", multiple=True, metavar="OWNER/NAME", help="Only this one; repeatable.")
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), default=90, show_default=True, help="How long it holds.")
@click.option("--name", default="", help="What it is for, as `gate tokens list` shows it.  [default: its role]")
@click.option("--signs-as", metavar="github:ID", default="", help="Whose sign-offs it gives; role owner alone.")
def create(*, role: Role, repositories: tuple[str, ...], days: int, name: str, signs_as: str) -> int:
    """Print a new token. It is shown this once: only its hash is kept.

    \b
    Example: gate tokens create --role viewer --repository acme/shop --days 30 --name dashboard

    Exit codes: 0 made, 2 wrong usage or settings, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    for repository in repositories:
        if not _REPOSITORY.fullmatch(repository):
            raise UsageError(f"{repository!r} is no repository.", next_step="Write it as owner/name.")
    if signs_as and (role != "owner" or not _ACCOUNT.fullmatch(signs_as)):
        step = "Write `--role owner --signs-as github:1001`, with the account's number at GitHub."
        raise UsageError("Only a token of role owner gives sign-offs, as one account.", next_step=step)
    if len(name) > _MOST_NAME or len(repositories) > _MOST_REPOSITORIES:
        step = f"Write a name of at most {_MOST_NAME} characters and at most {_MOST_REPOSITORIES} repositories."
        raise UsageError("That is more than a token can hold.", next_step=step)
    now = bootstrap.now()
    token = ApiToken(
        id=f"t-{os.urandom(_ID_BYTES).hex()}",
        name=name or role,
        role=role,
        repositories=tuple(dict.fromkeys(repositories)),
        created_at=instant(now),
        expires_at=instant(now + dt.timedelta(days=days)),
        signs_as=signs_as,
    )
    secret = token_of(os.urandom(SECRET_BYTES))
    _keep(token, secret)
    click.echo(
        f"Token {token.id} ({_role(token)}, {_within(token)}) holds until {token.expires_at}. It is shown this once:",
        err=True,
    )
    write_lines([secret])
    return 0


@command.command(name="list")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def list_(*, is_json: bool) -> int:
    """Show all tokens, revoked and expired ones too, without their secrets.

    \b
    Example: gate tokens list

    Exit codes: 0 shown, 2 wrong settings, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    with opened_store(is_read_only=True) as store, store.reading() as reading:
        found = reading.api_tokens()
    now = instant(bootstrap.now())
    if is_json:
        write_json([_as_json(token, now) for token in found])
    elif not found:
        write_lines(["There are no tokens; `gate tokens create` makes one."])
    else:
        rows = [[one.id, one.name, _role(one), _within(one), one.expires_at, _state(one, now)] for one in found]
        write_lines(table(["id", "name", "role", "repositories", "until", "state"], rows))
    return 0


@command.command(name="revoke")
@click.argument("token_id", metavar="ID")
def revoke(token_id: str) -> int:
    """Revoke a token for good; the next request with it is refused.

    \b
    Example: gate tokens revoke t-0123456789ab

    Exit codes: 0 revoked, 2 there is no such token in force, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    with opened_store() as store, store.writing() as writing:
        if not writing.revoke_api_token(token_id):
            step = "`gate tokens list` shows them."
            raise UsageError(f"There is no token {visible(token_id)!r} in force.", next_step=step)
        writing.append(_entry({"action": "token-revoked", "token": token_id}))
    write_lines([f"Token {visible(token_id)} is revoked."])
    return 0


def _keep(token: ApiToken, secret: str) -> None:
    payload: dict[str, object] = {
        "action": "token-created",
        "token": token.id,
        "role": token.role,
        "repositories": list(token.repositories),
        "expires_at": token.expires_at,
    }
    if token.signs_as:
        payload["signs_as"] = token.signs_as
    with opened_store() as store, store.writing() as writing:
        writing.save_api_token(token, secret_hash(secret))
        writing.append(_entry(payload, name=token.name))


def _entry(payload: dict[str, object], **personal: str) -> EntryDraft:
    """Return the entry of a change of access; a token's name may name somebody, and is erasable."""
    at = instant(bootstrap.now())
    return EntryDraft("access-changed", at, "service", authenticated="command-line", payload=payload, personal=personal)


def _role(token: ApiToken) -> str:
    return f"{token.role}, signs as {token.signs_as}" if token.signs_as else token.role


def _within(token: ApiToken) -> str:
    return ", ".join(token.repositories) or "all repositories"


def _state(token: ApiToken, now: str) -> str:
    if token.is_revoked:
        return "revoked"
    return "expired" if token.expires_at <= now else "in force"


def _as_json(token: ApiToken, now: str) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "repositories": list(token.repositories),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "state": _state(token, now),
        "signs_as": token.signs_as,
    }

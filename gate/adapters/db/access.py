"""Access: sessions and tokens by the hashes of their secrets, and the service's own small state."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from gate.adapters.db.rows import api_token_of, session_of, storable, values_of
from gate.adapters.db.tables_access import api_tokens, sessions, settings, token_accounts
from gate.adapters.db.upserts import put
from gate.usecases.stored import ApiToken, Session

_TOKENS = select(api_tokens, func.coalesce(token_accounts.c.account, "").label("signs_as")).outerjoin(token_accounts)


def session_at(connection: Connection, secret_hash: str) -> Session | None:
    """Return a session by the hash of its secret, expired or not."""
    wanted = select(sessions).where(sessions.c.secret_hash == storable(secret_hash))
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else session_of(row)


def save_session(connection: Connection, session: Session, secret_hash: str) -> None:
    """Keep a session under the hash of its secret."""
    put(connection, sessions, {**values_of(session), "secret_hash": secret_hash})


def end_session(connection: Connection, secret_hash: str) -> None:
    """Forget a session."""
    connection.execute(delete(sessions).where(sessions.c.secret_hash == storable(secret_hash)))


def api_token_at(connection: Connection, secret_hash: str) -> ApiToken | None:
    """Return a token by the hash of its secret, expired, revoked or not."""
    wanted = _TOKENS.where(api_tokens.c.secret_hash == storable(secret_hash))
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else api_token_of(row)


def all_api_tokens(connection: Connection) -> Sequence[ApiToken]:
    """Return all tokens, oldest first."""
    wanted = _TOKENS.order_by(api_tokens.c.created_at, api_tokens.c.id)
    return tuple(api_token_of(row) for row in connection.execute(wanted).mappings())


def save_api_token(connection: Connection, token: ApiToken, secret_hash: str) -> None:
    """Keep a new token; one that was issued is never given another secret or role."""
    connection.execute(insert(api_tokens), [{**values_of(token, "signs_as"), "secret_hash": secret_hash}])
    if token.signs_as:
        connection.execute(insert(token_accounts), [{"token": token.id, "account": storable(token.signs_as)}])


def revoke_api_token(connection: Connection, token_id: str) -> bool:
    """Revoke a token for good; False where there is none that is not revoked."""
    is_this = (api_tokens.c.id == storable(token_id)) & (api_tokens.c.is_revoked.is_(False))
    return connection.execute(update(api_tokens).where(is_this).values(is_revoked=True)).rowcount == 1


def setting_at(connection: Connection, name: str) -> str | None:
    """Return a setting."""
    return connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar_one_or_none()


def save_setting(connection: Connection, name: str, value: str) -> None:
    """Keep a setting."""
    put(connection, settings, {"name": name, "value": storable(value)})

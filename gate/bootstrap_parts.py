"""Bootstrap parts: the forge, the store and the ledger's signer that an operator's settings stand for."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate import bootstrap
from gate.core.errors import GateError, UnreadableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gate.adapters.db.key_file import FileSigner
    from gate.adapters.db.store import DatabaseStore
    from gate.adapters.github.credentials import AppKey
    from gate.adapters.github.forge import GithubForge
    from gate.adapters.link_keys import LinkKey, LinkKeyFile
    from gate.adapters.link_tokens import JoseLinkTokens
    from gate.adapters.notify.channels import Channels
    from gate.config import Settings
    from gate.usecases.export_query import ExportTools

_NEW_KEY = "Make one by `openssl genpkey -algorithm ed25519 -out ledger-key.pem` and keep a copy of it elsewhere."


def forge_of(settings: "Settings") -> "GithubForge":
    """Return GitHub as the settings name it; nothing is requested yet.

    Raises UsageError where neither an app nor a token is set.
    """
    from gate.adapters.github.forge import GithubForge

    app = app_key_of(settings) if settings.github_app_id else None
    return GithubForge(
        app=app, token="" if app else settings.github_token, base_url=settings.github_api_url.rstrip("/")
    )


def channels_of(settings: "Settings") -> "Channels":
    """Return the channels that the settings name; nothing is connected yet.

    Raises UsageError for an address of GATE_SMTP_URL or GATE_NOTIFY_URLS that nothing can be sent to.
    """
    from gate.adapters.notify.channels import Channels
    from gate.adapters.notify.mail_smtp import SmtpMail, parse_smtp_url
    from gate.adapters.notify.services_apprise import AppriseServices, parse_notify_urls

    host = urlsplit(settings.base_url).hostname or "localhost"
    mail = SmtpMail(parse_smtp_url(settings.smtp_url, default_host=host)) if settings.smtp_url else None
    return Channels(mail=mail, services=AppriseServices(parse_notify_urls(settings.notify_urls)))


def app_key_of(settings: "Settings") -> "AppKey":
    """Return the key of the gate's app. Raises UsageError where it is no private key."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from gate.adapters.github.credentials import AppKey

    # A line of `.env` holds no line breaks: a key may be written there with `\n` in their place.
    key = settings.github_private_key.replace("\\n", "\n")
    try:
        load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError):
        step = "Give the PEM file that GitHub made for the app."
        raise UsageError("GATE_GITHUB_PRIVATE_KEY is no private key.", next_step=step) from None
    return AppKey(settings.github_app_id, key)


def store_of(settings: "Settings") -> "DatabaseStore":
    """Return the store of the settings' database with the ledger's signer; nothing is connected yet.

    Raises UsageError for a database that cannot be used, and where there is no key to sign the ledger with.
    """
    from gate.adapters.db.store import open_store

    signer = signer_of(settings)
    return open_store(settings.database_url, clock=bootstrap.now, signer=signer, randomness=os.urandom)


def store_to_look_at(settings: "Settings") -> "DatabaseStore":
    """Return the store of the settings' database for commands that only look: no key is asked for, and none is made.

    Writing to the ledger through it raises UsageError, as does a database that cannot be used.
    """
    from gate.adapters.db.store import open_store

    return open_store(settings.database_url, clock=bootstrap.now, signer=_SignsNothing(), randomness=os.urandom)


class _SignsNothing:
    """Stands where the ledger's signer would."""

    name = "nobody"

    @property
    def public_key(self) -> bytes:
        raise UsageError("This command only looks, and writes nothing to the ledger.")

    def sign(self, message: bytes) -> bytes:
        del message
        return self.public_key


def signer_of(settings: "Settings", *, may_create: bool = True) -> "FileSigner":
    """Return the ledger's signer; beside a SQLite file a key is made once, readable by its owner alone.

    SECURITY: a key file that is named must exist: a replica whose volume is missing must not sign by a key of its own.
    Raises UsageError where there is no key, or none that can be read.
    """
    from gate.adapters.db.key_file import FileSigner

    origin = ledger_origin(settings)
    if settings.ledger_key_file:
        return FileSigner(origin, Path(settings.ledger_key_file), may_create=False)
    file = database_file(settings)
    if file is None:
        raise UsageError("GATE_LEDGER_KEY_FILE is not set, and PostgreSQL has no place for a key.", next_step=_NEW_KEY)
    return FileSigner(origin, key_file_beside(file), may_create=may_create)


def link_tokens_of(settings: "Settings") -> "JoseLinkTokens":
    """Return what signs and verifies links. Raises UsageError where there is no key, or none that can be read."""
    from gate.adapters.link_tokens import JoseLinkTokens

    file = link_key_file(settings)
    return JoseLinkTokens(issuer=settings.base_url.rstrip("/"), keys=file.keys, randomness=os.urandom)


def link_key_file(settings: "Settings") -> "LinkKeyFile":
    """Return the file with the keys of links; beside a SQLite file one is made once, readable by its owner alone.

    Raises UsageError where there is none, or none that can be read.
    """
    from gate.adapters.link_keys import open_key_file

    return open_key_file(_link_key_place(settings), bootstrap.now(), may_create=not settings.signing_key_file)


def link_keys_there(settings: "Settings") -> "Sequence[LinkKey]":
    """Return the keys of links, none where the first is still to be made beside the database; makes nothing.

    Raises UsageError where they cannot be read, or a file that is named is not there.
    """
    from gate.adapters.link_keys import LinkKeyFile

    place = _link_key_place(settings)
    return LinkKeyFile(place).keys() if settings.signing_key_file or place.exists() else ()


def _link_key_place(settings: "Settings") -> Path:
    if settings.signing_key_file:
        return Path(settings.signing_key_file)
    file = database_file(settings)
    if file is None:
        step = "Make one by `openssl ecparam -name prime256v1 -genkey -noout -out link-keys.pem`."
        raise UsageError("GATE_SIGNING_KEY_FILE is not set, and PostgreSQL has no place for a key.", next_step=step)
    return file.with_name(f"{file.name}.link-keys.pem")


def has_ledger(settings: "Settings") -> bool:
    """Return whether the settings' database is there with this version's tables, and a key of its ledger."""
    try:
        require_current_database(settings)
        signer_of(settings, may_create=False)
    except GateError:
        return False
    return True


def key_file_beside(database: Path) -> Path:
    """Return where the ledger's key of a SQLite file lies unless the settings name another place."""
    return database.with_name(f"{database.name}.ledger-key.pem")


def ledger_origin(settings: "Settings") -> str:
    """Return the name of the ledger, by default the host of the service's address."""
    origin = settings.ledger_origin or urlsplit(settings.base_url).hostname or ""
    if not origin or "+" in origin or any(letter.isspace() for letter in origin):
        step = "Set GATE_LEDGER_ORIGIN to a name such as gate.example.com/ledger."
        raise UsageError("The ledger has no name: spaces and plus signs cannot stand in it.", next_step=step)
    return origin


def database_file(settings: "Settings") -> Path | None:
    """Return the file of a SQLite database, None for PostgreSQL. Raises UsageError for what is neither."""
    from gate.adapters.db.engine import open_engine

    url = open_engine(settings.database_url).url
    if url.get_backend_name() != "sqlite":
        return None
    return Path((url.database or "").removeprefix("file:"))


def database_revision(settings: "Settings") -> str | None:
    """Return the revision of the settings' database, None where it has no tables or is no file yet; makes nothing.

    Raises StoreError where it cannot be reached.
    """
    from gate.adapters.db import migrate

    file = database_file(settings)
    if file is not None and not file.exists():
        return None  # NOTE: connecting would make an empty file
    return migrate.current(settings.database_url)


def require_current_database(settings: "Settings") -> None:
    """Raise UnreadableError unless the database has exactly the tables of this version."""
    from gate.adapters.db import migrate

    found, wanted = database_revision(settings), migrate.newest()
    file = database_file(settings)
    if file is not None and not file.exists():
        step = "Name the service's with GATE_DATABASE_URL, or make one with `gate db upgrade`."
        raise UnreadableError(f"There is no database at {file}.", next_step=step)
    if found != wanted:
        where = "has no tables yet" if found is None else f"is at revision {found}; this version needs {wanted}"
        raise UnreadableError(f"The database {where}.", next_step="Run `gate db upgrade`.")


def export_tools_of(settings: "Settings", progress: "Callable[[int, int], object] | None" = None) -> "ExportTools":
    """Return what an audit export is made with: the ledger's signer, the verifier's text, temporary files."""
    import tempfile

    from gate import __version__
    from gate.adapters.verifier_source import verifier_source
    from gate.usecases.export_query import ExportTools

    return ExportTools(
        signer=signer_of(settings),
        verifier=verifier_source(),
        new_spool=tempfile.TemporaryFile,
        version=__version__,
        progress=progress or (lambda _done, _all: None),
    )

"""`gate app`: create the service's app at GitHub, with exactly the permissions it needs, and keep its secrets."""

import html
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import click

from gate.bootstrap import write_whole
from gate.cli.groups import WholeHelpGroup
from gate.cli.output import write_json, write_lines
from gate.core.errors import UnreadableError, UsageError
from gate.core.explain.escaping import visible
from gate.core.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.adapters.github.manifest import CreatedApp
    from gate.config import Settings

_ORGANISATION = lazy_regex(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_CODE = lazy_regex(r"[A-Za-z0-9_-]{1,200}")
_LONGEST_NAME = 34  # GitHub's own limit
_WRITTEN = (
    "GATE_GITHUB_APP_ID",
    "GATE_GITHUB_PRIVATE_KEY",
    "GATE_GITHUB_PRIVATE_KEY_FILE",
    "GATE_GITHUB_WEBHOOK_SECRET",
    "GATE_GITHUB_WEBHOOK_SECRET_FILE",
    "GATE_GITHUB_CLIENT_ID",
    "GATE_GITHUB_CLIENT_SECRET",
    "GATE_GITHUB_CLIENT_SECRET_FILE",
)


@click.group(name="app", cls=WholeHelpGroup)
def command() -> None:
    """Create the GitHub App that the service acts as."""


@command.command(name="manifest")
@click.option("--name", default="Sign-off gate", show_default=True, help="The app's name; GitHub wants it unique.")
@click.option("--organisation", metavar="ORG", help="Who shall own it.  [default: your own account]")
@click.option("--page", type=click.Path(path_type=Path), help="Write a page whose one button posts it, too.")
def manifest(*, name: str, organisation: str | None, page: Path | None) -> int:
    """Print the app's manifest as JSON, and on standard error where to post it.

    GitHub then sends your browser to the service's address with a code; `gate app install CODE` takes it from there.

    \b
    Example: GATE_BASE_URL=https://gate.example.com gate app manifest --organisation acme

    Exit codes: 0 printed, 2 wrong usage or settings.
    """  # noqa: D301  # click reads the backspace
    from gate.adapters.github.manifest import app_manifest
    from gate.config import load_settings

    settings = load_settings()
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise UsageError("That is no name of an app.", next_step=f"Write one of at most {_LONGEST_NAME} characters.")
    if organisation is not None and not _ORGANISATION.fullmatch(organisation):
        raise UsageError(f"{organisation!r} is no organisation.", next_step="Write its login at GitHub.")
    value = app_manifest(name=name.strip(), base_url=settings.base_url)
    write_json(value)
    owner = f"/organizations/{quote(organisation)}" if organisation else ""
    place = f"{web_address(settings.github_api_url)}{owner}/settings/apps/new"
    if page is not None:
        write_whole(page, manifest_page(value, place).encode())
    click.echo(f"Post it as the form field `manifest` to {visible(place)}; then `gate app install CODE`.", err=True)
    if urlsplit(settings.base_url).hostname in {"127.0.0.1", "localhost", "::1"}:
        click.echo("Note: GATE_BASE_URL is this machine; GitHub's webhooks cannot reach it there.", err=True)
    return 0


@command.command(name="install")
@click.argument("code")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Where `.env` and the key file go.  [default: here]",
)
def install(*, code: str, folder: Path) -> int:
    """Turn the code of a new app into settings: its id and secrets go into `.env`, its key into a file.

    Nothing secret is printed, both files are readable by their owner alone, and nothing is overwritten.

    \b
    Example: gate app install 0123456789abcdef0123456789abcdef01234567

    Exit codes: 0 written, 2 wrong usage or something is there already, 3 GitHub could not be reached or says no.
    """  # noqa: D301  # click reads the backspace
    from gate.adapters.github.manifest import convert_manifest
    from gate.config import load_settings
    from gate.usecases.forge_ports import GoneError

    if not _CODE.fullmatch(code):
        raise UsageError("That is no code of a manifest.", next_step="Take it from the address GitHub sent you to.")
    settings = load_settings(folder=folder)
    env = folder / ".env"
    before = _present(env)
    _require_new(settings, before, env)
    _require_writable(folder)
    try:
        app = convert_manifest(code, base_url=settings.github_api_url)
    except GoneError:
        step = "A code works once, for an hour: create the app again by `gate app manifest`."
        raise UnreadableError("GitHub does not know this code.", next_step=step) from None
    key = folder.resolve() / f"github-app-{app.id}.private-key.pem"
    gap = "\n" if before and not before.endswith("\n") else ""
    text = before + gap + _lines(app, key)
    _write_key(app, key)
    _write_env(env, text, app)
    write_lines(
        [
            f"The app {visible(app.slug)} (id {app.id}) is in {visible(str(env))}, its key in {visible(str(key))}.",
            f"Install it on the repositories it shall guard: {visible(app.url)}/installations/new",
            "Then look at everything with `gate doctor`.",
        ]
    )
    return 0


def web_address(api_url: str) -> str:
    """Return the address of GitHub's pages for that of its API: a server of one's own keeps its API below `/api/v3`."""
    parts = urlsplit(api_url)
    if parts.hostname == "api.github.com":
        return "https://github.com"
    if (parts.hostname or "").startswith("api.") and (parts.hostname or "").endswith(".ghe.com"):
        return f"{parts.scheme}://{(parts.hostname or '').removeprefix('api.')}"
    return api_url.rstrip("/").removesuffix("/api/v3")


def manifest_page(manifest: "Mapping[str, object]", place: str) -> str:
    """Return a page whose one button posts a manifest to GitHub."""
    fields = f'<input type="hidden" name="manifest" value="{html.escape(json.dumps(manifest))}">'
    button = "<button>Create the app at GitHub</button>"
    return (
        '<!doctype html><meta charset="utf-8"><title>Sign-off gate</title>'
        f'<form method="post" action="{html.escape(place)}">{fields}{button}</form>\n'
    )


def _present(env: Path) -> str:
    try:
        return env.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise UnreadableError(f"{env} cannot be read.", next_step="Look at it, or name another --folder.") from None


def _require_new(settings: "Settings", before: str, env: Path) -> None:
    """Raise UsageError where an app is set already: its secrets would be lost."""
    names = {line.strip().removeprefix("export ").partition("=")[0].strip() for line in before.splitlines()}
    named = [name for name in _WRITTEN if name in names or name in os.environ]
    if not named and settings.github_app_id:
        named = ["GATE_GITHUB_APP_ID"]
    if named:
        where = "the environment" if named[0] in os.environ else str(env)
        step = "Take its settings out first, or name another --folder."
        raise UsageError(f"{where} has {named[0]} already, and nothing is overwritten.", next_step=step)


def _require_writable(folder: Path) -> None:
    """Raise UsageError where files cannot be made; asked before the code is used, for it works only once."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as error:
        step = "Name another --folder; the code was not used."
        raise UsageError(f"Nothing can be written into {folder}: {error.strerror}.", next_step=step) from None


def _lines(app: "CreatedApp", key: Path) -> str:
    """Return the app's settings as lines of `.env`."""
    values = {
        "GATE_GITHUB_APP_ID": str(app.id),
        "GATE_GITHUB_PRIVATE_KEY_FILE": str(key),
        "GATE_GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "GATE_GITHUB_CLIENT_ID": app.client_id,
        "GATE_GITHUB_CLIENT_SECRET": app.client_secret,
    }
    for name, value in values.items():
        # SECURITY: a line break in an answer would write a setting that nobody asked for.
        if not value.isprintable() or value.strip("'\" ") != value:
            raise _half_done(app, f"{name} as GitHub answers it cannot stand in a line")
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _write_key(app: "CreatedApp", key: Path) -> None:
    try:
        descriptor = os.open(key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        _fill(descriptor, app.private_key)
    except OSError as error:
        raise _half_done(app, f"{key} cannot be written: {error.strerror}") from None


def _write_env(env: Path, text: str, app: "CreatedApp") -> None:
    """Write `.env` as a whole or not at all; from then on its owner alone may read it."""
    target, draft = env.resolve(), ""
    try:
        descriptor, draft = tempfile.mkstemp(prefix=".env.", dir=target.parent)  # readable by its owner alone
        _fill(descriptor, text)
        Path(draft).replace(target)
    except OSError as error:
        if draft:
            Path(draft).unlink(missing_ok=True)
        raise _half_done(app, f"{target} cannot be written: {error.strerror}") from None


def _fill(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _half_done(app: "CreatedApp", what: str) -> UnreadableError:
    step = f"The app {visible(app.slug)} exists: make a new key and webhook secret on its page, or delete it there."
    return UnreadableError(f"{what}.", next_step=step)

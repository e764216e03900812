"""Configuration: the service's settings from the environment and `.env`, checked, with every secret masked."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from gate.core.errors import UsageError

MIN_SECRET = 16
_WORKFLOW = re.compile(r"[\w.-]+/[\w.-]+/\.github/workflows/[\w.-]+\.ya?ml@refs/heads/[\w./-]+", re.ASCII)
_MAX_FILE = 64 * 1024
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator sets, each by the variable `GATE_<NAME>`.

    Secrets and the database's address may be given by a file that `GATE_<NAME>_FILE` names. Texts are empty where
    nothing is set. Times are seconds.
    """

    database_url: str = "sqlite:///gate.db"
    base_url: str = "http://127.0.0.1:8000"
    secret_key: str = field(default="", repr=False)
    github_api_url: str = "https://api.github.com"
    github_app_id: int = 0
    github_private_key: str = field(default="", repr=False)
    github_webhook_secret: str = field(default="", repr=False)
    github_token: str = field(default="", repr=False)
    github_client_id: str = ""
    github_client_secret: str = field(default="", repr=False)
    config_repository: str = ""
    signing_key_file: str = ""
    ledger_key_file: str = ""
    ledger_origin: str = ""
    ledger_copies: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    actions_oidc_issuer: str = "https://token.actions.githubusercontent.com"
    actions_workflows: str = ""
    admins: str = ""
    smtp_url: str = field(default="", repr=False)
    notify_urls: str = field(default="", repr=False)
    calendar_hosts: str = ""
    jira_url: str = ""
    jira_user: str = ""
    jira_token: str = field(default="", repr=False)
    jira_project: str = ""
    jira_issue_type: str = "Incident"
    jira_webhook_secret: str = field(default="", repr=False)
    servicenow_url: str = ""
    servicenow_user: str = ""
    servicenow_password: str = field(default="", repr=False)
    servicenow_webhook_secret: str = field(default="", repr=False)
    pagerduty_url: str = "https://api.pagerduty.com"
    pagerduty_token: str = field(default="", repr=False)
    pagerduty_from: str = ""
    pagerduty_service: str = ""
    pagerduty_webhook_secret: str = field(default="", repr=False)
    tracker_ca_file: str = ""
    ticket_webhook_url: str = ""
    ticket_webhook_secret: str = field(default="", repr=False)
    ticket_webhook_prefixes: str = ""
    resync_seconds: int = 300
    log_format: str = "console"
    log_level: str = "info"
    check_name: str = "Sign-off gate"
    trusted_proxies: int = 0
    insecure_no_login: bool = False

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that a webhook may be signed with; several while one is being rotated."""
        return tuple(secret for part in self.github_webhook_secret.split(",") if (secret := part.strip()))

    @property
    def incident_secrets(self) -> dict[str, tuple[bytes, ...]]:
        """Return the secrets that trackers sign webhooks of incidents with, by tracker; several during a rotation."""
        given = {
            "jira": self.jira_webhook_secret,
            "servicenow": self.servicenow_webhook_secret,
            "pagerduty": self.pagerduty_webhook_secret,
            "webhook": self.ticket_webhook_secret,
            "github": self.github_webhook_secret,
        }
        return {
            name: tuple(one.strip().encode() for one in secrets.split(",") if one.strip())
            for name, secrets in given.items()
        }

    @property
    def admin_names(self) -> frozenset[str]:
        """Return who is an admin after logging in: `github:<id>` and `oidc:<subject>`; everybody else is a viewer."""
        return frozenset(name for part in self.admins.split(",") if (name := part.strip()))

    @property
    def evidence_workflows(self) -> frozenset[str]:
        """Return the workflows whose evidence is taken, as `owner/repo/.github/workflows/FILE@refs/heads/BRANCH`."""
        return frozenset(name for part in self.actions_workflows.split(",") if (name := part.strip()))

    @property
    def calendar_host_names(self) -> frozenset[str]:
        """Return the hosts within the operator's own network that calendars of the records may be read from."""
        return frozenset(name.lower() for part in self.calendar_hosts.split(",") if (name := part.strip()))

    @property
    def has_login(self) -> bool:
        """Return whether people can log in."""
        return bool(self.oidc_issuer and self.oidc_client_id) or bool(
            self.github_client_id and self.github_client_secret
        )

    @property
    def is_embedded(self) -> bool:
        """Return whether the database is a file of this machine."""
        return self.database_url.startswith("sqlite")

    def shown(self) -> dict[str, str]:
        """Return every setting as an operator may see it: what is secret is masked."""
        return {
            f"GATE_{one.name.upper()}": str(getattr(self, one.name)) if one.repr else _masked(getattr(self, one.name))
            for one in fields(self)
        }


_SECRETS = frozenset(one.name for one in fields(Settings) if not one.repr)
_FROM_FILE = _SECRETS | {"database_url"}  # an address may hold a password


def load_settings(environment: Mapping[str, str] | None = None, *, folder: Path | None = None) -> Settings:
    """Return the settings in force: the environment first, then `.env` of a folder (the present one).

    Raises UsageError for a value that cannot be used, naming its variable.
    """
    given = {**_dotenv((folder or Path()) / ".env"), **(os.environ if environment is None else environment)}
    values: dict[str, str | int | bool] = {}
    for one in fields(Settings):
        name = f"GATE_{one.name.upper()}"
        text = _text(name, given, may_be_file=one.name in _FROM_FILE)
        if text is not None:
            values[one.name] = _typed(name, text, one.default)
    settings = Settings(**values)  # type: ignore[arg-type]  # each is typed by its field's default
    _check(settings)
    return settings


def _text(name: str, given: Mapping[str, str], *, may_be_file: bool) -> str | None:
    file = given.get(f"{name}_FILE") if may_be_file else None
    if file is None:
        return given.get(name)
    if name in given:
        raise UsageError(f"{name} and {name}_FILE are both set.", next_step="Set one of them.")
    try:
        with Path(file).open("rb") as opened:
            return opened.read(_MAX_FILE).decode().strip()
    except (OSError, UnicodeDecodeError):
        step = f"Look at {name}_FILE."
        raise UsageError(f"The file that {name}_FILE names cannot be read.", next_step=step) from None


def _typed(name: str, text: str, default: object) -> str | int | bool:
    if isinstance(default, bool):
        word = text.strip().lower()
        if word not in _TRUE | _FALSE:
            raise UsageError(f"{name} is neither true nor false.", next_step="Write `true` or `false`.")
        return word in _TRUE
    if isinstance(default, int):
        if not (text.isascii() and text.isdigit() and len(text) < len("1000000000")):
            raise UsageError(f"{name} is no whole number.", next_step="Write one such as 300.")
        return int(text)
    return text


def _check(settings: Settings) -> None:
    _check_incident_secrets(settings)
    for secret in settings.webhook_secrets:
        if len(secret) < MIN_SECRET:
            step = "Write at least 16 characters, at GitHub too."
            raise UsageError("GATE_GITHUB_WEBHOOK_SECRET is too short to keep anybody out.", next_step=step)
    if settings.secret_key and len(settings.secret_key) < MIN_SECRET:
        raise UsageError("GATE_SECRET_KEY is too short.", next_step="Write at least 16 characters.")
    for name in settings.admin_names:
        kind, _, rest = name.partition(":")
        if not rest or kind not in {"github", "oidc"} or (kind == "github" and not (rest.isascii() and rest.isdigit())):
            step = "Write account numbers as github:1001 and subjects as oidc:SUB, separated by commas."
            raise UsageError(f"GATE_ADMINS names {name!r}, which is neither.", next_step=step)
    if not settings.base_url.startswith(("http://", "https://")):
        raise UsageError("GATE_BASE_URL is no address.", next_step="Write one such as https://gate.example.com.")
    _check_workflows(settings)
    if settings.github_app_id and not settings.github_private_key:
        step = "Set GATE_GITHUB_PRIVATE_KEY or GATE_GITHUB_PRIVATE_KEY_FILE."
        raise UsageError("GATE_GITHUB_APP_ID is set without the app's private key.", next_step=step)
    if settings.resync_seconds < 1:
        raise UsageError("GATE_RESYNC_SECONDS must be at least 1.", next_step="Write one such as 300.")


def _check_workflows(settings: Settings) -> None:
    for name in settings.evidence_workflows:
        if not _WORKFLOW.fullmatch(name):
            step = "Write them as owner/repo/.github/workflows/gate.yml@refs/heads/main, separated by commas."
            raise UsageError(f"GATE_ACTIONS_WORKFLOWS names {name[:200]!r}, which is no workflow.", next_step=step)


def _check_incident_secrets(settings: Settings) -> None:
    for name, secrets in settings.incident_secrets.items():
        if name != "github" and any(len(secret) < MIN_SECRET for secret in secrets):
            step = "Write at least 16 characters, at the tracker too."
            raise UsageError(f"The webhook secret of {name} is too short to keep anybody out.", next_step=step)


def _masked(secret: str) -> str:
    return "(set)" if secret else ""


def _dotenv(file: Path) -> dict[str, str]:
    """Return the `GATE_` variables of a `.env` file: `NAME=value` lines, quotes around a value taken off."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in lines:
        name, mark, value = line.strip().removeprefix("export ").partition("=")
        if mark and name.strip().startswith("GATE_"):
            found[name.strip()] = value.strip().strip("'\"")
    return found

"""`gate app`: the manifest with least permissions, and a new app's secrets put away without being shown."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import ForgeWorld, a_world
from builders_gate_command import Ran, run_gate
from doubles.github.apps import app_key

from gate.adapters.github.manifest import PERMISSIONS
from gate.cli.app import web_address
from gate.config import load_settings

CODE = "a-code-of-github"
WEBHOOK_SECRET = "a-webhook-secret-of-github"  # noqa: S105  # of nothing real


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GATE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeWorld]:
    with a_world() as forge:
        forge.world.manifests[CODE] = {"id": 777, "slug": "acme-gate", "webhook_secret": WEBHOOK_SECRET}
        monkeypatch.setenv("GATE_GITHUB_API_URL", forge.url)
        yield forge


def install(code: str = CODE, *arguments: str) -> Ran:
    return run_gate("app", "install", code, *arguments)


class TestTheManifest:
    def test_asks_for_exactly_the_permissions_that_are_needed(self) -> None:
        ran = run_gate("app", "manifest")
        assert ran.code == 0
        assert ran.json["default_permissions"] == dict(PERMISSIONS)

    def test_names_the_service_and_where_to_post_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_BASE_URL", "https://gate.example.com")
        ran = run_gate("app", "manifest", "--name", "Acme's gate", "--organisation", "acme")
        assert ran.json["name"] == "Acme's gate"
        assert ran.json["hook_attributes"]["url"] == "https://gate.example.com/webhooks/github"
        assert "https://github.com/organizations/acme/settings/apps/new" in ran.err
        assert "cannot reach" not in ran.err

    def test_says_where_webhooks_cannot_arrive(self) -> None:
        ran = run_gate("app", "manifest")
        assert "https://github.com/settings/apps/new" in ran.err
        assert "GitHub's webhooks cannot reach it" in ran.err

    @pytest.mark.parametrize("arguments", [("--name", " "), ("--name", "x" * 35), ("--organisation", "a/b")])
    def test_refuses_names_that_github_would_refuse(self, arguments: tuple[str, str]) -> None:
        assert run_gate("app", "manifest", *arguments).code == 2

    @pytest.mark.parametrize(
        ("api", "web"),
        [
            ("https://api.github.com", "https://github.com"),
            ("https://forge.example/api/v3", "https://forge.example"),
            ("https://forge.example/api/v3/", "https://forge.example"),
            ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ],
    )
    def test_is_posted_where_the_api_belongs(self, api: str, web: str) -> None:
        assert web_address(api) == web


class TestInstalling:
    def test_writes_settings_that_load(self, forge: ForgeWorld, tmp_path: Path) -> None:
        ran = install()
        assert (ran.code, ran.err) == (0, "")
        settings = load_settings({}, folder=tmp_path)
        assert settings.github_app_id == 777
        assert settings.github_private_key == app_key().strip()
        assert settings.webhook_secrets == (WEBHOOK_SECRET,)
        assert settings.github_client_id
        assert settings.github_client_secret == "a-client-secret"  # noqa: S105  # of nothing real
        assert forge.world.manifests == {}

    def test_shows_no_secret(self, forge: ForgeWorld) -> None:
        ran = install()
        assert forge.url
        assert WEBHOOK_SECRET not in ran.out + ran.err
        assert "a-client-secret" not in ran.out + ran.err
        assert "PRIVATE KEY" not in ran.out + ran.err
        assert "/installations/new" in ran.out

    def test_lets_the_owner_alone_read_both_files(self, forge: ForgeWorld, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("GATE_LOG_LEVEL=debug")
        (tmp_path / ".env").chmod(0o644)
        assert install().code == 0
        assert forge.url
        files = sorted(tmp_path.iterdir())
        assert [file.name for file in files] == [".env", "github-app-777.private-key.pem"]
        assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]

    def test_keeps_what_stands_there(self, forge: ForgeWorld, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("# mine\nGATE_LOG_LEVEL=debug")
        assert install().code == 0
        assert forge.url
        assert (tmp_path / ".env").read_text().startswith("# mine\nGATE_LOG_LEVEL=debug\nGATE_GITHUB_APP_ID=777\n")

    @pytest.mark.parametrize(
        "line", ["GATE_GITHUB_WEBHOOK_SECRET=another-secret-of-mine", "export GATE_GITHUB_CLIENT_ID = x"]
    )
    def test_overwrites_nothing_and_spends_no_code(self, forge: ForgeWorld, tmp_path: Path, line: str) -> None:
        (tmp_path / ".env").write_text(line)
        ran = install()
        assert ran.code == 2
        assert "nothing is overwritten" in ran.err
        assert (tmp_path / ".env").read_text() == line
        assert CODE in forge.world.manifests

    def test_looks_at_the_environment_too(self, forge: ForgeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_GITHUB_WEBHOOK_SECRET", "another-secret-of-mine")
        ran = install()
        assert ran.code == 2
        assert "another-secret" not in ran.err
        assert CODE in forge.world.manifests

    def test_keeps_a_key_file_of_that_name(self, forge: ForgeWorld, tmp_path: Path) -> None:
        (tmp_path / "github-app-777.private-key.pem").write_text("mine")
        ran = install()
        assert ran.code == 3
        assert "The app acme-gate exists: make a new key" in ran.err
        assert forge.url
        assert (tmp_path / "github-app-777.private-key.pem").read_text() == "mine"
        assert not (tmp_path / ".env").exists()

    def test_a_code_works_once(self, forge: ForgeWorld, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        assert install(CODE).code == 0
        ran = install(CODE, "--folder", str(other))
        assert ran.code == 3
        assert "gate app manifest" in ran.err
        assert forge.url
        assert list(other.iterdir()) == []

    def test_a_secret_with_a_line_break_writes_no_setting(self, forge: ForgeWorld, tmp_path: Path) -> None:
        forge.world.manifests[CODE]["webhook_secret"] = f"{WEBHOOK_SECRET}\nGATE_INSECURE_NO_LOGIN=true"
        ran = install()
        assert ran.code == 3
        assert WEBHOOK_SECRET not in ran.err
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("code", ["../app", "a b", "x" * 201, ""])
    def test_what_is_no_code_is_not_sent(self, forge: ForgeWorld, code: str) -> None:
        before = len(forge.world.requests)
        assert install(code).code == 2
        assert len(forge.world.requests) == before


def test_the_manifest_is_ascii_json() -> None:
    assert json.loads(run_gate("app", "manifest", "--name", "caf\u00e9").out)["name"] == "caf\u00e9"

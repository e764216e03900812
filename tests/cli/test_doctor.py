"""`gate doctor`: what is right says ok, and every single thing that is wrong says so and what to mend."""

import datetime as dt
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_calendars import on_call
from builders_forge_world import GATE_APP, GATE_CHECK, OWNERSHIP, ForgeWorld, a_world
from builders_gate_command import Ran, run_gate
from builders_notify import a_mail_server
from builders_postgresql import new_database_url
from builders_store import ORIGIN, a_signer

from gate import bootstrap
from gate.adapters.db import migrate
from gate.adapters.github.manifest import EVENTS, PERMISSIONS
from gate.cli.doctor import shown_settings
from gate.config import Settings
from gate.core.ledger.note import Checkpoint, signed_note
from gate.core.times import instant
from gate.usecases import examine

BASE_URL = "https://gate.example.com"
SECRET = "a-webhook-secret-of-github"  # noqa: S105  # of nothing real


class World:
    """A gate that is set up rightly, as its operator sees it."""

    def __init__(self, forge: ForgeWorld, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.forge, self.folder, self.environment = forge, folder, monkeypatch

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.environment.setenv(f"GATE_{name.upper()}", value)

    def unset(self, *names: str) -> None:
        for name in names:
            self.environment.delenv(f"GATE_{name.upper()}")

    def run(self, *arguments: str) -> Ran:
        return run_gate("doctor", *arguments)

    def findings(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run("--json", *arguments).json["findings"]
        return found

    def wrong(self, *arguments: str) -> list[str]:
        """What is not ok, as `level area: sentence`."""
        found = self.findings(*arguments)
        return [f"{one['level']} {one['area']}: {one['sentence']}" for one in found if one["level"] != "ok"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GATE_")]:
        monkeypatch.delenv(name)
    with a_world() as forge, a_mail_server() as mails:
        forge.demand_the_gate()
        forge.installation.app.events = EVENTS
        forge.installation.permissions = dict(PERMISSIONS)
        forge.world.hooks.target = f"{BASE_URL}/webhooks/github"
        forge.world.hooks.mode = "queue"
        found = World(forge, tmp_path, monkeypatch)
        found.set(
            base_url=BASE_URL,
            database_url=f"sqlite:///{tmp_path}/gate.db",
            github_api_url=forge.url,
            github_app_id=str(GATE_APP),
            github_private_key=forge.private_key,
            github_webhook_secret=SECRET,
            smtp_url=mails.url,
            github_client_id="a-client",
            github_client_secret="a-client-secret",  # noqa: S106  # of nothing real
        )
        assert run_gate("db", "upgrade").code == 0
        swept(found, bootstrap.now())
        forge.a_pull()
        for delivery in forge.world.hooks.waiting:
            delivery.status_code = 202
        forge.world.hooks.log += forge.world.hooks.waiting
        yield found


def swept(world: World, moment: dt.datetime) -> None:
    """Say when the last sweep began."""
    with sqlite3.connect(world.folder / "gate.db") as connection:
        connection.execute("INSERT OR REPLACE INTO settings VALUES ('last-sweep-at', ?)", (instant(moment),))
    connection.close()


class TestAGateThatIsSetUpRightly:
    def test_has_nothing_to_mend(self, world: World) -> None:
        ran = world.run()
        assert world.wrong() == []
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.rstrip().endswith(" ok, 0 warn, 0 fail.")

    def test_is_seen_in_every_part(self, world: World) -> None:
        areas = {finding["area"] for finding in world.findings()}
        assert areas == {
            "configuration", "notifications", "database", "ledger", "worker", "clock",
            "app", "installation acme", "webhooks", "acme/shop",
        }  # fmt: skip

    def test_shows_its_settings_without_secrets(self, world: World) -> None:
        out = world.run().out
        assert f"GATE_BASE_URL={BASE_URL}\n" in out
        assert "GATE_GITHUB_WEBHOOK_SECRET=(set)\n" in out
        assert SECRET not in out
        assert "a-client-secret" not in out
        assert "PRIVATE KEY" not in out

    def test_is_not_changed_by_looking(self, world: World) -> None:
        world.run()
        assert [file.name for file in world.folder.iterdir() if ".key" in file.name or "secret" in file.name] == []
        assert {method for method, target, _ in world.forge.world.requests if "access_tokens" not in target} == {"GET"}

    def test_has_a_ledger_signed_by_its_key(self, world: World) -> None:
        run_gate("tokens", "create", "--role", "viewer")
        assert world.wrong() == []
        assert any("The ledger has 1 entry up to" in one["sentence"] for one in world.findings())


def no_channel(world: World) -> None:
    world.unset("smtp_url")


def no_mail(world: World) -> None:
    world.unset("smtp_url")
    world.set(notify_urls="team=json://localhost/hook")


def no_such_service(world: World) -> None:
    world.set(notify_urls="team=nothing://secret")


def mail_server_away(world: World) -> None:
    world.set(smtp_url="smtp://127.0.0.1:9?from=gate@example.com")


def no_protection(world: World) -> None:
    world.forge.shop.unprotect("main")


def from_any_app(world: World) -> None:
    world.forge.demand_the_gate(app_id=None)


def from_another_app(world: World) -> None:
    world.forge.demand_the_gate(app_id=1)


def without_admins(world: World) -> None:
    world.forge.shop.protect("main", checks=[(GATE_CHECK, GATE_APP)], covers_admins=False)


def with_force_pushes(world: World) -> None:
    world.forge.shop.protect("main", checks=[(GATE_CHECK, GATE_APP)], allows_force_push=True)


def with_rotation(world: World, schedule: str, calendar: str | None = None) -> None:
    records = OWNERSHIP.replace(
        "payments: {members: [alice, bob]}", f"payments: {{members: [alice, bob], on_call: {{schedule: '{schedule}'}}}}"
    )
    assert schedule in records
    files = {".gate/ownership.yaml": records, "on-call.ics": calendar}
    world.forge.shop.commit("main", files, author=world.forge.carol)


def no_such_rotation(world: World) -> None:
    with_rotation(world, "on-call.ics")


def rotation_on_the_inside(world: World) -> None:
    with_rotation(world, "https://127.0.0.1/on-call.ics")


def gap_in_the_rotation(world: World) -> None:
    with_rotation(world, "on-call.ics", on_call("alice", "20200101", "20200201"))


def no_such_holidays(world: World) -> None:
    records = OWNERSHIP + "holidays: {germany: {calendar: germany.ics, observed_by: [payments]}}\n"
    world.forge.shop.commit("main", {".gate/ownership.yaml": records}, author=world.forge.carol)


def broken_policy(world: World) -> None:
    world.forge.shop.commit("main", {".gate/policy.yaml": "version: 9\n"}, author=world.forge.carol)


def no_policy(world: World) -> None:
    world.forge.shop.commit("main", {".gate/policy.yaml": None}, author=world.forge.carol)


def no_rights(world: World) -> None:
    del world.forge.installation.permissions["checks"]
    world.forge.installation.permissions["metadata"] = "read"


def more_rights(world: World) -> None:
    world.forge.installation.permissions["contents"] = "write"


def few_events(world: World) -> None:
    world.forge.installation.app.events = [event for event in EVENTS if event != "push"]


def suspended(world: World) -> None:
    world.forge.installation.suspend()


def hooks_elsewhere(world: World) -> None:
    world.forge.world.hooks.target = "https://old.example.com/webhooks/github"


def hooks_lost(world: World) -> None:
    world.forge.world.hooks.mode = "fail"
    world.forge.a_pull()


def no_hooks(world: World) -> None:
    world.forge.world.hooks.log.clear()


def no_sweep(world: World) -> None:
    with sqlite3.connect(world.folder / "gate.db") as connection:
        connection.execute("DELETE FROM settings")
    connection.close()


def old_sweep(world: World) -> None:
    swept(world, bootstrap.now() - dt.timedelta(hours=1))


def clock_behind_the_ledger(world: World) -> None:
    run_gate("tokens", "create", "--role", "viewer")
    now = bootstrap.now() - dt.timedelta(seconds=30)
    world.environment.setattr(bootstrap, "now", lambda: now)


def loose_settings(world: World) -> None:
    (world.folder / ".env").write_text("GATE_LOG_LEVEL=info\n")
    (world.folder / ".env").chmod(0o644)


def no_organisation_policy(world: World) -> None:
    world.set(config_repository="acme/rules")


def loose_file(world: World) -> None:
    (world.folder / "gate.db").chmod(0o644)


def old_tables(world: World) -> None:
    with sqlite3.connect(world.folder / "gate.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()


def lost_key(world: World) -> None:
    run_gate("tokens", "create", "--role", "viewer")
    (world.folder / "gate.db.ledger-key.pem").unlink()


def other_origin(world: World) -> None:
    run_gate("tokens", "create", "--role", "viewer")
    world.set(ledger_origin="elsewhere.example/ledger")


def copy_out_of_reach(world: World) -> None:
    run_gate("tokens", "create", "--role", "viewer")
    world.set(ledger_copies=f"file:{world.folder}/elsewhere/heads.txt")


def copy_that_stays_behind(world: World) -> None:
    world.set(ledger_copies=f"file:{world.folder}/heads.txt")
    yesterday = bootstrap.now() - dt.timedelta(days=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "now", lambda: yesterday)
        run_gate("tokens", "create", "--role", "viewer")
        assert run_gate("ledger", "publish").code == 0
        run_gate("tokens", "create", "--role", "viewer")


def copy_of_another_ledger(world: World) -> None:
    run_gate("tokens", "create", "--role", "viewer")
    file = world.folder / "heads.txt"
    file.write_text(signed_note(Checkpoint(ORIGIN, 1, bytes(32)).text(), a_signer()))
    world.set(ledger_copies=f"file:{file}")


def no_webhook_secret(world: World) -> None:
    world.unset("github_webhook_secret")


def clear_text(world: World) -> None:
    world.set(base_url="http://gate.example.com")
    world.forge.world.hooks.target = "http://gate.example.com/webhooks/github"


def no_login(world: World) -> None:
    world.unset("github_client_id", "github_client_secret")


def everybody(world: World) -> None:
    world.set(insecure_no_login="true")


FAULTS: list[tuple[Callable[[World], None], str, int]] = [
    (no_protection, "fail acme/shop: main does not demand the check `Sign-off gate`", 1),
    (from_any_app, "fail acme/shop: The check may come from any app", 1),
    (from_another_app, "fail acme/shop: The check must come from app 1, which is not this one (4242)", 1),
    (without_admins, "fail acme/shop: Administrators may merge without the check.", 1),
    (with_force_pushes, "fail acme/shop: main can be force-pushed", 1),
    (no_such_rotation, "warn acme/shop: Who is on call for payments cannot be told: there is no file on-call.ics.", 0),
    (rotation_on_the_inside, "warn acme/shop: Who is on call for payments cannot be told: ", 0),
    (gap_in_the_rotation, "warn acme/shop: Nobody is on call for payments now, by its calendar.", 0),
    (no_such_holidays, "warn acme/shop: The holidays germany cannot be read, so nobody has them: ", 0),
    (broken_policy, "fail acme/shop: The rules of main are not valid: .gate/policy.yaml:1:", 1),
    (no_policy, "warn acme/shop: main has no .gate/policy.yaml", 0),
    (no_rights, "fail installation acme: The app lacks permissions there: checks: write.", 1),
    (more_rights, "warn installation acme: The app may do more than it needs: contents: write.", 0),
    (few_events, "warn installation acme: The app is not told of push", 0),
    (hooks_elsewhere, "fail app: The app's webhooks go to https://old.example.com/webhooks/github", 1),
    (no_hooks, "warn webhooks: GitHub has sent no webhook yet", 0),
    (no_sweep, "warn worker: No sweep has run yet", 0),
    (old_sweep, "fail worker: The last sweep began 36", 1),
    (loose_settings, "warn configuration: Other users of this machine may read .env", 0),
    (no_organisation_policy, "fail organisation's policy in acme/rules: The gate is not installed on it.", 1),
    (loose_file, "fail database: Other users of this machine may read", 1),
    (old_tables, "fail database: The SQLite database is at 0000; this version needs ", 1),
    (lost_key, "fail ledger: The ledger has 1 entry and cannot go on. ", 1),
    (other_origin, "fail ledger: The ledger's head is not by the key in force", 1),
    (copy_out_of_reach, "fail copy of the ledger's head in file:", 3),
    (copy_that_stays_behind, "fail copy of the ledger's head in file:", 1),
    (copy_of_another_ledger, "fail copy of the ledger's head in file:", 1),
    (no_webhook_secret, "fail configuration: There is no webhook secret", 1),
    (clear_text, "fail configuration: GATE_BASE_URL is not encrypted", 1),
    (no_login, "warn configuration: Nobody can log in", 0),
    (no_channel, "warn notifications: Nobody is told that they are waited for", 0),
    (no_mail, "warn notifications: Addresses of mail reach nobody", 0),
    (no_such_service, "fail notifications: Address 1 of GATE_NOTIFY_URLS is none of a service", 1),
    (mail_server_away, "fail notifications: The mail server cannot be used", 3),
    (everybody, "warn configuration: GATE_INSECURE_NO_LOGIN lets everybody in", 0),
]


class TestOneThingThatIsWrong:
    @pytest.mark.parametrize(("fault", "said", "code"), FAULTS, ids=[fault.__name__ for fault, _, _ in FAULTS])
    def test_is_the_only_finding_and_names_what_to_mend(
        self, world: World, fault: Callable[[World], None], said: str, code: int
    ) -> None:
        fault(world)
        (wrong,) = world.wrong()
        assert wrong.startswith(said)
        (finding,) = [one for one in world.findings() if one["level"] != "ok"]
        assert finding["mend"]
        assert world.run().code == code

    def test_a_rotation_that_can_be_read_is_said_to_be_fine(self, world: World) -> None:
        with_rotation(world, "on-call.ics", on_call("alice", "20200101", "20990101"))
        assert world.wrong() == []
        assert "The calendars of its records can be read." in [one["sentence"] for one in world.findings()]

    def test_a_copy_that_is_kept_up_to_date_is_no_finding(self, world: World) -> None:
        world.set(ledger_copies=f"file:{world.folder}/heads.txt")
        run_gate("tokens", "create", "--role", "viewer")
        assert world.wrong() == []
        assert run_gate("ledger", "publish").code == 0
        run_gate("tokens", "create", "--role", "viewer")
        assert world.wrong() == []
        assert any("It holds the head over 1 entry" in one["sentence"] for one in world.findings())

    def test_lost_webhooks_are_counted(self, world: World) -> None:
        hooks_lost(world)
        newest, lost = world.wrong()
        assert newest.startswith("fail webhooks: The newest webhook, `pull_request` at ")
        assert newest.endswith("reached nobody.")
        assert "were never accepted" in lost

    def test_a_clock_behind_the_ledger_is_behind_github_too(self, world: World) -> None:
        clock_behind_the_ledger(world)
        behind, beside = world.wrong()
        assert behind.startswith("fail clock: The clock is ")
        assert "behind the ledger's last entry" in behind
        assert beside.endswith("s behind GitHub's.")

    def test_suspended_is_said_and_nothing_is_guarded(self, world: World) -> None:
        suspended(world)
        wrong = world.wrong()
        assert any(one.startswith("fail installation acme: It is suspended") for one in wrong)
        assert any(one.startswith("fail repositories: The gate is installed on no repository") for one in wrong)


class TestARuleset:
    def test_counts_like_classic_protection(self, world: World) -> None:
        no_protection(world)
        world.forge.shop.ruleset(checks=[(GATE_CHECK, GATE_APP)], allows_force_push=False, uses_queue=True)
        assert world.wrong() == []
        assert any("There is a merge queue" in one["sentence"] for one in world.findings())


class TestTheOrganisationsPolicy:
    def test_is_read_where_the_settings_say(self, world: World) -> None:
        world.set(config_repository="acme/shop")
        assert world.wrong() == []
        assert any(one["area"] == "organisation's policy in acme/shop" for one in world.findings())

    def test_fails_where_it_is_broken(self, world: World) -> None:
        world.set(config_repository="acme/shop")
        broken_policy(world)
        assert any("It is not valid: .gate/policy.yaml:1:" in one for one in world.wrong())


class TestAPolicyThatOnlyEvaluates:
    def test_needs_no_required_check(self, world: World) -> None:
        no_protection(world)
        world.forge.shop.commit(
            "main",
            {".gate/policy.yaml": "version: 1\ndefault_owner: platform\nenforcement: evaluate\n"},
            author=world.forge.carol,
        )
        assert [one[:40] for one in world.wrong()] == ["warn acme/shop: The policy only evaluate"]


class TestWhatCannotBeReached:
    def test_github_is_code_3(self, world: World) -> None:
        world.set(github_api_url="http://127.0.0.1:9")
        assert world.run().code == 3

    def test_the_database_is_code_3(self, world: World) -> None:
        world.set(database_url="postgresql://gate:hunter2@127.0.0.1:1/gate?connect_timeout=2", secret_key="x" * 32)
        ran = world.run()
        assert ran.code == 3
        assert "hunter2" not in ran.out + ran.err

    def test_protection_without_the_right_to_see_it_is_code_3(self, world: World) -> None:
        world.forge.world.faults.add("GET", "/protection$", "status", status=403, times=None)
        ran = world.run()
        assert ran.code == 3
        assert "It cannot be seen whether main demands the check" in ran.out

    def test_an_app_that_github_does_not_know_is_code_3(self, world: World) -> None:
        world.set(github_app_id="4243")
        assert world.run().code == 3

    def test_a_key_that_is_none_is_a_sentence(self, world: World) -> None:
        world.set(github_private_key="not a key at all")
        ran = world.run()
        assert ran.code != 0
        assert "GATE_GITHUB_PRIVATE_KEY is no private key" in ran.out
        assert "not a key at all" not in ran.out + ran.err


class TestAPlainToken:
    def test_is_a_warning_wherever_it_weakens_the_gate(self, world: World) -> None:
        world.unset("github_app_id", "github_private_key")
        world.set(github_token=world.forge.world.token(world.forge.carol))
        wrong = world.wrong()
        assert wrong[0].startswith("warn configuration: A plain token is used")
        assert any(
            one.startswith("warn acme/shop: With a plain token the check is not this gate's alone") for one in wrong
        )


class TestPostgresql:
    def test_is_looked_at_like_sqlite(self, world: World) -> None:
        url = new_database_url("doctor")
        world.set(database_url=url, secret_key="x" * 32)
        assert any(one.startswith("fail database: The PostgreSQL database has no tables yet.") for one in world.wrong())
        migrate.upgrade(url)
        ledger, worker = world.wrong()
        assert ledger.startswith("fail ledger: The ledger's entries cannot be signed. GATE_LEDGER_KEY_FILE is not set")
        assert worker.startswith("warn worker: No sweep has run yet")


class TestMoreRepositoriesThanAreLookedAt:
    def test_are_never_passed_over_in_silence(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(examine, "MOST_REPOSITORIES", 0)
        assert world.wrong() == ["fail repositories: Only the first 0 repositories were looked at."]
        assert world.run().code == 3


class TestOneRepository:
    def test_is_looked_at_by_name(self, world: World) -> None:
        assert world.wrong("--repository", "acme/shop") == []

    def test_where_the_gate_is_not_installed_fails(self, world: World) -> None:
        ran = world.run("--repository", "acme/other")
        assert ran.code == 1
        assert "fail  acme/other: The gate is not installed on it." in ran.out


class TestSettingsThatCarrySecretsInAnAddress:
    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("postgresql://gate:hunter2@db/gate", "postgresql://***@db/gate"),
            ("postgresql://gate:p@ss:hunter2@db/gate", "postgresql://***@db/gate"),
            ("postgresql://db/gate?user=a&password=hunter2&x=1", "postgresql://db/gate?user=a&password=***&x=1"),
            ("sqlite:///gate.db", "sqlite:///gate.db"),
        ],
    )
    def test_are_masked(self, given: str, shown: str) -> None:
        assert shown_settings(Settings(database_url=given))["GATE_DATABASE_URL"] == shown

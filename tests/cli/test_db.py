"""`gate db`: revisions of the service's database, and nothing made by looking."""

from pathlib import Path

import pytest
from builders_gate_command import Ran, run_gate
from sqlalchemy import create_engine, text

from gate.adapters.db import migrate


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE_DATABASE_URL", f"sqlite:///{tmp_path}/gate.db")
    return tmp_path / "gate.db"


def run_db(word: str) -> Ran:
    return run_gate("db", word)


def pretend_revision(file: Path, revision: str) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()


class TestADatabaseThatIsNotThere:
    def test_is_behind_and_stays_away(self, file: Path) -> None:
        assert run_db("check").code == 1
        assert run_db("current").out == "none\n"
        assert not file.exists()

    def test_is_made_for_its_owner_alone(self, file: Path) -> None:
        ran = run_db("upgrade")
        assert ran.code == 0
        assert "(before: no tables)" in ran.out
        assert file.stat().st_mode & 0o077 == 0


class TestAMigratedDatabase:
    def test_is_as_this_version_needs_it(self) -> None:
        run_db("upgrade")
        assert run_db("check").code == 0
        assert run_db("current").out == f"{migrate.newest()}\n"

    def test_stays_as_it_is_when_upgraded_again(self) -> None:
        run_db("upgrade")
        ran = run_db("upgrade")
        assert (ran.code, ran.out) == (0, f"The database is at {migrate.newest()} already.\n")


class TestADatabaseOfALaterVersion:
    def test_is_not_as_this_version_needs_it(self, file: Path) -> None:
        run_db("upgrade")
        pretend_revision(file, "9999")
        ran = run_db("check")
        assert ran.code == 1
        assert "is at 9999" in ran.out

    def test_is_not_touched(self, file: Path) -> None:
        run_db("upgrade")
        pretend_revision(file, "9999")
        ran = run_db("upgrade")
        assert ran.code == 3
        assert ran.err.startswith("gate: This version does not know the database's revision 9999. Use the version")
        assert run_db("current").out == "9999\n"


class TestADatabaseThatCannotBeReached:
    @pytest.mark.parametrize("word", ["check", "current", "upgrade"])
    def test_is_code_3_and_a_sentence(self, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
        monkeypatch.setenv("GATE_DATABASE_URL", "postgresql://gate:hunter2-hunter2@127.0.0.1:1/gate?connect_timeout=2")
        ran = run_db(word)
        assert (ran.code, ran.out) == (3, "")
        assert ran.err.startswith("gate: The database did not do its work: ")
        assert "hunter2" not in ran.err

    def test_is_code_3_where_it_is_another_file(self, file: Path) -> None:
        file.write_text("this is no database, and long enough to be looked at as one" * 20)
        assert run_db("check").code == 3

    def test_is_code_2_where_it_is_no_database_of_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_DATABASE_URL", "mysql://127.0.0.1/gate")
        assert run_db("check").code == 2

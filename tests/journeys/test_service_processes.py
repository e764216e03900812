"""The service as operators run it: real processes, on SQLite and on PostgreSQL, killed at any time."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_postgresql import new_database_url
from builders_processes import Running, a_service_of_processes


@pytest.fixture(params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    is_sqlite = request.param == "sqlite"
    name = re.sub(r"\W", "_", request.node.name)[:40].lower()
    database = f"sqlite:///{tmp_path}/gate.db" if is_sqlite else new_database_url(name)
    with a_service_of_processes(tmp_path, database) as one:
        one.serve("--migrate", *([] if is_sqlite else ["--workers", "2"]))
        if not is_sqlite:
            one.start("worker", "worker", "--threads", "2")
        yield one


class TestAWholeJourney:
    def test_a_change_is_judged_approved_and_withdrawn(self, running: Running) -> None:
        forge = running.forge
        pull = forge.a_pull()
        running.approve(pull)
        assert pull.would_merge()
        forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'x'\n"}, author=forge.dave)
        running.becomes(pull, "in_progress")
        assert not pull.would_merge()

    def test_a_kill_between_any_two_steps_changes_no_outcome(self, running: Running) -> None:
        forge = running.forge
        pull = forge.a_pull()
        if "worker" in running.processes:
            running.kill("worker")
        running.approve(pull)
        running.kill("serve")
        forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'y'\n"}, author=forge.dave)
        second = forge.a_pull({"web/page.html": "<p>new</p>\n"})
        running.serve()
        running.becomes(pull, "in_progress")
        running.becomes(second, "in_progress")
        second.review(forge.erin, "APPROVED")
        running.kill("serve")
        running.serve()
        running.becomes(second, "success")

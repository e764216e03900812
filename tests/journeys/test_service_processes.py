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


class TestTwoProcessesOfWhichEitherMayDie:
    def test_what_either_was_doing_is_done_by_the_other(self, tmp_path: Path) -> None:
        """`gate serve --workers 2` beside `gate worker`; each is killed while there is work."""
        with a_service_of_processes(tmp_path, new_database_url("either")) as running:
            running.serve("--migrate", "--workers", "2")
            running.start("worker", "worker", "--threads", "2")
            forge = running.forge
            pulls = [forge.a_pull() for _ in range(3)]
            for pull in pulls:
                running.becomes(pull, "in_progress")
            for number, pull in enumerate(pulls):
                pull.review(forge.alice, "APPROVED")
                if number == 1:
                    running.kill("worker")
            pulls[0].reviews[-1].dismiss(forge.dave)
            running.start("worker", "worker", "--threads", "2")
            running.kill("serve")
            pulls[1].edit(body="Nothing to see.\n", by=forge.dave)  # nobody is there to hear of it
            running.becomes(pulls[1], "action_required")  # the worker sweeps
            running.becomes(pulls[0], "in_progress")
            running.becomes(pulls[2], "success")
            assert [pull.would_merge() for pull in pulls] == [False, False, True]

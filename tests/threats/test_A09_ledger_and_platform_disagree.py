"""A09: a check is posted and not logged, or logged and not shown; each difference is an entry, once."""

from pathlib import Path

from builders_forge_world import GATE_CHECK
from builders_service import a_service


class TestWhatTheSweepCompares:
    def test_a_check_that_was_never_logged_is_an_entry_once(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            service.forge.shop.check_run(pull.head_sha, GATE_CHECK, app_id=4242, conclusion="success")
            service.sweep()
            service.sweep()
            found = [one for one in service.anomalies() if one["code"] == "check-not-logged"]
            assert [(one["head"], one["shown"]) for one in found] == [(pull.head_sha, "success")]

    def test_a_check_that_says_something_else_than_was_logged_is_an_entry(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            run = next(run for run in service.forge.shop.checks.on(pull.head_sha) if run.name == GATE_CHECK)
            run.status, run.conclusion = "completed", "success"
            service.sweep()
            [found] = service.anomalies()
            assert (found["code"], found["shown"], found["logged"]) == (
                "check-says-otherwise",
                "success",
                "in_progress",
            )
            assert service.check(pull) == "in_progress"

    def test_a_check_that_was_logged_and_is_not_shown_is_an_entry(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            runs = service.forge.shop.checks.runs
            for run in [run for run in runs.values() if run.head_sha == pull.head_sha]:
                del runs[run.id]
            service.sweep()
            assert [one["code"] for one in service.anomalies()] == ["check-not-shown"]

    def test_where_both_agree_nothing_is_recorded(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            service.forge.a_pull({"web/page.html": "<p>Other</p>\n"})
            service.settle()
            service.sweep()
            assert service.anomalies() == []

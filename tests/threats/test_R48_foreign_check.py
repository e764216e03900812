"""R48: a check of the gate's name that something else wrote is an entry, counted, and told to the policy owner."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from builders_forge_world import GATE_CHECK
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.adapters.measures_prometheus import PrometheusMeasures

FOREIGN_APP = 15368


def generation(service: Service, pull: Any) -> int:
    with service.store.reading() as reading:
        change = reading.change(service.key(pull))
    assert change is not None
    return change.generation


class TestAForeignCheck:
    def test_is_recorded_once_counted_and_told_to_the_policy_owner(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, notifier=notifier) as service:
            measures = PrometheusMeasures({})
            service.gate = replace(service.gate, measures=measures)
            pull = service.forge.a_pull()
            service.settle()
            notifier.sent.clear()
            for _ in range(2):
                service.forge.say(pull.head_sha, app_id=FOREIGN_APP)
                service.settle()
            service.sweep()
            assert service.anomalies() == [{"code": "foreign-check", "head": pull.head_sha, "app": FOREIGN_APP}]
            assert "gate_foreign_checks_total 1.0" in measures.render().decode()
            [message] = notifier.sent
            assert message.to == "mailto:carol@example.com"
            assert message.subject == "Something else speaks under the gate's name"
            assert service.check(pull) == "in_progress"
            assert service.errors == []

    def test_is_found_by_the_sweep_where_no_webhook_told(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            service.forge.say(pull.head_sha, app_id=FOREIGN_APP)
            service.lose_webhooks()
            service.sweep()
            assert [one["code"] for one in service.anomalies()] == ["foreign-check"]

    def test_on_a_commit_that_no_open_change_has_for_its_head_is_recorded_too(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            tip = service.forge.shop.tip("main")
            service.forge.say(tip, app_id=FOREIGN_APP)
            service.settle()
            assert [(one["code"], one["head"]) for one in service.anomalies()] == [("foreign-check", tip)]

    def test_of_another_name_is_nobodys_business(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            service.forge.say(pull.head_sha, app_id=FOREIGN_APP, name="tests")
            service.settle()
            assert service.anomalies() == []


class TestTheGatesOwnCheck:
    def test_that_comes_back_as_a_webhook_leads_to_no_judgement(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            own = [one for one in service.received if one.event == "check_run"]
            before, asked = generation(service, pull), len(service.forge.world.requests)
            assert own
            for number, delivery in enumerate(own):
                service.hand_over(delivery, guid=f"again-{number:08}")
            service.work()
            assert generation(service, pull) == before
            assert len(service.forge.world.requests) == asked
            assert service.anomalies() == []

    def test_that_somebody_changed_is_recorded_and_mended(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            checks = service.forge.shop.checks
            run = next(run for run in checks.on(pull.head_sha) if run.name == GATE_CHECK)
            checks.change(run, conclusion="success")
            service.settle()
            assert [(one["code"], one["shown"]) for one in service.anomalies()] == [("check-says-otherwise", "success")]
            assert service.check(pull) == "in_progress"

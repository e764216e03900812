"""L26: a forge that refuses the gate's own login is an entry, counted, and a service not ready until it ends."""

from dataclasses import replace

from builders_service import Service

from gate.adapters.measures_prometheus import PrometheusMeasures
from gate.usecases.forge_access import refused_since


def codes(service: Service) -> list[str]:
    return [one["code"] for one in service.anomalies()]


def since(service: Service) -> str:
    with service.store.reading() as reading:
        return refused_since(reading)


class TestALoginThatIsRefused:
    def test_is_recorded_once_and_counted_and_over_with_the_next_sweep_that_is_let_in(self, service: Service) -> None:
        measures = PrometheusMeasures({})
        service.gate = replace(service.gate, measures=measures)
        pull = service.approved()
        fault = service.forge.world.faults.add("*", r"/app/", "status", status=401, times=None)
        service.restart()
        service.gate = replace(service.gate, measures=measures)
        pull.edit(title="Another", by=service.forge.dave)
        service.settle()
        assert codes(service) == ["forge-login-refused"]
        assert since(service)
        service.sweep()
        assert codes(service) == ["forge-login-refused"]
        assert "gate_forge_logins_refused_total" in measures.render().decode()
        fault.times = 0
        service.later(400)
        service.sweep()
        assert codes(service) == ["forge-login-refused", "forge-login-taken-again"]
        assert since(service) == ""
        assert service.check(pull) == "success"

    def test_is_found_by_the_sweep_alone(self, service: Service) -> None:
        service.forge.world.faults.add("*", r"/app/", "status", status=401, times=None)
        service.sweep()
        assert codes(service) == ["forge-login-refused"]

    def test_is_not_what_a_want_of_permission_is(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.forge.world.faults.add("GET", rf"/pulls/{pull.number}", "status", status=403, times=1)
        service.settle()
        assert codes(service) == []

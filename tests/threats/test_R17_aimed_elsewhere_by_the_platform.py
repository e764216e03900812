"""R17: a change that the platform aims at another base by itself is judged for that base, and its approvals are not."""

from pathlib import Path

from builders_forge_world import POLICY
from builders_service import Service, a_service
from doubles.github.pulls import Pull


def stacked(service: Service) -> Pull:
    """The upper of two stacked changes, approved against the lower one's branch."""
    forge = service.forge
    lower = forge.a_pull({"api/pay.py": "amount = 'lower'\n"}, branch="lower")
    upper = forge.a_pull({"api/tax.py": "rate = 19\n"}, branch="upper", base="lower")
    forge.demand_the_gate("lower")
    service.settle()
    for pull in (lower, upper):
        pull.review(forge.alice, "APPROVED")
    service.settle()
    assert service.check(upper) == "success"
    return upper


class TestAStack:
    def test_the_upper_change_needs_its_approvals_anew_when_it_is_moved_on(self, tmp_path: Path) -> None:
        policy = POLICY + "branches: [main, lower]\n"
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            upper = stacked(service)
            upper.edit(base="main", is_automatic=True)
            service.settle()
            assert service.check(upper) == "in_progress"
            assert "base-changed" in service.codes(upper)
            assert not upper.would_merge()
            upper.review(service.forge.alice, "APPROVED")
            service.settle()
            assert service.check(upper) == "success"

    def test_within_one_sweep_where_no_webhook_told(self, tmp_path: Path) -> None:
        policy = POLICY + "branches: [main, lower]\n"
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            upper = stacked(service)
            upper.edit(base="main", is_automatic=True)
            service.lose_webhooks()
            service.sweep()
            assert service.check(upper) == "in_progress"

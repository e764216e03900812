"""What the ledger notes beside a verdict: who edited the plan (R36), and that a content is back (R10)."""

from typing import Any

import pytest
from builders_forge_world import BODY
from builders_service import Service
from doubles.github.pulls import Pull

EDITED = BODY.replace("Deploy main", "Deploy the release before")


def last_verdict(service: Service, pull: Pull) -> dict[str, Any]:
    with service.store.reading() as reading:
        entries = [one for one in reading.timeline(service.key(pull)) if one.kind == "verdict-changed"]
    return max(entries, key=lambda one: one.index).payload()


class TestAnEditedPlan:
    def test_is_noted_with_its_editor(self, service: Service) -> None:
        pull = service.approved()
        pull.edit(body=EDITED, by=service.forge.erin)
        service.settle()
        assert service.check(pull) == "in_progress"
        assert last_verdict(service, pull)["plan_edited_by"] == f"github:{service.forge.erin.id}"

    def test_is_noted_without_one_where_no_webhook_told(self, service: Service) -> None:
        pull = service.approved()
        pull.edit(body=EDITED, by=service.forge.erin)
        service.lose_webhooks()
        service.sweep()
        assert last_verdict(service, pull)["plan_edited_by"] == ""

    def test_is_not_said_to_be_the_work_of_whoever_edited_before(self, service: Service) -> None:
        pull = service.approved()
        pull.edit(body=f"{BODY}More.", by=service.forge.erin)
        service.settle()
        pull.edit(body=EDITED, by=service.forge.dave)
        service.lose_webhooks()
        service.sweep()
        assert last_verdict(service, pull)["plan_edited_by"] == ""

    def test_is_not_noted_for_another_title(self, service: Service) -> None:
        pull = service.approved()
        pull.edit(title="Another", by=service.forge.erin)
        service.settle()
        assert "plan_edited_by" not in last_verdict(service, pull)


class TestAContentThatIsBack:
    @pytest.mark.parametrize("come", ["told", "lost"])
    def test_counts_again_and_is_noted(self, service: Service, come: str) -> None:
        pull = service.approved()
        first = pull.head_sha
        assert "content_is_back" not in last_verdict(service, pull)
        service.forge.shop.force_push(pull.head_ref, {"api/pay.py": "amount = 7\n"}, author=service.forge.dave)
        service.settle()
        assert service.check(pull) == "in_progress"
        assert "content_is_back" not in last_verdict(service, pull)
        service.forge.shop.force_push(pull.head_ref, to=first, pusher=service.forge.dave)
        if come == "lost":
            service.lose_webhooks()
            service.sweep()
        service.settle()
        assert service.check(pull) == "success"
        assert last_verdict(service, pull)["content_is_back"] is True

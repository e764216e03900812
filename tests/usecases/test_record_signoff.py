"""Recording a sign-off: what somebody decided is what is true now, by who may, once; and the check follows."""

from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import BODY, OWNERSHIP
from builders_service import Service, a_service
from builders_signoff import a_link, asks_of, decide_by, entries

from gate.usecases.signoff_decisions import SignoffRefusedError
from gate.usecases.work import work_once

API, WEB = "component:default/payments-api", "component:default/storefront"
BOTH = {"api/pay.py": "amount = 2\n", "web/page.html": "<p>2</p>\n"}


def refusal(service: Service, token: str, decision: str = "approve", reason: str = "", **fields: Any) -> Any:
    with pytest.raises(SignoffRefusedError) as refused:
        decide_by(service, token, decision, reason, **fields)
    return refused.value


class TestAnApproval:
    def test_turns_the_check_green_and_stands_in_the_ledger_with_what_it_covers(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            scope = asks_of(service, pull).scopes()[API]
            decide_by(service, a_link(service, pull, service.forge.alice), "approve", seen_at="2026-01-01T00:00:00Z")
            service.settle()
            assert service.check(pull) == "success"
            (entry,) = entries(service, pull, "signoff-given")
            assert (entry["actor"], entry["authenticated"]) == ("github:1001", "by possession of the link")
            assert entry["payload"]["scopes"] == {API: scope}
            assert entry["payload"]["seen_at"] == "2026-01-01T00:00:00Z"

    def test_is_published_before_all_that_is_only_looked_at_again(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pulls = [service.forge.a_pull() for _ in range(4)]
            service.settle()
            token = a_link(service, pulls[-1], service.forge.alice)
            service.ask_for_a_sweep()
            assert work_once(service.gate)  # the sweep leaves every open change to be judged anew
            decide_by(service, token, "approve")
            assert work_once(service.gate)  # the change that was decided on is judged
            assert work_once(service.gate)
            assert service.check(pulls[-1]) == "success"

    def test_covers_what_was_asked_and_nothing_else(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull(BOTH)
            service.settle()
            decide_by(service, a_link(service, pull, service.forge.alice), "approve")
            service.settle()
            states = {one.id: one.state for one in service.verdict(pull).requirements}
            assert (states["ownership:payments-api"], states["ownership:storefront"]) == ("met", "waiting")

    def test_outlives_a_push_into_other_peoples_files(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull(BOTH)
            service.settle()
            decide_by(service, a_link(service, pull, service.forge.alice), "approve")
            service.settle()
            service.forge.shop.commit(pull.head_ref, {"web/page.html": "<p>3</p>\n"}, author=service.forge.dave)
            service.settle()
            assert asks_of(service, pull).people() == {"erin"}
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
            service.settle()
            assert asks_of(service, pull).people() >= {"alice", "bob", "erin"}

    def test_of_what_has_changed_is_refused_with_what_has(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n", "api/tax.py": "x\n"},
                                      author=service.forge.dave)  # fmt: skip
            refused = refusal(service, token)  # the webhook has not even arrived
            assert refused.code == "changed-since"
            assert refused.details[:2] == ("`api/pay.py` has changed.", "`api/tax.py` is new in it.")
            pull.edit(body=BODY.replace("Deploy main", "Deploy nothing"), by=service.forge.dave)
            assert refusal(service, token).details[0] == "The rollback plan has changed."
            assert [one["payload"]["code"] for one in entries(service, pull, "link-refused")] == ["changed-since"] * 2

    def test_is_refused_to_who_lost_the_right_or_has_a_hand_in_it(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            forge = service.forge
            pull = forge.a_pull()
            service.settle()
            alice, bob = a_link(service, pull, forge.alice), a_link(service, pull, forge.bob)
            records = OWNERSHIP.replace("[alice, bob]", "[bob]")
            forge.shop.commit("main", {".gate/ownership.yaml": records}, author=forge.carol)
            refused = refusal(service, alice)
            assert refused.code == "not-eligible"
            assert str(refused) == "alice is not among those asked for payments-api."
            forge.shop.commit(pull.head_ref, {"README.md": "Hi\n"}, author=forge.bob)
            assert "had a hand in" in str(refusal(service, bob))

    def test_counts_for_the_id_whatever_the_login_is_by_now(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            service.forge.alice.rename("alicia")
            decide_by(service, token, "approve")
            service.settle()
            assert service.check(pull) == "success"


class TestOnce:
    def test_a_second_decision_by_the_same_link_is_none(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            decide_by(service, token, "approve")
            assert refusal(service, token, "reject", "No").code == "link-used"
            assert len(entries(service, pull, "signoff-given", "signoff-rejected", "link-refused")) == 1

    def test_a_link_that_was_withdrawn_or_ended_decides_nothing(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            with service.store.writing() as writing:
                writing.revoke_links(at=service.gate.instant(), why="test", key=service.key(pull))
            assert str(refusal(service, token)) == "This link was withdrawn. Ask for a new one."

    def test_nothing_is_decided_on_a_change_that_is_closed(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            pull.close(by=service.forge.dave)
            assert refusal(service, token).code == "change-closed"


class TestARejection:
    def test_needs_a_reason_and_stands_across_pushes_until_it_is_answered(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            forge = service.forge
            pull = forge.a_pull()
            service.settle()
            token = a_link(service, pull, forge.alice)
            assert refusal(service, token, "reject", " \u200b ").code == "reason-missing"
            decide_by(service, token, "reject", "Rounds the wrong way.\nSee the specification.")
            service.settle()
            assert service.check(pull) == "failure"
            assert "Rounds the wrong way." in service.verdict(pull).summary
            forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=forge.dave)
            service.settle()
            assert service.check(pull) == "failure"
            decide_by(service, a_link(service, pull, forge.alice), "approve")
            service.settle()
            assert service.check(pull) == "success"

    def test_after_an_approval_takes_the_green_back(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            decide_by(service, a_link(service, pull, service.forge.alice), "approve")
            service.settle()
            token = a_link(service, pull, service.forge.bob, subjects=asks_of(service, pull).scopes())
            decide_by(service, token, "reject", "Not today.")
            service.settle()
            assert service.check(pull) == "failure"

    def test_is_lifted_by_two_of_the_role_with_a_reason(self, tmp_path: Path) -> None:
        policy = "version: 1\ndefault_owner: platform\nroles: {veto-lift: [carol, erin]}\n"
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            forge = service.forge
            pull = forge.a_pull()
            service.settle()
            decide_by(service, a_link(service, pull, forge.alice), "reject", "No.")
            service.settle()
            lift: Any = {"link": "", "subjects": {}, "shown": service.verdict(pull).facts}
            bob = a_link(service, pull, forge.bob)
            assert refusal(service, bob, "lift-veto", "Urgent.", **lift, id="1").code == "not-eligible"
            for person in (forge.carol, forge.erin):
                assert service.check(pull) != "success"
                decide_by(service, bob, "lift-veto", "Settled in the meeting.", **lift, id=f"api:{person.id}",
                          account=f"github:{person.id}")  # fmt: skip
                service.settle()
            decide_by(service, a_link(service, pull, forge.bob), "approve")
            service.settle()
            assert service.check(pull) == "success"


class TestAWithdrawal:
    def test_ends_the_approval_of_its_author_on_any_channel(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            token = a_link(service, pull, service.forge.alice)
            decide_by(service, token, "withdraw", link="", id="api:1", subjects={})
            service.settle()
            assert service.check(pull) == "in_progress"
            bob = a_link(service, pull, service.forge.bob)
            assert refusal(service, bob, "withdraw").code == "nothing-to-withdraw"

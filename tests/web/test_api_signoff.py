"""The API as a source of sign-offs: the same way as every other, on the facts that the program has seen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import BODY, OWNERSHIP, POLICY
from builders_login import an_app
from builders_service import Service, a_service
from builders_signoff import entries
from builders_visitors import a_token, bearer
from doubles.github.pulls import Pull

LISTING = POLICY + "signoffs: {sources: [review, link, comment, api]}\n"
ALICE, DAVE = "github:1001", "github:1004"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path, files={".gate/policy.yaml": LISTING}) as service:
        yield service


@pytest.fixture
def pull(service: Service) -> Pull:
    return service.judged_pull()


class Program:
    """A program with a token, before a gate."""

    def __init__(self, service: Service, signs_as: str = ALICE, **token: Any) -> None:
        self.service, self.client = service, an_app(service).test_client()
        self.headers = bearer(a_token(service, **{"role": "owner", "signs_as": signs_as, **token}))

    def verdict(self, pull: Pull) -> Any:
        return self.client.get(f"/api/v1/changes/acme/shop/{pull.number}", headers=self.headers).get_json()

    def send(self, pull: Pull, *, facts: str = "", **fields: Any) -> Any:
        body = {"id": "act-0001", "decision": "approve", "facts": facts or self.verdict(pull)["facts"], **fields}
        answer = self.client.post(f"/api/v1/changes/acme/shop/{pull.number}/signoff", json=body, headers=self.headers)
        self.service.settle()
        return answer


class TestAProgram:
    def test_signs_off_as_the_account_of_its_token(self, service: Service, pull: Pull) -> None:
        answer = Program(service).send(pull)
        assert answer.status_code == 201
        assert answer.get_json() == {
            "account": ALICE, "at": answer.get_json()["at"], "commit": pull.head_sha, "decision": "approve",
            "further": [], "subjects": ["component:default/payments-api"],
        }  # fmt: skip
        assert service.check(pull) == "success"
        (entry,) = entries(service, pull, "signoff-given")
        assert (entry["actor"], entry["payload"]["source"]) == (ALICE, "api")
        assert entry["authenticated"].startswith("API token ")

    def test_that_sends_the_same_act_again_gets_the_same_answer(self, service: Service, pull: Pull) -> None:
        program = Program(service)
        facts = program.verdict(pull)["facts"]
        first, second = program.send(pull, facts=facts), program.send(pull, facts=facts)
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.get_json() == second.get_json()
        assert len(entries(service, pull, "signoff-given")) == 1

    def test_does_not_use_one_id_for_two_acts(self, service: Service, pull: Pull) -> None:
        program = Program(service)
        facts = program.verdict(pull)["facts"]
        program.send(pull, facts=facts)
        other = program.send(pull, facts=facts, decision="reject", comment="No.")
        assert (other.status_code, other.get_json()["code"]) == (409, "link-used")
        assert service.check(pull) == "success"

    def test_rejects_with_a_reason_and_withdraws(self, service: Service, pull: Pull) -> None:
        program = Program(service)
        assert program.send(pull, decision="reject").get_json()["code"] == "reason-missing"
        assert program.send(pull, decision="reject", comment="Too slow.").status_code == 201
        assert service.check(pull) == "failure"
        assert program.send(pull, id="act-0002", decision="withdraw").status_code == 201
        assert service.check(pull) == "in_progress"

    def test_decides_on_what_it_names_alone(self, service: Service) -> None:
        pull = service.forge.a_pull({"api/pay.py": "amount = 2\n", "web/page.html": "<p>2</p>\n"})
        service.settle()
        program = Program(service)
        refused = program.send(pull, subjects=["storefront"])
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not-eligible")
        assert program.send(pull, id="act-0002", subjects=["payments-api"]).status_code == 201
        assert service.check(pull) == "in_progress"

    def test_lifts_a_rejection_with_a_second_one_where_both_are_of_the_role(self, tmp_path: Path) -> None:
        policy = LISTING + "roles: {veto-lift: [carol, erin]}\n"
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            pull = service.judged_pull()
            pull.comment(service.forge.alice, "/reject Rounds the wrong way.")
            service.settle()
            refused = Program(service).send(pull, decision="lift-veto", comment="Mine to lift.")
            assert (refused.status_code, refused.get_json()["code"]) == (403, "not-eligible")
            for account in ("github:1003", "github:1005"):
                assert service.check(pull) == "failure"
                program = Program(service, account)
                assert program.send(pull, decision="lift-veto").get_json()["code"] == "reason-missing"
                lifted = program.send(pull, decision="lift-veto", comment="Settled with alice.")
                assert (lifted.status_code, lifted.get_json()["decision"]) == (201, "lift-veto")
            assert service.check(pull) == "in_progress"


class TestNothingIsRecorded:
    def test_where_the_policy_does_not_list_the_api(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            for number, decision in enumerate(("approve", "reject")):
                answer = Program(service).send(pull, id=f"act-000{number}", decision=decision, comment="Because.")
                assert (answer.status_code, answer.get_json()["code"]) == (403, "source-not-accepted")
                assert "The policy does not accept a sign-off by api." in answer.get_json()["detail"]
            assert service.check(pull) == "in_progress"
            assert [one["payload"]["source"] for one in entries(service, pull, "signoff-refused")] == ["api", "api"]

    def test_for_the_author_on_this_channel_either(self, service: Service, pull: Pull) -> None:
        """R01: nobody signs off on their own work, whoever sends it for them."""
        answer = Program(service, DAVE).send(pull, subjects=["payments-api"])
        assert (answer.status_code, answer.get_json()["code"]) == (403, "not-eligible")
        assert "nobody signs off on a change that they had a hand in" in answer.get_json()["detail"]
        (entry,) = entries(service, pull, "signoff-refused")
        assert entry["payload"]["is_own_work"] is True

    def test_for_a_bot_that_the_policy_does_not_name(self, service: Service, pull: Pull) -> None:
        """R06."""
        answer = Program(service, "github:9999").send(pull, subjects=["payments-api"])
        assert answer.status_code == 403
        assert service.check(pull) == "in_progress"

    def test_for_a_bot_that_the_records_call_an_owner(self, tmp_path: Path) -> None:
        """R06: what would not count is not answered as recorded."""
        robot = "people:\n  robot: {name: Robot, github_id: 41001}\n"
        records = OWNERSHIP.replace("people:\n", robot).replace("[alice, bob]", "[robot, bob]")
        with a_service(tmp_path, files={".gate/policy.yaml": LISTING, ".gate/ownership.yaml": records}) as service:
            bot = service.forge.world.bot("robot", 41001)
            pull = service.judged_pull()
            answer = Program(service, f"github:{bot.id}").send(pull)
            assert (answer.status_code, answer.get_json()["code"]) == (403, "not-eligible")
            assert "Only people sign off" in answer.get_json()["detail"]
            assert [one["actor"] for one in entries(service, pull, "signoff-refused")] == [f"github:{bot.id}"]
            assert service.check(pull) == "in_progress"

    def test_for_an_account_that_is_gone_from_the_forge(self, service: Service, pull: Pull) -> None:
        program = Program(service)
        service.forge.alice.delete()
        answer = program.send(pull)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "not-eligible")
        assert "knows no such account any more" in answer.get_json()["detail"]

    def test_on_facts_that_are_no_longer_true(self, service: Service, pull: Pull) -> None:
        """L06: what the program saw is what it signs off on."""
        program = Program(service)
        facts = program.verdict(pull)["facts"]
        pull.edit(body=BODY.replace("15 minutes", "5 minutes"), by=service.forge.dave)
        answer = program.send(pull, facts=facts)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "changed-since")
        assert "The rollback plan has changed." in answer.get_json()["detail"]
        assert service.check(pull) == "in_progress"

    def test_that_lifts_a_rejection_which_the_facts_do_not_show(self, tmp_path: Path) -> None:
        """L06: what the programs saw rejected is what they lift; whoever rejected since is heard."""
        policy = LISTING + "roles: {veto-lift: [carol, erin]}\n"
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            pull = service.forge.a_pull()
            lifters = [Program(service, one) for one in ("github:1003", "github:1005")]
            facts = ""
            for person in (service.forge.bob, service.forge.alice):
                pull.comment(person, f"/reject Not by {person.login}.")
                service.settle()
                facts = facts or lifters[0].verdict(pull)["facts"]
            for one in lifters:
                answer = one.send(pull, facts=facts, decision="lift-veto", comment="Settled with bob.")
                assert (answer.status_code, answer.get_json()["code"]) == (409, "changed-since")
                assert "Not by alice." in answer.get_json()["detail"]
            assert service.check(pull) == "failure"
            for one in lifters:
                assert one.send(pull, id="act-0002", decision="lift-veto", comment="Settled.").status_code == 201
            assert service.check(pull) == "in_progress"

    def test_on_facts_of_another_change(self, service: Service, pull: Pull) -> None:
        """L05."""
        other = service.forge.a_pull()
        service.settle()
        program = Program(service)
        for facts in (program.verdict(other)["facts"], "sha256:" + "0" * 64):
            assert program.send(pull, facts=facts).status_code == 409
        assert service.check(pull) == "in_progress"

    def test_by_a_token_that_signs_as_nobody(self, service: Service, pull: Pull) -> None:
        answer = Program(service, "").send(pull)
        assert (answer.status_code, "signs-as" in answer.get_json()["detail"]) == (403, True)

    @pytest.mark.parametrize("role", ["viewer", "auditor", "admin"])
    def test_by_a_token_of_another_role(self, service: Service, pull: Pull, role: Any) -> None:
        assert Program(service, role=role).send(pull, facts="sha256:" + "0" * 64).status_code == 403

    def test_in_a_repository_that_the_token_does_not_reach(self, service: Service, pull: Pull) -> None:
        program = Program(service, repositories=("acme/other",))
        assert program.send(pull, facts="sha256:" + "0" * 64).status_code == 404

    def test_once_the_token_is_revoked(self, service: Service, pull: Pull) -> None:
        facts = Program(service).verdict(pull)["facts"]
        assert Program(service, is_revoked=True).send(pull, facts=facts).status_code == 401


def test_what_a_token_signs_as_gives_it_nothing_to_see(service: Service, pull: Pull) -> None:
    """A token reads by its role and repositories; the account's own rights at the forge are not its."""
    seen = Program(service, repositories=("acme/other",)).client
    assert seen.get(f"/api/v1/changes/acme/shop/{pull.number}").status_code == 401
    program = Program(service, repositories=("acme/other",))
    assert program.verdict(pull)["status"] == 404

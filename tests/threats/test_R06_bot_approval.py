"""R06: an approval by a bot, a token or a machine reviewer signs nothing off unless the policy names that bot."""

from pathlib import Path
from typing import Literal

import pytest
from builders_decision import decided, refusals, requirement, signed
from builders_facts import a_policy, a_signoff, account_key, accounts_of, an_account, an_ownership
from builders_forge_world import app_key
from builders_service import a_service
from builders_threats import owners

from gate.core.change.facts import Account
from gate.core.ownership.records import PersonRecord, TeamRecord

BOT = "github:41898282"
OTHER_APP = 777
ACCOUNTS = {**accounts_of("alice", "dave"), BOT: Account("robot", kind="bot", login="github-actions[bot]")}
WITH_BOT = an_ownership(
    people={"alice": PersonRecord(github="alice"), "robot": PersonRecord(github="github-actions[bot]")},
    teams={"payments": TeamRecord(members=("alice", "robot")), "platform": TeamRecord(), "web": TeamRecord()},
)


class TestABotsApproval:
    @pytest.mark.parametrize("source", ["review", "comment", "link"])
    def test_signs_nothing_off_though_the_bot_is_in_the_team(
        self, source: Literal["review", "comment", "link"]
    ) -> None:
        act = a_signoff("robot", account=BOT, source=source)
        verdict = decided(accounts=ACCOUNTS, ownership=WITH_BOT, signoffs=(act,))
        view = owners(verdict)
        assert (verdict.state, view.code) == ("waiting", "bot-approval-ignored")
        assert refusals(view) == [("robot", "bot")]
        assert "only people sign off" in view.why
        assert verdict.summary == "Waiting for alice to sign off on payments-api; nothing else is missing."

    def test_of_the_forges_own_committer_signs_nothing_off(self) -> None:
        accounts = {**accounts_of("dave", "bob"), account_key("alice"): an_account("alice", kind="platform")}
        verdict = decided(accounts=accounts, signoffs=signed("alice"))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "bot")])

    def test_counts_only_for_the_rule_that_names_it(self) -> None:
        rules = [{"name": "Scan", "require": {"signoffs": {"person:robot": 1}}}]
        act = a_signoff("robot", account=BOT)
        verdict = decided(accounts=ACCOUNTS, ownership=WITH_BOT, policy=a_policy(rules=rules), signoffs=(act,))
        assert requirement(verdict, "rule:Scan:person:robot").state == "met"
        assert (verdict.state, owners(verdict).state) == ("waiting", "waiting")

    def test_does_not_stand_in_the_way_of_a_persons(self) -> None:
        acts = (a_signoff("robot", account=BOT), a_signoff("alice"))
        assert decided(accounts=ACCOUNTS, ownership=WITH_BOT, signoffs=acts).state == "approved"


class TestACommentThatAnAppMadeInAPersonsName:
    def test_signs_nothing_off(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            service.forge.world.app(OTHER_APP, private_key=app_key(), slug="helpful-app")
            pull.comment(service.forge.alice, "/signoff", app_id=OTHER_APP)
            service.settle()
            assert service.errors == []
            assert service.check(pull) == "in_progress"
            with service.store.reading() as reading:
                assert reading.signoffs(service.key(pull)) == ()

"""R42: who counts is asked anew each time: an approver who has left the team or the records counts no longer."""

from builders_decision import decided, people_in, refusals, signed
from builders_facts import PEOPLE, TEAMS, a_component, a_policy, accounts_of, an_ownership
from builders_threats import owners

from gate.core.change.facts import Team
from gate.core.ownership.records import TeamRecord

ON_FORGE = an_ownership(a_component("payments-api", "@acme/payments", "/services/payments/"))


class TestAnApproverWhoHasLeft:
    def test_the_team_of_the_records_counts_no_longer(self) -> None:
        assert decided(signoffs=signed("alice")).state == "approved"
        left = an_ownership(teams={**TEAMS, "payments": TeamRecord(members=("bob",))})
        verdict = decided(ownership=left, signoffs=signed("alice"))
        view = owners(verdict)
        assert (verdict.state, view.code, refusals(view)) == ("waiting", "paths-uncovered", [("alice", "not-eligible")])
        assert view.signoffs.not_counted[0].why == "alice approved, but is not among those asked here."
        assert verdict.summary == "Waiting for bob to sign off on payments-api; nothing else is missing."

    def test_the_team_of_the_forge_counts_no_longer(self) -> None:
        stays = {"acme/payments": Team(("alice", "bob"))}
        assert decided(ownership=ON_FORGE, teams=stays, signoffs=signed("alice")).state == "approved"
        verdict = decided(ownership=ON_FORGE, teams={"acme/payments": Team(("bob",))}, signoffs=signed("alice"))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "not-eligible")])
        assert people_in(owners(verdict)) == ["bob"]

    def test_the_role_counts_no_longer_for_its_rule(self) -> None:
        rules = [{"name": "DBA", "require": {"signoffs": {"role:dba": 1}}}]
        verdict = decided(policy=a_policy(rules=rules, roles={"dba": ["erin"]}), signoffs=signed("alice", "carol"))
        assert verdict.state == "waiting"
        assert "erin" in verdict.summary

    def test_the_platform_altogether_counts_for_nobody(self) -> None:
        gone = accounts_of(*(PEOPLE.keys() - {"alice"}))
        verdict = decided(accounts=gone, signoffs=signed("alice"))
        assert (verdict.state, [code for _, code in refusals(owners(verdict))]) == ("waiting", ["unknown-person"])

    def test_and_was_seen_leaving_is_told_so(self) -> None:
        verdict = decided(signoffs=signed("alice", void="left-team"))
        view = owners(verdict)
        assert (verdict.state, view.code, refusals(view)) == (
            "waiting",
            "approver-not-eligible",
            [("alice", "left-team")],
        )
        assert "they have left the team since" in view.why

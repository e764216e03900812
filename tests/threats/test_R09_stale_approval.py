"""R09: an approval covers what its author saw; what was pushed afterwards needs a new one."""

from builders_decision import WEB, decided, refusals, signed
from builders_facts import HEAD, a_file, a_policy, blob_of
from builders_threats import owners, unmet

from gate.core.change.facts import EarlierContent

OLD = "0" * 40
ROUND, PAGE = a_file("services/payments/round.py"), a_file("web/page.html")
BEFORE = a_file("services/payments/round.py", blob=blob_of("before"))


class TestAPushAfterAnApproval:
    def test_of_the_approved_files_voids_it(self) -> None:
        acts = signed("alice", commit=OLD, content="seen")
        verdict = decided(earlier_contents=(EarlierContent("seen", (BEFORE,)),), signoffs=acts)
        view = owners(verdict)
        assert (verdict.state, view.code, refusals(view)) == (
            "waiting",
            "stale-approval",
            [("alice", "scope-changed")],
        )
        assert view.signoffs.not_counted[0].why == f"alice approved, but its files have changed since {OLD[:12]}."
        assert "alice" in verdict.summary

    def test_that_adds_a_file_of_that_owner_voids_it(self) -> None:
        added = a_file("services/payments/evil.py", "added")
        acts = signed("alice", commit=OLD, content="seen")
        verdict = decided(files=(ROUND, added), earlier_contents=(EarlierContent("seen", (ROUND,)),), signoffs=acts)
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "scope-changed")])

    def test_that_takes_a_file_of_that_owner_out_voids_it(self) -> None:
        guard = a_file("services/payments/guard.py", "added")
        acts = signed("alice", commit=OLD, content="seen")
        verdict = decided(earlier_contents=(EarlierContent("seen", (ROUND, guard)),), signoffs=acts)
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "scope-changed")])

    def test_of_another_owners_files_leaves_it_and_asks_the_other(self) -> None:
        acts = signed("alice", "erin", commit=OLD, content="seen")
        earlier = (EarlierContent("seen", (ROUND, a_file("web/page.html", blob=blob_of("before")))),)
        verdict = decided(files=(ROUND, PAGE), earlier_contents=earlier, signoffs=acts)
        assert owners(verdict).state == "met"
        assert (verdict.state, unmet(verdict)) == ("waiting", [(WEB, "stale-approval")])
        assert verdict.summary == "Waiting for erin to sign off on web; nothing else is missing."

    def test_voids_every_approval_where_the_policy_says_so(self) -> None:
        acts = signed("alice", "erin", commit=OLD, content="seen")
        verdict = decided(
            files=(ROUND, PAGE),
            earlier_contents=(EarlierContent("seen", (ROUND, PAGE)),),
            policy=a_policy(signoffs={"on_push": "invalidate-all"}),
            signoffs=acts,
        )
        assert (verdict.state, refusals(owners(verdict))[0]) == ("waiting", ("alice", "old-commit"))


class TestALinkOpenedBeforeThePush:
    def test_does_not_count_for_what_it_did_not_show(self) -> None:
        scopes = {"component:default/payments-api": "sha256:what was shown"}
        verdict = decided(signoffs=signed("alice", source="link", scopes=scopes, commit=HEAD))
        assert (verdict.state, owners(verdict).code) == ("waiting", "stale-approval")

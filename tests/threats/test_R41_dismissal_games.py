"""R41: dismissing a "no" neither lifts it nor revives an older "yes"; nobody with a hand in the change lifts a veto."""

from builders_decision import decided, refusals, requirement, signed
from builders_facts import a_policy, a_signoff, account_key
from builders_service import Service
from builders_signoff import entries
from builders_threats import owners, unmet

YES, NO, LATER = "2026-12-01T10:00:00Z", "2026-12-01T10:30:00Z", "2026-12-01T11:30:00Z"
VETO = a_signoff("alice", "reject", at=NO, reason="Rounds the wrong way")
LIFTERS = a_policy(roles={"veto-lift": ["carol", "dave", "erin"]})


class TestADismissedNo:
    DISMISSED = a_signoff("alice", "reject", at=NO, void="dismissed", voided_by=account_key("dave"))

    def test_by_somebody_else_still_stands(self) -> None:
        verdict = decided(signoffs=(self.DISMISSED, *signed("bob", at=LATER)))
        assert (verdict.state, unmet(verdict)[0][1]) == ("rejected", "veto")
        assert verdict.summary.startswith("Rejected: alice rejected this change on 2026-12-01.")

    def test_by_an_unknown_hand_still_stands(self) -> None:
        no = a_signoff("alice", "reject", at=NO, void="dismissed", voided_by=None)
        assert decided(signoffs=(no, *signed("bob", at=LATER))).state == "rejected"

    def test_by_its_own_author_is_lifted_but_revives_no_older_yes(self) -> None:
        no = a_signoff("alice", "reject", at=NO, void="dismissed", voided_by=account_key("alice"))
        verdict = decided(signoffs=(a_signoff("alice", at=YES), no))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "withdrawn")])


class TestAStandingNo:
    def test_holds_against_every_other_approval(self) -> None:
        verdict = decided(signoffs=(VETO, *signed("bob", at=LATER)))
        view = requirement(verdict, f"veto:alice:{VETO.id}")
        assert (verdict.state, view.code) == ("rejected", "veto")
        assert "Rounds the wrong way" in verdict.summary

    def test_ends_with_the_later_yes_of_the_same_person(self) -> None:
        assert decided(signoffs=(VETO, a_signoff("alice", at=LATER))).state == "approved"

    def test_is_not_lifted_by_one_nor_by_those_who_made_the_change(self) -> None:
        lifts = [a_signoff(name, "lift-veto", at=LATER, reason="Agreed with Alice") for name in ("carol", "dave")]
        verdict = decided(policy=LIFTERS, signoffs=(VETO, *lifts, *signed("bob", at=LATER)))
        assert (verdict.state, unmet(verdict)[0][1]) == ("rejected", "veto")

    def test_is_lifted_by_two_who_may_and_give_a_reason(self) -> None:
        lifts = [a_signoff(name, "lift-veto", at=LATER, reason="Agreed with Alice") for name in ("carol", "erin")]
        assert decided(policy=LIFTERS, signoffs=(VETO, *lifts, *signed("bob", at=LATER))).state == "approved"
        mute = [a_signoff(name, "lift-veto", at=LATER, reason=" ") for name in ("carol", "erin")]
        assert decided(policy=LIFTERS, signoffs=(VETO, *mute, *signed("bob", at=LATER))).state == "rejected"

    def test_a_dismissed_approval_counts_for_nothing(self) -> None:
        verdict = decided(signoffs=signed("alice", void="dismissed", voided_by=account_key("dave")))
        view = owners(verdict)
        assert (verdict.state, view.code, refusals(view)) == ("waiting", "dismissed", [("alice", "dismissed")])


class TestADismissalWhoseAuthorComesOutLater:
    def test_lifts_the_rejection_then_and_is_in_the_ledger_with_its_author(self, service: Service) -> None:
        pull = service.judged_pull()
        review = pull.review(service.forge.alice, "CHANGES_REQUESTED")
        service.settle()
        review.dismiss(service.forge.alice)
        late = pull.timeline.pop()
        service.settle()
        assert service.verdict(pull).state == "rejected"
        pull.timeline.append(late)
        pull.edit(title="Charge seven", by=service.forge.dave)
        service.settle()
        assert service.verdict(pull).state == "waiting"
        voided = entries(service, pull, "signoff-voided")
        assert [one["actor"] for one in voided] == ["github:1001", "github:1001"]
        pull.edit(title="Charge eight", by=service.forge.dave)
        service.settle()
        assert len(entries(service, pull, "signoff-voided")) == 2

"""The service from webhook to check: what the forge shows is what the rules say, whatever happens in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import BODY, OWNERSHIP, POLICY
from builders_service import Service, a_service
from doubles.github.pulls import Pull

from gate.core.audit.exceptions import exception_of
from gate.usecases.sweep import start_timers


class TestAPullRequestIsJudged:
    def test_it_waits_for_its_owner_and_turns_green_with_the_review(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            assert service.errors == []
            assert service.check(pull) == "in_progress"
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            assert service.errors == []
            assert service.verdict(pull).state == "approved"
            assert service.check(pull) == "success"
            assert pull.would_merge()

    def test_it_needs_its_author_without_a_rollback_plan(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull(body="Rounds amounts.\n")
            service.settle()
            assert service.check(pull) == "action_required"
            assert service.codes(pull) >= {"rollback-missing"}

    def test_its_author_cannot_sign_off_on_it(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            forge = service.forge
            pull = forge.a_pull(author=forge.alice)
            service.settle()
            pull.review(forge.erin, "APPROVED")
            service.settle()
            assert service.check(pull) == "in_progress"
            pull.review(forge.bob, "APPROVED")
            service.settle()
            assert service.check(pull) == "success"

    def test_one_check_run_is_updated_in_place(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            for _ in range(3):
                service.settle()
                pull.comment(service.forge.bob, "Looks nice.")
            assert service.check(pull) == "in_progress"


class TestWhatTakesAGreenCheckBack:
    def test_a_push_into_the_owners_files(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
            service.settle()
            assert service.check(pull) == "in_progress"
            assert not pull.would_merge()

    def test_not_a_push_of_the_same_content(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            service.forge.shop.commit(pull.head_ref, {"README.txt": "Read\n"}, author=service.forge.dave)
            service.settle()
            requirement = next(one for one in service.verdict(pull).requirements if one.id == "ownership:payments-api")
            assert requirement.state == "met"

    def test_a_retarget(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            service.forge.shop.commit("release", {"x.txt": "x\n"}, author=service.forge.carol, start="main")
            pull.edit(base="release", by=service.forge.dave)
            service.settle()
            assert service.check(pull) != "success"
            pull.edit(base="main", by=service.forge.dave)
            service.settle()
            assert service.check(pull) == "success"

    def test_an_edit_of_the_rollback_plan(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            pull.edit(body=BODY.replace("Deploy main", "Deploy nothing"), by=service.forge.dave)
            service.settle()
            assert service.check(pull) == "in_progress"
            assert "rollback-changed" in service.codes(pull)

    def test_not_an_edit_of_what_is_no_part_of_the_plan(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            pull.edit(body=BODY.replace("Round amounts", "Rounds all amounts"), by=service.forge.dave)
            service.settle()
            assert service.check(pull) == "success"

    def test_a_dismissal(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            pull.reviews[-1].dismiss(service.forge.dave)
            service.settle()
            assert service.check(pull) == "in_progress"

    def test_a_rejection(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            pull.review(service.forge.bob, "CHANGES_REQUESTED")
            service.settle()
            assert service.check(pull) == "failure"
            pull.reviews[-1].dismiss(service.forge.dave)
            service.settle()
            assert service.check(pull) == "failure"

    def test_an_owner_taken_out_of_the_records(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            records = OWNERSHIP.replace("[alice, bob]", "[bob]")
            service.forge.shop.commit("main", {".gate/ownership.yaml": records}, author=service.forge.carol)
            service.settle()
            assert service.check(pull) == "in_progress"

    def test_a_stricter_policy(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            policy = POLICY + "signoffs: {each_component: 2}\n"
            service.forge.shop.commit("main", {".gate/policy.yaml": policy}, author=service.forge.carol)
            service.settle()
            assert service.check(pull) == "in_progress"

    def test_any_of_them_within_one_sweep_where_no_webhook_came(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            start_timers(service.gate)
            pull = service.approved()
            pull.edit(body="Nothing to see.\n", by=service.forge.dave)
            service.lose_webhooks()
            assert service.check(pull) == "success"
            service.later(service.gate.settings.resync_seconds + 1)
            assert service.check(pull) == "action_required"


class TestASignOffThatRunsOut:
    @pytest.fixture
    def expired(self, tmp_path: Path) -> Iterator[tuple[Service, Pull]]:
        """A change whose approval held for an hour, just now no longer; no webhook tells of that."""
        with a_service(tmp_path) as service:
            policy = {".gate/policy.yaml": POLICY + "signoffs: {expire_after: 1h}\n"}
            service.forge.shop.commit("main", policy, author=service.forge.carol)
            pull = service.approved()
            service.later(3600)
            assert service.errors == []
            yield service, pull

    def test_takes_the_green_back_in_its_time(self, expired: tuple[Service, Pull]) -> None:
        service, pull = expired
        assert service.check(pull) == "in_progress"
        assert service.codes(pull) == {"expired"}

    def test_is_one_entry_and_one_exception_however_often_it_is_looked_at(self, expired: tuple[Service, Pull]) -> None:
        service, _ = expired
        service.sweep()
        with service.store.reading() as reading:
            found = [entry for entry in reading.ledger_entries(0, 1000) if entry.kind == "signoff-voided"]
        assert [entry.payload()["void"] for entry in found] == ["expired"]
        row = exception_of(found[0])
        assert row is not None
        assert (row["code"], row["why"], row["actor"]) == ("signoff-expired", "expired", "github:1001")

    def test_counts_never_again_under_a_policy_without_expiry(self, expired: tuple[Service, Pull]) -> None:
        service, pull = expired
        service.forge.shop.commit("main", {".gate/policy.yaml": POLICY}, author=service.forge.carol)
        service.sweep()
        assert service.check(pull) == "in_progress"
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) == "success"


class TestWhatBlocks:
    def test_a_rename_out_of_an_owned_folder_asks_both_owners(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull({"api/pay.py": None, "web/pay.py": "amount = 1\n"})
            service.settle()
            names = {component.name for component in service.verdict(pull).components}
            assert names == {"payments-api", "storefront"}
            assert service.check(pull) == "in_progress"

    def test_a_policy_edit_in_the_same_request_needs_the_policy_owner(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            files = {"api/pay.py": "amount = 2\n", ".gate/policy.yaml": POLICY + "rollback: {required: false}\n"}
            pull = service.forge.a_pull(files)
            service.settle()
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            assert service.check(pull) == "in_progress"
            assert "policy-change-needs-owner" in service.codes(pull)

    def test_the_same_head_in_two_requests_gets_the_stricter_verdict(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            forge = service.forge
            first = forge.a_pull(branch="topic")
            service.settle()
            first.review(forge.alice, "APPROVED")
            service.settle()
            assert service.check(first) == "success"
            forge.shop.commit("release", {"x.txt": "x\n"}, author=forge.carol, start="main")
            second = forge.shop.open_pull(head="topic", base="release", author=forge.erin, title="Again", body="-")
            service.settle()
            assert second.head_sha == first.head_sha
            assert service.check(first) == "success"  # the gate does not speak for `release`
            policy = POLICY + "branches: [main, release]\n"
            forge.shop.commit("main", {".gate/policy.yaml": policy}, author=forge.carol)
            service.settle()
            assert service.check(first) == "action_required"


class TestATokenInsteadOfAnApp:
    def test_a_trial_with_a_plain_token_goes_the_same_way(self, tmp_path: Path) -> None:
        with a_service(tmp_path, is_with_token=True) as service:
            pull = service.forge.a_pull()
            service.settle()
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            assert service.errors == []
            assert service.check(pull) == "success"

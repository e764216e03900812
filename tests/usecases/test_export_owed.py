"""What an export says of break-glass and the review it owes, of refused sign-offs, and of the records in force."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from builders_audit import reconciled
from builders_calls import call_token
from builders_export import YEAR, exported, key_of
from builders_forge_world import OWNERSHIP
from builders_link_pages import a_trial, decide, opened
from builders_notify import NotingNotifier
from builders_service import Service, a_service
from builders_signoff import entries
from builders_store import a_signer

from gate.usecases.record_signoff import record_signoff
from gate.usecases.review_afterwards import end_after_review
from gate.usecases.signoff_decisions import Decision, SignoffRefusedError
from gate.verifier.claims_commits import claim_exceptions
from gate.verifier.export import Asked, Export
from gate.verifier.tlog import parse_key

POLICY = """\
version: 1
default_owner: platform
roles: {on-duty: [carol, erin]}
emergency: {label: hotfix, signoffs: {"role:on-duty": 1}, set_by: ["role:on-duty"], review_within: 2d}
"""


def files_of(service: Service) -> dict[str, str]:
    reconciled(service)
    with zipfile.ZipFile(io.BytesIO(exported(service, YEAR)[0])) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if not name.startswith("changes/")}


def rows(files: dict[str, str], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name])))


class TestBreakGlass:
    def test_is_an_exception_that_its_review_closes_and_late_ones_are_marked(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/policy.yaml": POLICY}) as service:
            pull = service.forge.a_pull()
            service.settle()
            pull.label("hotfix", by=service.forge.carol)
            service.settle()
            pull.review(service.forge.carol, "APPROVED")
            service.settle()
            pull.merge(service.forge.dave, "merge")
            service.settle()
            files = files_of(service)
            assert [row["is_overdue"] for row in rows(files, "aging/after-reviews.csv")] == ["no"]
            [used] = [row for row in rows(files, "exceptions/exceptions.csv") if row["code"] == "break-glass"]
            assert used["closed_by"] == ""
            service.later(3 * 24 * 3600)
            service.forge.a_pull({"api/other.py": "other = 1\n"})
            service.settle()
            assert [row["is_overdue"] for row in rows(files_of(service), "aging/after-reviews.csv")] == ["yes"]
            end_after_review(
                service.gate, service.key(pull), "github:1005", note="Looked at it: fine.", authenticated="test"
            )
            files = files_of(service)
            [row] = rows(files, "aging/after-reviews.csv")
            assert (row["done_by"], row["is_overdue"]) == ("github:1005", "yes")
            [used] = [row for row in rows(files, "exceptions/exceptions.csv") if row["code"] == "break-glass"]
            assert used["closed_by"] != ""


RECORDS = OWNERSHIP.replace(
    "{name: payments-api, owner: payments, paths: [/api/]}",
    "{name: payments-api, owner: payments, escalation: ladder, reviewed: 2026-11-01, review_every_days: 30,"
    " paths: [/api/]}",
)
LADDER = """\
escalations:
  ladder: {begin_after: 1d, levels: [{notify: [owner], channel: email, acknowledge_within: 15m}]}
"""
DAY = 24 * 3600


class TestWhatIsOverdue:
    def test_a_change_is_past_its_limit_once_the_first_level_was_called(self, tmp_path: Path) -> None:
        files, notifier = {".gate/ownership.yaml": RECORDS + LADDER}, NotingNotifier()
        with a_service(tmp_path, files=files, notifier=notifier) as service:
            waits, author_first = service.forge.a_pull(), service.forge.a_pull({"web/page.html": "<p>\n"}, body="")
            service.settle()

            def told() -> dict[str, tuple[str, bool]]:
                found = rows(files_of(service), "aging/undecided.csv")
                return {row["number"]: (row["is_past_limit"], bool(row["escalated_at"])) for row in found}

            assert told() == {str(waits.number): ("no", False), str(author_first.number): ("", False)}
            for _ in range(4):
                service.later(DAY / 2)
            assert told() == {str(waits.number): ("yes", True), str(author_first.number): ("", False)}

    def test_an_ownership_review_is_late_after_the_day_on_which_it_was_due(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/ownership.yaml": RECORDS + LADDER}) as service:
            service.approved()
            [row] = rows(files_of(service), "aging/ownership-reviews.csv")
            assert (row["component"], row["owners"], row["reviewed"]) == ("payments-api", "payments", "2026-11-01")
            assert (row["due_at"], row["is_overdue"]) == ("2026-12-02T00:00:00Z", "no")
            while service.gate.instant() < row["due_at"]:
                service.clock.ahead_seconds += DAY
            service.forge.a_pull({"api/other.py": "other = 1\n"})
            service.settle()
            assert [row["is_overdue"] for row in rows(files_of(service), "aging/ownership-reviews.csv")] == ["yes"]


class TestSignoffsThatWereRefused:
    def test_an_author_who_tries_to_sign_off_is_an_exception_of_its_own(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull(author=service.forge.alice)
            service.settle()
            decision = Decision(
                id="self-1", key=service.key(pull), account="github:1001", source="comment", decision="approve",
                subjects={"component:default/payments-api": ""}, authenticated="test",
            )  # fmt: skip
            with pytest.raises(SignoffRefusedError):
                record_signoff(service.gate, decision)
            found = [(row["code"], row["actor"]) for row in rows(files_of(service), "exceptions/exceptions.csv")]
            assert found == [("self-approval-attempt", "github:1001")]


class TestAnAcknowledgementThatCameTooLate:
    def test_is_in_the_ledger_and_no_exception_by_the_export_and_by_its_verifier(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        records = OWNERSHIP.replace("owner: payments, ", "owner: payments, backup: platform, escalation: ladder, ")
        ladder = LADDER.replace("[owner]", "[backup]")
        with a_service(tmp_path, files={".gate/ownership.yaml": records + ladder}, notifier=notifier) as service:
            pull = service.forge.a_pull()
            service.settle()
            service.later(DAY)
            client = a_trial(service)
            page = opened(client, call_token(notifier, "mailto:carol@example.com"))
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            assert decide(client, page, decision="acknowledge").status_code == 409
            assert [one["payload"]["code"] for one in entries(service, pull, "link-refused")] == ["call-over"]
            reconciled(service)
            raw, _ = exported(service, YEAR)
            (tmp_path / "export.zip").write_bytes(raw)
            assert rows(files_of(service), "exceptions/exceptions.csv") == []
            export = Export(str(tmp_path / "export.zip"))
            assert list(claim_exceptions(export, Asked(parse_key(key_of(a_signer()))))) == []
            export.close()


class TestRecordsInForce:
    def test_are_those_of_the_newest_judgement_by_the_facts_that_hold_them(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            [row] = [json.loads(line) for line in files_of(service)["ownership/records.jsonl"].splitlines()]
            names = {one["name"] for one in row["ownership"]["components"]}
            assert names == {"payments-api", "storefront"}
            assert row["facts"].startswith("sha256:")

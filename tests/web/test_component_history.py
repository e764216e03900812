"""The history of a component's record in the service: field by field, by which change, and what came past the gate."""

from pathlib import Path
from typing import Any

from builders_audit import reconciled
from builders_forge_world import OWNERSHIP
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_visitors import a_token, bearer

RECORDS = ".gate/ownership.yaml"
FIRST = "{name: payments-api, owner: payments, paths: [/api/]}"
BACKED = "{name: payments-api, owner: payments, backup: platform, paths: [/api/]}"
TIERED = "{name: payments-api, owner: payments, backup: platform, tier: 1, paths: [/api/]}"
ADDRESS = "/api/v1/components/payments-api/history"


def merged(service: Service, files: dict[str, str], title: str) -> int:
    pull = service.forge.a_pull(files, title=title)
    service.settle()
    pull.merge(service.forge.carol, as_admin=True)
    service.settle()
    return pull.number


def got(service: Service, address: str = ADDRESS, **token: Any) -> Any:
    answer = an_app(service).test_client().get(address, headers=bearer(a_token(service, **token)))
    assert answer.status_code == 200, answer.text
    (found,) = answer.get_json()["histories"]
    return found


class TestVersions:
    def test_are_what_changes_and_pushes_past_the_gate_made_of_the_record_newest_first(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service, {"web/page.html": "<p>1</p>\n"}, "Before")
            reconciled(service)
            first = merged(service, {RECORDS: OWNERSHIP.replace(FIRST, BACKED)}, "payments-api has a backup")
            merged(service, {"api/pay.py": "amount = 7\n"}, "No record")
            tiered = {RECORDS: OWNERSHIP.replace(FIRST, TIERED)}
            service.forge.shop.commit("main", dict(tiered), author=service.forge.alice, message="Push it")
            service.settle()
            reconciled(service)
            found = got(service)
            assert [(one["kind"], one["change"], one["changes"]) for one in found["versions"]] == [
                ("changed", 0, [{"field": "tier", "before": "", "after": "1"}]),
                ("changed", first, [{"field": "backup", "before": "", "after": "platform"}]),
            ]
            assert found["versions"][0]["subject"] == "Push it"
            assert (found["is_cut"], found["unreadable"]) == (False, [])

    def test_of_a_record_that_was_broken_in_between_tell_all_that_changed_since(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service, {"web/page.html": "<p>1</p>\n"}, "Before")
            reconciled(service)
            merged(service, {RECORDS: "version: 1\npeople: ["}, "Break it")
            last = merged(service, {RECORDS: OWNERSHIP.replace(FIRST, BACKED)}, "Mend it")
            reconciled(service)
            found = got(service)
            assert len(found["unreadable"]) == 1
            assert [(one["change"], len(one["changes"])) for one in found["versions"]] == [(last, 1)]


class TestThePage:
    def test_shows_them_with_links_to_the_changes(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service, {"web/page.html": "<p>1</p>\n"}, "Before")
            reconciled(service)
            number = merged(service, {RECORDS: OWNERSHIP.replace(FIRST, BACKED)}, "<b>payments-api</b> has a backup")
            reconciled(service)
            service.forge.world.browser_user = service.forge.bob
            client = an_app(service).test_client()
            log_in(client)
            page = client.get("/ownership/payments-api", headers=HTML).text
            assert f'<a href="/changes/acme/shop/{number}">#{number}</a>' in page
            assert "backup: nothing → platform" in page
            assert "<b>payments-api</b>" not in page


class TestWhoMaySeeIt:
    def test_nobody_without_a_right_to_the_repository(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.forge.a_pull()
            service.settle()
            client = an_app(service).test_client()
            assert client.get(ADDRESS).status_code == 401
            other = bearer(a_token(service, role="viewer", repositories=("acme/other",)))
            assert client.get(ADDRESS, headers=other).status_code == 404

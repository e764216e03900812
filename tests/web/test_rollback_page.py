"""Taking a merged change back: the page of a suspect prepares the revert, and what comes of it is recognised."""

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from builders_forge_world import BODY
from builders_incidents import RECORDS
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from hypothesis import given
from hypothesis import strategies as st

from gate.core.incident.revert import MergedChange, prepare_revert

SHA = "ab" * 20


def a_merged(**fields: Any) -> MergedChange:
    given: dict[str, Any] = {
        "repository": "acme/shop", "number": 12, "title": "Round", "url": "https://github.com/acme/shop/pull/12",
        "base_ref": "main", "merge_sha": SHA, "merged_as": "merge", "commits": 3,
    }  # fmt: skip
    return MergedChange(**{**given, **fields})


def merged(service: Service, files: dict[str, str], *, method: str = "merge") -> Any:
    pull = service.forge.a_pull(files, title="Round <b>otherwise</b>", body=BODY)
    service.settle()
    pull.merge(service.forge.carol, as_admin=True, method=method)
    service.settle()
    return pull


def page_of(service: Service, number: int, *, who: str = "bob") -> Any:
    service.forge.world.browser_user = getattr(service.forge, who)
    client = an_app(service).test_client()
    log_in(client)
    return client.get(f"/changes/acme/shop/{number}/rollback", headers=HTML)


def change_page(service: Service, number: int) -> str:
    service.forge.world.browser_user = service.forge.bob
    client = an_app(service).test_client()
    log_in(client)
    return client.get(f"/changes/acme/shop/{number}", headers=HTML).text


class TestTheCommands:
    @pytest.mark.parametrize(
        ("merged_as", "what"),
        [("merge", f"-m 1 {SHA}"), ("one-commit", SHA), ("several-commits", f"{SHA}~3..{SHA}")],
    )
    def test_fit_how_it_was_merged(self, merged_as: Any, what: str) -> None:
        found = prepare_revert(a_merged(merged_as=merged_as))
        assert found.commands[2] == f"git revert --no-edit {what}"
        assert ("look at `git log` first" in found.hint) is (merged_as == "several-commits")

    @given(st.text(min_size=1, max_size=40).filter(lambda text: "\0" not in text))
    def test_hold_a_branch_as_one_word_whatever_it_is_called(self, base: str) -> None:
        (command, *_) = prepare_revert(a_merged(base_ref=base)).commands
        word = command.removeprefix("git fetch origin ")
        try:
            base.encode()
        except UnicodeEncodeError:
            return
        shown = subprocess.run(["sh", "-c", f"printf %s {word}"], capture_output=True, check=True, timeout=10)
        assert shown.stdout == base.encode()

    def test_need_a_forge_for_the_pull_request_alone(self) -> None:
        assert prepare_revert(a_merged(url="")).url == ""


class TestThePage:
    def test_shows_plan_and_revert_and_what_comes_of_it_counts_as_taking_it_back(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/ownership.yaml": RECORDS}) as service:
            pull = merged(service, {"api/pay.py": "amount = 3\n"})
            page = page_of(service, pull.number)
            assert page.status_code == 200
            assert "Revert the merge commit." in page.text
            assert f"git revert --no-edit -m 1 {pull.merge_sha}" in page.text
            assert "<b>otherwise</b>" not in page.text
            address = page.text.partition('rel="noreferrer noopener" href="')[2].partition('"')[0].replace("&amp;", "&")
            parts = urlsplit(address)
            assert parts.path.endswith(f"/acme/shop/compare/main...revert-{pull.number}")
            query = parse_qs(parts.query)
            body = query["body"][0].replace("Verification:", "Verification: the error rate is back").replace(
                "Data impact:", "Data impact: none"
            )  # fmt: skip
            back = service.forge.a_pull({"api/pay.py": "amount = 1\n"}, title=query["title"][0], body=body)
            service.settle()
            assert {one.code for one in service.verdict(back).rollback.problems} == set()
            back.merge(service.forge.carol, as_admin=True)
            service.settle()
            with service.store.reading() as reading:
                reverting = reading.reverting(service.key(pull))
            assert reverting is not None
            assert reverting.key.number == back.number
            assert f'It was taken back already, by <a href="/changes/acme/shop/{back.number}"' in page_of(
                service, pull.number
            ).text  # fmt: skip

    def test_of_a_squashed_change_reverts_its_one_commit(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = merged(service, {"api/pay.py": "amount = 3\n"}, method="squash")
            assert f"git revert --no-edit {pull.merge_sha}" in page_of(service, pull.number).text

    def test_is_there_for_merged_changes_alone_and_for_those_who_may_see_them(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            assert page_of(service, pull.number).status_code == 404
            assert page_of(service, 999).status_code == 404
            done = merged(service, {"web/page.html": "<p>2</p>\n"})
            assert "Take it back</a>" in change_page(service, done.number)
            assert "Take it back</a>" not in change_page(service, pull.number)
            service.forge.world.browser_user = service.forge.world.user("mallory")
            client = an_app(service).test_client()
            log_in(client)
            assert client.get(f"/changes/acme/shop/{done.number}/rollback", headers=HTML).status_code == 404


class TestASuspect:
    def test_leads_to_it_in_the_api(self, tmp_path: Path) -> None:
        from builders_visitors import a_token, bearer

        with a_service(tmp_path, files={".gate/ownership.yaml": RECORDS}) as service:
            pull = merged(service, {"api/pay.py": "amount = 3\n"})
            service.clock.ahead_seconds += 60
            client = an_app(service).test_client()
            found = client.get("/api/v1/components/payments-api/suspects", headers=bearer(a_token(service))).get_json()
            (suspect,) = found["briefs"][0]["suspects"]
            assert suspect["rollback_url"] == f"http://127.0.0.1:8000/changes/acme/shop/{pull.number}/rollback"

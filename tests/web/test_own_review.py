"""A record confirmed on the component's page: by its owner or backup who is logged in, and by nobody else."""

import re
from pathlib import Path
from typing import Any

import pytest
from builders_login import HTML, an_app, log_in
from builders_reviews import REVIEW, a_shop_to_review, change_records, confirmed, ladders, records
from builders_service import Service

PAGE = "/ownership/payments-api"
BUTTON = "Confirm: the record is right"


def as_(service: Service, name: str) -> Any:
    service.forge.world.browser_user = getattr(service.forge, name)
    client = an_app(service).test_client()
    log_in(client)
    return client


def form_on(page: Any, **fields: str) -> dict[str, str]:
    """The fields of the form on a page, with others in their place."""
    part = page.text.partition('action="/ownership/review"')[2].partition("</form>")[0]
    return {**dict(re.findall(r'name="(\w+)" value="([^"]*)"', part)), **fields}


class TestTheOwner:
    @pytest.mark.parametrize("name", ["alice", "carol"])
    def test_or_the_backup_confirms_with_one_click(self, tmp_path: Path, name: str) -> None:
        with a_shop_to_review(tmp_path) as (service, _):
            client = as_(service, name)
            page = client.get(PAGE, headers=HTML)
            assert "is overdue: it was due on" in page.text
            answer = client.post("/ownership/review", data=form_on(page), headers=HTML)
            assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?repository=acme/shop")
            assert [one.account for one in confirmed(service)] == [f"github:{getattr(service.forge, name).id}"]
            after = client.get(PAGE, headers=HTML).text
            assert BUTTON not in after
            assert service.gate.instant()[:10] in after
            assert [one.state for one in ladders(service)] == ["ended"]

    def test_confirms_what_was_shown_and_not_what_came_since(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, _):
            client = as_(service, "alice")
            form = form_on(client.get(PAGE, headers=HTML))
            change_records(service, records(more=", tier: 1"))
            answer = client.post("/ownership/review", data=form, headers=HTML)
            assert answer.status_code == 409
            assert "has changed since it was shown to you" in answer.text
            assert confirmed(service) == []

    def test_is_asked_for_nothing_while_nothing_is_due(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, records(reviewed="2026-10-01")) as (service, _):
            assert BUTTON not in as_(service, "alice").get(PAGE, headers=HTML).text


class TestAnybodyElse:
    @pytest.mark.parametrize("name", ["dave", "erin"])
    def test_sees_no_button_and_is_refused(self, tmp_path: Path, name: str) -> None:
        with a_shop_to_review(tmp_path) as (service, _):
            form = form_on(as_(service, "alice").get(PAGE, headers=HTML))
            client = as_(service, name)
            page = client.get(PAGE, headers=HTML)
            assert BUTTON not in page.text
            token = re.findall(r'name="csrf_token" value="([0-9a-f]+)"', page.text)[0]
            answer = client.post("/ownership/review", data={**form, "csrf_token": token}, headers=HTML)
            assert answer.status_code == 403
            assert confirmed(service) == []

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"csrf_token": "0" * 64}, 403),
            ({"repository": "acme/other"}, 404),
            ({"review": f"{REVIEW}x"}, 404),
            ({"record": "sha256:" + "0" * 64}, 409),
        ],
    )
    def test_with_another_form_confirms_nothing(self, tmp_path: Path, fields: dict[str, str], status: int) -> None:
        with a_shop_to_review(tmp_path) as (service, _):
            client = as_(service, "alice")
            form = form_on(client.get(PAGE, headers=HTML), **fields)
            assert client.post("/ownership/review", data=form, headers=HTML).status_code == status
            assert confirmed(service) == []

"""A change that edits policy or ownership: its check and page say what that would have changed lately."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import OWNERSHIP, POLICY
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from doubles.github.pulls import Pull

TITLE = "What these rules would have changed"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path) as service:
        service.approved(service.forge.a_pull(title="Charge seven"))
        yield service


def proposing(service: Service, files: dict[str, str]) -> Pull:
    pull = service.forge.a_pull(dict(files), author=service.forge.dave)
    service.settle()
    assert service.errors == []
    return pull


def summary(service: Service, pull: Pull) -> str:
    token = service.forge.world.installation_token(service.forge.installation)
    found = service.forge.world.get(f"/repos/acme/shop/commits/{pull.head_sha}/check-runs", token=token)
    (run,) = [run for run in found["check_runs"] if run["name"] == "Sign-off gate"]
    text = run["output"]["summary"]
    assert isinstance(text, str)
    return text


def test_a_stricter_policy_names_what_it_would_have_blocked(service: Service) -> None:
    pull = proposing(service, {".gate/policy.yaml": POLICY + "signoffs: {each_component: 2}\n"})
    text = summary(service, pull)
    assert TITLE in text
    assert "Of 1 past change: 1 newly blocked." in text
    assert "payments" in text.partition(TITLE)[2]


def test_so_does_an_edit_of_ownership(service: Service) -> None:
    records = OWNERSHIP.replace("{name: payments-api, owner: payments", "{name: payments-api, owner: web")
    text = summary(service, proposing(service, {".gate/ownership.yaml": records}))
    assert "Of 1 past change: 1 newly blocked." in text


def test_the_page_says_it_too(service: Service) -> None:
    pull = proposing(service, {".gate/policy.yaml": POLICY + "rollback: {required: false}\n"})
    service.forge.world.browser_user = service.forge.alice
    client = an_app(service).test_client()
    log_in(client)
    page = client.get(f"/changes/acme/shop/{pull.number}", headers=HTML).text
    assert TITLE in page
    assert "Of 1 past change: 1 the same." in page


def test_any_other_change_has_none(service: Service) -> None:
    assert TITLE not in summary(service, proposing(service, {"web/page.html": "<p>\n"}))


def test_nor_has_one_that_says_the_same_in_other_words(service: Service) -> None:
    assert TITLE not in summary(service, proposing(service, {".gate/policy.yaml": f"# words\n{POLICY}"}))


def test_broken_rules_are_told_by_the_verdict_alone(service: Service) -> None:
    pull = proposing(service, {".gate/policy.yaml": "version: 1\nnothing: 1\n"})
    assert TITLE not in summary(service, pull)
    assert service.check(pull) != "success"


def test_the_verdict_on_the_same_facts_is_the_same_without_it(service: Service) -> None:
    pull = proposing(service, {".gate/policy.yaml": POLICY + "signoffs: {each_component: 2}\n"})
    assert TITLE not in str(service.verdict(pull))
    with service.store.reading() as reading:
        stored = reading.verdict(service.key(pull))
        assert stored is not None
        assert reading.simulation(stored.facts_digest) is not None
    assert b"would have changed" not in stored.verdict

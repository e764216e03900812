"""Settings of trackers: what is set up is ready, what is set up by half says so."""

from typing import Any

import pytest
from builders_trackers import a_github

from gate.bootstrap_trackers import trackers_of, web_address
from gate.config import Settings, load_settings
from gate.core.errors import UsageError
from gate.usecases.tracker_ports import tracker_of

ALL = {
    "GATE_JIRA_URL": "https://jira.example.com",
    "GATE_JIRA_TOKEN": "a secret",
    "GATE_SERVICENOW_URL": "https://acme.service-now.com",
    "GATE_SERVICENOW_USER": "gate",
    "GATE_SERVICENOW_PASSWORD": "a secret",
    "GATE_PAGERDUTY_TOKEN": "a secret",
    "GATE_PAGERDUTY_FROM": "gate@example.com",
    "GATE_TICKET_WEBHOOK_URL": "https://tickets.example.com/gate",
    "GATE_TICKET_WEBHOOK_SECRET": "a secret of sixteen",
    "GATE_TICKET_WEBHOOK_PREFIXES": "OWN-, T",
}


def trackers(settings: Settings) -> Any:
    return trackers_of(settings, forge=None, store=None)  # type: ignore[arg-type]  # nothing is asked of them here


class TestWhatIsSetUp:
    @pytest.mark.parametrize(
        ("key", "name"),
        [
            ("acme/shop#7", "github"),
            ("https://github.com/acme/shop/issues/7", "github"),
            ("OPS-12", "jira"),
            ("https://jira.example.com/browse/OPS-12", "jira"),
            ("INC0012345", "servicenow"),
            ("PD:Q0ABCDEF123456", "pagerduty"),
            ("https://acme.pagerduty.com/incidents/Q0ABCDEF123456", "pagerduty"),
            ("OWN-12", "webhook"),
        ],
    )
    def test_each_key_has_its_tracker(self, key: str, name: str) -> None:
        found = tracker_of(trackers(load_settings(ALL)), key)
        assert found is not None
        assert found.name == name

    @pytest.mark.parametrize("key", ["OPS-12", "https://evil.example/acme/shop/issues/7", "nothing 1"])
    def test_without_settings_only_the_forge_is_asked(self, key: str) -> None:
        assert tracker_of(trackers(load_settings({})), key) is None

    def test_half_a_tracker_names_what_is_lacking(self) -> None:
        with pytest.raises(UsageError, match=r"GATE_JIRA_TOKEN is not set, but GATE_JIRA_URL is\."):
            trackers(load_settings({"GATE_JIRA_URL": "https://jira.example.com"}))

    def test_secrets_are_masked(self) -> None:
        shown = load_settings(ALL).shown()
        secret = ("GATE_JIRA_TOKEN", "GATE_SERVICENOW_PASSWORD", "GATE_PAGERDUTY_TOKEN", "GATE_TICKET_WEBHOOK_SECRET")
        assert {shown[name] for name in secret} == {"(set)"}

    def test_an_enterprise_host_shows_its_own_pages(self) -> None:
        assert web_address("https://ghe.example.com/api/v3") == "https://ghe.example.com"
        assert web_address("https://api.github.com/") == "https://github.com"


class TestPrivateIssues:
    def test_another_repositorys_private_issue_is_not_told(self) -> None:
        with a_github() as world:
            tracker: Any = world.tracker
            public = tracker._find
            tracker._find = lambda name: _private(public(name))
            with pytest.raises(Exception, match="may tell nothing of such a repository"):
                tracker.fetch(world.a_ticket())


def _private(repository: Any) -> Any:
    from dataclasses import replace

    return replace(repository, is_private=True)

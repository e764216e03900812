"""The manifest: the app asks for what the gate needs, hears of what it looks at, and no more."""

from typing import Any

from builders_webhooks import examples

from gate.adapters.github.manifest import EVENTS, PERMISSIONS, app_manifest
from gate.core.forge.hints import hints_of


def is_looked_at(event: str, payload: Any) -> bool:
    return hints_of(event, payload, received_at="2026-12-01T10:00:00Z").kind == "look"


class TestWhatTheAppAsksFor:
    def test_it_writes_checks_and_talks_on_changes_and_nothing_else(self) -> None:
        writes = {name for name, level in PERMISSIONS.items() if level != "read"}
        assert writes == {"checks", "issues", "pull_requests"}
        assert set(PERMISSIONS.values()) == {"read", "write"}

    def test_it_hears_of_everything_that_can_turn_a_verdict(self) -> None:
        assert {"pull_request", "pull_request_review", "issue_comment", "push", "merge_group", "membership"} <= set(
            EVENTS
        )
        assert len(set(EVENTS)) == len(EVENTS)

    def test_its_addresses_are_below_the_services(self) -> None:
        manifest = app_manifest(name="Sign-off", base_url="https://gate.example/")
        assert manifest["hook_attributes"] == {"url": "https://gate.example/webhooks/github", "active": True}
        assert manifest["redirect_url"].startswith("https://gate.example/")
        assert manifest["public"] is False

    def test_hears_of_everything_that_leads_to_a_look(self) -> None:
        told = ((event, payload) for event, payloads in examples().items() for payload in payloads)
        looked_at = {event for event, payload in told if is_looked_at(event, payload)}
        assert looked_at - set(EVENTS) == {"installation", "installation_repositories"}  # every app hears of these

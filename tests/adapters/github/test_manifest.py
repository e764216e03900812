from gate.adapters.github.manifest import EVENTS, PERMISSIONS, app_manifest


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

"""Signals: what a tracker's webhook says of an incident, and whatever else it is about is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.incident.signals import TRACKERS, Signal, signal_of

JIRA = {
    "issue": {
        "key": "OPS-12",
        "fields": {
            "summary": "Checkout\n is down",
            "issuetype": {"name": "Incident"},
            "components": [{"name": "Payments API"}],
            "labels": ["component:ledger"],
            "status": {"statusCategory": {"key": "indeterminate"}},
            "created": "2026-11-20T12:00:00.000+0100",
        },
    }
}
GITHUB = {
    "repository": {"full_name": "acme/shop"},
    "issue": {
        "number": 7,
        "title": "Checkout is down",
        "state": "closed",
        "labels": [{"name": "incident"}, {"name": "component:payments-api"}],
        "html_url": "https://github.com/acme/shop/issues/7",
        "created_at": "2026-11-20T11:00:00Z",
    },
}


class TestASignal:
    def test_of_jira(self) -> None:
        found = signal_of("jira", JIRA)
        assert found == Signal(
            "OPS-12", "Checkout is down", "open", "", "2026-11-20T11:00:00Z", ("Payments API", "ledger")
        )

    def test_of_github(self) -> None:
        found = signal_of("github", GITHUB)
        assert found is not None
        assert (found.ticket, found.state, found.hints) == ("acme/shop#7", "closed", ("incident", "payments-api"))

    @pytest.mark.parametrize("at", ["soon", "2026-11-20T11:00:00", "0001-01-01T00:00:00+14:00", ""])
    def test_began_when_it_came_where_it_names_no_time_that_there_is(self, at: str) -> None:
        found = signal_of("github", {**GITHUB, "issue": {**GITHUB["issue"], "created_at": at}})
        assert found is not None
        assert not found.began_at

    def test_of_a_tracker_of_ones_own(self) -> None:
        value = {
            "ticket": "OWN-1",
            "title": "Down",
            "component": "web",
            "paths": ["web/a.py", 3],
            "url": "javascript:x",
        }
        assert signal_of("webhook", value) == Signal("OWN-1", "Down", "open", hints=("web",), paths=("web/a.py",))

    @pytest.mark.parametrize(
        ("tracker", "value"),
        [
            ("jira", {"issue": {"key": "OPS-1", "fields": {"issuetype": {"name": "Task"}}}}),
            ("github", {**GITHUB, "issue": {**GITHUB["issue"], "labels": []}}),  # type: ignore[dict-item]
            ("pagerduty", {"event": {"event_type": "service.updated"}}),
            ("pagerduty", {"event": {"event_type": "incident.triggered", "data": {"type": "incident", "id": "../x"}}}),
            ("webhook", {"title": "no ticket"}),
            ("nobody", GITHUB),
        ],
    )
    def test_is_none_where_it_is_about_no_incident(self, tracker: str, value: Any) -> None:
        assert signal_of(tracker, value) is None

    @given(
        st.sampled_from(TRACKERS),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(["issue", "fields", "event", "data", "labels", "id"]), inner, max_size=4
                )
            ),
            max_leaves=12,
        ),
    )
    def test_never_fails_whatever_is_sent(self, tracker: str, value: Any) -> None:
        signal_of(tracker, value if isinstance(value, dict) else {"event": value, "issue": value})

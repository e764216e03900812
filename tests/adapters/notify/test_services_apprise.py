"""Services: which addresses may be used by whom, and that nothing leads elsewhere."""

import pytest
from apprise.manager_plugins import NotificationManager
from builders_notify import a_message, a_web_server

from gate.adapters.notify.services_apprise import OPERATOR, SERVICES, AppriseServices, parse_notify_urls
from gate.core.errors import UsageError
from gate.usecases.notify_ports import DeliveryFailedError

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"


class TestWhatTheRecordsMayName:
    @pytest.mark.parametrize("scheme", sorted(SERVICES))
    def test_each_service_has_a_host_of_its_own(self, scheme: str) -> None:
        plugin = NotificationManager()[scheme]
        assert all("{host}" not in template for template in plugin.templates)

    def test_a_service_of_a_fixed_host_is_tried(self) -> None:
        assert AppriseServices({}).why_not(SLACK) == ""

    @pytest.mark.parametrize(
        "to",
        ["json://169.254.169.254/latest", "jsons://10.0.0.1/", "gotify://localhost/t", "mailto://a:b@smtp.evil/",
         "file:///etc/passwd", "syslog://", "slack://", "slack://T1/A1/x\nHost: evil", "SLACK://T1JJ3T3L2/A/B"],
    )  # fmt: skip
    def test_no_host_of_their_choice(self, to: str) -> None:
        assert AppriseServices({}).why_not(to)


class TestWhatTheOperatorNames:
    def test_addresses_have_names_and_those_without_are_the_operators(self) -> None:
        found = parse_notify_urls(f"team={SLACK}\n  json://localhost/a json://localhost/b")
        assert found == {"team": (SLACK,), OPERATOR: ("json://localhost/a", "json://localhost/b")}

    def test_what_is_no_service_is_refused_without_repeating_it(self) -> None:
        with pytest.raises(UsageError, match="Address 2 of GATE_NOTIFY_URLS") as caught:
            parse_notify_urls(f"{SLACK} team=nothing://secret")
        assert "secret" not in str(caught.value)

    def test_a_redirect_is_not_followed(self) -> None:
        with a_web_server() as inner, a_web_server() as outer:
            outer.status, outer.location = 307, f"http://127.0.0.1:{inner.port}/"
            services = AppriseServices(parse_notify_urls(f"team={outer.url}"))
            with pytest.raises(DeliveryFailedError):
                services.send(a_message(to="notify:team"))
        assert (len(outer.taken), inner.taken) == (1, [])

    def test_a_long_text_is_cut(self) -> None:
        with a_web_server() as posts:
            services = AppriseServices(parse_notify_urls(f"team={posts.url}"))
            services.send(a_message(to="notify:team", text="x" * 9_000))
        assert len(posts.taken[0]["message"]) <= 3_000

"""What every notifier keeps: mail to a real SMTP server, services at a real web server, and the one of the tests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from builders_notify import NotingNotifier, a_mail_server, a_message, a_web_server

from gate.adapters.notify.channels import Channels
from gate.adapters.notify.mail_smtp import SmtpMail, parse_smtp_url
from gate.adapters.notify.services_apprise import AppriseServices, parse_notify_urls
from gate.usecases.notify_ports import DeliveryFailedError, Notifier, UndeliverableError


@dataclass
class Peer:
    """A notifier with the address it reaches, what arrived there, and how to make it fail."""

    notifier: Notifier
    to: str
    arrived: Callable[[], list[str]]
    fail: Callable[[], None]


@pytest.fixture(params=["mail", "service", "noting"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    if request.param == "mail":
        with a_mail_server() as mails:
            mail = SmtpMail(parse_smtp_url(mails.url, default_host="gate.example"))
            notifier = Channels(mail=mail, services=AppriseServices({}))
            yield Peer(
                notifier,
                "mailto:alice@example.com",
                lambda: [str(one["Subject"]) for one in mails.taken],
                lambda: setattr(mails, "answer_data", "451 later"),
            )
    elif request.param == "service":
        with a_web_server() as posts:
            notifier = Channels(mail=None, services=AppriseServices(parse_notify_urls(f"team={posts.url}")))
            yield Peer(
                notifier,
                "notify:team",
                lambda: [one["title"] for one in posts.taken if posts.status == 200],
                lambda: setattr(posts, "status", 503),
            )
    else:
        noting = NotingNotifier()
        yield Peer(
            noting,
            "mailto:alice@example.com",
            lambda: [one.subject for one in noting.sent],
            lambda: setattr(noting, "fails", True),
        )


class TestWhatArrives:
    def test_a_message_arrives_once(self, peer: Peer) -> None:
        assert peer.notifier.why_not(peer.to) == ""
        peer.notifier.send(a_message(to=peer.to))
        assert peer.arrived() == ["Sign-off asked: acme/shop#7"]

    def test_what_fails_now_says_so(self, peer: Peer) -> None:
        peer.fail()
        with pytest.raises(DeliveryFailedError):
            peer.notifier.send(a_message(to=peer.to))
        assert peer.arrived() == []


class TestWhatCannotBeReached:
    @pytest.mark.parametrize("to", ["fax:123", "json://127.0.0.1/x", "https://127.0.0.1/", "", "mailto"])
    def test_an_address_of_no_known_kind_is_refused_before_and_when_sending(self, peer: Peer, to: str) -> None:
        assert peer.notifier.why_not(to)
        with pytest.raises(UndeliverableError):
            peer.notifier.send(a_message(to=to))
        assert peer.arrived() == []

"""S08: a title or name with a line break, a header or a lure in it changes nothing but its own quoted place."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from builders_notify import a_mail_server
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.adapters.notify.mail_smtp import SmtpMail, parse_smtp_url
from gate.core.notify.wording import Matter, Wording, word
from gate.usecases.notify_ports import Message

LINK = "https://gate.example.com/signoff/token"
LURES = [
    "Fix\r\nBcc: everybody@example.com\r\n\r\nhello",
    "Fix\nSubject: You won",
    "Please sign in at https://evil.example/login",
    "see www.evil.example and evil.example/login",
    "<a href='https://evil.example'>approve</a><script>alert(1)</script>",
    "\u202egnp.exe\u2066\x00\x1b[2J",
    "x" * 100_000,
    "\ud800",
]


def worded(**fields: Any) -> Wording:
    given: dict[str, Any] = {
        "kind": "signoff", "repository": "acme/shop", "number": 7, "title": "Round amounts", "author": "dave",
        "names": ["payments-api"], "link": LINK, "reference": "0123",
    }  # fmt: skip
    return word(Matter(**{**given, **fields}))


class TestWhatAStrangerWrote:
    @pytest.mark.parametrize("lure", LURES, ids=range(len(LURES)))
    @pytest.mark.parametrize("place", ["title", "author", "name", "instead"])
    def test_makes_no_line_no_link_and_no_markup(self, lure: str, place: str) -> None:
        absent = {"instead": [(lure, "2026-12-24")]}
        fields: dict[str, Any] = {"name": {"names": [lure]}, "instead": absent}.get(place, {place: lure})
        found, usual = worded(**fields), worded(**({"instead": [("bob", "2026-12-24")]} if place == "instead" else {}))
        assert found.subject == usual.subject
        assert len(found.text.splitlines()) == len(usual.text.splitlines())
        assert found.html.count("<") == usual.html.count("<")
        assert len(found.text) < 1_000
        assert [word for word in found.text.split() if "://" in word] == [LINK]
        assert "evil.example" not in found.text + found.html

    @pytest.mark.parametrize("lure", LURES[:6], ids=range(6))
    def test_arrives_as_one_mail_to_one_reader(self, lure: str) -> None:
        found = worded(title=lure, author=lure, names=[lure])
        with a_mail_server() as mails:
            mail = SmtpMail(parse_smtp_url(mails.url, default_host="gate.example"))
            mail.send(Message("0123", "mailto:alice@example.com", found.subject, found.text, found.html))
            (taken,) = mails.wait_for(1)
        assert mails.recipients == ["alice@example.com"]
        assert (taken["Bcc"], taken["Subject"]) == (None, "Sign-off asked: acme/shop#7")

    @settings(max_examples=60, deadline=None)
    @given(text=st.text(max_size=400))
    def test_never_ends_a_header_or_adds_one(self, text: str) -> None:
        found = worded(repository=text, title=text, author=text, names=[text, text])
        assert len(found.subject.splitlines()) == 1
        raw = f"Subject: {found.subject}\r\nX-End: yes\r\n\r\n".encode()
        assert message_from_bytes(raw, policy=default).keys() == ["Subject", "X-End"]

"""Mail: what a real SMTP server gets, and what becomes of its refusals."""

from pathlib import Path

import pytest
from builders_notify import PASSWORD, USER, a_certificate, a_mail_server, a_message

from gate.adapters.notify.mail_smtp import SmtpMail, SmtpServer, mailbox_of, parse_smtp_url
from gate.core.errors import UsageError
from gate.usecases.notify_ports import DeliveryFailedError, UndeliverableError


def a_server(url: str) -> SmtpServer:
    return parse_smtp_url(url, default_host="gate.example")


class TestWhatAMailIs:
    def test_it_is_text_and_html_from_the_gate_with_an_id_that_stays(self) -> None:
        with a_mail_server() as mails:
            mail = SmtpMail(a_server(mails.url))
            for _ in range(2):
                mail.send(a_message(thread="change.7.1000.3"))
            first, second = mails.wait_for(2)
        assert first["Message-ID"] == second["Message-ID"] == "<0123456789abcdef@example.com>"
        assert first["References"] == "<change.7.1000.3@example.com>"
        assert (first["From"], first["To"]) == ("Sign-off gate <gate@example.com>", "alice@example.com")
        assert first["Auto-Submitted"] == "auto-generated"
        assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]
        assert first.get_body(("plain",)).get_content().splitlines() == ["Please look."]


class TestHowTheServerIsSpokenTo:
    def test_starttls_and_login_come_before_the_mail(self, tmp_path: Path) -> None:
        certificate = a_certificate(tmp_path)
        with a_mail_server(certificate=certificate, asks_for_login=True) as mails:
            word = PASSWORD.replace(" ", "%20")
            url = f"smtp://{USER}:{word}@127.0.0.1:{mails.port}?from=g@example.com&starttls=yes&cafile={certificate}"
            SmtpMail(a_server(url)).send(a_message())
        assert (mails.logins, mails.were_encrypted) == ([USER], [True])

    def test_nothing_is_said_to_a_server_without_tls_unless_the_operator_says_so(self) -> None:
        with a_mail_server() as mails, pytest.raises(DeliveryFailedError):
            SmtpMail(a_server(mails.url + "&starttls=yes")).send(a_message())
        assert mails.taken == []

    def test_nothing_is_said_to_a_server_that_nobody_vouches_for(self, tmp_path: Path) -> None:
        with a_mail_server(certificate=a_certificate(tmp_path)) as mails, pytest.raises(DeliveryFailedError):
            SmtpMail(a_server(mails.url + "&starttls=yes")).send(a_message())
        assert mails.taken == []

    def test_a_wrong_password_waits_for_the_operator(self, tmp_path: Path) -> None:
        certificate = a_certificate(tmp_path)
        with a_mail_server(certificate=certificate, asks_for_login=True) as mails:
            url = f"smtp://{USER}:wrong@127.0.0.1:{mails.port}?from=g@example.com&starttls=yes&cafile={certificate}"
            with pytest.raises(DeliveryFailedError):
                SmtpMail(a_server(url)).send(a_message())


class TestRefusals:
    @pytest.mark.parametrize("answer", ["550 no such user", "553 bad name"])
    def test_a_refused_address_is_for_good(self, answer: str) -> None:
        with a_mail_server() as mails:
            mails.answer_rcpt = answer
            with pytest.raises(UndeliverableError):
                SmtpMail(a_server(mails.url)).send(a_message())

    def test_a_busy_mailbox_is_for_now(self) -> None:
        with a_mail_server() as mails:
            mails.answer_rcpt = "451 try again later"
            with pytest.raises(DeliveryFailedError):
                SmtpMail(a_server(mails.url)).send(a_message())

    def test_a_server_that_is_away_is_for_now(self) -> None:
        with a_mail_server() as mails:
            url = mails.url
        with pytest.raises(DeliveryFailedError):
            SmtpMail(a_server(url)).send(a_message())


class TestTheOperatorsAddress:
    @pytest.mark.parametrize(
        "url",
        ["mail.example.com", "http://mail.example.com", "smtp://?x", "smtp://h:x", "smtp://h?from=nobody",
         "smtp://h?form=a@b.example"],
    )  # fmt: skip
    def test_what_is_no_mail_server_is_refused_without_repeating_it(self, url: str) -> None:
        with pytest.raises(UsageError) as caught:
            a_server(url)
        assert url not in str(caught.value)

    def test_starttls_is_demanded_of_every_other_machine(self) -> None:
        assert a_server("smtp://mail.example.com").starttls
        assert not a_server("smtp://127.0.0.1").starttls
        assert not a_server("smtp://mail.example.com?starttls=no").starttls
        assert a_server("smtps://mail.example.com") == SmtpServer(
            host="mail.example.com", port=465, sender="signoff-gate@gate.example", is_tls=True, starttls=False
        )


class TestWhatAMailboxIs:
    @pytest.mark.parametrize("to", ["mailto:a@b.example", "mailto://a@b.example"])
    def test_both_spellings_are_read(self, to: str) -> None:
        assert mailbox_of(to) == "a@b.example"

    @pytest.mark.parametrize(
        "to",
        ["mailto:a@b.example\nBcc: c@d.example", "mailto:a@b.example,c@d.example", "mailto:<a@b.example>",
         "mailto:a b@c.example", "mailto:ä@b.example", "mailto:a@b.example?cc=c@d.example", "a@b.example", "mailto:"],
    )  # fmt: skip
    def test_anything_but_one_plain_mailbox_is_none(self, to: str) -> None:
        assert mailbox_of(to) == ""

"""Mail: messages as text and HTML over SMTP, with STARTTLS and a login where the operator's address says so."""

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import parse_qs, unquote, urlsplit

from gate.core.errors import UsageError
from gate.core.loopback import LOOPBACK
from gate.usecases.notify_ports import DeliveryFailedError, Message, UndeliverableError

SECONDS = 8.0
"""How long the server may take for each step of the conversation."""
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_PERMANENT = 500
_STEP = "Write it as smtp://USER:PASSWORD@HOST:587?from=gate@example.com, or smtps://HOST:465."


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed over. `is_tls` speaks TLS from the first byte; `starttls` demands it after the greeting."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    starttls: bool = True
    ca_file: str = ""


def parse_smtp_url(url: str, *, default_host: str) -> SmtpServer:
    """Return the server of `smtp://` or `smtps://`; the parameters are `from`, `starttls=no` and `cafile`.

    SECURITY: without `starttls=no` nothing is said to a server that offers no TLS, save one on this machine.
    Raises UsageError for anything else; the address, which may hold a password, is not repeated.
    """
    try:
        parts = urlsplit(url)
        port, query = parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise UsageError("GATE_SMTP_URL is no address.", next_step=_STEP) from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or query.keys() - {"from", "starttls", "cafile"}:
        raise UsageError("GATE_SMTP_URL is no address of a mail server.", next_step=_STEP)
    sender = query.get("from", [f"signoff-gate@{default_host}"])[0]
    if not _MAILBOX.fullmatch(sender):
        raise UsageError("The sender `from` in GATE_SMTP_URL is no mail address.", next_step=_STEP)
    is_tls = parts.scheme == "smtps"
    says_no = query.get("starttls", ["" if parts.hostname not in LOOPBACK else "no"])[0] == "no"
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if is_tls else 587),
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=is_tls,
        starttls=not is_tls and not says_no,
        ca_file=query.get("cafile", [""])[0],
    )


def mailbox_of(to: str) -> str:
    """Return the mailbox of `mailto:ADDRESS` or `mailto://ADDRESS`, empty where it is none.

    SECURITY: one mailbox in plain ASCII; what could end a header line or name a second one is no address (S08).
    """
    scheme, mark, rest = to.partition(":")
    mailbox = rest.removeprefix("//")
    return mailbox if mark and scheme == "mailto" and _MAILBOX.fullmatch(mailbox) else ""


class SmtpMail:
    """Sends mail through one server; every message has a conversation of its own."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._domain = server.sender.rpartition("@")[2]

    def why_not(self, to: str) -> str:
        """Return why nothing can be sent to an address, empty where it can be tried."""
        return "" if mailbox_of(to) else "it is no mail address"

    def send(self, message: Message) -> None:
        """Hand a message over. Raises UndeliverableError for good, DeliveryFailedError for now."""
        mailbox = mailbox_of(message.to)
        if not mailbox:
            raise UndeliverableError("The address is no mail address.", next_step="Mend it in the ownership records.")
        written = self._written(message, mailbox)
        try:
            with self._connected() as smtp:
                smtp.send_message(written, from_addr=self._server.sender, to_addrs=[mailbox])
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = next(iter(error.recipients.values()))
            raise _refusal(code, "refuses the address") from None
        except smtplib.SMTPResponseException as error:
            # A login or sender that is refused is mended by the operator: the message waits for that.
            is_ours = isinstance(error, (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused))
            raise _refusal(0 if is_ours else error.smtp_code, f"answers {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailedError(
                f"The mail server cannot be used: {type(error).__name__}.", next_step="Look at GATE_SMTP_URL."
            ) from None

    def check(self) -> None:
        """Greet the server and log in. Raises DeliveryFailedError where that fails."""
        try:
            with self._connected() as smtp:
                smtp.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailedError(
                f"The mail server cannot be used: {type(error).__name__}.", next_step="Look at GATE_SMTP_URL."
            ) from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context(cafile=server.ca_file or None)
        if server.is_tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            if server.starttls:
                smtp.starttls(context=context)
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _written(self, message: Message, mailbox: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address("Sign-off gate", addr_spec=self._server.sender)
        mail["To"] = Address(addr_spec=mailbox)
        mail["Subject"] = message.subject
        mail["Message-ID"] = f"<{message.id}@{self._domain}>"
        if message.thread:
            mail["References"] = f"<{message.thread}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(message.text)
        mail.add_alternative(message.html, subtype="html")
        return mail


def _refusal(code: int, what: str) -> UndeliverableError | DeliveryFailedError:
    """Return the error of a server's answer: 5xx is for good, everything else for now (RFC 5321, 4.2.1)."""
    if code >= _PERMANENT:
        return UndeliverableError(f"The mail server {what}.", next_step="Mend the address in the ownership records.")
    return DeliveryFailedError(f"The mail server {what} for now.", next_step="It is tried again.")

"""Peers that notifications are sent to, on loopback: a real SMTP server, a web server, and a notifier that only notes.

with a_mail_server() as mails:
    mails.url                                # for GATE_SMTP_URL
    mails.wait_for(1)[0]["Subject"]
"""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gate.usecases.notify_ports import DeliveryFailedError, Message, UndeliverableError

PATIENCE_SECONDS = 20
USER, PASSWORD = "gate", "a word of passage"


@dataclass
class Mails:
    """The mails that a server took, and what it says to further ones."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer_rcpt: str = ""
    answer_data: str = ""
    logins: list[str] = field(default_factory=list)
    were_encrypted: list[bool] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=gate@example.com"

    def wait_for(self, count: int) -> list[EmailMessage]:
        """Wait until so many mails have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.taken) >= count, PATIENCE_SECONDS), "no such mail came"
            return list(self.taken)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if self.answer_rcpt:
            return self.answer_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # likewise
        del server
        if self.answer_data:
            return self.answer_data
        raw = envelope.content
        assert isinstance(raw, bytes)
        mail = message_from_bytes(raw, policy=default)
        with self._changed:
            self.taken.append(mail)
            self.recipients += envelope.rcpt_tos
            self.were_encrypted.append(session.ssl is not None)
            self._changed.notify_all()
        return "250 OK"


@contextmanager
def a_mail_server(*, certificate: Path | None = None, asks_for_login: bool = False) -> Iterator[Mails]:
    """A mail server; with a certificate it speaks STARTTLS and takes nothing without it."""
    mails = Mails()
    settings: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        settings |= {"tls_context": context, "require_starttls": True}
    if asks_for_login:

        def authenticated(server: object, session: object, envelope: object, mechanism: str, found: Any) -> AuthResult:
            del server, session, envelope, mechanism
            mails.logins.append(found.login.decode())
            is_right = (found.login.decode(), found.password.decode()) == (USER, PASSWORD)
            return AuthResult(success=is_right, handled=False)

        settings |= {"authenticator": authenticated, "auth_required": True, "auth_require_tls": certificate is not None}
    controller = Controller(mails, hostname="127.0.0.1", port=_free_port(), **settings)
    controller.start()
    mails.port = controller.port
    try:
        yield mails
    finally:
        controller.stop()


def a_certificate(folder: Path, *, host: str = "127.0.0.1") -> Path:
    """A PEM file with a key and a certificate for a host that signs itself."""
    alternative = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    place = folder / "mail.pem"
    place.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return place


@dataclass
class Posts:
    """What was posted to a web server, and how it answers."""

    port: int = 0
    taken: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    location: str = ""

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/hook"


@contextmanager
def a_web_server() -> Iterator[Posts]:
    """A web server that takes posts of JSON."""
    posts = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's own name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.taken.append(json.loads(body))
            self.send_response(posts.status)
            if posts.location:
                self.send_header("Location", posts.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            del arguments

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        posts.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield posts
        finally:
            server.shutdown()
            thread.join()


@dataclass
class NotingNotifier:
    """Takes every message whose address it knows the kind of; `fails` and `refuses` make it raise."""

    sent: list[Message] = field(default_factory=list)
    fails: bool = False
    refuses: bool = False
    known: tuple[str, ...] = ("mailto:", "slack://", "pagerduty://", "notify:")

    def why_not(self, to: str) -> str:
        return "" if to.startswith(self.known) else "nobody knows this kind of address"

    def send(self, message: Message) -> None:
        if self.refuses or self.why_not(message.to):
            raise UndeliverableError("Refused.", next_step="Mend it.")
        if self.fails:
            raise DeliveryFailedError("Not now.", next_step="It is tried again.")
        self.sent.append(message)

    def to(self, address: str) -> list[Message]:
        return [message for message in self.sent if message.to == address]


def a_message(**fields: Any) -> Message:
    given: dict[str, Any] = {
        "id": "0123456789abcdef",
        "to": "mailto:alice@example.com",
        "subject": "Sign-off asked: acme/shop#7",
        "text": "Please look.\n",
        "html": "<p>Please look.</p>",
    }
    return Message(**{**given, **fields})


def until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"gave up waiting for {what}"
        time.sleep(0.02)


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port

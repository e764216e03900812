"""Channels: each message goes the way that its address names."""

from gate.adapters.notify.mail_smtp import SmtpMail
from gate.adapters.notify.services_apprise import AppriseServices
from gate.usecases.notify_ports import Message, UndeliverableError


class Channels:
    """Mail goes over SMTP, everything else through the operator's and the records' services."""

    def __init__(self, *, mail: SmtpMail | None, services: AppriseServices) -> None:
        self._mail = mail
        self._services = services

    def check(self) -> None:
        """Greet the mail server where there is one. Raises DeliveryFailedError where that fails."""
        if self._mail is not None:
            self._mail.check()

    def why_not(self, to: str) -> str:
        """Return why nothing can be sent to an address, empty where it can be tried."""
        if not to.startswith("mailto:"):
            return self._services.why_not(to)
        return self._mail.why_not(to) if self._mail else "no mail server is set up (GATE_SMTP_URL)"

    def send(self, message: Message) -> None:
        """Hand a message over. Raises UndeliverableError for good, DeliveryFailedError for now."""
        if not message.to.startswith("mailto:"):
            self._services.send(message)
        elif self._mail is not None:
            self._mail.send(message)
        else:
            step = "Set GATE_SMTP_URL."
            raise UndeliverableError("Mail cannot be sent: no mail server is set up.", next_step=step)

"""Notify ports: what the use cases need to reach people, as a protocol that adapters and doubles fulfil."""

from typing import Protocol

from gate.core.errors import GateError, UnreadableError
from gate.core.values import dataclass


class UndeliverableError(GateError):
    """A message will never arrive: the address is refused, or no channel of this kind is set up; it is not repeated."""

    code = "undeliverable"


class DeliveryFailedError(UnreadableError):
    """A message could not be handed over now: the server is away, or says to come back later."""

    code = "delivery-failed"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address, ready to be sent.

    `id` is the same whenever the same message is sent again, so that a reader's program shows it once. `to` is
    `mailto:ADDRESS`, `notify:NAME` (an address of the operator's) or a service's address. `thread` groups messages on
    one matter. `subject` is one line; `text` is plain, `html` a whole document that says the same.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str
    thread: str = ""


class Notifier(Protocol):
    """Hands messages over. What it accepted may still be lost behind it; what it raised for was not accepted."""

    def why_not(self, to: str) -> str:
        """Return why nothing can be sent to an address, as the middle of a sentence; empty where it can be tried.

        Nothing is sent or looked up. SECURITY: an address of the records must not make the gate speak to a host of
        its choice (S05).
        """
        ...

    def send(self, message: Message) -> None:
        """Hand a message over. Raises UndeliverableError for good, DeliveryFailedError for now."""
        ...


class NoNotifier:
    """Reaches nobody: for a gate without any channel."""

    def why_not(self, to: str) -> str:
        """Say that there is no channel."""
        del to
        return "no channel is set up"

    def send(self, message: Message) -> None:
        """Refuse."""
        step = "Set GATE_SMTP_URL or GATE_NOTIFY_URLS."
        raise UndeliverableError(f"{message.to.partition(':')[0]} cannot be sent from here.", next_step=step)

"""Services: chat, pager and phone through apprise, to what the operator names or to services of a fixed host."""

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gate.core.errors import UsageError
from gate.usecases.notify_ports import DeliveryFailedError, Message, UndeliverableError

if TYPE_CHECKING:
    from apprise import NotifyBase

SERVICES = frozenset({
    "discord", "gchat", "opsgenie", "pagerduty", "pagertree", "pover", "signl4", "slack", "spike", "splunk", "tgram",
    "twilio", "victorops", "vonage", "wxteams", "zulip",
})  # fmt: skip
"""Services that the records may name by themselves: each one's host is its own, never part of the address."""
OPERATOR = "operator"
"""The name of the operator's addresses that have none."""
CONNECT_SECONDS = 3.0
READ_SECONDS = 6.0
_NAMED = re.compile(r"([a-z0-9][a-z0-9._-]{0,63})=([a-z0-9]+://.*)")
_SCHEME = re.compile(r"([a-z0-9]+)://")
_PRINTABLE = re.compile(r"[!-~]{1,2000}")
_MAX_BODY = 3_000

# SECURITY: the library logs addresses, which hold secrets, and what was sent.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


def parse_notify_urls(text: str) -> dict[str, tuple[str, ...]]:
    """Return the operator's addresses by name: `NAME=URL` each, separated by blanks or lines.

    An address without a name belongs to `operator`. Raises UsageError for what no service can be made of; addresses
    hold secrets and are not repeated.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, word in enumerate(text.split(), start=1):
        named = _NAMED.fullmatch(word)
        name, url = (named[1], named[2]) if named else (OPERATOR, word)
        if not _PRINTABLE.fullmatch(url) or _service(url) is None:
            step = "Write NAME=URL with an address of https://appriseit.com, one after the other."
            raise UsageError(f"Address {number} of GATE_NOTIFY_URLS is none of a service.", next_step=step)
        found[name] = (*found.get(name, ()), url)
    return found


class AppriseServices:
    """Sends short texts to services; redirects are not followed, certificates are checked, time is bounded."""

    def __init__(self, named: Mapping[str, tuple[str, ...]]) -> None:
        self._named = named

    def why_not(self, to: str) -> str:
        """Return why nothing can be sent to an address, empty where it can be tried.

        SECURITY: what the records name is a service of a fixed host; any other address is the operator's, by name.
        """
        if to.startswith("notify:"):
            name = to.removeprefix("notify:")
            return "" if name in self._named else "the operator has no channel of this name in GATE_NOTIFY_URLS"
        scheme = _SCHEME.match(to)
        if scheme is None or scheme[1] not in SERVICES:
            return "the records may name services of a fixed host only; the operator names others in GATE_NOTIFY_URLS"
        made = _service(to) if _PRINTABLE.fullmatch(to) else None
        if made is None:
            return "it is no address of this service"
        # NOTE: the library takes `zulip://bot@org.some.host/...` for a server of somebody's own at that host.
        is_its_own = getattr(made, "hostname", "") == getattr(made, "default_hostname", "")
        return "" if is_its_own else "it names a host of its own, which only the operator may in GATE_NOTIFY_URLS"

    def send(self, message: Message) -> None:
        """Hand a message over. Raises UndeliverableError for good, DeliveryFailedError for now."""
        why_not = self.why_not(message.to)
        if why_not:
            raise UndeliverableError(f"The address cannot be used: {why_not}.", next_step="Mend it in the records.")
        name = message.to.removeprefix("notify:")
        urls = self._named[name] if message.to.startswith("notify:") else (message.to,)
        failed = [url for url in urls if not _sent(url, message)]
        if len(failed) == len(urls):
            service = _SCHEME.match(urls[0])
            kind = service[1] if service else "service"
            raise DeliveryFailedError(f"The {kind} channel did not take the message.", next_step="It is tried again.")


def _sent(url: str, message: Message) -> bool:
    service = _service(url)
    if service is None:
        return False
    text = message.text[:_MAX_BODY]
    return bool(service.notify(title=message.subject, body=text, body_format="text"))


def _service(url: str) -> "NotifyBase | None":
    """Return the service of an address, bounded in time, without redirects and with certificates checked."""
    from apprise import Apprise  # NOTE: it loads all of its plugins, a second of work: only where a service is used

    try:
        made = Apprise.instantiate(url, suppress_exceptions=True)
    except Exception:  # noqa: BLE001  # whatever a plugin raises over a malformed address: it is no address
        return None
    if made is None:
        return None
    made.redirects = False
    made.verify_certificate = True
    made.socket_connect_timeout, made.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    return made

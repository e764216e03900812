"""Careful HTTP: sessions for which no redirect, name, proxy, compression or slowness leads a request astray (S05).

Every outgoing request of the gate besides those to the forge's API and to notification services goes through one.
"""

import ipaddress
import socket
import time
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from gate.core.loopback import LOOPBACK
from gate.core.values import dataclass

Reach = Literal["operator", "public"]
"""Where a name may lead: `operator` to wherever the operator's network is, never to a cloud's own services; `public` to
addresses of the open internet alone, for what other people name."""
_CHUNK = 64 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CLOUDS = frozenset({"169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"})
"""Addresses by which clouds give their own machines secrets; not all of them are link-local."""
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a request may take, and how large its answer may be."""

    connect_seconds: float
    read_seconds: float
    total_seconds: float
    max_bytes: int


class CarelessError(requests.RequestException):
    """A request is not sent, or its answer not taken; the text is one clause that names no host."""


class CarefulAdapter(HTTPAdapter):
    """Sends to HTTPS (HTTP on this machine alone), and returns answers that were read whole within their limits.

    A name is looked up once: the number that was looked at is connected to, under the certificate of the name, so that
    a second answer of the name service counts for nothing. `reach` None leaves that to a proxy of the environment.
    """

    def __init__(self, limits: Limits, reach: Reach | None) -> None:
        self._limits, self._reach = limits, reach
        super().__init__(max_retries=0)

    def send(  # noqa: PLR0917  # requests' own signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  # likewise
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002  # likewise
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Return the answer to one request. Raises RequestException, CarelessError among them."""
        del stream, timeout
        if not is_safe_address(request.url or ""):
            raise CarelessError("the address is not HTTPS")
        limits, end_at = self._limits, time.monotonic() + self._limits.total_seconds
        # SECURITY: nothing is decompressed: a few bytes could become more than this machine holds.
        request.headers["Accept-Encoding"] = "identity"
        within = (min(limits.connect_seconds, limits.total_seconds), min(limits.read_seconds, limits.total_seconds))
        response = super().send(request, stream=True, timeout=within, verify=verify, cert=cert, proxies=proxies)
        try:
            content = b"".join(_parts(response, limits, end_at))
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(type(error).__name__) from None
        finally:
            response.close()
        # SECURITY: an answer that names no other place leads nowhere, whatever library asked for it.
        response.headers.pop("Location", None)
        response._content = content  # noqa: SLF001  # where requests itself keeps what was read
        return response

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Return which connection is used: one to the number that the host was looked up as."""
        place, options = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._reach is None:
            return place, options
        parts = urlsplit(request.url or "")
        host = parts.hostname or ""
        request.headers["Host"] = parts.netloc
        named = {"server_hostname": host, "assert_hostname": host} if place["scheme"] == "https" else {}
        return {**place, "host": looked_up(host, parts.port or 443, reach=self._reach)}, {**options, **named}


def careful_session(limits: Limits, *, reach: Reach | None = None) -> requests.Session:
    """Return a session that follows no redirect and takes no login out of the environment.

    Without a `reach` the environment's proxy is used, as on networks that let nothing else out; with one, none is.
    """
    return made_careful(requests.Session(), limits, reach=reach)


def made_careful(session: requests.Session, limits: Limits, *, reach: Reach | None = None) -> requests.Session:
    """Return a session of another library made as careful as those of `careful_session`."""
    session.trust_env = reach is None
    session.auth = session.auth or _as_it_is  # else a .netrc file's
    session.mount("https://", CarefulAdapter(limits, reach))
    session.mount("http://", CarefulAdapter(limits, reach))
    return session


def is_safe_address(address: str) -> bool:
    """Return whether a secret may be sent to an address: HTTPS, or this very machine, with no login written into it."""
    try:
        parts = urlsplit(address)
        is_plain = parts.scheme == "http" and parts.hostname in LOOPBACK
        return bool(parts.hostname) and (parts.scheme == "https" or is_plain) and not (parts.username or parts.password)
    except ValueError:
        return False


def looked_up(host: str, port: int, *, reach: Reach) -> str:
    """Return the number that a host stands for. Raises CarelessError where any of its numbers is out of reach."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CarelessError("the host has no address") from None
    numbers = [str(place[0]) for *_, place in found]
    if not numbers or not all(_is_within(ipaddress.ip_address(one.partition("%")[0]), reach) for one in numbers):
        raise CarelessError("the host leads to an address that is never asked")
    return numbers[0]


def _is_within(ip: Ip, reach: Reach) -> bool:
    """Return whether an address may be asked, by all that it stands for."""
    for one in (ip, *_meant(ip)):
        if one.is_link_local or one.is_multicast or one.is_unspecified or str(one) in _CLOUDS:
            return False
        if reach == "public" and not one.is_global:
            return False
    return True


def _meant(ip: Ip) -> Iterator[Ip]:
    """Yield the addresses of the older kind that one of the newer kind is only another spelling of."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            yield ip.ipv4_mapped
        if ip.sixtofour is not None:
            yield ip.sixtofour
        if ip in _NAT64:
            yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


def _parts(response: requests.Response, limits: Limits, end_at: float) -> Iterator[bytes]:
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise CarelessError("the answer is compressed, which was not asked for")
    size = 0
    # NOTE: `read1` returns what has come; `read` would wait for a whole chunk, a byte a second for hours.
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > limits.max_bytes:
            raise CarelessError(f"the answer is larger than {_size(limits.max_bytes)}")
        if time.monotonic() > end_at:
            raise CarelessError("the answer takes too long")
        yield chunk


def _size(octets: int) -> str:
    return f"{octets >> 20} MiB" if octets >= 1 << 20 else f"{octets >> 10} KiB"


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request

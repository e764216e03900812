"""Client: one installation's requests, conditional where an answer is known, paged to the end, never sent blindly."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import takewhile
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests
from github.Auth import Auth
from github.Requester import Requester

from gate.adapters.github.answers import Recent, instant_of, row_of
from gate.adapters.github.credentials import InstallationAuth
from gate.adapters.github.refusals import Received, require_success, wait_until
from gate.adapters.github.transport import Counter, open_line
from gate.core.errors import UnreadableError
from gate.core.lazy_regex import lazy_regex
from gate.usecases.forge_ports import RateLimitedError

API_VERSION = "2022-11-28"
PER_PAGE = 100
MAX_PAGES = 200
_RETRIES_SECONDS = (0.3, 1.5)
_PASSING = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_KEPT_BYTES = 16 * 1024 * 1024
_MAYBE_UNSTORABLE = lazy_regex(r"\\u(?:[dD][89a-fA-F]|0000)")
_Query = tuple[tuple[str, str], ...]

# SECURITY: at the level DEBUG PyGithub logs whole answers, and with them installation tokens.
logging.getLogger("github.Requester").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class _Known:
    etag: str
    value: Any
    following: _Query | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all clients of a forge share: where it is, the clock, the count of requests, the answers kept."""

    base_url: str
    counter: Counter
    kept: Recent[Any]
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    api_version: str = API_VERSION
    user_agent: str = "signoff-gate"

    @classmethod
    def at(cls, base_url: str, **options: Any) -> "Surroundings":
        """Return new surroundings with nothing known yet."""
        return cls(base_url.rstrip("/"), Counter(), Recent(_KEPT_BYTES), **options)


class GithubClient:
    """Sends requests with one login. Safe to share between threads: each has its own connection.

    SECURITY: what is kept of answers is kept under this login's name alone, so that no tenant sees another's.
    """

    def __init__(self, surroundings: Surroundings, auth: Auth | None, owner: str) -> None:
        self._around = surroundings
        self._auth = auth
        self._owner = owner
        self._lines = threading.local()
        self._not_before = 0.0

    @property
    def graphql_url(self) -> str:
        """Return the address of GraphQL: beside the API of an Enterprise Server, below that of the public one."""
        base = self._around.base_url
        return f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"

    def get(self, path: str, *, is_fresh: bool = False, **parameters: str | int) -> Any:
        """Return the JSON of one answer; `is_fresh` asks without any condition.

        Raises GoneError for 404 and 410, ForbiddenError, RateLimitedError, else UnreadableError.
        """
        return self._page(path, _query(parameters), is_fresh=is_fresh).value

    def pages(self, path: str, *, inside: str = "", max_pages: int = MAX_PAGES, **parameters: str | int) -> list[Any]:
        """Return the items of all pages; `inside` names the field that holds them.

        Raises TooManyPagesError where there are more pages than may be: a part is never returned as the whole.
        """
        return self.pages_by(path, parameters, inside=inside, max_pages=max_pages)

    def pages_by(
        self, path: str, parameters: Mapping[str, str | int], *, inside: str = "", max_pages: int = MAX_PAGES
    ) -> list[Any]:
        """Return the items of all pages, the parameters as a mapping."""
        found: list[Any] = []
        for items in self._each_page(path, inside, max_pages, parameters):
            found += items
        return found

    def pages_while(self, path: str, is_wanted: Callable[[Any], bool], **parameters: str | int) -> list[Any]:
        """Return the items of a list, newest first, up to the first that is not wanted."""
        found: list[Any] = []
        for items in self._each_page(path, "", MAX_PAGES, parameters):
            wanted = list(takewhile(is_wanted, items))
            found += wanted
            if len(wanted) < len(items):
                break
        return found

    def query(self, text: str, variables: Mapping[str, str | int | list[str] | None]) -> Any:
        """Return the JSON of the answer to a GraphQL query: a read, asked again where the way there failed."""
        received = self._read(self.graphql_url, (), {}, {"query": text, "variables": dict(variables)})
        require_success(received, "/graphql")
        return _parsed(received.body)

    def send(self, verb: str, path: str, body: Any = None) -> Any:
        """Send a write once and return the JSON of its answer.

        Raises UnreadableError where it is not known whether it was carried out: look for its trace before another.
        """
        received = self._exchange(verb, path, (), {}, body)
        require_success(received, path)
        return _parsed(received.body)

    def _each_page(
        self, path: str, inside: str, max_pages: int, parameters: Mapping[str, str | int]
    ) -> Iterator[list[Any]]:
        asked: _Query | None = _query({"per_page": PER_PAGE, **parameters})
        seen: set[_Query] = set()
        while asked is not None:
            if asked in seen or len(seen) >= max_pages:
                raise TooManyPagesError(f"GitHub lists more than {max_pages} pages of {path}.")
            seen.add(asked)
            page = self._page(path, asked)
            items = row_of(page.value, path).get(inside) if inside else page.value
            if not isinstance(items, list):
                raise UnreadableError(f"GitHub's list of {path} is none.", next_step="Try again.")
            yield items
            asked = page.following

    def _page(self, path: str, asked: _Query, *, is_fresh: bool = False) -> _Known:
        key = (self._owner, path, asked)
        known: _Known | None = None if is_fresh else self._around.kept.get(key)
        headers = {"If-None-Match": known.etag} if known else {}
        received = self._read(path, asked, headers)
        if received.status == HTTPStatus.NOT_MODIFIED and known is not None:
            # NOTE: a full last page keeps its body, and its tag, when an entry comes to stand behind it on a new page.
            if known.following is not None or not _may_have_grown(known.value):
                return known
            received = self._read(path, asked, {})
        require_success(received, path)
        answer = _Known(received.headers.get("etag", ""), _parsed(received.body), _next_page(received.headers))
        if answer.etag and not is_fresh:
            self._around.kept.put(key, answer, len(received.body) + 500)
        return answer

    def _read(self, path: str, asked: _Query, headers: dict[str, str], query: Any = None) -> Received:
        """Send a GET or a query, twice more at most where the way failed; once more with another token after a 401."""
        waits = list(_RETRIES_SECONDS)
        may_renew = isinstance(self._auth, InstallationAuth)
        while True:
            used = self._auth.current if isinstance(self._auth, InstallationAuth) else ""
            try:
                received = self._exchange("POST" if query else "GET", path, asked, headers, query)
            except _NoAnswerError:
                if not waits:
                    raise
            else:
                if (
                    received.status == HTTPStatus.UNAUTHORIZED
                    and may_renew
                    and isinstance(self._auth, InstallationAuth)
                ):
                    self._auth.forget(used or self._auth.current)
                    may_renew = False
                    continue
                if received.status not in _PASSING or not waits:
                    return received
            self._around.sleep(waits.pop(0))

    def _exchange(self, verb: str, path: str, asked: _Query, headers: dict[str, str], body: Any) -> Received:
        now = self._around.clock()
        if now < self._not_before:
            raise self._limited(self._not_before)
        try:
            status, answered, text = self._line().requestJson(
                verb,
                path,
                parameters=dict(asked),
                headers={"Accept": "application/vnd.github+json", **headers},
                input=body,
            )
        except requests.RequestException as error:
            raise _NoAnswerError(
                f"GitHub did not answer {verb} {path} ({type(error).__name__}).",
                next_step="Check the network and GitHub's status; it is tried again.",
            ) from error
        received = Received(status, {key.lower(): str(value) for key, value in answered.items()}, text)
        self._heed_limits(received)
        return received

    def _line(self) -> Requester:
        line: Requester | None = getattr(self._lines, "line", None)
        if line is None:
            around = self._around
            line = self._lines.line = open_line(
                base_url=around.base_url,
                auth=self._auth,
                api_version=around.api_version,
                user_agent=around.user_agent,
                counter=around.counter,
            )
        return line

    def _heed_limits(self, received: Received) -> None:
        until = wait_until(received, self._around.clock())
        if until:
            self._not_before = max(self._not_before, until)
            raise self._limited(until)

    def _limited(self, until: float) -> RateLimitedError:
        at = instant_of(until + 1)
        return RateLimitedError(
            "GitHub's rate limit is used up.", retry_at=at, next_step=f"It is tried again after {at}."
        )


class TooManyPagesError(UnreadableError):
    """A list has more pages than anyone honest makes it have."""

    code = "too-many-pages"


class _NoAnswerError(UnreadableError):
    """Nothing came back: for a read that may be tried again."""


def path_of(*parts: str | int) -> str:
    """Return a path of the API with every part quoted, slashes within a part too."""
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def repository_path(name: str, *parts: str | int) -> str:
    """Return a path below a repository `owner/name`."""
    owner, _, short = name.partition("/")
    return path_of("repos", owner, short, *parts)


def _query(parameters: Mapping[str, str | int]) -> _Query:
    return tuple(sorted((key, str(value)) for key, value in parameters.items()))


def _parsed(body: str) -> Any:
    if not body:
        return None
    try:
        value = json.loads(body)
        return _storable(value) if _MAYBE_UNSTORABLE.search(body) else value
    except (ValueError, RecursionError) as error:
        raise UnreadableError("GitHub's answer is not JSON.", next_step="Try again.") from error


def _storable(value: Any) -> Any:
    """Return JSON without what it can spell and no database or digest takes: half characters and NUL are replaced."""
    if isinstance(value, str):
        whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _next_page(headers: dict[str, str]) -> _Query | None:
    """Return the query of the next page. Its host and path are not used: they may be those of another front door."""
    for link in headers.get("link", "").split(","):
        target, _, kind = link.partition(";")
        if 'rel="next"' in kind:
            return tuple(sorted(parse_qsl(urlsplit(target.strip(" <>")).query, keep_blank_values=True)))
    return None


def _may_have_grown(value: Any) -> bool:
    """Return whether a page is as long as pages get."""
    items = value if isinstance(value, list) else next((v for v in value.values() if isinstance(v, list)), ())
    return len(items) >= PER_PAGE

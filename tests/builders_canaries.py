"""Canaries: every token of a link that a test's gate signs, looked for in all that leaves it besides its messages.

A service of `builders_service` has one flock; whatever a test does with it, a token that turns up in a log, an answer,
a title, a header or the database fails that test when it ends (L08).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response

from gate.usecases.link_ports import LinkTokens
from gate.usecases.links import LinkClaims, Purpose

PLACES = ("/signoff/eyJ",)
"""Where an address may carry a token: the first request of whoever opens a link."""


@dataclass
class Canaries:
    """The tokens that were signed so far, and where any of them was seen that should not be."""

    tokens: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    looked_at: int = 0

    def look(self, place: str, text: str) -> None:
        """Note a token in what was written to some place."""
        self.looked_at += 1
        self.leaks += [place for token in self.tokens for part in token.split(".")[1:] if part in text]

    def look_at_request(self, place: str, url: str, headers: Mapping[str, str], sent: str, *, own: str) -> None:
        """Note a token in a browser's request: its address may be a link's own, and nothing else may hold one."""
        parts = urlsplit(url)
        is_own = f"{parts.scheme}://{parts.netloc}" == own
        if not (is_own and parts.path.startswith(PLACES) and not parts.query):
            self.look(f"{place}, address", url)
        for name, value in headers.items():
            self.look(f"{place}, header {name}", value)
        self.look(f"{place}, body", sent)

    def look_at_files(self, files: Iterable[Path]) -> None:
        """Note a token in a file."""
        for file in files:
            if self.tokens and file.is_file():
                self.look(f"file {file.name}", file.read_bytes().decode("latin-1"))

    def watch(self, app: Flask) -> None:
        """Look at everything that an application answers."""

        @app.after_request
        def look_at(answer: Response) -> Response:
            self.look("headers of an answer", str(answer.headers))
            if not answer.is_streamed and not answer.direct_passthrough:
                self.look("an answer", answer.get_data().decode(errors="replace"))
            return answer


@dataclass(frozen=True)
class WatchedTokens:
    """Tokens of links, each a canary from when it is signed."""

    tokens: LinkTokens
    canaries: Canaries

    def new_id(self) -> str:
        return self.tokens.new_id()

    def sign(self, claims: LinkClaims, *, at: dt.datetime) -> str:
        token = self.tokens.sign(claims, at=at)
        self.canaries.tokens.append(token)
        return token

    def verify(self, unverified_token: str, *, purpose: Purpose, at: dt.datetime) -> LinkClaims:
        return self.tokens.verify(unverified_token, purpose=purpose, at=at)

    def public_keys(self, *, at: dt.datetime) -> Sequence[Mapping[str, Any]]:
        return self.tokens.public_keys(at=at)

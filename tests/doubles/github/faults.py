"""Faults: what goes wrong between the gate and GitHub, on demand."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["status", "after-success", "slow", "drop", "truncate", "stale", "before", "garbage"]


@dataclass(eq=False)
class Fault:
    """One thing that goes wrong for some requests. `hits` counts how often it did."""

    method: str
    pattern: re.Pattern[str]
    kind: Kind
    times: int | None = 1
    skip: int = 0
    status: int = 502
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "Server Error"
    seconds: float = 0.0
    keep: int = 1
    call: Callable[[], Any] | None = None
    hits: int = 0

    def fits(self, method: str, target: str) -> bool:
        """Return whether this fault befalls a request, and count it."""
        if self.method not in {method, "*"} or not self.pattern.search(target):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True


class Faults:
    """The faults of a world.

    - `status`: answer `status` without doing anything (403 with `retry_after` or `is_rate_limited` for limits).
    - `after-success`: do it, then answer 502.
    - `slow`: wait `seconds`, then answer. `drop`: close the connection without an answer.
    - `truncate`: a page of a list holds only the first `keep` entries, with the same Link header.
    - `stale`: answer what this request was answered before; see `World.remember`.
    - `before`: call something (move the head, for one) before the request is looked at.
    - `garbage`: answer 200 with a body that is no JSON.
    """

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def add(
        self,
        method: str,
        path_regex: str,
        kind: Kind,
        *,
        times: int | None = 1,
        skip: int = 0,
        status: int = 502,
        retry_after: int | None = None,
        is_rate_limited: bool = False,
        message: str = "",
        seconds: float = 0.0,
        keep: int = 1,
        call: Callable[[], Any] | None = None,
    ) -> Fault:
        """Let a kind of request fail the next `times` times (None: always), after `skip` that go well."""
        headers: dict[str, str] = {}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
            message = message or "You have exceeded a secondary rate limit. Please wait a few minutes."
        if is_rate_limited:
            headers |= {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 60)}
            message = message or "API rate limit exceeded for installation."
        fault = Fault(
            method,
            re.compile(path_regex),
            kind,
            times=times,
            skip=skip,
            status=status,
            headers=headers,
            message=message or {404: "Not Found", 403: "Forbidden"}.get(status, "Server Error"),
            seconds=seconds,
            keep=keep,
            call=call,
        )
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        """Let all go well again."""
        self.active.clear()

    def befalling(self, method: str, target: str) -> list[Fault]:
        """Return what goes wrong with a request now."""
        return [fault for fault in self.active if fault.fits(method, target)]

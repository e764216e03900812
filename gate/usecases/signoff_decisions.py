"""Decisions of people on a change, whichever way they come, and the codes of why one is not taken."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from gate.core.change.facts import AccountKey, Instant
from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey
from gate.core.values import dataclass

RefusalCode = Literal[
    "link-refused", "link-used", "link-not-yours", "change-closed", "changed-since", "not-eligible",
    "reason-missing", "source-not-accepted", "nothing-to-withdraw", "login-too-old",
]  # fmt: skip
MAX_REASON = 5000


class SignoffRefusedError(GateError):
    """A decision is not taken: `code` is why, `details` what to know. It is in the ledger before it is told."""

    exit_code = 2

    def __init__(self, code: RefusalCode, message: str, *, next_step: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message, next_step=next_step)
        self.code = code
        self.details = details


class OwnWorkError(SignoffRefusedError):
    """Somebody signs off on a change that they had a hand in: an attempt that audits ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decides. `id` is the same for the same act, however often it is sent.

    `subjects` maps each subject to the scope that was shown; an empty scope stands for the present one, as where a
    comment names it. `shown` is the digest of the facts that were shown, `seen_at` when. `link` is the id of the link
    that it came by. `authenticated` says in words how they are known, `authenticated_at` when they logged in.
    """

    id: str
    key: ChangeKey
    account: AccountKey
    source: Literal["link", "comment", "api"]
    decision: Literal["approve", "reject", "withdraw", "lift-veto"]
    subjects: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    authenticated: str
    authenticated_at: Instant = ""
    link: str = ""
    shown: str = ""
    seen_at: Instant = ""

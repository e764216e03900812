"""Login ports: what the web needs of somebody else's login, as a protocol that adapters fulfil."""

from typing import Protocol

from gate.core.errors import UnreadableError
from gate.core.values import dataclass


class LoginError(UnreadableError):
    """The provider did not vouch for anybody, or not in a way that can be believed: nobody is logged in."""

    code = "login-refused"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider vouches for. `account` is what records name, `admin_name` what `GATE_ADMINS` would list.

    `proved_at` is when they proved it to the provider (seconds since 1970), None where it does not say.
    """

    account: str
    display: str
    issuer: str
    subject: str
    admin_name: str
    proved_at: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One login under way: what ties the answer to the browser, to this attempt, and to this client.

    `back` is the address to which the provider sends the browser. `is_again` asks it to ask the person anew.
    """

    state: str
    nonce: str
    verifier: str
    back: str
    is_again: bool = False


class LoginProvider(Protocol):
    """A login elsewhere. Both methods raise LoginError where it does not answer, or not as it should."""

    @property
    def name(self) -> str: ...  # noqa: D102  # as in the address: `github`, `oidc`
    @property
    def label(self) -> str: ...  # noqa: D102  # as people read it

    def address(self, attempt: Attempt) -> str:
        """Return where to send the browser."""
        ...

    def person(self, attempt: Attempt, code: str) -> Person:
        """Return whom the provider vouches for by a code that it sent back."""
        ...

"""Identity: which person of the records an account, an address or a login belongs to."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from gate.core.change.facts import Account, AccountKey
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.records import PersonRecord
from gate.core.values import dataclass

if TYPE_CHECKING:
    from gate.core.forge.snapshot import ForgeAccount

AccountKind = Literal["user", "bot", "platform"]
PLATFORM_EMAIL = "noreply@github.com"
_NOREPLY = lazy_regex(r"(?:([0-9]{1,18})\+)?([a-z0-9][a-z0-9_-]{0,99}(?:\[bot\])?)@users\.noreply\.github\.com")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a commit or a caller names them: any of name, address and login, the rest empty."""

    name: str = ""
    email: str = ""
    login: str = ""


def ascii_lower(text: str) -> str:
    """Return a text with A to Z in lower case and nothing else changed.

    SECURITY: `str.lower` also turns the Kelvin sign into `k`; an address or login must not change person by that.
    """
    return text.translate(_ASCII_LOWER)


def noreply_login(email: str) -> str | None:
    """Return the login that a no-reply address of the platform names, None for any other address."""
    match = _NOREPLY.fullmatch(ascii_lower(email))
    return match[2] if match else None


class AccountBook:
    """The people of the records, found by numeric id, then login, then address; the same answer every time.

    Logins and addresses are compared without regard to ASCII case: two spellings of one mailbox are one person, which
    excludes more and counts fewer, never the reverse. Where two records claim the same, the first by name holds.
    """

    def __init__(self, people: Mapping[str, PersonRecord]) -> None:
        self._people = people
        self._by_id: dict[int, str] = {}
        self._by_login: dict[str, str] = {}
        self._by_email: dict[str, str] = {}
        for name in sorted(people):
            record = people[name]
            if record.github_id is not None:
                self._by_id.setdefault(record.github_id, name)
            if record.github is not None:
                self._by_login.setdefault(ascii_lower(record.github), name)
            if record.email is not None:
                self._by_email.setdefault(ascii_lower(record.email), name)

    def account_of(self, identity: Identity) -> tuple[AccountKey, Account] | None:
        """Return the account of an identity and its key, None where neither address nor login is known.

        The key is `person:NAME` where a record matches, else `github:ID` where a no-reply address tells the id, else
        `mail:ADDRESS` (ASCII lower case) or `login:LOGIN`.
        """
        email = ascii_lower(identity.email.strip())
        login = ascii_lower(identity.login.strip().removeprefix("@"))
        if not email and not login:
            return None
        if email == PLATFORM_EMAIL:
            return _keyed(f"mail:{email}", identity, kind="platform")
        noreply = _NOREPLY.fullmatch(email)
        number = int(noreply[1]) if noreply and noreply[1] else None
        login = login or (noreply[2] if noreply else "")
        found = self._person(number=number, login=login, email=email, name=identity.login.strip())
        kind: AccountKind = "bot" if login.endswith("[bot]") else "user"
        if found is not None:
            return f"person:{found}", Account(found, kind, self._people[found].github, identity.name or None, email)
        key = f"github:{number}" if number is not None else f"mail:{email}" if email else f"login:{login}"
        return _keyed(key, identity, kind=kind, login=login)

    def account_of_forge(self, account: "ForgeAccount") -> tuple[AccountKey, Account]:
        """Return the key and account of a forge's account: always by its numeric id, whatever its login is now.

        SECURITY: a person whose record has a numeric id is nobody else, however the login reads (R43).
        """
        found = self._person(number=account.id, login=ascii_lower(account.login), email="", name="")
        key = account.key
        return key, Account(found or key, account.kind, account.login or None)

    def _person(self, *, number: int | None, login: str, email: str, name: str) -> str | None:
        if number is not None and number in self._by_id:
            return self._by_id[number]
        by_login = self._by_login.get(login) if login else None
        if by_login is not None:
            known = self._people[by_login].github_id
            # SECURITY: a known login under another id was registered anew by somebody else.
            if number is None or known is None or known == number:
                return by_login
        if name in self._people:
            return name
        return self._by_email.get(email) if email else None


def match_accounts(
    identities: Iterable[Identity], people: Mapping[str, PersonRecord]
) -> tuple[dict[AccountKey, Account], dict[Identity, AccountKey]]:
    """Return the accounts of all identities by key, and the key of each identity that has one.

    Of several identities of one account the first one gives the name and address that are shown.
    """
    book = AccountBook(people)
    accounts: dict[AccountKey, Account] = {}
    keys: dict[Identity, AccountKey] = {}
    for identity in identities:
        found = None if identity in keys else book.account_of(identity)
        if found is not None:
            keys[identity] = found[0]
            accounts.setdefault(*found)
    return accounts, keys


def _keyed(key: AccountKey, identity: Identity, *, kind: AccountKind, login: str = "") -> tuple[AccountKey, Account]:
    email = ascii_lower(identity.email.strip())
    return key, Account(key, kind, login or None, identity.name or None, email or None)

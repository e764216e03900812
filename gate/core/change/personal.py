"""Personal data in facts: where it stands, how it is replaced by salted commitments, and how it comes back."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any, Literal

from gate.core.lazy_regex import lazy_regex
from gate.core.values import dataclass

StandIn = Literal["text", "login", "mail"]
PERSONAL_PLACES: tuple[tuple[str, StandIn], ...] = (
    ("accounts/*/email", "mail"),
    ("accounts/*/login", "login"),
    ("accounts/*/name", "text"),
    ("change/title", "text"),
    ("declaration/problems/*/text", "text"),
    ("declaration/rollback/artifact", "text"),
    ("declaration/rollback/backup", "text"),
    ("declaration/rollback/command", "text"),
    ("declaration/rollback/data_impact", "text"),
    ("declaration/rollback/flag", "text"),
    ("declaration/rollback/reason", "text"),
    ("declaration/rollback/steps/*", "text"),
    ("declaration/rollback/verification", "text"),
    ("ownership/people/*/contacts/*/to", "text"),
    ("ownership/people/*/email", "mail"),
    ("ownership/people/*/github", "login"),
    ("ownership/people/*/name", "text"),
    ("ownership/people/*/subject/sub", "text"),
    ("ownership/teams/*/contacts/*/to", "text"),
    ("ownership/vendors/*/contacts/*/to", "text"),
    ("rehearsals/*/why", "text"),
    ("signoffs/*/reason", "text"),
    ("tickets/*/title", "text"),
)
"""Every place that holds a name, an address or free text, and what stands there once it is erased."""

PATH_BRANCHES = frozenset({"engine", "files", "earlier_contents", "findings", "hidden_files", "look_alikes"})
"""The parts that hold paths, which may look like addresses and never are: they are kept as they are."""

ERASED = "(erased)"
_TOKEN = lazy_regex(r"sealed:([0-9a-f]{64})")
_TEXT_TOKEN = lazy_regex(r"sealed-text:([0-9a-f]{64})")
# What is an address or a login wherever it stands, keys of mappings included. Text that looks like a token is
# concealed as well, so that every token in the result is one of ours.
_IDENTITY = lazy_regex(
    r"(?<=\Amail:).+|(?<=\Alogin:).+"
    r"|sealed:[0-9a-f]{64}"
    r"|[^\s@:/<>()\[\]\"',;]{1,64}@[^\s@:/<>()\[\]\"',;]{1,200}\.[A-Za-z]{2,63}(?![^\s@:/<>()\[\]\"',;])",
    re.DOTALL,
)
_SALT_BYTES = 16


class UnsealError(ValueError):
    """What is stored does not fit together: one sentence that names the place."""


@dataclass(frozen=True, slots=True)
class PersonalValue:
    """A personal value with its salt (32 hexadecimal digits); both None once it is erased."""

    salt: str | None
    value: str | None

    @property
    def is_erased(self) -> bool:
        """Return whether only the tombstone is left."""
        return self.value is None


PersonalTable = dict[str, PersonalValue]
"""Personal values by their commitment, the SHA-256 of salt and value in hexadecimal digits."""


def conceal(facts: dict[str, Any], *, salt: bytes) -> PersonalTable:
    """Replace everything personal in a tree of facts by its commitment, in place, and return what was replaced.

    An address or login is `sealed:COMMITMENT`, the same wherever it stands, so that a person stays one person; every
    other value is `sealed-text:COMMITMENT` with a salt of its own place, so that equal values are not seen to be equal.
    """
    table: PersonalTable = {}

    def seal(place: str, value: str) -> str:
        own = hmac.digest(salt, place.encode(), "sha256")[:_SALT_BYTES].hex()
        commitment = commitment_of(own, value)
        table[commitment] = PersonalValue(own, value)
        return commitment

    def identity(text: str) -> str:
        # Nearly no text is personal: what cannot match is not searched. An address has something before its `@`.
        if text.rfind("@") < 1 and "sealed:" not in text and not text.startswith(("mail:", "login:")):
            return text
        return _IDENTITY.sub(lambda found: f"sealed:{seal(f'identity {found[0]}', found[0])}", text)

    for branch in facts.keys() - PATH_BRANCHES:
        facts[branch] = _mapped(facts[branch], identity)
    for pattern, _ in PERSONAL_PLACES:
        for place, holder, key in _matches(facts, pattern):
            value = holder[key]
            if value and not _TOKEN.fullmatch(value):
                holder[key] = f"sealed-text:{seal(place, value)}"
    return table


def reveal(facts: dict[str, Any], table: PersonalTable, *, is_part: bool = False) -> None:
    """Put every personal value back into a tree of facts, in place; the keys of mappings come back sorted.

    Raises UnsealError where a value is missing, is not the one that was committed to, or belongs nowhere; with
    `is_part` the table may hold those of parts that are not in the tree.
    """
    for commitment, entry in table.items():
        if entry.salt is not None and entry.value is not None and commitment_of(entry.salt, entry.value) != commitment:
            raise UnsealError(f"the personal value {commitment[:12]} is not the one that the facts were made with")
    opener = _Opener(table)
    for pattern, stand_in in PERSONAL_PLACES:
        for place, holder, key in _matches(facts, pattern):
            value = holder[key]
            found = _TEXT_TOKEN.fullmatch(value)
            if found is not None:
                holder[key] = opener.value(found[1], stand_in)
            elif value and not _TOKEN.fullmatch(value):
                raise UnsealError(f"{place} holds a personal value in the open")
    for branch in facts.keys() - PATH_BRANCHES:
        facts[branch] = _mapped(facts[branch], opener.identities)
    unused = table.keys() - opener.used
    # An erased text may have held the only mention of an address.
    if unused and not is_part and not any(entry.is_erased for entry in table.values()):
        raise UnsealError(f"the personal value {min(unused)[:12]} belongs to nothing in the facts")


def commitment_of(salt: str, value: str) -> str:
    """Return SHA-256(salt || value) in hexadecimal digits. The salt has a fixed length, so the border is not open."""
    return hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()


@dataclass(slots=True)
class _Opener:
    """Looks values up and remembers which were used."""

    table: PersonalTable
    used: set[str] = field(default_factory=set)

    def value(self, commitment: str, stand_in: StandIn) -> str:
        entry = self.table.get(commitment)
        if entry is None:
            raise UnsealError(f"the personal value {commitment[:12]} is missing; an erased one leaves a tombstone")
        self.used.add(commitment)
        if entry.value is not None:
            return entry.value
        short = commitment[:12]
        return {"text": ERASED, "login": f"erased-{short}", "mail": f"erased-{short}@erased.invalid"}[stand_in]

    def identities(self, text: str) -> str:
        if "sealed:" not in text:
            return text
        return _TOKEN.sub(lambda found: self.value(found[1], "mail"), text)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return a tree with every text changed, keys included, and the keys of every mapping sorted."""
    if isinstance(value, str):
        return _changed(value, change)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for key, item in value.items():
        # NOTE: a call for each of tens of thousands of values, nearly none of which can change, is what this costs.
        name = change(key) if "@" in key or ":" in key else key
        if isinstance(item, str):
            changed[name] = change(item) if "@" in item or ":" in item else item
        else:
            changed[name] = _mapped(item, change) if isinstance(item, (dict, list)) else item
    if len(changed) != len(value):
        raise UnsealError("two keys of the facts stand for the same person")
    names = sorted(changed)
    return changed if names == list(changed) else {name: changed[name] for name in names}


def _changed(text: str, change: Callable[[str], str]) -> str:
    return change(text) if "@" in text or ":" in text else text


def _matches(tree: Any, pattern: str, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield place, holder and key of every text that a pattern of places reaches."""
    step, _, rest = pattern.partition("/")
    if isinstance(tree, dict):
        keys: list[Any] = list(tree) if step == "*" else [step] if step in tree else []
    elif isinstance(tree, list) and step == "*":
        keys = list(range(len(tree)))
    else:
        keys = []
    for key in keys:
        here = f"{place}/{key}" if place else str(key)
        if rest:
            yield from _matches(tree[key], rest, here)
        elif isinstance(tree[key], str):
            yield here, tree, key

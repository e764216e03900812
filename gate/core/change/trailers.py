"""Trailers: who a commit message names as co-author."""

import re

from gate.core.identity import Identity
from gate.core.lazy_regex import lazy_regex

_PERSON = lazy_regex(r"(?P<name>[^<>\n]*)<(?P<email>[^<>\n]*)>")
_CO_AUTHOR = lazy_regex(r"co-authored-by[ \t]*:[ \t]*(?P<who>.+)", re.IGNORECASE)


def co_authors_in(message: str) -> tuple[Identity, ...]:
    """Return the people of the `Co-authored-by:` trailers, which stand in the last paragraph of a message."""
    paragraph = re.split(r"\n[ \t]*\n", message.replace("\r\n", "\n").strip())[-1]
    found = []
    for line in paragraph.split("\n"):
        trailer = _CO_AUTHOR.fullmatch(line.strip())
        who = _PERSON.match(trailer["who"].strip()) if trailer else None
        if who is not None and who["email"].strip():
            found.append(Identity(who["name"].strip(), who["email"].strip()))
    return tuple(dict.fromkeys(found))

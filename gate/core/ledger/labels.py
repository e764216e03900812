"""Labels: what the exact bytes of an entry say of its place, kind, time and subject, parsed only where they must be."""

import json
import re
from collections.abc import Iterable

from gate.core.canonical import canonical_bytes

Labels = tuple[int, str, str, str]
"""Index, kind, time and subject."""
# How an entry begins, where it holds no backslash: a class of two characters would take twice as long.
_HEAD = re.compile(
    rb'\{(?:"actor":"[^"]*",)?"at":"([^"]*)",(?:"authenticated":"[^"]*",)?(?:"facts":"[^"]*",)?'
    rb'(?:"happened_at":"[^"]*",)?"index":(0|[1-9][0-9]{0,18}),"kind":"([^"]*)","payload":'
)
_SUBJECT = b',"subject":"'
_END = b'"}'


def places_and_times(contents: Iterable[bytes]) -> list[tuple[int, bytes] | None]:
    """Return the index and time that each entry says of itself, None for one whose bytes say none."""
    found: list[tuple[int, bytes] | None] = []
    match = _HEAD.match
    for content in contents:
        head = match(content)
        if head is not None and content.find(b"\\", 0, head.end()) < 0:
            at, index = head.group(1, 2)
            found.append((int(index), at))
        else:
            said = _parsed(content)
            found.append(None if said is None else (said[0], said[2].encode("utf-8", "surrogatepass")))
    return found


def labels_of(content: bytes) -> Labels | None:
    """Return what an entry is looked up by, None where the bytes are no entry.

    SECURITY: keys are in order, so that `subject` is the last one; and a quotation mark within a text stands behind a
    backslash, so that what looks like a key is one. Whatever holds a backslash is parsed.
    """
    found = _HEAD.match(content)
    start = content.rfind(_SUBJECT) + len(_SUBJECT)
    subject = content[start : -len(_END)]
    if (
        found is None
        or start < found.end()
        or not content.endswith(_END)
        or b'"' in subject
        or b"\\" in subject
        or content.find(b"\\", 0, found.end()) >= 0
    ):
        return _parsed(content)
    try:
        return int(found[2]), found[3].decode(), found[1].decode(), subject.decode()
    except UnicodeDecodeError:
        return None


def written(subject: str) -> str:
    """Return a subject as the bytes of entries about it write it, between its quotation marks."""
    if subject.isprintable() and '"' not in subject and "\\" not in subject:
        return subject
    return canonical_bytes(subject).decode()[1:-1]


def _parsed(content: bytes) -> Labels | None:
    try:
        entry = json.loads(content)
        said = entry["index"], entry["kind"], entry["at"], entry["subject"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if tuple(map(type, said)) == (int, str, str, str) else None

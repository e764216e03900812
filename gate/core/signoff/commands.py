"""Commands: sign-offs and calls for them as lines of a comment, never those in quotes, code, lists or links."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from gate.core.change.outline import Outline, Paragraph, TextLine
from gate.core.lazy_regex import lazy_regex
from gate.core.values import dataclass

CommandKind = Literal["signoff", "reject", "withdraw", "escalate", "delegate"]
MAX_COMMANDS = 20
MAX_REASON = 5_000
_COMMAND = lazy_regex(r"/(signoff|reject|withdraw|escalate|delegate)(?:[ \t]+(\S.*?))?[ \t]*", re.ASCII)
_SHA = lazy_regex(r"[0-9a-f]{7,40}", re.ASCII)
_PERSON = lazy_regex(r"@[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_DAY = lazy_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NAME = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `subjects` are the names that it gives, `sha` the commit or its beginning; `line` counts from 1.

    `to` is who is asked instead, without the `@`, by login or by the name of the records; `until` the last day of it.
    """

    kind: CommandKind
    line: int
    subjects: tuple[str, ...] = ()
    sha: str = ""
    reason: str = ""
    to: str = ""
    until: str = ""


def may_hold_commands(body: str) -> bool:
    """Return whether a comment is worth parsing."""
    return any(line.lstrip().startswith("/") for line in body.splitlines())


def commands_in(body: str, outline: Outline, *, names: Sequence[str]) -> tuple[Command, ...]:
    """Return the commands of a comment. `names` are the components: a rejection may name one, `/escalate` nothing else.

    SECURITY: a command is a line of a paragraph of the comment's own, spelled as such in the source: what is quoted, in
    code, in a list, hidden in a comment or behind a link was said to somebody else, or by somebody else (R39). A line
    with anything that is not understood is no command at all.
    """
    lines = body.split("\n")
    found = []
    for line in _own_lines(outline):
        source = lines[line.line - 1].rstrip("\r") if line.line <= len(lines) else ""
        match = _COMMAND.fullmatch(source.strip(" "))
        command = _command(match[1], match[2] or "", line.line, names) if match else None
        if command is not None and _is_shown(command, source, line.text):
            found.append(command)
    return tuple(found[:MAX_COMMANDS])


def _own_lines(outline: Outline) -> Iterator[TextLine]:
    for block in outline.blocks:
        if isinstance(block, Paragraph):
            yield from (line for line in block.lines if not line.is_link)


def _is_shown(command: Command, source: str, shown: str) -> bool:
    """Return whether a line of the source is what readers see there; code over several lines shifts the count.

    A reason is free text, in which Markdown may have a meaning.
    """
    if command.kind == "reject":
        return shown.split()[:1] == ["/reject"]
    if command.kind == "delegate":
        return shown.split()[:2] == ["/delegate", f"@{command.to}"]
    return shown.split() == source.split()


def _command(kind: str, rest: str, line: int, names: Sequence[str]) -> Command | None:
    words = rest.split()
    if kind == "withdraw":
        return Command("withdraw", line) if not words else None
    if kind == "reject":
        subjects = (words[0],) if len(words) > 1 and words[0] in names else ()
        reason = " ".join(words[len(subjects) :])[:MAX_REASON]
        return Command("reject", line, subjects, reason=reason) if any(map(str.isalnum, reason)) else None
    if kind == "delegate":
        return _delegate(words, line)
    if kind == "escalate":
        return Command("escalate", line, tuple(dict.fromkeys(words))) if all(word in names for word in words) else None
    if len(words) == 1 and _SHA.fullmatch(words[0]) and words[0] not in names:
        return Command("signoff", line, sha=words[0])
    if all(_NAME.fullmatch(word) for word in words):
        return Command("signoff", line, tuple(dict.fromkeys(words)))
    return None


def _delegate(words: Sequence[str], line: int) -> Command | None:
    """Return `@person [until DAY] [reason]`; `until` without a day is no command, rather than a reason."""
    if not words or not _PERSON.fullmatch(words[0]):
        return None
    until, rest = "", words[1:]
    if rest[:1] == ["until"]:
        if len(rest) == 1 or not _DAY.fullmatch(rest[1]):
            return None
        until, rest = rest[1], rest[2:]
    return Command("delegate", line, reason=" ".join(rest)[:MAX_REASON], to=words[0][1:], until=until)

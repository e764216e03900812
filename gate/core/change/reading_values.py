"""Values of the declaration: from what is written behind a key to what it means, or to the problem with it."""

import re
from collections.abc import Mapping, Sequence

from gate.core.change.durations import MAX_MINUTES, parse_minutes
from gate.core.change.reading_statements import Part, Reading, Written
from gate.core.change.reading_text import (
    MAX_TEXT,
    Emptiness,
    cleaned,
    emptiness_of,
    is_suspicious,
    nearest,
    quoted,
    word_of,
)
from gate.core.change.vocabulary import (
    CHANGE_TYPES,
    FREE_TEXT,
    LABELS,
    LISTS,
    METHODS,
    NAMES,
    RISKS,
    SAYS_NO_DATA,
    TICKET_WORDS,
)
from gate.core.change.windows import parse_window
from gate.core.lazy_regex import lazy_regex

MAX_ITEMS = 50
MAX_NAME = 200
_CHOICES: Mapping[str, Mapping[str, str]] = {"type": CHANGE_TYPES, "risk": RISKS, "method": METHODS}
_ASIDE = lazy_regex(r"\s*[(\u2013\u2014.,;:]\s*|\s-\s")
_BETWEEN = {"environments": lazy_regex(r"[,;/\n&]|\band\b"), "affects": lazy_regex(r"[,;\n]")}
_TICKET = lazy_regex(r"(?=.*\d)[\w./#:?=&%~+@-]{1,300}")
_KEY_OF_TICKET = lazy_regex(
    r"https?://\S{1,300}|(?:[\w.-]{1,100}/[\w.-]{1,100})?#\d{1,12}|[A-Z][A-Z0-9_]{1,30}-\d{1,12}|[A-Z]{2,12}\d{4,12}"
    r"|(?:PD|pagerduty):[A-Z0-9]{6,30}",
    re.ASCII,
)
"""What is a ticket's key even in the middle of prose."""
_BARE_ADDRESS = lazy_regex(r"<?(?:https?://|www\.)\S+", re.IGNORECASE)
_ADDRESS = lazy_regex(r"<(https?://[^<>\s]+)>")

TEMPLATE_VALUE = "the template's own text"


def read_written(written: Written, reading: Reading, *, shipped: frozenset[str] = frozenset()) -> None:
    """Add what a written key means to a reading, or the problem with it. `shipped` are the template's own values."""
    key = written.key
    parts = [part for part in written.parts if emptiness_of(part.text) != "empty"]
    if not parts:
        return
    if any(is_suspicious(part.text) for part in parts):
        text = f"{LABELS[key]} holds control characters, or such as reorder what is shown; they stand for nothing here."
        reading.report("declaration-suspicious-characters", text, written.line, key=key, blocks=False)
    if key in _CHOICES:
        _read_choice(written, parts, reading)
    elif key in {"restore_minutes", "data_loss_minutes"}:
        _read_duration(written, parts, reading)
    elif key == "window":
        _read_window(written, parts, reading)
    elif key in LISTS:
        _read_list(written, parts, reading, shipped)
    elif key == "steps":
        _read_steps(written, parts, reading, shipped)
    elif key in FREE_TEXT:
        _read_text(written, parts, reading, shipped)


def _read_choice(written: Written, parts: Sequence[Part], reading: Reading) -> None:
    key, table = written.key, _CHOICES[written.key]
    known: dict[str, None] = {}
    for part in parts:
        found = choice_of(part.plain, table)
        if found is not None:
            known.setdefault(found)
        elif not written.is_soft:
            _report_no_choice(written, part, table, reading)
    if written.is_soft and not known:
        _report_no_choice(written, parts[0], table, reading)
    if len(known) > 1:
        several = " and ".join(f"`{one}`" for one in known)
        text = f"{LABELS[key]} is stated as {several}; keep one."
        reading.report("declaration-conflict", text, written.line, key=key)
    elif known:
        reading.state(key, next(iter(known)), written.line)


def _report_no_choice(written: Written, part: Part, table: Mapping[str, str], reading: Reading) -> None:
    emptiness = emptiness_of(part.plain)
    if written.key == "method" and emptiness:
        _report_placeholder(written, part, "unfinished", reading)
    elif emptiness:
        _report_unread(written, part, f"says nothing; write {one_of(table)}, or nothing.", reading, soft=True)
    else:
        near = nearest(word_of(part.plain), table)
        hint = f"did you mean `{table[near]}`?" if near else f"write {one_of(table)}."
        _report_unread(written, part, f"is no {LABELS[written.key].lower()}; {hint}", reading)


def choice_of(text: str, table: Mapping[str, str]) -> str | None:
    """Return which of several words a text names; a remark behind it (`low (docs only)`) may not name another."""
    whole = table.get(word_of(text))
    if whole is not None:
        return whole
    head, *rest = _ASIDE.split(text, maxsplit=1)
    found = table.get(word_of(head))
    if any(":" in one for one in rest):
        return None  # `normal; risk: low` holds two keys
    others = {table[word] for word in map(word_of, re.split(r"[\s,;:|/()]+", " ".join(rest))) if word in table}
    return found if found is not None and others <= {found} else None


def one_of(table: Mapping[str, str]) -> str:
    """Return the choices of a table as people list them."""
    names = list(dict.fromkeys(table.values()))
    return f"{', '.join(f'`{name}`' for name in names[:-1])} or `{names[-1]}`"


def _read_duration(written: Written, parts: Sequence[Part], reading: Reading) -> None:
    text = " ".join(part.plain for part in parts)
    minutes = parse_minutes(text)
    if minutes is None:
        minutes = parse_minutes(_ASIDE.split(text, maxsplit=1)[0]) if "(" in text else None
    emptiness = emptiness_of(text)
    if written.key == "data_loss_minutes" and word_of(text) in SAYS_NO_DATA:
        minutes = 0
    elif minutes is None and emptiness:
        _report_placeholder(written, parts[0], emptiness, reading)
        return
    if minutes is None or (minutes == 0 and written.key == "restore_minutes"):
        hint = f"is no duration up to {MAX_MINUTES // 1440} days; write it like `15 minutes` or `1h`."
        _report_unread(written, parts[0], hint, reading)
        return
    reading.state(written.key, minutes, written.line)


def _read_window(written: Written, parts: Sequence[Part], reading: Reading) -> None:
    text = " ".join(part.plain for part in parts)
    if emptiness_of(text):
        return
    window = parse_window(text)
    if window is None:
        hint = "is no window; write a start with its zone and a length, like `2026-12-01T10:00Z / 1h`."
        _report_unread(written, parts[0], hint, reading)
    else:
        reading.state("window", window, written.line)


def _read_list(written: Written, parts: Sequence[Part], reading: Reading, shipped: frozenset[str]) -> None:
    key = written.key
    found: dict[str, None] = {}
    for part in parts:
        if emptiness_of(part.plain):
            if emptiness_of(part.plain) == "unfinished":
                reading.not_understood(f"{LABELS[key]}: {quoted(part.plain)} names nothing.", part.line, key=key)
            continue
        if key == "tickets" and part.plain.casefold() in shipped:
            reading.not_understood(f"Tickets: {quoted(part.plain)} is the template's own text.", part.line, key=key)
            continue
        names, others = (
            _tickets_in(part, is_prose=written.is_soft) if key == "tickets" else _names_in(part, _BETWEEN[key])
        )
        found.update(dict.fromkeys(names))
        if others and not (names and written.is_soft):
            reading.not_understood(f"{LABELS[key]}: {quoted(others[0])} names nothing known.", part.line, key=key)
    if len(found) > MAX_ITEMS:
        text = f"{LABELS[key]} names {len(found)}, and at most {MAX_ITEMS} are read; name fewer."
        reading.report("declaration-invalid", text, written.line, key=key)
    if found:
        reading.state(key, tuple(found)[:MAX_ITEMS], written.line)


def _names_in(part: Part, between: re.Pattern[str]) -> tuple[list[str], list[str]]:
    pieces = [cleaned(piece).strip("`'\" .") for piece in between.split(part.plain)]
    names = [piece for piece in pieces if piece and not emptiness_of(piece)]
    return [name for name in names if _is_name(name)], [name for name in names if not _is_name(name)]


def _is_name(text: str) -> bool:
    return len(text) <= MAX_NAME and len(text.split()) <= 4  # noqa: PLR2004 (more words are a sentence)


def _tickets_in(part: Part, *, is_prose: bool) -> tuple[list[str], list[str]]:
    """Return the tickets that a text names, and the words that are none. A link counts by its text if that is a key."""
    tokens = [token.strip("()[]{}<>,;.!`'\"") for token in re.split(r"[\s,;]+", cleaned(part.plain))]
    pattern = _KEY_OF_TICKET if is_prose else _TICKET
    names = [token for token in tokens if pattern.fullmatch(token)]
    if not names:
        names = _ADDRESS.findall(part.text)
        tokens = [] if names else tokens
    others = [one for one in tokens if one not in names and one.strip(":").lower() not in {"", *TICKET_WORDS}]
    return names, others


def _read_steps(written: Written, parts: Sequence[Part], reading: Reading, shipped: frozenset[str]) -> None:
    steps: list[str] = []
    for part in parts:
        text = cleaned(part.text)
        if part.is_code and steps:
            steps[-1] = f"{steps[-1]}\n{text}"
            continue
        if _is_kept(written, part, reading, shipped):
            steps.append(text)
    if len(steps) > MAX_ITEMS:
        text = f"The plan has {len(steps)} steps, and at most {MAX_ITEMS} are read; put several into one."
        reading.report("declaration-invalid", text, written.line, key="steps")
    if any(_is_too_long(written, step, reading) for step in steps):
        return
    if steps:
        reading.state("steps", tuple(steps[:MAX_ITEMS]), written.line)


def _is_kept(written: Written, part: Part, reading: Reading, shipped: frozenset[str]) -> bool:
    """Return whether free text counts; the problem is reported where it does not."""
    emptiness = emptiness_of(part.text)
    if written.key == "data_impact" and word_of(part.plain) in SAYS_NO_DATA:
        return True
    if emptiness:
        _report_placeholder(written, part, emptiness, reading)
        return False
    if cleaned(part.text).casefold() in shipped:
        text = f"{LABELS[written.key]} is {TEMPLATE_VALUE} (line {part.line}); write your own, or delete it."
        reading.report("rollback-template", text, part.line, key=written.key)
        return False
    if written.key == "steps" and (part.is_link or _BARE_ADDRESS.fullmatch(part.plain.strip())):
        text = f"{quoted(part.plain)} is a link and no step: what it leads to can change; write what is to be done."
        reading.not_understood(text, part.line, key=written.key)
        return False
    return True


def _read_text(written: Written, parts: Sequence[Part], reading: Reading, shipped: frozenset[str]) -> None:
    kept = [part for part in parts if _is_kept(written, part, reading, shipped)]
    if not kept:
        return
    is_name = written.key in NAMES
    text = ""
    for part in kept:
        between = "" if not text else "\n" if part.is_code else "; "
        text += between + cleaned(part.plain if is_name else part.text)
    if not _is_too_long(written, text, reading):
        reading.state(written.key, text, written.line)


def _is_too_long(written: Written, text: str, reading: Reading) -> bool:
    if len(text) <= MAX_TEXT:
        return False
    why = f"{LABELS[written.key]} has {len(text):,} characters, and at most {MAX_TEXT:,} are read; shorten it."
    reading.report("declaration-invalid", why, written.line, key=written.key)
    return True


def _report_placeholder(written: Written, part: Part, emptiness: Emptiness, reading: Reading) -> None:
    """Report a placeholder. A word for nothing behind an optional key leaves it unsaid and blocks nothing."""
    blocks = emptiness == "unfinished"
    label, said = LABELS[written.key], quoted(part.plain or part.text)
    next_step = "write what is meant, or delete it" if blocks else "it counts as not stated"
    text = f"{label}: {said} is a placeholder (line {part.line}); {next_step}."
    reading.report("rollback-placeholder", text, part.line, key=written.key, blocks=blocks)


def _report_unread(written: Written, part: Part, why: str, reading: Reading, *, soft: bool = False) -> None:
    text = f"{LABELS[written.key]}: {quoted(part.plain)} {why}"
    if written.is_soft or soft:
        reading.not_understood(text, part.line, key=written.key)
    else:
        reading.report("declaration-invalid", text, part.line, key=written.key)

"""Rails migrations, read line by line with comments and strings blanked."""

import re

from gate.core.change.migration_tools.conventions import RAILS_IF_TOLD_MORE, RAILS_IRREVERSIBLE, RAILS_REVERSIBLE
from gate.core.change.migration_tools.findings_of import Reading, irreversible, reversible, unknown, unreadable
from gate.core.change.migration_tools.source_text import blanked, split_arguments
from gate.core.lazy_regex import lazy_regex

_MIGRATION = lazy_regex(r"\bActiveRecord::Migration\b|<\s*\w*Migration\b")
_OPENS = lazy_regex(r"^(?:if|unless|case|while|until|for|begin|def|class|module)\b|\bdo\b(?:\s*\|[^|]*\|)?$")
_INLINE_OPENS = lazy_regex(r"=\s*(?:if|unless|case|begin)\b")
_CALL = lazy_regex(r"^(?P<name>[a-z_]\w*[!?]?)(?P<rest>.*)$")
_COLUMN = lazy_regex(r"^[a-z]\w{0,2}\.(?P<name>\w+)(?P<rest>.*)$")
_NOT_INSIDE_TABLE = {"change": "`change`", "change_default": "`change_default`"}
_STRUCTURE = frozenset({"end", "transaction", "say_with_time", "safety_assured", "private"})


def read_ruby(text: str) -> Reading | None:
    """Return the reading of a Rails migration, None where the file is not one."""
    code = blanked(text, "ruby")
    if not _MIGRATION.search(text if code is None else code):
        return None
    lines = _logical_lines(code) if code is not None else None
    if lines is None or _balance(lines) != 0:
        return unreadable("Rails")
    down, change, up = (_body(lines, name) for name in ("down", "change", "up"))
    if down is not None:
        return _judge_down(down)
    if change is not None:
        return _judge_change(change)
    if up is not None:
        return irreversible("Rails", "there is no `down`")
    return unknown("Rails", "it has neither `down` nor `change`, so its way back cannot be told from this file")


def _logical_lines(code: str) -> list[str]:
    """Return the statements, each on a line of its own, without those that are empty."""
    joined: list[list[str]] = []
    depth, is_open = 0, False
    for line in code.replace(";", "\n").split("\n"):
        line_ = line.strip()
        if not line_:
            continue
        if (is_open or depth > 0 or line_.startswith(".")) and joined:
            joined[-1].append(line_)
        else:
            joined.append([line_])
        depth += sum(line_.count(letter) for letter in "([{") - sum(line_.count(letter) for letter in ")]}")
        is_open = line_.endswith((",", "\\", "&&", "||", "=>"))
    return [" ".join(parts) for parts in joined]


def _delta(line: str) -> int:
    opened = bool(_OPENS.search(line)) + bool(_INLINE_OPENS.search(line))
    if re.match(r"^def\s+(?:self\.)?\w+[?!]?(?:\([^)]*\))?\s*=[^=>]", line):
        opened = 0
    return min(opened, 1) - (1 if re.match(r"^end\b", line) else 0)


def _balance(lines: list[str]) -> int:
    return sum(map(_delta, lines))


def _body(lines: list[str], name: str) -> list[str] | None:
    """Return the statements of the last method of a name, None where there is none."""
    starts = [number for number, line in enumerate(lines) if re.match(rf"^def\s+(?:self\.)?{name}\b(?![?!=])", line)]
    if not starts:
        return None
    return _block(lines, starts[-1])


def _block(lines: list[str], start: int) -> list[str]:
    """Return the statements between the line that opens a block and its `end`."""
    depth = 0
    body: list[str] = []
    for line in lines[start:]:
        before, depth = depth, depth + _delta(line)
        if before > 0 and depth == 0:
            return body
        if before > 0:
            body.append(line)
    return body


def _judge_down(body: list[str]) -> Reading:
    if any(re.match(r"^(?:raise|fail)\b", line) and " if " not in line and " unless " not in line for line in body):
        return irreversible("Rails", "`down` only raises an error")
    acting = [
        line for line in body if not re.match(r"^(?:nil|true|false|return|puts\b.*|say\b.*|p\b.*|end|begin)$", line)
    ]
    if not acting:
        return irreversible("Rails", "`down` does nothing")
    return reversible("Rails", "`down` takes it back")


def _judge_change(body: list[str]) -> Reading:
    """Return the reading of `change`: every step must be one that Rails takes back by itself, or says how."""
    doubt: Reading | None = None
    number = 0
    while number < len(body):
        line = body[number]
        if re.match(r"^reversible\b", line):
            block = _block(body, number) if _delta(line) else [line]
            if not _has_down(block):
                return irreversible("Rails", "its `reversible` block has no `down`")
            number += len(block) + (2 if _delta(line) else 1)
            continue
        reading = _judge_step(line)
        if reading is not None and reading.is_reversible is False:
            return reading
        doubt = doubt or reading
        number += 1
    return doubt or reversible("Rails", "`change` can be taken back")


def _has_down(block: list[str]) -> bool:
    """Return whether a `reversible` block says what to do on the way down, be it in one line or several."""
    for number, line in enumerate(block):
        found = re.search(r"\b\w+\.down\b(?P<rest>.*)$", line)
        if found is None:
            continue
        rest = found["rest"].strip()
        if re.match(r"^do\b", rest) and _delta(line):
            inner = _block(block, number)
            return bool(inner) and not any(re.match(r"^(?:raise|fail)\b", one) for one in inner)
        inside = rest.strip("{} ").removeprefix("do").removesuffix("end").strip()
        return bool(inside) and not re.match(r"^(?:raise|fail)\b", inside)
    return False


def _judge_step(line: str) -> Reading | None:
    """Return what stands against one step of `change`, None where nothing does."""
    column = _COLUMN.match(line)
    if column is not None:
        return _judge_column(column["name"], column["rest"])
    call = _CALL.match(line)
    name = call["name"] if call else line.split(" ", maxsplit=1)[0]
    if call is None or name in {"raise", "fail"}:
        return irreversible(
            "Rails", f"`{name.partition('(')[0][:40]}` inside `change` is no step that can be taken back"
        )
    if name in RAILS_IRREVERSIBLE:
        return irreversible("Rails", f"`{name}` inside `change` cannot be taken back")
    if name in RAILS_IF_TOLD_MORE:
        if _says_enough(name, call["rest"]):
            return None
        return irreversible("Rails", f"`{name}` can only be taken back when it gives {RAILS_IF_TOLD_MORE[name]}")
    if name in RAILS_REVERSIBLE or name in _STRUCTURE or name == "change_table":
        return None
    return unknown("Rails", f"`{name[:40]}` inside `change` is no step whose way back is known")


def _judge_column(name: str, rest: str) -> Reading | None:
    if name in _NOT_INSIDE_TABLE and not ("from:" in rest and "to:" in rest):
        return irreversible("Rails", f"`{name}` of a column inside `change` cannot be taken back")
    if name == "remove" and "type:" not in rest:
        return irreversible("Rails", "`remove` of a column can only be taken back when it gives `type:`")
    if name in {"up", "down", "execute", "update_all", "delete_all", "find_each", "save", "update"}:
        return irreversible("Rails", f"`{name}` inside `change` cannot be taken back")
    return None


def _says_enough(name: str, rest: str) -> bool:
    inside = rest.strip()
    has_block = bool(re.search(r"\bdo\b|\{\s*\|", inside))
    inside = re.split(r"\s+do\b|\s*\{\s*\|", inside)[0]
    inside = inside[1:-1] if inside.startswith("(") and inside.endswith(")") else inside
    arguments = split_arguments(inside)
    plain = [one for one in arguments if not re.match(r"^\w+:(?!:)|^:\w+\s*=>", one)]
    match name:
        case "remove_column":
            return len(plain) > 2  # noqa: PLR2004 (table, column, type)
        case "drop_table":
            return has_block
        case "remove_columns":
            return "type:" in inside
        case "change_column_default" | "change_column_comment" | "change_table_comment" | "rename_enum_value":
            return "from:" in inside and "to:" in inside
        case "remove_index":
            return len(plain) > 1 or "column:" in inside
        case "remove_foreign_key":
            return len(plain) > 1 or "to_table:" in inside
    return len(arguments) > 1

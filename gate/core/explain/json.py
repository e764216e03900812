"""JSON: a verdict as the exact bytes that are printed and read, `gate.verdict/1`."""

import json
from functools import cache
from typing import TYPE_CHECKING

from gate.core.change.plain import plain_value
from gate.core.errors import Fault, InvalidFileError
from gate.core.explain.escaping import HIDDEN
from gate.core.verdict import Verdict

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_BYTES = 256 * 1024 * 1024


def verdict_bytes(verdict: Verdict) -> bytes:
    r"""Return a verdict as one JSON object: keys in the published order, indented by two, ending with a line break.

    The same verdict gives the same bytes. Letters of all scripts stand as they are; what hides itself (controls,
    bidirectional and zero-width characters, lone surrogates) is written as `\uXXXX`, so that printing it is safe.
    """
    text = json.dumps(plain_value(verdict), ensure_ascii=False, indent=2, allow_nan=False)
    lines = (HIDDEN.sub(lambda found: _escaped(found[0]), line) for line in text.split("\n"))
    return ("\n".join(lines) + "\n").encode()


def parse_verdict(raw: bytes, *, file: str = "verdict") -> Verdict:
    """Return the verdict that a JSON text holds. Raises InvalidFileError for anything else."""
    from pydantic import ValidationError

    if len(raw) > MAX_BYTES:
        raise _fault(file, f"a verdict has at most {MAX_BYTES // 1024 // 1024} MiB")
    try:
        return verdict_adapter().validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(step) for step in first["loc"]) or "the file"
        raise _fault(file, f"{place}: {first['msg']}") from None


@cache
def verdict_adapter() -> "TypeAdapter[Verdict]":
    """Return what checks a verdict that is read back, and describes its shape."""
    from pydantic import TypeAdapter

    return TypeAdapter(Verdict)


def _escaped(letter: str) -> str:
    number = ord(letter)
    if number <= 0xFFFF:  # noqa: PLR2004  # one UTF-16 unit
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _fault(file: str, message: str) -> InvalidFileError:
    step = "write it with `gate check --format json`"
    return InvalidFileError([Fault(file, 0, 0, "invalid-verdict", message, step)])

"""Bootstrap: builds what the doors use, and is the only reader of the clock and of the environment's colours."""

import contextlib
import datetime as dt
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gate.core.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gate.adapters.git.checkout import Checkout
    from gate.core.change.outline import Outline
    from gate.core.documents import Document
    from gate.core.ownership.records import QuietHours
    from gate.core.policy.model import Freeze
    from gate.usecases.ports import ExpandedFreezes, LoadYaml, Readers, ReadRemoteCalendar


def now() -> dt.datetime:
    """Return the present time in UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def open_checkout(path: Path) -> "Checkout":
    """Return the git checkout that holds a path. Raises UnreadableError where there is none."""
    from gate.adapters.git.checkout import Checkout

    return Checkout.open(path)


def yaml_loader() -> "LoadYaml":
    """Return the strict YAML reader; its library is loaded with the first file."""
    return _load_yaml


def _load_yaml(raw: bytes, *, file: str) -> "Document":
    from gate.adapters.files.yaml_documents import load_yaml

    return load_yaml(raw, file=file)


def readers(*, remote_calendar: "ReadRemoteCalendar | None" = None) -> "Readers":
    """Return what reads the foreign formats that facts are made of; each library is loaded when it is first needed.

    Calendars at addresses are read where `remote_calendar` is given alone: in the service.
    """
    from gate.core.policy.checks import PolicyChecks
    from gate.usecases.ports import Readers, no_remote_calendar

    return Readers(
        load_yaml=yaml_loader(),
        outline=_outline,
        expand_freezes=_expand_freezes,
        title_matches=_title_matches,
        on_call=_on_call,
        shifts=_shifts,
        quiet_until=_quiet_until,
        whole_days=_whole_days,
        remote_calendar=remote_calendar or no_remote_calendar,
        policy_checks=PolicyChecks(title_pattern_error=_title_pattern_error, is_time_zone=_is_time_zone),
    )


def _outline(text: str) -> "Outline":
    from gate.adapters.markdown.outline import read_outline

    return read_outline(text)


def _expand_freezes(  # the port's own shape
    freezes: "Sequence[Freeze]",
    *,
    read: "Callable[[str], bytes | None]",
    from_at: str,
    until_at: str,
    file: str,
    lines: "Mapping[str, int]",
) -> "ExpandedFreezes":
    from gate.adapters.calendars.freezes import expand_freezes

    return expand_freezes(freezes, read=read, from_at=from_at, until_at=until_at, file=file, lines=lines)


def _on_call(raw: bytes, at: str, *, file: str) -> tuple[str, ...]:
    from gate.adapters.calendars.rotations import on_call

    return on_call(raw, at, file=file)


def _shifts(raw: bytes, *, from_at: str, until_at: str, file: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    from gate.adapters.calendars.rotations import shifts

    return shifts(raw, from_at=from_at, until_at=until_at, file=file)


def _quiet_until(quiet: "QuietHours", at: str) -> str:
    from gate.adapters.calendars.quiet_hours import quiet_until

    return quiet_until(quiet, at)


def _whole_days(raw: bytes, *, from_at: str, until_at: str, file: str, timezone: str) -> tuple[tuple[str, str], ...]:
    from gate.adapters.calendars.holidays import whole_days

    return whole_days(raw, from_at=from_at, until_at=until_at, file=file, timezone=timezone)


def _title_matches(pattern: str, text: str) -> bool:
    from gate.adapters.patterns_re2 import is_found

    return is_found(pattern, text)


def _title_pattern_error(pattern: str) -> str | None:
    from gate.adapters.patterns_re2 import pattern_error

    return pattern_error(pattern)


def _is_time_zone(name: str) -> bool:
    from gate.adapters.calendars.zones import LocalTimeError, zone_named

    try:
        zone_named(name)
    except LocalTimeError:
        return False
    return True


def is_coloured(stream: TextIO) -> bool:
    """Return whether output may be coloured: only on a terminal, and never with NO_COLOR (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all. Raises UnreadableError where it cannot be written."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            part.write(content)
        try:
            Path(part.name).replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(part.name).unlink()
            raise
    except OSError as error:
        step = "Name a file in a folder that exists and may be written."
        raise UnreadableError(f"{path} cannot be written: {error.strerror}.", next_step=step) from None

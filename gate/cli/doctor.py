"""`gate doctor`: look at everything the gate depends on, and say what to mend."""

import textwrap
from typing import TYPE_CHECKING

import click

from gate.cli.doctor_round import examine
from gate.cli.output import paint, write_json, write_lines
from gate.core.explain.escaping import visible
from gate.core.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gate.config import Settings
    from gate.core.examination import Finding

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
_LOGIN_IN_ADDRESS = lazy_regex(r"(?<=://)[^/?#]*@")
_QUERY_SECRET = lazy_regex(r"(?i)([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]+")


@click.command(name="doctor")
@click.option("--repository", "names", multiple=True, metavar="OWNER/NAME", help="Only this one; repeatable.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(*, names: tuple[str, ...], is_json: bool) -> int:
    """Look at everything the gate depends on, and say what to mend.

    Settings (secrets masked), database, clock, ledger and its copies, GitHub's app and its permissions, webhooks, and
    of each repository whether its default branch demands the check, from this app, of everybody. Nothing is changed.

    \b
    Example: gate doctor --repository acme/shop

    Exit codes: 0 nothing failed (there may be warnings), 1 something failed, 2 wrong settings, 3 something could not
    be reached.
    """  # noqa: D301  # click reads the backspace
    from gate.config import load_settings
    from gate.core.examination import exit_code

    settings = load_settings()
    findings: list[Finding] = []
    if not is_json:
        write_lines(_settings_lines(shown_settings(settings)))
    for finding in examine(settings, names):
        findings.append(finding)
        if not is_json:
            write_lines(_lines(finding))
    if is_json:
        write_json({"configuration": shown_settings(settings), "findings": [_as_json(one) for one in findings]})
    else:
        write_lines(["", _closing(findings)])
    return exit_code(findings)


def shown_settings(settings: "Settings") -> "Mapping[str, str]":
    """Return every setting as an operator may see it.

    SECURITY: an address may carry a login or a password; both are masked whatever setting it stands in.
    """
    return {name: _masked(value) for name, value in settings.shown().items()}


def _settings_lines(shown: "Mapping[str, str]") -> "Iterator[str]":
    yield from (f"{name}={visible(value)}" for name, value in shown.items() if value)
    empty = ", ".join(name.removeprefix("GATE_") for name, value in shown.items() if not value)
    if empty:
        yield from textwrap.wrap(f"Not set, each with GATE_ before it: {empty}.", 100)
    yield ""


def _masked(value: str) -> str:
    return _QUERY_SECRET.sub(r"\1***", _LOGIN_IN_ADDRESS.sub("***@", value))


def _lines(finding: "Finding") -> list[str]:
    level = paint(finding.level.ljust(4), _COLOURS[finding.level], is_bold=finding.level != "ok")
    lines = [f"{level}  {visible(finding.area)}: {visible(finding.sentence)}"]
    if finding.mend:
        lines.append(f"      {visible(finding.mend)}")
    return lines


def _closing(findings: "Sequence[Finding]") -> str:
    counts = {level: sum(finding.level == level for finding in findings) for level in _COLOURS}
    return ", ".join(f"{count} {level}" for level, count in counts.items()) + "."


def _as_json(finding: "Finding") -> dict[str, object]:
    return {
        "level": finding.level,
        "area": finding.area,
        "sentence": finding.sentence,
        "mend": finding.mend,
        "unreached": finding.is_unreached,
    }

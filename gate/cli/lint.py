"""`gate lint`: check every record and policy file, and say all that is wrong at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from gate import __version__, bootstrap
from gate.cli.config_folder import require_folder
from gate.cli.output import paint, write_json, write_lines
from gate.core.counting import count_of
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.core.errors import Fault
    from gate.usecases.lint_files import LintReport

_COLOURS = {"error": "red", "warning": "yellow"}
_SARIF_LEVELS = {"error": "error", "warning": "warning", "notice": "note"}
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@click.command(name="lint")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The checkout.  [default: here]")
@click.option("--rev", help="Check this revision.  [default: the working tree]")
@click.option("--config", default=".gate", show_default=True, help="The folder of policy and records.")
@click.option("--strict", "is_strict", is_flag=True, help="Warnings fail as well.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="text, JSON, workflow annotations of GitHub, or SARIF 2.1.0.",
)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
def command(*, repo: Path, rev: str | None, config: str, is_strict: bool, form: str, is_json: bool) -> int:
    """Check every record, policy, case and calendar file, and say all that is wrong at once.

    Foreign ownership files (CODEOWNERS, Backstage catalog, OWNERS) are checked as far as the policy uses them.

    \b
    Examples:
      gate lint
      gate lint --rev main --strict
      gate lint --format sarif > gate.sarif

    Exit codes: 0 nothing is wrong, 1 warnings with --strict, 2 some file has an error, 3 could not read the repository.
    """  # noqa: D301  # click reads the backspace
    from gate.usecases.lint_files import lint_files

    checkout = bootstrap.open_checkout(repo)
    try:
        tree = checkout.tree(rev)
        require_folder(config, tree)
        report = lint_files(tree, readers=bootstrap.readers(), config=config, at=bootstrap.now())
    finally:
        checkout.close()
    _write(report, "json" if is_json else form, config)
    if report.count("error"):
        return 2
    return 1 if is_strict and report.count("warning") else 0


def _write(report: "LintReport", form: str, config: str) -> None:
    if form == "json":
        write_json([_as_json(fault) for fault in report.faults])
    elif form == "sarif":
        write_json(_as_sarif(report))
    else:
        lines = _annotation if form == "github" else _line
        write_lines([*(lines(fault) for fault in report.faults), _closing(report, config)])


def _line(fault: "Fault") -> str:
    """Return a fault as compilers print it, so that editors find the place."""
    place = f"{fault.file}:{fault.line}:{fault.column}" if fault.line else fault.file
    severity = paint(fault.severity, _COLOURS.get(fault.severity, ""), is_bold=True)
    return f"{visible(place)}: {severity}: {visible(_message(fault))}"


def _message(fault: "Fault") -> str:
    return f"{fault.message} ({fault.suggestion})" if fault.suggestion else fault.message


def _closing(report: "LintReport", config: str) -> str:
    if not report.files and not report.faults:
        return visible(f"There is nothing to check: no {config}/ and no owners; `gate init` writes the first files.")
    counts = ", ".join(count_of(report.count(severity), severity) for severity in ("error", "warning"))
    return f"{count_of(len(report.files), 'file')} checked: {counts}."


def _annotation(fault: "Fault") -> str:
    """Return a fault as a workflow command. SECURITY: nothing of a file begins a command of its own."""
    place = f"file={_property(fault.file)},"
    if fault.line:
        place += f"line={fault.line},col={fault.column},"
    return f"::{fault.severity} {place}title={_property(_title(fault.code))}::{_data(_message(fault))}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _title(code: str) -> str:
    words = code.replace("-", " ")
    return words[:1].upper() + words[1:]


def _as_json(fault: "Fault") -> dict[str, Any]:
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "severity": fault.severity,
        "code": fault.code,
        "message": fault.message,
        "suggestion": fault.suggestion,
    }


def _as_sarif(report: "LintReport") -> dict[str, Any]:
    """Return the report as a SARIF 2.1.0 log with one run (docs.oasis-open.org/sarif/sarif/v2.1.0)."""
    codes = sorted({fault.code for fault in report.faults})
    driver = {
        "name": "gate lint",
        "version": __version__,
        "rules": [{"id": code, "shortDescription": {"text": f"{_title(code)}."}} for code in codes],
    }
    results = list(_sarif_results(report, {code: number for number, code in enumerate(codes)}))
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_results(report: "LintReport", numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    for fault in report.faults:
        uri = quote(fault.file.encode(errors="surrogateescape"))
        place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
        if fault.line:
            place["region"] = {"startLine": fault.line, "startColumn": max(fault.column, 1)}
        yield {
            "ruleId": fault.code,
            "ruleIndex": numbers[fault.code],
            "level": _SARIF_LEVELS[fault.severity],
            "message": {"text": visible(_message(fault))},
            "locations": [{"physicalLocation": place}],
        }

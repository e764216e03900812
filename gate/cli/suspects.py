"""`gate suspects`: which changes may have caused an incident, the likeliest first, from the history of a checkout."""

import textwrap
from typing import TYPE_CHECKING, Any

import click

from gate import bootstrap
from gate.cli.output import line_width, paint, write_json, write_lines
from gate.cli.ownership_input import open_source, source_options
from gate.cli.times import written_time
from gate.core.explain.escaping import prose, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gate.core.incident.brief import Brief
    from gate.core.incident.suspects import Landing

_INDENT = 12
_LONGEST = 2000


@click.command(name="suspects")
@click.argument("component")
@click.option("--at", metavar="TIME", help="When the incident began, such as 2026-12-01T10:00Z.  [default: now]")
@click.option("--days", type=click.IntRange(1, 365), default=14, show_default=True, help="How far back to look.")
@click.option("--path", "paths", multiple=True, metavar="PATH", help="A file that an alert or a trace names.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many to show.")
@source_options
def command(component: str, **options: Any) -> None:
    """Rank the changes that may have broken COMPONENT, from first-parent history and the ownership records.

    Suspected is what touched the component, anything that it depends on, or a file named by --path, within the days
    before the incident began: nearer, newer and riskier first. It also says who owns it and how it is rolled back.

    \b
    Examples:
      gate suspects payments-api
      gate suspects payments-api --at 2026-12-01T10:00Z --days 3 --path services/payments/api.py
      gate suspects payments-api --json

    Exit codes: 0 fine, suspects or none; 2 wrong usage or invalid file, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    from gate.core.incident.brief import brief_value

    brief = local_brief_of(component, options)
    if options["is_json"]:
        write_json(brief_value(brief))
    else:
        write_lines(shown(brief))


def local_brief_of(component: str, options: dict[str, Any]) -> "Brief":
    """Return the brief of a component from the checkout that the options name."""
    from gate.usecases.local_suspects import LocalIncident, local_brief

    source = open_source(options)
    source.mention_faults()
    incident = LocalIncident(
        component=component,
        began_at=began_at(options["at"]),
        paths=options["paths"],
        window_hours=options["days"] * 24,
        limit=options["limit"],
    )
    return local_brief(
        source.checkout,
        source.checkout.resolve(options["rev"] or "HEAD"),
        incident,
        ownership=source.ownership,
        tree=source.tree,
        readers=bootstrap.readers(),
        risk=source.policy.policy.risk,
    )


def began_at(text: str | None) -> str:
    """Return the time that an option names, now without one. Raises UsageError for what is no time."""
    from gate.core.times import instant

    if not text:
        return instant(bootstrap.now())
    return instant(written_time(text, step="Write 2026-12-01T10:00Z.", needs_zone=True))


def shown(brief: "Brief") -> "Iterable[str]":
    """Yield the brief as it is printed: nothing is cut, since somebody needs the end of it at night."""
    from gate.core.incident.brief import brief_rows, playbook_parts, window_words

    for word, text in brief_rows(brief):
        parts = playbook_parts(brief.playbook) if word == "rollback" else [text]
        for number, part in enumerate(parts):
            yield from _row("" if number else word, part)
        if word == "on call" and not brief.on_call.names and brief.reach:
            yield from _row("call", prose("; ".join(brief.reach), _LONGEST))
    yield from ("", paint(f"Suspect changes, the likeliest first, of {window_words(brief)}", is_bold=True))
    for number, one in enumerate(brief.suspects, 1):
        yield f"{number:>2}. {paint(visible(one.landing.id), 'yellow')}  {prose(one.landing.title, 120)}"
        yield from (f"    {prose(reason)}" for reason in one.reasons)
        yield from _way_back(one.landing)
    if not brief.suspects:
        yield "none: neither it nor anything that it depends on changed then."


def _way_back(landing: "Landing") -> "Iterable[str]":
    yield f"    Way back: {prose(landing.rollback) or 'none stated'}"
    yield from (f"      {number}. {prose(step)}" for number, step in enumerate(landing.steps, 1))
    yield from (f"      {paint(visible(command), 'green')}" for command in landing.commands)
    if landing.rollback_url:
        yield f"      {visible(landing.rollback_url)}"


def _row(word: str, text: str) -> "Iterable[str]":
    """Yield a word and its text, which goes on below itself where the terminal is too narrow."""
    width = max(line_width() - _INDENT, 30)
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
    for number, line in enumerate(lines):
        yield f"{paint(f'{word:<{_INDENT}}', is_dim=True) if number == 0 else ' ' * _INDENT}{line}"

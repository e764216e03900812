"""`gate ownership`: list, show and search components; measure how much is covered."""

import dataclasses
import difflib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from gate.cli.groups import WholeHelpGroup
from gate.cli.output import Cell, paint, table, write_json, write_lines
from gate.cli.ownership_coverage import coverage_command
from gate.cli.ownership_drift import drift_command
from gate.cli.ownership_history import history_command
from gate.cli.ownership_input import Source, open_source, source_options
from gate.core.counting import count_of
from gate.core.errors import UsageError
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.core.ownership.registry import Component
    from gate.core.ownership.search import Filters


@click.group(name="ownership", cls=WholeHelpGroup)
def command() -> None:
    """Look into the ownership records: components, their owners, and what is missing.

    \b
    Examples:
      gate ownership list --tier 1
      gate ownership show payments-api
      gate ownership search depends:ledger-db
      gate ownership coverage --fail-under 95
      gate ownership history payments-api
    """  # noqa: D301 (click reads the backspace)


command.add_command(coverage_command)
command.add_command(drift_command)
command.add_command(history_command)


@command.command(name="list")
@click.option("--kind", multiple=True, help="service, database, network, server, library, pipeline ...")
@click.option("--tier", multiple=True, type=click.Choice(["1", "2", "3", "4"]), help="1 is the most critical.")
@click.option("--environment", multiple=True, help="An environment of the component.")
@click.option("--owner", multiple=True, help="The accountable team or person.")
@click.option("--person", multiple=True, help="Owned by this person, directly or through a team.")
@source_options
def list_command(**options: Any) -> None:
    """List the components, all or those that match every option.

    \b
    Example: gate ownership list --kind service --tier 1 --owner payments

    Exit codes: 0 shown, 2 wrong usage or an invalid file, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    from gate.core.ownership.search import Filters

    source = open_source(options)
    source.mention_faults()
    keys = ("kind", "tier", "environment", "owner", "person")
    _print_found(source, Filters(**{key: options[key] for key in keys}), is_json=options["is_json"])


@command.command(name="search")
@click.argument("query", nargs=-1, required=True)
@source_options
def search_command(query: tuple[str, ...], **options: Any) -> None:
    """Find components by words and by `key:value` terms; all must hold.

    Keys: name, kind, tier, environment, lifecycle, section, owner, person, path, and depends (what depends on a
    component, directly or through others). A word is looked for in names, titles, owners, links and patterns.

    \b
    Examples:
      gate ownership search refunds
      gate ownership search kind:database tier:1
      gate ownership search person:alice
      gate ownership search depends:ledger-db
      gate ownership search path:services/payments/api.py

    Exit codes: 0 found or not, 2 wrong usage or invalid file, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    from gate.core.ownership.search import parse_query

    filters = parse_query(query)
    source = open_source(options)
    source.mention_faults()
    _print_found(source, filters, is_json=options["is_json"])


@command.command(name="show")
@click.argument("name")
@source_options
def show_command(name: str, **options: Any) -> None:
    """Show everything known of one component.

    \b
    Example: gate ownership show payments-api

    Exit codes: 0 shown, 2 there is no such component or an invalid file, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    source = open_source(options)
    source.mention_faults()
    wanted = [number for number, each in enumerate(source.ownership.components) if each.name == name]
    if not wanted:
        known = [each.name for each in source.ownership.components]
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"Did you mean {', '.join(map(visible, near))}?" if near else "See `gate ownership list`."
        raise UsageError(f"There is no component {visible(name)!r}.", next_step=hint)
    if options["is_json"]:
        write_json([_as_json(source, number) for number in wanted])
        return
    for number in wanted:
        write_lines(_shown(source, number))


def _print_found(source: Source, filters: "Filters", *, is_json: bool) -> None:
    from gate.core.ownership.search import find_components

    numbers = find_components(source.ownership, filters, source.index)
    if is_json:
        write_json([_as_json(source, number) for number in numbers])
        return
    components = [source.ownership.components[number] for number in numbers]
    total = len(source.ownership.components)
    if not components:
        write_lines([f"None of {total:,} components matches."])
        return
    is_by_owner = all(each.name == each.owner for each in components)
    kept = {"component"} if is_by_owner else {"component", "owner"}
    columns = [(head, of) for head, of in _COLUMNS if head in kept or (head != "owner" and any(map(of, components)))]
    rows = [[Cell(visible(text_of(each))) for _, text_of in columns] for each in components]
    write_lines(table([header for header, _ in columns], rows))
    if len(components) < total:
        write_lines(["", f"{len(components):,} of {total:,} components."])


_COLUMNS: tuple[tuple[str, Callable[["Component"], str]], ...] = (
    ("component", lambda each: each.name),
    ("kind", lambda each: each.kind if each.kind != "other" else ""),
    ("tier", lambda each: str(each.tier or "")),
    ("owner", lambda each: each.owner or "nobody"),
    ("backup", lambda each: each.backup or ""),
    ("environments", lambda each: ", ".join(each.environments)),
    ("section", lambda each: each.section if each.section not in {"default", "codeowners"} else ""),
)


def _as_json(source: Source, number: int) -> dict[str, Any]:
    """Return a component as JSON, with its patterns and where they are written."""
    component = source.ownership.components[number]
    item = {
        field.name: getattr(component, field.name)
        for field in dataclasses.fields(component)
        if field.name not in {"rollback", "transfer", "links", "has_files"}
    }
    item["links"] = dict(component.links)
    item["rollback"] = component.rollback.model_dump(mode="json") if component.rollback else None
    item["transfer"] = component.transfer.model_dump(mode="json") if component.transfer else None
    item["paths"] = [{"pattern": pattern, "source": where} for pattern, where in _patterns(source, number)]
    return item


def _patterns(source: Source, number: int) -> list[tuple[str, str]]:
    return [
        (f"!{rule.pattern}" if rule.is_exclusion else rule.pattern, rule.source)
        for section in source.ownership.sections
        for rule in section.rules
        if rule.component == number
    ]


def _shown(source: Source, number: int) -> Iterable[str]:
    from gate.core.ownership.coverage import missing_aspects
    from gate.core.ownership.search import dependents_of

    component = source.ownership.components[number]
    lacking = missing_aspects(source.ownership, component)
    dependents = sorted(dependents_of(source.ownership, [component.name]))
    yield paint(visible(component.name), is_bold=True) + (f"  {visible(component.title)}" if component.title else "")
    facts: list[tuple[str, str]] = [
        ("owner", _with_members(source, component.owner) if component.owner else "nobody"),
        ("backup", _with_members(source, component.backup) if component.backup else ""),
        ("section", component.section),
        ("kind", component.kind),
        ("tier", str(component.tier or "")),
        ("lifecycle", component.lifecycle or ""),
        ("environments", ", ".join(component.environments)),
        ("data class", component.data_class or ""),
        ("escalation", component.escalation or ""),
        ("depends on", ", ".join(component.depends_on)),
        ("depended on by", ", ".join(dependents)),
        ("reviewed", _review(component)),
        ("rollback", _playbook(component)),
        ("transfer", f"to {component.transfer.to}: {component.transfer.reason}" if component.transfer else ""),
        ("written in", component.source),
    ]
    yield from table(["", ""], [[Cell(key, is_dim=True), value] for key, value in facts if value], is_headed=False)
    if component.links:
        yield from ("", paint("Links", is_bold=True))
        yield from table(["", ""], sorted(component.links.items()), is_headed=False)
    yield from ("", paint("Files", is_bold=True))
    patterns = _patterns(source, number)
    yield from table(["", ""], [[p, Cell(visible(w), is_dim=True)] for p, w in patterns], is_headed=False)
    if not patterns:
        yield "none: it is only ever declared"
    if lacking:
        yield from ("", paint(f"Missing: {', '.join(lacking)}.", "yellow"))


def _with_members(source: Source, reference: str) -> str:
    team = source.ownership.teams.get(reference)
    if team is None:
        return reference
    members = [*team.members, *([f"@{team.github_team}"] if team.github_team else [])]
    return f"{reference} ({', '.join(members) or 'nobody'})"


def _review(component: "Component") -> str:
    every = f"every {component.review_every_days} days" if component.review_every_days else ""
    return ", ".join(part for part in (component.reviewed, every) if part)


def _playbook(component: "Component") -> str:
    if component.rollback is None:
        return ""
    steps = f", {count_of(len(component.rollback.steps), 'step')}" if component.rollback.steps else ""
    minutes = component.rollback.restore_minutes
    return component.rollback.method + steps + (f", {minutes} min to restore" if minutes else "")

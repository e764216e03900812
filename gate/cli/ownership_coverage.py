"""`gate ownership coverage`: what share of files, components and recent changes is covered."""

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from gate.cli.output import Cell, paint, progress, table, write_json, write_lines
from gate.cli.ownership_input import Source, open_source, source_options
from gate.core.errors import UsageError
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.core.ownership.coverage import Coverage, Share

_SAMPLE = 20
_LONG = 15


@click.command(name="coverage")
@click.option("--changes", "count", type=click.IntRange(0, 500), default=20, show_default=True, metavar="N",
              help="Also look at the last N changes of the branch.")  # fmt: skip
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT",
              help="Exit 1 where a smaller share of the files has an owner.")  # fmt: skip
@source_options
def coverage_command(count: int, fail_under: float | None, **options: Any) -> int:
    """Measure what share of files, components and recent changes is covered.

    A component is asked for an owner, a backup, an escalation policy, a rollback playbook and a runbook link. A tree
    without files is below no share.

    \b
    Example: gate ownership coverage --fail-under 95

    Exit codes: 0 fine, 1 below --fail-under, 2 wrong usage or invalid file, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    from gate.core.ownership.coverage import measure_coverage

    source = open_source(options)
    source.mention_faults()
    changes = _recent_changes(source, options["rev"] or "HEAD", count)
    found = measure_coverage(source.ownership, source.paths, source.index, changes=changes)
    if options["is_json"]:
        write_json(_coverage_json(found))
    else:
        write_lines(_coverage_text(found))
    return int(fail_under is not None and found.files.percent < fail_under)


def _recent_changes(source: Source, rev: str, count: int) -> list[list[str]]:
    """Return the paths that each of the last changes of a branch touched; none in a repository without commits."""
    if not count:
        return []
    try:
        sha = source.checkout.resolve(rev)
    except UsageError:
        return []  # the tree was opened, so that only HEAD can be missing: nothing is committed yet
    shas = source.checkout.first_parents(sha, count=count + 1)
    changes = []
    with progress("Reading recent changes", len(shas) - 1, shown_from=_LONG) as bar:
        for newer, older in itertools.pairwise(shas):
            changes.append([file.path for file in source.checkout.changes(older, newer).files])
            bar.update(1)
    return changes


def _coverage_text(found: "Coverage") -> Iterable[str]:
    rows: list[Sequence[Cell | str]] = [["files with an owner", *_share(found.files)]]
    if found.changes.total:
        rows.append(["recent changes all owned", *_share(found.changes)])
    yield from table(["", "", ""], rows, is_headed=False)
    if found.tiers:
        yield ""
        aspects = [aspect for aspect, _ in found.tiers[0][1]]
        lines: list[list[Cell | str]] = [
            [f"tier {tier}" if tier else "no tier", str(shares[0][1].total), *(_percent(share) for _, share in shares)]
            for tier, shares in found.tiers
        ]
        yield from table(["tier", "components", *aspects], lines)
    critical = [gap for gap in found.gaps if gap.tier == 1]
    if critical:
        yield from ("", paint("Tier 1 components that lack something:", "yellow"))
        yield from table(["", ""], [[gap.component, ", ".join(gap.missing)] for gap in critical], is_headed=False)
    for title, paths in (("Without owner", found.unowned), ("Blocked by a faulty line", found.blocked)):
        if paths:
            yield from ("", paint(f"{title}: {len(paths):,} file{'' if len(paths) == 1 else 's'}", "yellow"))
            yield from (f"  {visible(path)}" for path in paths[:_SAMPLE])
            if len(paths) > _SAMPLE:
                yield f"  and {len(paths) - _SAMPLE:,} more (--json lists all)"


def _share(share: "Share") -> tuple[Cell, str]:
    if not share.total:
        return Cell("no files", "yellow"), "nothing to own yet"
    return _percent(share), f"{share.have:,} of {share.total:,}"


def _percent(share: "Share") -> Cell:
    colour = "green" if share.have == share.total else "red" if not share.have else "yellow"
    return Cell(f"{share.percent:g} %", colour)


def _coverage_json(found: "Coverage") -> dict[str, Any]:
    def share(one: "Share") -> dict[str, Any]:
        return {"have": one.have, "total": one.total, "percent": one.percent if one.total else None}

    return {
        "files": share(found.files),
        "changes": share(found.changes),
        "tiers": [{"tier": tier, **{aspect: share(one) for aspect, one in shares}} for tier, shares in found.tiers],
        "gaps": [dataclasses.asdict(gap) for gap in found.gaps],
        "unowned": list(found.unowned),
        "blocked": list(found.blocked),
    }

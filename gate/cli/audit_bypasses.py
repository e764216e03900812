"""`gate audit bypasses`: commits that no approved change accounts for and that nobody has explained yet."""

import click

from gate.cli.output import table, write_json, write_lines


@click.command()
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(*, is_json: bool) -> int:
    """List the bypasses that are still open, newest found first.

    \b
    Example: gate audit bypasses --json

    Exit codes: 0 none is open, 1 some are, 2 wrong settings, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    from gate.cli.service_store import opened_store

    with opened_store(is_read_only=True) as store, store.reading() as reading:
        names = {one.key: one.name for one in reading.repositories()}
        found = reading.open_bypasses()
    rows = [
        {
            "repository": names.get(one.repository, ""),
            "branch": one.branch,
            "commit": one.sha,
            "code": one.code,
            "change": one.change or None,
            "entry": one.found,
        }
        for one in found
    ]
    if is_json:
        write_json(rows)
    elif not rows:
        write_lines(["No bypass is open."])
    else:
        cells = [[str(cell if cell is not None else "") for cell in row.values()] for row in rows]
        write_lines(table(["repository", "branch", "commit", "code", "change", "entry"], cells))
    return 1 if rows else 0

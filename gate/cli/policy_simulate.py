"""`gate policy simulate`: what a proposed policy or ownership would have changed for past changes."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gate import bootstrap
from gate.cli.config_folder import require_folder
from gate.cli.output import Cell, paint, progress, table, write_json, write_lines
from gate.core.errors import UsageError

if TYPE_CHECKING:
    from gate.adapters.git.checkout import Checkout
    from gate.core.policy.simulate import PastChange, Simulation
    from gate.usecases.ports import Tree
    from gate.usecases.simulate_policy import Proposal

_LONG = 15
_COLOURS = {"newly-blocked": "red", "newly-free": "green", "more-asked": "yellow", "fewer-asked": "green"}


@click.command(name="simulate")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The checkout.  [default: here]")
@click.option("--base", default="HEAD", show_default=True, help="The revision whose rules are in force, and whose "
              "history is looked at.")  # fmt: skip
@click.option("--rev", help="The revision that holds the proposed rules.  [default: the working tree]")
@click.option("--policy", type=click.Path(path_type=Path, dir_okay=False), help="A proposed policy file.")
@click.option("--ownership", type=click.Path(path_type=Path, dir_okay=False), help="A proposed file of records.")
@click.option("--since", default="90d", show_default=True, help="How far back to look.")
@click.option("--recorded", is_flag=True, help="Use what the service recorded, its sign-offs included, instead of the "
              "checkout's history.")  # fmt: skip
@click.option("--repository", metavar="OWNER/NAME", help="Whose recorded changes.  [default: the only repository]")
@click.option("--config", default=".gate", show_default=True, help="The folder of policy and records.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def simulate_command(**options: Any) -> int:
    """Try proposed rules on past changes: what would be blocked, what would be free, who would be asked.

    In a checkout each merge or squash commit of the branch is one change, without anybody's sign-off. With --recorded
    the changes come from the service's database, as the GATE_ settings name it.

    \b
    Examples: gate policy simulate --since 90d
              gate policy simulate --policy proposed.yaml --json
              gate policy simulate --recorded --repository acme/shop

    Exit codes: 0 nothing would be newly blocked, 1 something would be, 2 wrong usage or invalid file, 3 could not read.
    """  # noqa: D301  # click reads the backspace
    from gate.core.change.durations import parse_minutes

    minutes = parse_minutes(options["since"])
    if not minutes:
        step = "Write one such as 90d, of a year at most."
        raise UsageError(f"{options['since']!r} is no length of time that can be looked back.", next_step=step)
    checkout = bootstrap.open_checkout(options["repo"])
    try:
        simulation = _simulated(checkout, options, bootstrap.now() - dt.timedelta(minutes=minutes))
    finally:
        checkout.close()
    _print(simulation, is_json=options["is_json"])
    return int(bool(simulation.counts.get("newly-blocked")))


def _simulated(checkout: "Checkout", options: "Mapping[str, Any]", from_at: dt.datetime) -> "Simulation":
    from gate.usecases.simulate_policy import reconstructed, simulate_over

    config, readers = options["config"], bootstrap.readers()
    head = checkout.resolve(options["base"])
    require_folder(config, checkout.commit_tree(head), checkout.tree(options["rev"]))
    before = _proposal(checkout.commit_tree(head), {}, config)
    files = {f"{config}/policy.yaml": options["policy"], f"{config}/ownership.yaml": options["ownership"]}
    after = _proposal(checkout.tree(options["rev"]), files, config)
    if options["recorded"]:
        past, left_out = _parted(_recorded(options["repository"], from_at), 0)
    else:
        landings = checkout.landings(head, since_seconds=int(from_at.timestamp()))
        found = reconstructed(checkout, landings, rules=before.rules, readers=readers, config=config)
        past, left_out = _parted(found, len(landings))
    return simulate_over(past, before=before, after=after, readers=readers, left_out=left_out)


def _proposal(tree: "Tree", files: "Mapping[str, Path | None]", config: str) -> "Proposal":
    from gate.usecases.load_rules import load_rules
    from gate.usecases.overlaid_tree import OverlaidTree
    from gate.usecases.simulate_policy import Proposal

    laid = {name: _read(file) for name, file in files.items() if file is not None}
    whole = OverlaidTree(tree, laid) if laid else tree
    rules = load_rules(whole, readers=bootstrap.readers(), config=config, repository=None)
    return Proposal(rules, whole.read)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise UsageError(f"{file} cannot be read.", next_step="Name a file that is there.") from None


def _recorded(name: str | None, from_at: dt.datetime) -> "Iterator[PastChange | None]":
    from gate.bootstrap_parts import require_current_database, store_to_look_at
    from gate.config import load_settings
    from gate.core.times import instant
    from gate.usecases.recorded_changes import recorded_changes

    settings = load_settings()
    require_current_database(settings)
    store = store_to_look_at(settings)
    try:
        with store.reading() as reading:
            known = reading.repositories()
            fitting = [one for one in known if name is None or one.name.lower() == name.lower()]
            if len(fitting) != 1:
                names = ", ".join(one.name for one in known[:5]) or "none"
                raise UsageError("It is not clear which repository is meant.", next_step=f"Known are: {names}.")
            yield from recorded_changes(reading, fitting[0].key, since=instant(from_at))
    finally:
        store.close()


def _parted(found: "Iterable[PastChange | None]", length: int) -> "tuple[list[PastChange], int]":
    """Return the changes that could be read, and how many could not."""
    past, left_out = [], 0
    with progress("Looking at past changes", length, shown_from=_LONG) as bar:
        for one in found:
            bar.update(1)
            if one is None:
                left_out += 1
            else:
                past.append(one)
    return past, left_out


def _print(simulation: "Simulation", *, is_json: bool) -> None:
    from gate.core.explain.simulation import WORDS, in_time, json_of, summary_of, wait_of

    if is_json:
        write_json(json_of(simulation))
        return
    lines = [paint(summary_of(simulation), is_bold=True)]
    if not simulation.effects and not simulation.left_out:
        lines.append("Look further back with --since, such as --since 365d.")
    if wait_of(simulation):
        lines.append(wait_of(simulation))
    if simulation.left_out:
        lines.append(paint(f"{simulation.left_out} could not be looked at.", "yellow"))
    rows: list[list[Cell | str]] = [
        [
            effect.id,
            Cell(WORDS[effect.kind], _COLOURS.get(effect.kind, "")),
            f"{effect.before.signoffs} -> {effect.after.signoffs}",
            f"{in_time(effect.before.minutes)} -> {in_time(effect.after.minutes)}",
            effect.title,
            effect.why,
        ]
        for effect in simulation.differing
    ]
    if rows:
        lines += ["", *table(["change", "effect", "sign-offs", "wait", "title", "why"], rows)]
    write_lines(lines)

"""`gate audit verify`: every claim of an export checked, and every verdict decided anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate.cli.output import write_json, write_lines
from gate.core.errors import UnreadableError, UsageError
from gate.core.explain.escaping import prose

if TYPE_CHECKING:
    from gate.verifier.export import Export

_MOST_TOLD = 5


@click.command()
@click.argument("export", type=click.Path(exists=True, path_type=Path))
@click.option("--key", default="", help="The ledger's key, got on another way than the export.")
@click.option(
    "--checkpoint", "checkpoints", multiple=True, type=click.Path(exists=True, path_type=Path), help="A head kept."
)
@click.option("--clone", "clones", multiple=True, type=click.Path(exists=True, path_type=Path), help="Your own clone.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(*, export: Path, key: str, checkpoints: tuple[Path, ...], clones: tuple[Path, ...], is_json: bool) -> int:
    """Check every claim of an export as its own verify.py does, and replay: decide every change anew, and compare.

    \b
    Example: gate audit verify q3.zip --key "gate.example.com+1a2b3c4d+..." --clone ../shop

    Exit codes: 0 all claims hold, 1 one does not, 2 wrong usage, 3 it cannot be read.
    """  # noqa: D301  # click reads the backspace
    from gate.verifier.export import Asked, BadExportError, Export
    from gate.verifier.main import verify
    from gate.verifier.tlog import BadProofError, parse_key

    try:
        opened = Export(str(export))
    except (BadExportError, OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"The export cannot be read: {prose(str(error), 200)}.") from None
    try:
        try:
            known = parse_key(key or opened.key_text())
        except (BadExportError, BadProofError, ValueError) as error:
            raise UsageError(
                f"That is no key: {prose(str(error), 200)}.", next_step="It reads NAME+ID+BASE64."
            ) from None
        notes = [file.read_text(encoding="utf-8") for file in checkpoints]
        asked = Asked(known, notes, [str(one) for one in clones])
        found = [*verify(opened, asked), *_by_the_gate(opened)]
        incomplete = list(opened.manifest["incomplete"])
    finally:
        opened.close()
    if is_json:
        rows = [{"claim": name, "result": _result(failures), "failures": failures or []} for name, _, failures in found]
        write_json({"claims": rows, "incomplete": incomplete})
    else:
        write_lines(_told(found, incomplete, is_pinned=bool(key)))
    return 1 if any(failures for _, _, failures in found) else 0


def _by_the_gate(opened: "Export") -> Iterator[tuple[str, str, list[str] | None]]:
    """Yield the claims that take the gate itself."""
    from gate.usecases.replay_export import redrawn, replayed

    claims = (
        ("replay", replayed, "this gate decides every change as it was decided, byte for byte"),
        ("pages", redrawn, "each page shows what its packet says"),
    )
    for name, claim, text in claims:
        try:
            yield name, text, list(claim(opened))
        except (OSError, ValueError, KeyError, TypeError) as error:
            yield name, text, [f"it cannot be read: {error}"]


def _result(failures: list[str] | None) -> str:
    return "skip" if failures is None else "fail" if failures else "pass"


def _told(found: list[tuple[str, str, list[str] | None]], incomplete: list[str], *, is_pinned: bool) -> Iterator[str]:
    if not is_pinned:
        yield "NOTE key: taken from the export itself; give --key to know whose it is"
    for name, text, failures in found:
        if not failures:
            yield f"{_result(failures).upper()} {name}: {text}"
        else:
            yield from (f"FAIL {name}: {prose(why, 400)}" for why in failures[:_MOST_TOLD])
            if len(failures) > _MOST_TOLD:
                yield f"FAIL {name}: and {len(failures) - _MOST_TOLD} more"
    for reason in incomplete:
        yield f"NOTE incomplete: {prose(reason, 400)}"

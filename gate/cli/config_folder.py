"""The folder of policy and records that an option names: it must be there, or a slip would judge by the defaults."""

from typing import TYPE_CHECKING

from gate.core.errors import UsageError
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.usecases.ports import Tree

USUAL = ".gate"


def require_folder(config: str, *trees: "Tree") -> None:
    """Raise UsageError where none of the trees has the folder, save for the usual one, whose absence means defaults."""
    folder = config.strip("/") or USUAL
    if folder == USUAL or any(entry.path.startswith(f"{folder}/") for tree in trees for entry in tree.entries()):
        return
    raise UsageError(
        f"--config {visible(config)!r}: there is no such folder in the repository.",
        next_step=f"Name it from the root of the repository; the usual one is `{USUAL}`.",
    )

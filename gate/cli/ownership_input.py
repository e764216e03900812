"""What the ownership commands read: the options they share, and the ownership of a revision or the working tree."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gate import bootstrap
from gate.cli.config_folder import require_folder
from gate.cli.output import warn
from gate.core.values import dataclass

if TYPE_CHECKING:
    from gate.adapters.git.checkout import Checkout
    from gate.core.errors import Fault
    from gate.core.ownership.registry import Ownership
    from gate.core.ownership.resolve import OwnershipIndex
    from gate.core.policy.model import PolicyDocument
    from gate.usecases.ports import Tree

_Command = TypeVar("_Command", bound=Callable[..., Any])
_OPTIONS = (
    click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git checkout.  [default: here]"),
    click.option("--rev", metavar="REV", help="Read this branch or commit.  [default: the working tree]"),
    click.option("--config", default=".gate", show_default=True, help="The folder of policy and records."),
    click.option("--repository", metavar="OWNER/NAME", help="Answer for this repository, where records name several."),
    click.option("--json", "is_json", is_flag=True, help="Print JSON."),
)


@dataclass(frozen=True)
class Source:
    """Where ownership is read: a checkout, one of its trees, and what the tree says."""

    checkout: "Checkout"
    tree: "Tree"
    ownership: "Ownership"
    faults: "tuple[Fault, ...]"
    policy: "PolicyDocument"

    @cached_property
    def index(self) -> "OwnershipIndex":
        """Return the index that looks paths up."""
        from gate.core.ownership.resolve import OwnershipIndex

        return OwnershipIndex(self.ownership)

    @cached_property
    def paths(self) -> Sequence[str]:
        """Return all paths of the tree, sorted."""
        return [entry.path for entry in self.tree.entries()]

    def with_gate_files(self) -> "Source":
        """Return the same source with the gate's own files as a last section, as the decision asks for them."""
        from gate.core.policy.gate_files import with_gate_files

        return replace(self, ownership=with_gate_files(self.ownership, self.policy))

    def mention_faults(self) -> None:
        """Say on standard error how many faults the sources have, and what explains them."""
        worst = [fault for fault in self.faults if fault.severity == "error"]
        if worst:
            more = f", and {len(worst) - 1} more" if len(worst) > 1 else ""
            warn(f"{worst[0]}{more}. See `gate lint`.")
        if not self.ownership.sections and self.policy.file.endswith("/policy.yaml"):
            records = f"{self.policy.file.rpartition('/')[0]}/ownership.yaml"
            warn(f"Nothing here says who owns what yet: name `components` with their `paths` in {records}.")
        elif not self.ownership.sections:
            warn("Nothing here says who owns what: no records, CODEOWNERS, catalog or OWNERS file. Try `gate init`.")


def source_options(command: _Command) -> _Command:
    """Add the options that every ownership command has."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def open_source(options: dict[str, Any]) -> Source:
    """Return the ownership that the shared options name.

    Raises InvalidFileError for broken records or policy, UnreadableError for what cannot be read, UsageError for a
    revision that does not exist.
    """
    from gate.usecases.load_ownership import load_ownership
    from gate.usecases.load_rules import load_policy

    config = options["config"].strip("/") or ".gate"
    checkout = bootstrap.open_checkout(options["repo"])
    tree = checkout.tree(options["rev"])
    require_folder(config, tree)
    readers = bootstrap.readers()
    policy = load_policy(tree, readers=readers, config=config)
    loaded = load_ownership(
        tree, load_yaml=readers.load_yaml, policy=policy.policy, repository=options["repository"], config=config
    )
    return Source(checkout, tree, loaded.ownership, loaded.faults, policy)

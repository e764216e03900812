"""Bootstrap: builds what the doors use, and is the only reader of the clock."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.adapters.git.checkout import Checkout
    from gate.usecases.ports import LoadYaml


def now() -> dt.datetime:
    """Return the present time in UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def open_checkout(path: Path) -> "Checkout":
    """Return the git checkout that holds a path. Raises UnreadableError where there is none."""
    from gate.adapters.git.checkout import Checkout

    return Checkout.open(path)


def yaml_loader() -> "LoadYaml":
    """Return the strict YAML reader."""
    from gate.adapters.files.yaml_documents import load_yaml

    return load_yaml

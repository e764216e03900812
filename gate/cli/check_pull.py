"""`gate check --pr`: a pull request of GitHub, judged through its API, its files from a checkout where one is named."""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gate import bootstrap
from gate.core.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from gate.usecases.judge_local_change import Judgement

_PULL = re.compile(r"(?P<repository>[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})#(?P<number>[1-9][0-9]{0,8})")


def judged_pull(text: str, *, checkout: Path | None, at: dt.datetime, options: Mapping[str, object]) -> "Judgement":
    """Return the verdict on `OWNER/REPO#N`.

    Raises UsageError for what names none, UnreadableError where GitHub does not answer in full.
    """
    from gate.bootstrap_parts import forge_of
    from gate.bootstrap_pulls import judge_pull
    from gate.cli.check import rehearsals_of
    from gate.config import load_settings
    from gate.usecases.forge_rules import organisation_policy
    from gate.usecases.judge_at_once import SingleLook

    match = _PULL.fullmatch(text)
    if match is None:
        raise UsageError(f"--pr {text[:80]!r} names no pull request.", next_step="Write it as OWNER/REPO#N.")
    settings, readers = load_settings(), bootstrap.readers()
    forge, config = forge_of(settings), str(options["config"]).strip("/")
    found = forge.find(match["repository"])
    if found is None:
        step = "Look at the name, and whether the token or app may see it."
        raise UnreadableError(f"GitHub shows no repository {match['repository']}.", next_step=step)
    organisation = organisation_policy(forge, found, name=settings.config_repository, readers=readers, config=config)
    look = SingleLook(
        number=int(match["number"]), at=at, config=config, organisation=organisation,
        rehearsals=rehearsals_of(options),
    )  # fmt: skip
    access = forge.access(found.key, installation=found.installation, name=found.name)
    return judge_pull(access, look, checkout=checkout)

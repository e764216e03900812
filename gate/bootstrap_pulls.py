"""Bootstrap of single looks: a change at a forge with the checkout that holds its files, where there is one."""

from pathlib import Path
from typing import TYPE_CHECKING

from gate import bootstrap

if TYPE_CHECKING:
    from gate.usecases.change_port import ChangeReader
    from gate.usecases.judge_at_once import SingleLook
    from gate.usecases.judge_local_change import Judgement


def judge_pull(access: "ChangeReader", look: "SingleLook", *, checkout: Path | None) -> "Judgement":
    """Return the verdict on a change, with its contents from a checkout where one is named.

    Raises UnreadableError where forge or checkout do not have all of it.
    """
    from gate.usecases.checked_out import CheckedOutRepository
    from gate.usecases.judge_at_once import judge_at_once

    if checkout is None:
        return judge_at_once(access, look, readers=bootstrap.readers())
    opened = bootstrap.open_checkout(checkout)
    try:
        return judge_at_once(CheckedOutRepository(access, opened), look, readers=bootstrap.readers())
    finally:
        opened.close()

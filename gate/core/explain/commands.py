"""Commands that were not taken, as Markdown for the gate's comment: whose, which, and why, the newest first."""

from collections.abc import Sequence

from gate.core.explain.markdown_text import code, inline
from gate.core.values import dataclass

_MOST = 10


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A command that was not taken: who gave it, its word (`/signoff`), when, and why not in a sentence."""

    name: str
    word: str
    given_at: str
    why: str


def commands_markdown(refused: Sequence[NotTaken]) -> str:
    """Return the part of the comment that tells of commands that were not taken; empty where there are none.

    SECURITY: names and reasons are other people's text: they mention, link and format nothing (S06).
    """
    if not refused:
        return ""
    newest = sorted(refused, key=lambda one: one.given_at, reverse=True)
    lines = [f"- {code(one.word)} of {inline(one.name, 100)}, {one.given_at}: {inline(one.why, 500)}" for one in newest]
    further = [f"- {len(lines) - _MOST:,} more"] if len(lines) > _MOST else []
    return "\n".join(["### Commands that were not taken", "", *lines[:_MOST], *further])

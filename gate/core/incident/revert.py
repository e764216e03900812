"""Reverts: how a merged change is taken back: the commands, and the pull request that is prepared for it."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote, urlencode

from gate.core.counting import count_of
from gate.core.explain.markdown_text import inline
from gate.core.values import dataclass

MergedAs = Literal["merge", "one-commit", "several-commits"]
_TITLE_LIMIT = 200
_PULL = "/pull/"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedChange:
    """A merged change, as far as taking it back needs it. `url` is its address at the forge.

    `commits` is how many commits it had; `steps`, `method` and `restore_minutes` are those of its own rollback plan.
    """

    repository: str
    number: int
    title: str
    url: str
    base_ref: str
    merge_sha: str
    merged_as: MergedAs
    commits: int
    method: str = ""
    steps: Sequence[str] = ()
    restore_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class PreparedRevert:
    """What takes a change back: commands for a clone, then the address that opens the pull request, filled in.

    `hint` is what is not certain of the commands, empty where all is. Recognised as a revert is what says so in `body`
    and touches every file of the change.
    """

    branch: str
    commands: tuple[str, ...]
    title: str
    body: str
    url: str
    hint: str = ""


def prepare_revert(change: MergedChange) -> PreparedRevert:
    """Return how to take a change back by git, and the pull request that asks the gate to let it.

    SECURITY: commands are made of commit ids, numbers and a quoted branch alone; nothing that somebody wrote is run.
    """
    branch = f"revert-{change.number}"
    title = f"Revert #{change.number}: {' '.join(change.title.split())}"[:_TITLE_LIMIT]
    body = _body(change)
    base, sha = change.base_ref, change.merge_sha
    spread = f"{sha}~{change.commits}..{sha}"
    what = {"merge": f"-m 1 {sha}", "one-commit": sha, "several-commits": spread}[change.merged_as]
    commands = (
        f"git fetch origin {_word(base)}",
        f"git switch -c {branch} FETCH_HEAD",
        f"git revert --no-edit {what}",
        f"git push -u origin {branch}",
    )
    hint = ""
    if change.merged_as == "several-commits":
        hint = f"It seems to have come as {change.commits} commits of its own (a rebase): look at `git log` first."
    query = urlencode({"expand": "1", "title": title, "body": body})
    place = change.url.partition(_PULL)[0]
    url = f"{place}/compare/{quote(base)}...{branch}?{query}" if _PULL in change.url else ""
    return PreparedRevert(branch, commands, title, body, url, hint)


def _body(change: MergedChange) -> str:
    minutes = count_of(change.restore_minutes, "minute") if change.restore_minutes else ""
    return "\n".join(
        (
            f"Reverts {change.repository}#{change.number}",
            "",
            f"Takes back: {inline(change.title, _TITLE_LIMIT)}",
            "",
            "## Rollback",
            "",
            "Method: revert",
            "Steps:",
            "1. Revert the merge commit of this pull request.",
            f"2. Deploy {inline(change.base_ref)}.",
            "Verification:",
            f"Time to restore: {minutes}".rstrip(),
            "Data impact:",
            "",
        )
    )


def _word(text: str) -> str:
    """Return a branch's name as one word of a shell."""
    return text if text.replace("-", "").replace("/", "").replace("_", "").replace(".", "").isalnum() else _quoted(text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"

"""Names of revisions: what a name may stand for, and the commit that it does stand for."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from gate.adapters.git.process import Quarantine, command, environment, run
from gate.core.change.paths import shown
from gate.core.errors import UsageError
from gate.core.lazy_regex import lazy_regex
from gate.core.values import dataclass

_MAX_NAME = 1000
_ANCESTOR = lazy_regex(r"(.{1,200}?)(?:[~^][0-9]{0,6})+")
_ID_LENGTHS = {40, 64}
_MOST_NEAR = 3
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit by its full id, and the name of the branch that it was asked for by (empty: by no branch)."""

    sha: str
    branch: str = ""


def resolve_names(quarantine: Quarantine, names: Sequence[str]) -> tuple[Revision, ...]:
    """Return the commits of several names, with one look at the references. Raises UsageError with near names."""
    questions = [(name, candidates_of(name)) for name in names]
    lines = "".join(f"{candidate}^{{commit}}\n" for _, several in questions for candidate in several)
    done = run(
        command(quarantine.git_dir, "cat-file", "--batch-check=%(objectname) %(objecttype)"),
        env=environment(GIT_DIR=str(quarantine.git_dir)),
        stdin=lines.encode(),
    )
    answers = iter(done.output.decode(errors="replace").splitlines())
    found = []
    for name, several in questions:
        resolved = {candidate: next(answers, "") for candidate in several}
        hits = [(candidate, line.split(" ")[0]) for candidate, line in resolved.items() if line.endswith(" commit")]
        if not hits:
            raise _unknown(quarantine, name)
        candidate, sha = hits[0]
        branch = candidate.removeprefix("refs/heads/") if candidate.startswith("refs/heads/") else ""
        found.append(Revision(sha, branch))
    return tuple(found)


def is_full_id(name: str) -> bool:
    """Return whether a name has the form of a full object id."""
    return len(name) in _ID_LENGTHS and all(letter in "0123456789abcdef" for letter in name)


def candidates_of(name: str) -> tuple[str, ...]:
    """Return what a name may stand for, best first. Raises UsageError for what is no name of a revision.

    SECURITY: a branch comes before a tag of its name, so that nobody puts another policy in place by a tag (R21); a
    full id is only that object, whatever branch has the same letters; a leading dash is never an option.
    """
    if not name or len(name) > _MAX_NAME or name.startswith("-") or not name.isprintable() or " " in name:
        raise UsageError(
            f"{shown(name)[:80]!r} is no name of a revision.", next_step="Give a branch, tag or commit id."
        )
    if is_full_id(name) or name.startswith(("refs/", "HEAD", "@")):
        return (name,)
    return (f"refs/heads/{name}", f"refs/remotes/{name}", name)


def resolvable(quarantine: Quarantine, name: str) -> bool:
    """Return whether a name stands for a commit that is here."""
    git_dir, lines = quarantine.git_dir, f"{name}^{{commit}}\n".encode()
    done = run(command(git_dir, "cat-file", "--batch-check"), env=environment(GIT_DIR=str(git_dir)), stdin=lines)
    return done.code == 0 and not done.output.rstrip().endswith(b"missing")


def symbolic_reference(file: Path) -> str:
    """Return the reference that a symbolic one names, empty where it names none."""
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        line = opened.read(_MAX_NAME + 16).decode(errors="replace").partition("\n")[0]
    name = line.removeprefix("ref: ").strip()
    return name if line.startswith("ref: ") and name.isprintable() else ""


def _unknown(quarantine: Quarantine, name: str) -> UsageError:
    listing = ("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", "refs/tags", "refs/remotes")
    git_dir = quarantine.git_dir
    done = run(command(git_dir, *listing), env=environment(GIT_DIR=str(git_dir)))
    names = dict.fromkeys(done.output.decode(errors="replace").split("\n"))
    start = _ANCESTOR.fullmatch(name)
    if not any(names) and not quarantine.shallow and not resolvable(quarantine, "HEAD"):
        return UsageError("Nothing is committed here yet.", next_step="Commit something first.")
    if start and not quarantine.shallow and resolvable(quarantine, start[1]):
        step = "Name another commit or branch."
        return UsageError(f"{shown(start[1])[:200]} has no such ancestor as {shown(name)[:200]!r}.", next_step=step)
    elsewhere = [one for one in names if one.endswith(f"/{name}")]
    near = elsewhere[:_MOST_NEAR] or difflib.get_close_matches(name, [one for one in names if one], n=_MOST_NEAR)
    hint = f"Did you mean {', '.join(shown(one) for one in near)}?" if near else _names_here(list(filter(None, names)))
    if quarantine.shallow:
        hint += " This clone is shallow: `git fetch --unshallow` brings the rest."
    return UsageError(f"There is no revision {shown(name)[:200]!r} here.", next_step=hint)


def _names_here(names: Sequence[str]) -> str:
    """Return the next step for a name that is like none: the few that there are, or how to see the many."""
    if not names or len(names) > _MOST_NAMED:
        return "See `git branch --all`."
    return f"Name what is here: {', '.join(shown(one)[:200] for one in names)}."

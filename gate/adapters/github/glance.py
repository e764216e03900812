"""Glance: a change request and the tip of its base at one moment, and whether either moved since."""

from dataclasses import dataclass
from typing import Literal

from gate.adapters.github.answers import Row, number_at, optional_text, row_at, row_of, sha_at, text_at
from gate.adapters.github.place import Place
from gate.core.forge.snapshot import body_digest
from gate.usecases.forge_ports import Glance, GoneError


@dataclass(frozen=True, slots=True)
class Look:
    """A change request and the tip of its base, at one moment."""

    row: Row
    state: Literal["open", "closed", "merged"]
    head_sha: str
    base_ref: str
    base_sha: str
    body: str
    changed_files: int

    def moves(self) -> tuple[str | int, ...]:
        """Return what must not change while the rest is read."""
        return (self.state, self.head_sha, self.base_ref, self.base_sha, self.body, self.changed_files)

    def glance(self) -> Glance:
        """Return the look as the use cases compare it."""
        return Glance(self.state, self.head_sha, self.base_ref, self.base_sha, body_digest(self.body))


def look(place: Place, number: int, *, is_fresh: bool = False) -> Look:
    """Return a change request as it is now. Raises GoneError for one that is not there or of another repository."""
    row = row_of(place.get("pulls", number, is_fresh=is_fresh), "pull request")
    base, head = row_at(row, "base"), row_at(row, "head")
    owner = row_at(base, "repo")
    # SECURITY: a repository that was renamed may have left its name to another one.
    if number_at(owner, "id") != place.key.id or number_at(row, "number") != number:
        raise GoneError(f"{place.name} is another repository now.", next_step="Look it up by its new name.")
    is_merged = bool(row.get("merged")) or bool(row.get("merged_at"))
    state: Literal["open", "closed", "merged"] = "merged" if is_merged else "closed"
    if not is_merged and text_at(row, "state") == "open":
        state = "open"
    base_ref = text_at(base, "ref")
    return Look(
        row=row,
        state=state,
        head_sha=sha_at(head),
        base_ref=base_ref,
        # What a merged change was based on is history: the tip holds the change itself by now.
        base_sha=sha_at(base) if is_merged else branch_tip(place, base_ref, is_fresh=is_fresh),
        body=optional_text(row, "body"),
        changed_files=number_at(row, "changed_files"),
    )


def branch_tip(place: Place, branch: str, *, is_fresh: bool = False) -> str:
    """Return the commit of `refs/heads/<branch>`. Raises GoneError where there is no such branch."""
    name = f"refs/heads/{branch}"
    row = row_of(place.reference("ref", f"heads/{branch}", is_fresh=is_fresh), "reference")
    # SECURITY: the full name must be this one: neither a tag nor a longer name stands for it (R21).
    if text_at(row, "ref") != name:
        raise GoneError(f"GitHub has no branch {branch!r}.", next_step="Check the branch's name.")
    return sha_at(row_at(row, "object"))

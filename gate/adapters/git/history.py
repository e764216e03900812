"""History: the commits of a change, who they say had a hand in them, and merges proven to be mechanical."""

from collections.abc import Iterable, Sequence

from gate.adapters.git.objects import Objects
from gate.adapters.git.process import Quarantine
from gate.core.change.observed import ObservedCommit
from gate.core.change.trailers import co_authors_in
from gate.core.errors import UnreadableError
from gate.core.identity import Identity
from gate.core.lazy_regex import lazy_regex

MAX_COMMITS = 20_000
MAX_PROVEN_MERGES = 500
_PERSON = lazy_regex(r"(?P<name>[^<>\n]*)<(?P<email>[^<>\n]*)>(?: (?P<at>-?[0-9]{1,12}) [+-][0-9]{1,4})?")
_MERGE_SIDES = 2


def merge_bases(quarantine: Quarantine, base: str, head: str) -> tuple[str, ...]:
    """Return all merge bases. Raises UnreadableError where the two share no history that is present here."""
    done = quarantine.run("merge-base", "--all", base, head)
    found = tuple(sorted(done.output.decode().split()))
    if found:
        return found
    if quarantine.shallow:
        raise _cut_off(head)
    raise UnreadableError(
        f"{base[:12]} and {head[:12]} share no history.", next_step="Choose a base that the change was branched from."
    )


def commits_between(quarantine: Quarantine, objects: Objects, base: str, head: str) -> tuple[ObservedCommit, ...]:
    """Return every commit that the head has and the base has not, newest first.

    Raises UnreadableError where a shallow clone hides some of them, or where there are more than 20,000.
    """
    listing = quarantine.read("rev-list", "--topo-order", f"--max-count={MAX_COMMITS + 1}", head, f"^{base}")
    shas = listing.decode().split()
    if len(shas) > MAX_COMMITS:
        raise UnreadableError(f"The change has more than {MAX_COMMITS} commits.", next_step="Split the change.")
    # SECURITY: a commit at the boundary of a shallow clone hides its parents, and with them their authors.
    if quarantine.shallow.intersection(shas):
        raise _cut_off(head)
    return tuple(parse_commit(sha, objects.commit(sha)) for sha in shas)


def parse_commit(sha: str, raw: bytes) -> ObservedCommit:
    """Return a commit object as it is stored: parents, identities and co-author trailers, no mail map applied."""
    head, _, body = raw.partition(b"\n\n")
    headers: dict[str, str] = {}
    parents = []
    for line in head.decode(errors="replace").split("\n"):
        key, _, value = line.partition(" ")
        if key == "parent":
            parents.append(value)
        elif key in {"author", "committer", "tree"}:
            headers.setdefault(key, value)
    message = body.decode(errors="replace")
    author, authored_at = _person(headers.get("author", ""))
    committer, committed_at = _person(headers.get("committer", ""))
    return ObservedCommit(
        sha=sha,
        parents=tuple(parents),
        author=author,
        committer=committer,
        co_authors=co_authors_in(message),
        message=message,
        authored_at=authored_at,
        committed_at=committed_at,
    )


def tree_of(raw_commit: bytes) -> str:
    """Return the tree that a commit object names."""
    return raw_commit.partition(b"\n")[0].removeprefix(b"tree ").decode("ascii", "replace")


def mechanical_merges(quarantine: Quarantine, objects: Objects, commits: Sequence[ObservedCommit]) -> frozenset[str]:
    """Return the commits that merge the base and hold exactly the tree that git itself makes of their two parents.

    The prover is `git merge-tree --write-tree` without configuration, attributes or merge drivers: where it meets a
    conflict, or where its tree differs by one byte, somebody's hand is in the merge and it is unproven. Both parents'
    renames are followed as by any `git merge`; a merge of more than two parents is never proven.

    SECURITY: the merged side must be in the base's own history. A side branch that only looks like the base (copied,
    edited, merged back cleanly) is not, and its commits are listed as the change's own (R54).
    """
    listed = {commit.sha for commit in commits}
    merges = [commit for commit in commits if len(commit.parents) == _MERGE_SIDES]
    # A parent that is not among the change's own commits is reachable from the base, by what the listing means.
    of_base = [merge for merge in merges if not listed.issuperset(merge.parents)]
    proven = set()
    for merge in of_base[:MAX_PROVEN_MERGES]:
        done = quarantine.run("merge-tree", "--write-tree", "--no-messages", *merge.parents)
        made = done.output.partition(b"\n")[0].decode("ascii", "replace").strip()
        if done.code == 0 and made == tree_of(objects.commit(merge.sha)):
            proven.add(merge.sha)
    return frozenset(proven)


def has_earlier_commit(quarantine: Quarantine, emails: Iterable[str], base: str, *, seconds: float) -> bool | None:
    """Return whether the base's history holds a commit by one of these addresses, None where time runs out."""
    authors = [f"--author=<{email}>" for email in emails if email]
    if not authors:
        return None
    done = quarantine.run("rev-list", "--max-count=1", "--fixed-strings", "-i", *authors, base, timeout_seconds=seconds)
    found = bool(done.output.strip())
    return None if done.code or (quarantine.shallow and not found) else found


def _person(text: str) -> tuple[Identity | None, int]:
    """Return a name and address, None where there is no address; and the seconds since 1970 (0: not stated)."""
    match = _PERSON.match(text)
    if match is None or not match["email"].strip():
        return None, 0
    return Identity(match["name"].strip(), match["email"].strip()), int(match["at"] or 0)


def _cut_off(head: str) -> UnreadableError:
    return UnreadableError(
        f"The history of {head[:12]} is cut off in this shallow clone, so that its commits cannot all be seen.",
        next_step="Run `git fetch --unshallow` (in a workflow: check out with `fetch-depth: 0`).",
    )

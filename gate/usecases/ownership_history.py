"""Ownership history: the versions of a component's record, from the first-parent history of a checkout."""

import datetime as dt

from gate.core.change.observed import LandedCommit
from gate.core.errors import GateError
from gate.core.ownership.history import Fields, Revision, Version, fields_of, versions_of
from gate.core.times import instant
from gate.usecases.load_ownership import load_ownership
from gate.usecases.load_rules import load_policy
from gate.usecases.ports import LocalCheckout, Readers, Tree

_NAMES = frozenset({"CODEOWNERS", "OWNERS", "OWNERS_ALIASES", "catalog-info.yaml"})


def ownership_history(
    checkout: LocalCheckout,
    head: str,
    component: str,
    *,
    since: dt.datetime,
    readers: Readers,
    config: str = ".gate",
    repository: str | None = None,
) -> tuple[tuple[Version, ...], tuple[str, ...]]:
    """Return the versions of a record since a time, newest first, and the commits whose records could not be read.

    Of those nothing is known: the next version tells all that changed since the last that could be read.
    Raises UnreadableError where a shallow clone hides that time.
    """
    landed = [one for one in checkout.landings(head, since_seconds=int(since.timestamp())) if _may_matter(one, config)]
    broken = []

    def known(sha: str) -> Fields | None:
        return fields_at(checkout.commit_tree(sha), component, readers=readers, config=config, repository=repository)

    revisions = []
    for one in reversed(landed):
        try:
            revisions.append(_revision(one, known(one.commit.sha)))
        except GateError:
            broken.append(one.commit.sha)
    before = None
    if landed:
        try:
            before = known(landed[-1].commit.parents[0])
        except GateError:
            broken.insert(0, landed[-1].commit.parents[0])
    return versions_of(revisions, before=before), tuple(broken)


def fields_at(tree: Tree, component: str, *, readers: Readers, config: str, repository: str | None) -> Fields | None:
    """Return the record of a component in a tree as words, None where it has none. Raises GateError for broken ones."""
    policy = load_policy(tree, readers=readers, config=config).policy
    load_yaml, kept = readers.load_yaml, readers.kept
    loaded = load_ownership(tree, load_yaml=load_yaml, policy=policy, repository=repository, config=config, kept=kept)
    return fields_of(loaded.ownership, component)


def _revision(one: LandedCommit, fields: Fields | None) -> Revision:
    author = one.commit.author
    return Revision(
        sha=one.commit.sha,
        at=instant(dt.datetime.fromtimestamp(one.commit.committed_at, dt.UTC)),
        author=(author.name or author.email) if author else "",
        subject=one.commit.message.partition("\n")[0].strip(),
        fields=fields,
    )


def _may_matter(one: LandedCommit, config: str) -> bool:
    """Return whether a commit touched a file that records, policy or another source of ownership may be in."""
    return any(path.startswith(f"{config}/") or path.rpartition("/")[2] in _NAMES for path in one.paths)

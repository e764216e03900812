"""Pushers: who pushed what is in a change, and which head nobody is known to have pushed."""

from collections.abc import Callable, Mapping, Sequence

from gate.core.change.facts import AccountKey, Push
from gate.core.forge.snapshot import ForgeAccount, ForgePush, Snapshot

_ZERO = "0" * 40


def pushers_of(
    snapshot: Snapshot, earlier: Sequence[ForgePush], key_of: Callable[[ForgeAccount], AccountKey]
) -> tuple[tuple[Push, ...], tuple[str, ...]]:
    """Return who pushed what is in the change, and the head where nobody is known to have pushed it (R03).

    `earlier` are the pushes that are kept from before.
    """
    pushes: dict[str, list[ForgePush]] = {}
    for push in (*earlier, *(snapshot.pushes or ())):
        if push.account:
            pushes.setdefault(push.after, []).append(push)
    shas = {commit.sha for commit in snapshot.commits} | _heads_behind(snapshot, pushes)
    found = {Push(key_of(push.account), push.after) for sha in shas for push in pushes.get(sha, ()) if push.account}
    head = snapshot.head_sha
    return tuple(sorted(found, key=lambda push: (push.account, push.sha))), () if head in pushes else (head,)


def _heads_behind(snapshot: Snapshot, pushes: Mapping[str, Sequence[ForgePush]]) -> set[str]:
    """Return every head that the branch had since it left the base, forced ones included.

    SECURITY: a commit may have been pushed more than once, by several people; each of them had a hand in it (R02).
    """
    met: set[str] = set()
    todo = [snapshot.head_sha]
    while todo:
        sha = todo.pop()
        if sha in pushes and sha not in met and sha not in snapshot.merge_bases:
            met.add(sha)
            todo += [push.before or _ZERO for push in pushes[sha]]
    return met

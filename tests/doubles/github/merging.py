"""Merging: whether the platform would merge a pull now, and what it does when it merges."""

from typing import TYPE_CHECKING, Any

from doubles.github.accounts import Account
from doubles.github.history import Person
from doubles.github.protection import demands_of

if TYPE_CHECKING:
    from doubles.github.pulls import Pull

GREEN = {"success", "neutral", "skipped"}


class MergeRefusedError(AssertionError):
    """The platform would not merge this pull."""


def missing_checks(repository: Any, branch: str, sha: str) -> list[str]:
    """Return the checks that a branch demands and that are not green on a commit."""
    missing = []
    for name, app_id in demands_of(repository, branch).checks:
        run = repository.checks.newest(sha, name, app_id)
        if run is None or run.status != "completed" or run.conclusion not in GREEN:
            missing.append(f"{name} of app {app_id}" if app_id else name)
    return missing


def is_mergeable(pull: "Pull") -> bool:
    """Return whether head and base merge without a conflict."""
    return pull.repository.history.merged_tree(pull.base_tip, pull.head_sha) is not None


def blockers(pull: "Pull", *, from_queue: bool = False) -> list[str]:
    """Return every reason against merging a pull now."""
    if pull.state != "open":
        return ["it is not open"]
    why = [f"the check {name} is not green" for name in missing_checks(pull.repository, pull.base_ref, pull.head_sha)]
    if pull.is_draft:
        why.append("it is a draft")
    if not is_mergeable(pull):
        why.append("it conflicts")
    demands = demands_of(pull.repository, pull.base_ref)
    approvals = {review.user.id for review in pull.reviews if review.user and review.state == "APPROVED"}
    if len(approvals) < demands.approvals:
        why.append(f"{demands.approvals} approvals are needed")
    if demands.is_strict and pull.base_tip not in pull.repository.history.log(pull.head_sha):
        why.append("it is behind its base")
    if demands.uses_queue and not from_queue:
        why.append("only the merge queue merges here")
    return why


def trial_merge(pull: "Pull") -> str:
    """Return the commit on `refs/pull/N/merge`: what a merge would be now. Nothing is merged by it."""
    history = pull.repository.history
    tree = history.merged_tree(pull.base_tip, pull.head_sha)
    by = Person("GitHub", "noreply@github.com", pull.created_at)
    text = f"Merge {pull.head_sha} into {pull.base_tip}"
    sha: str = history.write(tree, (pull.base_tip, pull.head_sha), by, by, text)
    pull.repository.objects.set_ref(f"refs/pull/{pull.number}/merge", sha)
    return sha


def merged_commit(pull: "Pull", onto: str, by: Account | None, method: str) -> str:
    """Store the commit that merges a pull onto a commit, and return its sha."""
    repository = pull.repository
    tree = repository.history.merged_tree(onto, pull.head_sha)
    if tree is None:
        raise MergeRefusedError(f"{pull.number} conflicts")
    web = repository.world.web_flow
    sha: str
    if method == "rebase":
        tip = onto
        for step_sha in repository.history.between(onto, pull.head_sha):
            commit = repository.history.at(step_sha)
            step = repository.history.merged_tree(tip, step_sha) or commit.tree
            who = (commit.author.name, commit.author.email)
            tip = repository.make_commit(
                {}, parents=[tip], author=who, committer=web, message=commit.message, tree=step
            )
        return tip
    if method == "squash":
        parents, text = [onto], f"{pull.title} (#{pull.number})"
    else:
        parents, text = (
            [onto, pull.head_sha],
            f"Merge pull request #{pull.number} from {pull.head_label}\n\n{pull.title}",
        )
    sha = repository.make_commit({}, parents=parents, author=by, committer=web, message=text, tree=tree)
    return sha


def merge(pull: "Pull", by: Account | None, method: str, *, as_admin: bool) -> str:
    """Merge a pull and return the commit that did so."""
    why = blockers(pull)
    if why and not (as_admin and is_mergeable(pull)):
        raise MergeRefusedError(f"{pull.repository.full_name}#{pull.number}: {'; '.join(why)}")
    before = pull.base_tip
    sha = merged_commit(pull, before, by, method)
    mark_merged(pull, sha, before, by)
    pull.repository.push(pull.base_ref, sha, pusher=by, kind="pr_merge")
    return sha


def mark_merged(pull: "Pull", sha: str, before: str, by: Account | None) -> None:
    """Close a pull as merged, and tell."""
    pull.merged_at, pull.merged_by, pull.merge_sha, pull.base_at_merge = pull.world.clock.now(), by, sha, before
    pull.state, pull.closed_at, pull.closed_by = "closed", pull.merged_at, by
    pull.auto_merge_by = None
    pull.note("merged", by, commit=sha)
    pull.note("closed", by)
    pull.emit("pull_request", "closed", by)


def merge_what_waits(pull: "Pull") -> None:
    """Merge a pull that waits for nothing any more."""
    if pull.auto_merge_by and not blockers(pull):
        merge(pull, pull.auto_merge_by, pull.auto_merge_method or "merge", as_admin=False)

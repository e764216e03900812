"""Hints: what a webhook delivery suggests to look at; nothing of it is ever taken for a fact, save who pushed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ForgeAccount, ForgePush, body_digest
from gate.core.values import dataclass

_NOBODY_LOOKS = frozenset(
    {"assigned", "unassigned", "review_requested", "review_request_removed", "locked", "unlocked"}
)
_NO_HEAD = frozenset({"closed", "enqueued", "dequeued"})
_TICKET_MOVES = frozenset({"edited", "closed", "reopened", "deleted", "transferred", "typed", "untyped"})
_GATE_FOLDERS = (".gate/", ".github/")
_GATE_NAMES = frozenset(
    {"CODEOWNERS", "OWNERS", "OWNERS_ALIASES", "catalog-info.yaml", ".gitattributes", ".gitmodules"}
)
_ALL_COMMITS_LISTED = 20
"""A push payload lists at most 20 commits, so that a longer list may hide some (GitHub's documentation of `push`)."""
_ZERO = "0" * 40


@dataclass(frozen=True, slots=True)
class Group:
    """A merge group whose head waits for a check."""

    head_sha: str
    base_ref: str
    base_sha: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What one delivery suggests.

    `changes` are numbers to judge anew; `is_suspect` says that a green check of theirs must be withdrawn first.
    `head_sha` is a commit that one of them came to have for its head. `base_ref` names a branch that moved, so that
    all open changes onto it are judged anew. `is_everything` asks for all open changes of the repository, or of all of
    the tenant's where no repository is named. `issue` is an issue that changes may name as their ticket.
    `editor` is the account that edited the text of one of them.
    """

    changes: tuple[int, ...] = ()
    is_suspect: bool = False
    pushes: tuple[ForgePush, ...] = ()
    head_sha: str = ""
    base_ref: str = ""
    is_everything: bool = False
    group: Group | None = None
    written_check: str = ""
    rerequested_sha: str = ""
    issue: int = 0
    editor: int = 0
    why: str = ""
    kind: Literal["look", "ignore"] = "look"
    names: Mapping[str, str] = field(default_factory=dict)


IGNORED = Hints(kind="ignore")


def hints_of(event: str, payload: Mapping[str, Any], *, received_at: Instant) -> Hints:
    """Return what a delivery suggests; payloads of any shape are read as far as they make sense."""
    reader = _READERS.get(event)
    return IGNORED if reader is None else reader(payload, received_at)


def account_in(value: Any) -> ForgeAccount | None:
    """Return the account that a payload names, None where it names none."""
    if not isinstance(value, Mapping) or not _is_count(value.get("id")) or not isinstance(value.get("login"), str):
        return None
    kind = {"User": "user", "Bot": "bot"}.get(str(value.get("type", "User")), "unknown")
    login = value["login"]
    if login == "web-flow":
        return ForgeAccount(value["id"], login, "platform")
    return ForgeAccount(value["id"], login, kind)  # type: ignore[arg-type]  # one of the three above


def _pull_request(payload: Mapping[str, Any], at: Instant) -> Hints:
    request = _part(payload, "pull_request")
    number = _number(request) or _number(payload)
    action = payload.get("action")
    if not number or action in _NOBODY_LOOKS:
        return IGNORED
    pushes: tuple[ForgePush, ...] = ()
    sender = account_in(payload.get("sender"))
    if action == "synchronize" and sender is not None:
        after, before = _text(payload, "after"), _text(payload, "before")
        pushes = (ForgePush(sender, after, before, at),) if after else ()
    is_suspect = action != "opened" and action not in _NO_HEAD
    head = "" if action in _NO_HEAD else _text(_part(request, "head"), "sha")
    is_edit = action == "edited" and "body" in _part(payload, "changes") and sender is not None
    return Hints(
        (number,),
        is_suspect=is_suspect,
        pushes=pushes,
        head_sha=head,
        editor=sender.id if is_edit and sender else 0,
        names={"body": body_digest(_text(request, "body"))} if is_edit else {},
        why=f"pull request {action}",
    )


def _review(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    number = _number(_part(payload, "pull_request"))
    if not number:
        return IGNORED
    state = str(_part(payload, "review").get("state", "")).lower()
    is_suspect = payload.get("action") != "submitted" or state == "changes_requested"
    return Hints((number,), is_suspect=is_suspect, why=f"review {payload.get('action')}")


_NOES = ("/reject", "/withdraw")
"""Commands that may take a green check back."""


def _comment(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    issue = _part(payload, "issue")
    number = _number(issue)
    writer = account_in(_part(payload, "comment").get("user"))
    sender = account_in(payload.get("sender"))
    if not number or not isinstance(issue.get("pull_request"), Mapping):
        return IGNORED
    if sender is not None and sender.kind == "bot" and writer == sender:
        return IGNORED  # the gate's own comment among them
    if payload.get("action") != "created":
        return Hints((number,), is_suspect=True, why="comment")
    lines = [line.strip() for line in str(_part(payload, "comment").get("body") or "").splitlines()]
    if not any(line.startswith("/") for line in lines):
        return IGNORED
    return Hints((number,), is_suspect=any(line.startswith(_NOES) for line in lines), why="comment")


def _issue(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    issue, action = _part(payload, "issue"), payload.get("action")
    number = _number(issue)
    if not number or action not in _TICKET_MOVES:
        return IGNORED
    return Hints(issue=number, is_suspect=True, why=f"issue {action}")


def _push(payload: Mapping[str, Any], at: Instant) -> Hints:
    reference, after, before = _text(payload, "ref"), _text(payload, "after"), _text(payload, "before")
    sender = account_in(payload.get("sender"))
    if not reference.startswith("refs/heads/"):
        return IGNORED
    branch = reference.removeprefix("refs/heads/")
    moved = (ForgePush(sender, after, before, at),) if sender and after and after != _ZERO else ()
    return Hints(pushes=moved, base_ref=branch, is_suspect=_may_change_rules(payload), why=f"push to {branch}")


def _may_change_rules(payload: Mapping[str, Any]) -> bool:
    """Return whether a push may have changed the gate's own files; what is not listed in full may have."""
    commits = payload.get("commits")
    if not isinstance(commits, Sequence) or len(commits) >= _ALL_COMMITS_LISTED or payload.get("forced") is not False:
        return True
    return not commits or any(_is_gate_file(path) for commit in commits for path in _paths(commit))


def _paths(commit: Any) -> Iterator[str]:
    for key in ("added", "modified", "removed"):
        listed = commit.get(key) if isinstance(commit, Mapping) else None
        if not isinstance(listed, Sequence):
            yield ".gate/"  # what cannot be read may be anything
            continue
        yield from (path for path in listed if isinstance(path, str))


def _is_gate_file(path: str) -> bool:
    return path.startswith(_GATE_FOLDERS) or path.rpartition("/")[2] in _GATE_NAMES


def _merge_group(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    group = _part(payload, "merge_group")
    head, base_sha = _text(group, "head_sha"), _text(group, "base_sha")
    base_ref = _text(group, "base_ref").removeprefix("refs/heads/")
    if payload.get("action") != "checks_requested" or not (head and base_sha and base_ref):
        return IGNORED
    return Hints(group=Group(head, base_ref, base_sha), why="merge group")


def _check(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    run = _part(payload, "check_run") or _part(payload, "check_suite")
    sha = _text(run, "head_sha")
    if not sha:
        return IGNORED
    if payload.get("action") in {"rerequested", "requested_action"}:
        return Hints(rerequested_sha=sha, why="re-run asked for")
    app = _part(run, "app").get("id")
    said = _text(run, "conclusion") or _text(run, "status")
    names = {"check": _text(run, "name"), "app": str(app), "run": str(run.get("id")), "said": said}
    return Hints(written_check=sha, why="a check was written", names=names)


def _people(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    return Hints(is_everything=True, is_suspect=True, why=f"people or teams: {payload.get('action')}")


def _protection(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    return Hints(is_everything=True, why=f"branch protection: {payload.get('action')}")


def _repository(payload: Mapping[str, Any], at: Instant) -> Hints:
    del at
    return Hints(is_everything=True, why=f"repository: {payload.get('action')}")


def _part(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = payload.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(payload: Mapping[str, Any], key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else ""


def _number(payload: Mapping[str, Any]) -> int:
    value = payload.get("number")
    return value if isinstance(value, int) and _is_count(value) else 0


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53


_READERS = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "issue_comment": _comment,
    "issues": _issue,
    "push": _push,
    "merge_group": _merge_group,
    "check_run": _check,
    "check_suite": _check,
    "membership": _people,
    "team": _people,
    "team_add": _people,
    "member": _people,
    "organization": _people,
    "installation": _repository,
    "installation_repositories": _repository,
    "repository": _repository,
    "branch_protection_rule": _protection,
    "branch_protection_configuration": _protection,
    "repository_ruleset": _protection,
}

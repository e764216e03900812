"""Judging a merge group: green only while each of its changes is approved afresh, for exactly what the group merges."""

from collections.abc import Sequence

from gate.core.errors import GateError, UnreadableError
from gate.core.explain.json import parse_verdict
from gate.core.explain.markdown_text import inline
from gate.core.forge.group import why_not_the_merge
from gate.core.forge.hints import Group
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.core.values import dataclass
from gate.usecases.forge_ports import CheckRunText, Conclusion, ForgeRepositoryAccess, QueueEntry
from gate.usecases.gate import Gate, known_repository, repository_subject
from gate.usecases.judge_change import Outcome, judge_change
from gate.usecases.queued_group import remember_group
from gate.usecases.store_ports import StaleGenerationError

_MOST_OVERTAKINGS = 4


@dataclass(frozen=True, slots=True)
class Member:
    """One change of the group: why it does not hold, empty where it does, and what its policy's enforcement is."""

    number: int
    why_not: str
    enforcement: str = "active"


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of a group: its members, and why it could not be judged (empty: it could)."""

    members: tuple[Member, ...]
    reason: str

    @property
    def conclusion(self) -> Conclusion:
        """Return `success` only where there are members and all of them hold."""
        is_green = self.members and not self.reason and not any(member.why_not for member in self.members)
        return "success" if is_green else "failure"

    @property
    def enforcement(self) -> str:
        """Return `evaluate` where every member's policy only tries the gate out; whatever is not known is active."""
        return "evaluate" if {member.enforcement for member in self.members} == {"evaluate"} else "active"

    @property
    def title(self) -> str:
        """Return the outcome in one sentence."""
        refused = next((f"Change {m.number}: {m.why_not}." for m in self.members if m.why_not), "")
        is_one = len(self.members) == 1
        whole = "The one change of this group is" if is_one else f"All {len(self.members)} changes of this group are"
        return self.reason or refused or f"{whole} approved."

    @property
    def summary(self) -> str:
        """Return the outcome of each member as Markdown."""
        lines = [
            f"- change {member.number}: {inline(member.why_not) if member.why_not else 'approved for this content'}"
            for member in self.members
        ]
        return "\n".join([inline(self.reason), *lines]).strip()


def judge_group(gate: Gate, repository_key: RepositoryKey, group: Group) -> str:
    """Judge every change of a merge group afresh and publish the conjunction on the group's head, at once.

    Returns `success` or `failure`; a group is never left in progress (R47, R12, R62). A commit that no open change
    accounts for fails it.
    """
    with gate.store.reading() as reading:
        repository = known_repository(reading, repository_key)
    access = gate.access(repository)
    try:
        entries = access.queue_members(group.base_ref, group.base_sha, group.head_sha)
        members = _members(gate, access, repository_key, group, entries)
        reason = "" if members else "The group holds no change that could be judged."
    except UnreadableError as error:
        members, reason = [], str(error)
    result = _Result(tuple(members), reason)
    _publish(gate, access, repository, group, result)
    return result.conclusion


def _members(
    gate: Gate,
    access: ForgeRepositoryAccess,
    repository: RepositoryKey,
    group: Group,
    entries: Sequence[QueueEntry],
) -> list[Member]:
    members = []
    before = group.base_sha
    for entry in entries:
        key = ChangeKey(repository.tenant, repository.id, entry.number)
        why_not = _why_not(gate, access, key, entry, base=(group.base_ref, before))
        members.append(Member(entry.number, why_not, _enforcement(gate, key)))
        before = entry.group_sha
    return members


def _why_not(
    gate: Gate, access: ForgeRepositoryAccess, key: ChangeKey, entry: QueueEntry, *, base: tuple[str, str]
) -> str:
    """Return why one change does not hold for the group, empty where it does; `base` is branch and commit before it."""
    base_ref, before = base
    try:
        outcome = _judged(gate, key)
    except GateError as error:
        return f"it could not be judged: {error}"
    change = outcome.change
    if change.state != "open" or outcome.verdict is None:
        return f"it is {change.state}"
    if change.head_sha != entry.head_sha:
        return f"the group holds {entry.head_sha[:12]}, and its head is {change.head_sha[:12]} now"
    if change.base_ref != base_ref:
        return f"it goes to {change.base_ref}"
    if outcome.verdict.state != "approved":
        return f"its verdict is {outcome.verdict.state}"
    with gate.store.reading() as reading:
        files = reading.content(outcome.verdict.content)
    if files is None:
        return "its content is not recorded"
    return why_not_the_merge(files, access.commit_tree(before).entries(), access.commit_tree(entry.group_sha).entries())


def _enforcement(gate: Gate, key: ChangeKey) -> str:
    with gate.store.reading() as reading:
        stored = reading.verdict(key)
    return parse_verdict(stored.verdict).enforcement if stored else "active"


def _judged(gate: Gate, key: ChangeKey) -> Outcome:
    """Judge a change; where a delivery or another worker overtakes that, what they began with is looked at again."""
    for _ in range(_MOST_OVERTAKINGS):
        try:
            return judge_change(gate, key)
        except StaleGenerationError:
            continue
    return judge_change(gate, key)


def _publish(
    gate: Gate,
    access: ForgeRepositoryAccess,
    repository: ForgeRepository,
    group: Group,
    result: _Result,
) -> None:
    """Record the outcome, then show it on the group's head."""
    with gate.store.writing() as writing:
        for member in result.members if result.conclusion == "success" else ():
            remember_group(writing, ChangeKey(repository.key.tenant, repository.key.id, member.number), group)
        payload = {
            "head": group.head_sha,
            "conclusion": result.conclusion,
            "members": [[member.number, not member.why_not] for member in result.members],
        }
        subject = repository_subject(repository.key)
        writing.append(EntryDraft("check-posted", gate.instant(), subject, payload=payload))
    gate.at_point("group-recorded")
    number = result.members[0].number if result.members else 0
    access.publish_check(
        group.head_sha,
        name=gate.check_name(result.enforcement),
        external_id=f"group:{group.head_sha}",
        status="completed",
        conclusion=result.conclusion,
        text=CheckRunText(result.title[:250], result.summary, gate.url_of(repository.name, number)),
        known_id=None,
    )

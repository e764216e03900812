"""An independent model of the gate: what was done to the changes of one shop, and whether each is approved now.

It shares no code with the product and is told every act by the machine that does it. Where the gate may or may not
have looked (webhooks were lost), it keeps both answers: `may_be_approved` is what safety is measured by,
`must_be_approved` what liveness is.

The rules that it knows: owners of each touched component sign, as often as the policy of the base branch says; nobody
signs off on what they wrote or pushed; a sign-off holds for the owner's files, the base and the plan that its giver
saw; a rejection stands until its giver approves; a plan is needed.
"""

from dataclasses import dataclass, field

Files = dict[str, str]
Seen = tuple[str, str]
"""A base and a plan, as they were when the gate looked."""
FOLDERS = {"payments": "api/", "web": "web/"}


@dataclass
class Act:
    """A review, or a comment that says the same: who said what of which files, and what it may be bound to."""

    who: str
    is_approval: bool
    files: Files
    order: int
    is_dismissed: bool = False
    is_first_seen: bool = False
    bindings: set[Seen] = field(default_factory=set)
    may_be_unbound: bool = False


@dataclass
class Branch:
    """A branch of a change: what it holds, who wrote that, and every move of it, oldest first."""

    head: str
    files: Files
    authors: set[str]
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    earlier: dict[str, tuple[Files, set[str]]] = field(default_factory=dict)

    def move(self, who: str, head: str, files: Files, authors: set[str]) -> None:
        """Take another head, pushed by somebody."""
        self.moves.append((who, self.head if self.moves else "", head))
        self.head, self.files, self.authors = head, files, authors
        self.earlier[head] = files, authors

    def pushers(self) -> set[str]:
        """Return who moved the branch from its beginning to what it is now, each commit as it first came."""
        first = {after: (who, before) for who, before, after in reversed(self.moves)}
        found, at = set[str](), self.head
        while at in first:
            who, at = first.pop(at)
            found.add(who)
        return found


@dataclass
class Modelled:
    """One change."""

    author: str
    branch: Branch
    base: str
    plan: str
    is_open: bool = True
    acts: list[Act] = field(default_factory=list)
    looks: set[Seen] = field(default_factory=set)
    is_unseen: bool = True
    """Whether it may be that the gate never looked at it."""

    @property
    def seen_now(self) -> Seen:
        """What a look at this moment sees."""
        return self.base, self.plan

    def look(self, *, is_certain: bool) -> None:
        """The gate looks, or may have looked."""
        now = self.seen_now
        for act in self.acts:
            if act.is_first_seen:
                continue
            if now in self.looks:
                act.bindings.add(now)
            if self.looks != {now} or self.is_unseen:
                act.may_be_unbound = True
            act.is_first_seen = is_certain
        self.looks = {now} if is_certain else {*self.looks, now}
        self.is_unseen = self.is_unseen and not is_certain

    def touched(self) -> set[str]:
        """Return the teams whose files it changes."""
        return {team for team, folder in FOLDERS.items() if any(path.startswith(folder) for path in self.branch.files)}


@dataclass
class Model:
    """The shop: who is in which team by the records of each base, how many must sign on each, and all changes."""

    teams: dict[str, dict[str, set[str]]]
    needed: dict[str, int]
    changes: dict[int, Modelled] = field(default_factory=dict)
    clock: int = 0

    def review(self, number: int, who: str, *, is_approval: bool) -> Act:
        """Somebody reviews the head of a change."""
        self.clock += 1
        change = self.changes[number]
        act = Act(who, is_approval, dict(change.branch.files), self.clock)
        change.acts.append(act)
        return act

    def sharing(self, head: str) -> list[int]:
        """Return the open changes with a head."""
        return [number for number, one in self.changes.items() if one.is_open and one.branch.head == head]

    def head_may_be_green(self, head: str) -> bool:
        """Return whether every open change with a head may be approved."""
        sharing = self.sharing(head)
        return bool(sharing) and all(self.may_be_approved(number) for number in sharing)

    def head_must_be_green(self, head: str) -> bool:
        """Return whether every open change with a head is approved for certain."""
        sharing = self.sharing(head)
        return bool(sharing) and all(self.must_be_approved(number) for number in sharing)

    def may_be_approved(self, number: int) -> bool:
        """Return whether a change can be approved, whatever the gate has seen when."""
        return self._is_approved(self.changes[number], is_certain=False)

    def must_be_approved(self, number: int) -> bool:
        """Return whether a change is approved, whatever the gate has seen when."""
        return self._is_approved(self.changes[number], is_certain=True)

    def _is_approved(self, change: Modelled, *, is_certain: bool) -> bool:
        members = self.teams[change.base]
        if not change.plan or any(self._is_veto(change, act) for act in change.acts):
            return False
        barred = {change.author} | change.branch.authors | change.branch.pushers()
        for team in change.touched():
            able = members[team] - barred
            signed = {
                act.who for act in change.acts if act.who in able and _counts(change, act, team, is_certain=is_certain)
            }
            if len(signed) < self.needed[change.base]:
                return False
        return True

    def _is_veto(self, change: Modelled, act: Act) -> bool:
        owners = set[str]().union(*(self.teams[change.base][team] for team in change.touched()))
        is_answered = any(
            later.who == act.who and later.is_approval and later.order > act.order and not later.is_dismissed
            for later in change.acts
        )
        return not act.is_approval and act.who in owners and not is_answered


def _counts(change: Modelled, act: Act, team: str, *, is_certain: bool) -> bool:
    """Return whether an approval holds for what a team owns of the change as it is now."""
    is_ended = any(later.who == act.who and not later.is_approval and later.order > act.order for later in change.acts)
    if not act.is_approval or act.is_dismissed or is_ended:
        return False
    folder = FOLDERS[team]
    if _within(act.files, folder) != _within(change.branch.files, folder):
        return False
    if is_certain:
        return act.bindings == {change.seen_now} and not act.may_be_unbound
    return change.seen_now in act.bindings


def _within(files: Files, folder: str) -> Files:
    return {path: text for path, text in files.items() if path.startswith(folder)}

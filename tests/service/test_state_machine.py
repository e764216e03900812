"""The double and the service together, driven by Hypothesis, against an independent model of what is approved.

Safety: whatever the platform would merge, the model approves; no check ever turns green, not even for a moment, on a
head that the model does not approve. Liveness: after faults stop and one sweep, a head is green exactly where the
model says so. Every webhook may come late, twice, in another order, under another GUID, or not at all; the service may
restart and may be killed at its named points.

`GATE_MACHINE_EXAMPLES=500 GATE_MACHINE_STEPS=60` make it run longer, and random. What it finds is told as it was found;
`GATE_MACHINE_SHRINK=1` looks for the shortest way there, which takes long.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from approval_model import Act, Branch, Model, Modelled
from builders_forge_world import BODY, GATE_APP, GATE_CHECK, OWNERSHIP, POLICY
from builders_service import a_service
from doubles.github.accounts import Account
from doubles.github.issues import Comment
from doubles.github.merging import is_mergeable
from doubles.github.pulls import Pull, Review
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

EXAMPLES, STEPS = int(os.environ.get("GATE_MACHINE_EXAMPLES", "0")), int(os.environ.get("GATE_MACHINE_STEPS", "18"))
RECORDS = OWNERSHIP.replace("web: {members: [erin]}", "web: {github_team: acme/web}")
RULES = POLICY + "branches: [main, release]\n"
PLANS = {"revert": BODY, "other": BODY.replace("Deploy main", "Deploy the last release"), "": "Nothing to see.\n"}
PEOPLE = ["alice", "bob", "erin"]
CRASHES = ["claimed-deliver", "claimed-judge", "decided", "recorded", "before-green", "posted", "after-green"]
MOST_CHANGES = 3
WHICH = st.integers(0, 11)
TELLS = st.sampled_from(["settle", "settle", "wait", "wait", "lose"])


class Killed(BaseException):  # no error of the program: nothing catches it, as nothing catches SIGKILL
    """The process ends here."""


class GateMachine(RuleBasedStateMachine):
    """One shop with its gate, and the model beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="gate-machine-"))
        self.exits.callback(shutil.rmtree, folder)
        files: dict[str, Any] = {".gate/ownership.yaml": RECORDS, ".gate/policy.yaml": RULES}
        self.service = self.exits.enter_context(a_service(folder, files=files, settings={"comments": False}))
        self.forge = self.service.forge
        self.shop = self.forge.shop
        self.root = self.shop.tip("main")
        self.shop.push("release", self.root, pusher=self.forge.carol)
        self.forge.demand_the_gate("release")
        teams = {"payments": {"alice", "bob"}, "web": {"erin"}}
        self.model = Model({base: {**teams} for base in ("main", "release")}, {"main": 1, "release": 1})
        self.pulls: dict[int, Pull] = {}
        self.reviews: list[tuple[Act, Review]] = []
        self.comments: list[tuple[Act, Comment]] = []
        self.lost: set[int] = set()
        self.told: set[int] = set()
        self.breaches: list[str] = []
        self.counter = 0
        world: Any = self.forge.world
        merge_what_waits = world.checks_changed
        world.checks_changed = lambda repository, sha: self._watch(sha) or merge_what_waits(repository, sha)

    def teardown(self) -> None:
        """Let the faults stop, sweep once, and demand that green is exactly where it belongs."""
        try:
            self.sweep()
        finally:
            self.exits.close()

    # What people do.

    @initialize(with_web=st.booleans(), base=st.sampled_from(["main", "release"]))
    def begin(self, *, with_web: bool, base: str) -> None:
        """Begin with one change that the gate has seen."""
        self.open(with_web=with_web, base=base, plan="revert", then="settle")
        self.win(0, "nothing")

    @precondition(lambda self: len(self.pulls) < MOST_CHANGES)
    @rule(
        with_web=st.booleans(), base=st.sampled_from(["main", "release"]), plan=st.sampled_from(list(PLANS)), then=TELLS
    )
    def open(self, *, with_web: bool, base: str, plan: str, then: str) -> None:
        """Dave opens a change."""
        name = f"change-{self._next()}"
        files = {"api/pay.py": f"{name}\n", **({"web/page.html": f"{name}\n"} if with_web else {})}
        sha = self._commit(files, self.root, "dave")
        branch = Branch("", {}, set())
        branch.move("dave", sha, files, {"dave"})
        self.shop.push(name, sha, pusher=self.forge.dave)
        pull = self.shop.open_pull(head=name, base=base, author=self.forge.dave, title=name, body=PLANS[plan])
        self._opened(pull, Modelled("dave", branch, base, plan), then)

    @precondition(lambda self: len(self.pulls) < MOST_CHANGES)
    @rule(which=WHICH, base=st.sampled_from(["main", "release"]), plan=st.sampled_from(list(PLANS)), then=TELLS)
    def open_twin(self, which: int, base: str, plan: str, then: str) -> None:
        """Erin opens a second change with the head of another."""
        number = self._pick(which)
        if self.pulls[number].merged_at:
            return  # what is on the base already would be a change of nothing
        first = self.model.changes[number].branch
        name = f"twin-{self._next()}"
        self.shop.push(name, first.head, pusher=self.forge.erin)
        branch = Branch("", {}, set())
        branch.move("erin", first.head, first.files, set(first.authors))
        pull = self.shop.open_pull(head=name, base=base, author=self.forge.erin, title=name, body=PLANS[plan])
        self._opened(pull, Modelled("erin", branch, base, plan), then)

    @rule(
        which=WHICH,
        who=st.sampled_from(["dave", "bob", "erin"]),
        path=st.sampled_from(["api/pay.py", "web/page.html"]),
        then=TELLS,
    )
    def push(self, which: int, who: str, path: str, then: str) -> None:
        """Somebody pushes a commit."""
        number = self._pick(which)
        branch = self.model.changes[number].branch
        files = {**branch.files, path: f"text {self._next()}\n"}
        sha = self._commit({path: files[path]}, branch.head, who)
        branch.move(who, sha, files, branch.authors | {who})
        self._push(number, sha, who, then)

    @rule(which=WHICH, back=st.booleans(), then=TELLS)
    def force_push(self, *, which: int, back: bool, then: str) -> None:
        """Dave replaces the branch by one commit of his own, or by a head that it had before."""
        number = self._pick(which)
        branch = self.model.changes[number].branch
        earlier = [head for head in branch.earlier if head != branch.head]
        if back and earlier:
            sha = earlier[which % len(earlier)]
            branch.move("dave", sha, *branch.earlier[sha])
        else:
            files = {"api/pay.py": f"forced {self._next()}\n"}
            sha = self._commit(files, self.root, "dave")
            branch.move("dave", sha, files, {"dave"})
        self._push(number, sha, "dave", then)

    @rule(which=WHICH, base=st.sampled_from(["main", "release"]), then=TELLS)
    def retarget(self, which: int, base: str, then: str) -> None:
        """Dave aims a change at a branch."""
        number = self._pick(which)
        self.pulls[number].edit(base=base, by=self.forge.dave)
        self.model.changes[number].base = base
        self._then(then, number)

    @rule(which=WHICH, plan=st.sampled_from(list(PLANS)), then=TELLS)
    def edit(self, which: int, plan: str, then: str) -> None:
        """Dave edits the plan."""
        number = self._pick(which)
        self.pulls[number].edit(body=PLANS[plan], by=self.forge.dave)
        self.model.changes[number].plan = plan
        self._then(then, number)

    @rule(which=WHICH, unseen=st.sampled_from(["nothing", "nothing", "plan", "base", "push"]))
    def win(self, which: int, unseen: str) -> None:
        """All owners approve what the gate has seen, or what moved since in a way that it has not."""
        self.settle()
        number = self._pick(which)
        change = self.model.changes[number]
        if unseen == "plan":
            self.edit(which, "other" if change.plan == "revert" else "revert", "wait")
        elif unseen == "base":
            self.retarget(which, "main" if change.base == "release" else "release", "wait")
        elif unseen == "push":
            self.push(which, "dave", "api/pay.py", "wait")
        for who in PEOPLE:
            self._review(number, who, "wait", is_approval=True)
        self.settle()

    @rule(which=WHICH, who=st.sampled_from(PEOPLE), then=TELLS)
    def approve(self, which: int, who: str, then: str) -> None:
        """Somebody approves."""
        self._review(self._pick(which), who, then, is_approval=True)

    @rule(which=WHICH, who=st.sampled_from(["alice", "bob"]), then=TELLS)
    def reject(self, which: int, who: str, then: str) -> None:
        """Somebody requests changes."""
        self._review(self._pick(which), who, then, is_approval=False)

    @rule(which=WHICH, who=st.sampled_from(PEOPLE), then=TELLS)
    def sign_by_comment(self, which: int, who: str, then: str) -> None:
        """Somebody approves by `/signoff SHA` in a comment."""
        number = self._pick(which)
        if who != self.model.changes[number].author:
            act = self.model.review(number, who, is_approval=True)
            text = f"Looks good.\n\n/signoff {self.pulls[number].head_sha}"
            self.comments.append((act, self.pulls[number].comment(self._who(who), text)))
            self._then(then, number)

    @rule(which=WHICH, who=st.sampled_from(["alice", "bob"]), then=TELLS)
    def reject_by_comment(self, which: int, who: str, then: str) -> None:
        """Somebody says no by `/reject` in a comment."""
        number = self._pick(which)
        if who != self.model.changes[number].author:
            self.model.review(number, who, is_approval=False)
            self.pulls[number].comment(self._who(who), "/reject not like this")
            self._then(then, number)

    @precondition(lambda self: any(not act.is_dismissed for act, _ in self.comments))
    @rule(which=WHICH, is_deleted=st.booleans(), then=TELLS)
    def undo_a_comment(self, *, which: int, is_deleted: bool, then: str) -> None:
        """Dave deletes a comment that approves, or writes something else into it: it counts no longer."""
        standing = [(act, comment) for act, comment in self.comments if not act.is_dismissed]
        act, comment = standing[which % len(standing)]
        act.is_dismissed = True
        number = comment.issue.number
        if is_deleted:
            comment.delete(self.forge.dave)
        else:
            comment.edit(f"/signoff {self.pulls[number].head_sha}", self.forge.dave)
        self._then(then, number)

    @precondition(lambda self: any(not act.is_dismissed for act, _ in self.reviews))
    @rule(which=WHICH, then=TELLS)
    def dismiss(self, which: int, then: str) -> None:
        """Dave dismisses a review."""
        standing = [(act, review) for act, review in self.reviews if not act.is_dismissed]
        act, review = standing[which % len(standing)]
        act.is_dismissed = True
        review.dismiss(self.forge.dave)
        self._then(then, review.pull.number)

    @rule(alice=st.booleans(), needed=st.sampled_from([1, 1, 2]), then=TELLS)
    def change_the_rules(self, *, alice: bool, needed: int, then: str) -> None:
        """Carol pushes other records and another policy to main."""
        files: dict[str, Any] = {
            ".gate/ownership.yaml": RECORDS if alice else RECORDS.replace("[alice, bob]", "[bob, carol]"),
            ".gate/policy.yaml": RULES + f"signoffs: {{each_component: {needed}}}\n# {self._next()}\n",
        }
        self.shop.commit("main", files, author=self.forge.carol)
        self.model.teams["main"]["payments"] = {"alice", "bob"} if alice else {"bob", "carol"}
        self.model.needed = {"main": needed, "release": needed}
        self._then(then, *self.pulls)

    @rule(is_in=st.booleans(), then=TELLS)
    def change_the_team(self, *, is_in: bool, then: str) -> None:
        """Erin leaves the forge's team, or comes back; alice joins or leaves with her."""
        for account, belongs in ((self.forge.erin, is_in), (self.forge.alice, not is_in)):
            if belongs != (account in self.forge.web.members):
                (self.forge.web.add if belongs else self.forge.web.remove)(account)
        for base in self.model.teams:
            self.model.teams[base]["web"] = {"erin"} if is_in else {"alice"}
        self._then(then, *self.pulls)

    @rule(which=WHICH, then=TELLS)
    def close_or_reopen(self, which: int, then: str) -> None:
        """Dave closes a change, or opens it again."""
        number = self._pick(which)
        change, pull = self.model.changes[number], self.pulls[number]
        if pull.merged_at:
            return
        (pull.close if change.is_open else pull.reopen)(self.forge.dave)
        change.is_open = not change.is_open
        self._then(then, number)

    @precondition(lambda self: any(self._may_merge(number) for number in self.pulls))
    @rule(which=WHICH, then=TELLS)
    def merge(self, which: int, then: str) -> None:
        """Dave merges a change that the platform lets in: it is over, and all others stay what they are."""
        self.settle()  # what is still on its way may leave green for as long as it is
        able = [number for number in self.pulls if self._may_merge(number)]
        if not able:
            return
        number = able[which % len(able)]
        assert self.model.head_may_be_green(self.model.changes[number].branch.head) or number in self.lost
        self.pulls[number].merge(self.forge.dave)
        self.model.changes[number].is_open = False
        self._then(then, number)

    @rule(which=WHICH, then=TELLS)
    def draft_or_ready(self, which: int, then: str) -> None:
        """Dave makes a change a draft, or ready again."""
        number = self._pick(which)
        pull = self.pulls[number]
        if self.model.changes[number].is_open:
            (pull.ready if pull.is_draft else pull.draft)(self.forge.dave)
            self._then(then, number)

    # What happens to the service.

    @rule(seed=st.integers(1, 100), twice=st.booleans())
    def settle(self, *, seed: int = 1, twice: bool = False) -> None:
        """Hand all webhooks over in any order, and let the service come to rest."""
        self.forge.world.hooks.waiting.sort(key=lambda delivery: delivery.id * seed % 101)
        self.service.receive(twice=twice)
        self._work()
        self.rested()

    @rule(which=WHICH)
    def replay(self, which: int) -> None:
        """Hand an old webhook over again, under a new GUID."""
        if self.service.received:
            old = self.service.received[-1 - which % len(self.service.received)]
            self.service.hand_over(old, guid=f"replay-{self._next()}")
            self.settle()

    @rule(point=st.sampled_from(CRASHES))
    def crash(self, point: str) -> None:
        """Kill the service at a point of its work, and start another one once its leases are over."""

        def die() -> None:
            raise Killed

        self.service.receive()
        self.service.points.once(point, die)
        try:
            self._work()
        except Killed:
            self.service.restart()
        self.service.points.due.clear()
        self.service.clock.ahead_seconds += 60
        self.settle()

    @rule(
        pattern=st.sampled_from([r"/reviews", r"/pulls/\d+$", r"/check-runs", r"/git/ref", r"/members"]),
        kind=st.sampled_from(["status", "after-success", "drop"]),
    )
    def suffer(self, pattern: str, kind: Any) -> None:
        """Let requests fail for a while."""
        fault = self.forge.world.faults.add("*", pattern, kind, times=2)
        self.service.receive()
        self._work()
        fault.times = 0
        self.service.clock.ahead_seconds += 400
        self.settle()

    @rule()
    def sweep(self) -> None:
        """Let the faults be over and sweep once: whatever was lost is found."""
        self.service.receive()
        self.lost.clear()
        self.told |= set(self.pulls)
        self.service.ask_for_a_sweep()
        self._work()
        self.rested()

    @precondition(lambda self: any(self._may_queue(number) for number in self.pulls))
    @rule(which=WHICH)
    def queue(self, which: int) -> None:
        """Queue one or two changes: their groups are green exactly where each change is approved."""
        self.sweep()
        able = [number for number in self.pulls if self._may_queue(number)]
        chosen = able[which % len(able) :][: 1 + which % 2]
        groups = self.shop.queue([self.pulls[number] for number in chosen], by=self.forge.dave)
        self.settle()
        is_green = True
        for number, group in zip(chosen, groups, strict=True):
            is_green = is_green and self.model.may_be_approved(number)
            must = is_green and self.model.must_be_approved(number)
            assert self.service.check_on(group.head_sha) in (
                {"success"} if must else {"failure", "success" if is_green else ""}
            )
        for group in reversed(groups):
            group.drop()
        self.settle()

    # What must hold.

    @invariant()
    def nothing_was_green_that_nobody_approved(self) -> None:
        """No check turned green, even for a moment, on a head that is not approved."""
        assert self.breaches == []

    def rested(self) -> None:
        """What must hold whenever the service has done all it has to do."""
        for number, change in self.model.changes.items():
            pull = self.pulls[number]
            if not change.is_open:
                continue
            check = self.service.check(pull)
            sharing = set(self.model.sharing(change.branch.head))
            if sharing & self.lost:
                continue
            what = f"#{number} ({sorted(sharing)}) is {check}; {change}"
            assert self.model.head_may_be_green(change.branch.head) or not pull.would_merge(), what
            assert check == "success" or not self.model.head_must_be_green(change.branch.head), what
            assert check != "success" or self.model.head_may_be_green(change.branch.head), what

    # How it is done.

    def _work(self) -> None:
        """Let the service look at whatever it was told of, and tell the model."""
        self.told -= self.lost
        for number, change in self.model.changes.items():
            if change.is_open and number in self.told | self.lost:
                change.look(is_certain=number in self.told)
        self.told.clear()
        self.service.work()

    def _watch(self, sha: str) -> Any:
        run = self.shop.checks.newest(sha, GATE_CHECK, GATE_APP)
        if run is None or run.conclusion != "success" or any(group.head_sha == sha for group in self.shop.groups):
            return
        if not self.model.head_may_be_green(sha):
            self.breaches.append(f"{sha} turned green, the head of {self.model.sharing(sha)}")

    def _then(self, then: str, *numbers: int) -> None:
        if then == "lose":
            if self.service.lose_webhooks():
                self.lost |= self.told | set(numbers)
            return
        self.told |= set(numbers)
        if then == "settle":
            self.settle()

    def _opened(self, pull: Pull, change: Modelled, then: str) -> None:
        self.pulls[pull.number], self.model.changes[pull.number] = pull, change
        self._then(then, pull.number)

    def _push(self, number: int, sha: str, who: str, then: str) -> None:
        self.shop.push(self.pulls[number].head_ref, sha, pusher=self._who(who))
        self._then(then, number)

    def _review(self, number: int, who: str, then: str, *, is_approval: bool) -> None:
        if who == self.model.changes[number].author:
            return
        act = self.model.review(number, who, is_approval=is_approval)
        review = self.pulls[number].review(self._who(who), "APPROVED" if is_approval else "CHANGES_REQUESTED")
        self.reviews.append((act, review))
        self._then(then, number)

    def _may_queue(self, number: int) -> bool:
        change, pull = self.model.changes[number], self.pulls[number]
        return change.is_open and change.base == "main" and not pull.is_draft and is_mergeable(pull)

    def _may_merge(self, number: int) -> bool:
        """Return whether the platform would merge a change whose head no other change ever had."""
        change, pull = self.model.changes[number], self.pulls[number]
        others = [one for other, one in self.model.changes.items() if other != number]
        return (
            change.is_open
            and pull.would_merge()
            and all(change.branch.head not in one.branch.earlier for one in others)
        )

    def _commit(self, files: dict[str, str], parent: str, who: str) -> str:
        return self.shop.make_commit(files, parents=[parent], author=self._who(who), message="Change")

    def _who(self, name: str) -> Account:
        account: Account = getattr(self.forge, name)
        return account

    def _pick(self, which: int) -> int:
        return sorted(self.pulls)[which % len(self.pulls)]

    def _next(self) -> int:
        self.counter += 1
        return self.counter


GateMachine.TestCase.settings = settings(
    max_examples=EXAMPLES or 3,
    stateful_step_count=STEPS,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=bool(EXAMPLES),
    phases=[Phase.generate, *([Phase.shrink] if os.environ.get("GATE_MACHINE_SHRINK") else [])],
)
TestTheGate: Callable[..., Any] = GateMachine.TestCase

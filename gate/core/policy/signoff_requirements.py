"""Sign-off requirements: whom a change must ask, by ownership, by rule, for the gate's own files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from gate.core.change.facts import Facts, PersonKey
from gate.core.policy.component_requirements import (
    Askings,
    ComponentRequirements,
    circle_in_words,
    component_id,
    component_subject,
    way_to_name,
)
from gate.core.policy.demands import Demand, asked_by, in_words, judge_demand, people_who_signed
from gate.core.policy.judged import Group, Judged, One
from gate.core.policy.rules import MatchedRule
from gate.core.policy.touched import Touched
from gate.core.signoff.eligibility import Asked, SignoffBook
from gate.core.signoff.people import People
from gate.core.signoff.scope import Subject
from gate.core.values import dataclass
from gate.core.verdict import Actor, RequirementView, RuleRef

PER_COMPONENT = frozenset({"owner", "backup", "transfer"})
HUMANS_FOR_A_BOT = 2


@dataclass(frozen=True, slots=True)
class SignoffRequirements:
    """Judges every requirement that asks for sign-offs of one change.

    `asked` collects every demand that is judged. `askings` is what the requirements on components remember with the
    rules.
    """

    facts: Facts
    touched: Touched
    book: SignoffBook
    asked: list[Iterable[Asked]]
    askings: Askings = field(default_factory=dict)

    def judge(self, matched: Sequence[MatchedRule]) -> list[Judged]:
        """Return them all: the gate's files, each component, unowned files, each rule, and two humans for a bot."""
        judged: list[Judged] = [self._judge(demand, "firm") for demand in self._gate_files()]
        raised = self._raised_by_rules(matched)
        judged.append(self._components(raised))
        judged += self._unowned(raised)
        for match in matched:
            wanted = match.rule.require.signoffs or {}
            judged += [self._judge(demand, "rules") for demand in self.demands_of(match, wanted)]
        judged += self._two_humans(judged)
        return judged

    def _judge(self, demand: Demand, group: Group) -> One:
        view, tally = judge_demand(demand, self.book)
        self.asked.append((asked_by(demand, tally),))
        return One(view, group, tally)

    def _ref(self, key: str, name: str) -> RuleRef:
        document = self.facts.policy
        return RuleRef(name=name, file=document.file, line=document.lines.get(key, 0))

    def _raised_by_rules(self, matched: Sequence[MatchedRule]) -> Mapping[str, tuple[int, RuleRef]]:
        """Return by subject how many owners the strictest rule asks for, where owners alone are asked anyway.

        That is so of the files that nobody owns whatever the policy says: their only owner is the default owner.
        """
        only_owners = set(self.facts.policy.policy.signoffs.from_) == {"owner"}
        raised: dict[str, tuple[int, RuleRef]] = {}
        for match in matched:
            count = (match.rule.require.signoffs or {}).get("owner", 0)
            subjects = [component_subject(part).id for part in match.parts] if only_owners else []
            subjects += ["unowned"] if match.is_for_unowned else []
            for subject in subjects:
                if count > raised.get(subject, (0, match.ref))[0]:
                    raised[subject] = (count, match.ref)
        return raised

    def _components(self, raised: Mapping[str, tuple[int, RuleRef]]) -> ComponentRequirements:
        found = ComponentRequirements(self.facts, self.touched, self.book, self.askings, raised)
        self.asked.append(found)
        return found

    def _unowned(self, raised: Mapping[str, tuple[int, RuleRef]]) -> list[Judged]:
        files = self.touched.unowned
        policy = self.facts.policy.policy
        if not files or allows_unowned(self.facts):
            return []
        rule = self._ref("default_owner" if policy.default_owner else "unowned", "Unowned files")
        if policy.default_owner is None:
            mend = "Give them an owner on the base branch, or set `default_owner` in the policy."
            if not self.facts.ownership.sections:
                mend = "Nothing on the base branch says who owns what: commit there what `gate init` writes."
            names = f"{files[0]} and {len(files) - 1} more" if len(files) > 1 else files[0]
            view = RequirementView(
                id="ownership:unowned", kind="ownership", title="Every file has an owner", state="waiting",
                code="paths-uncovered", why=f"Nobody owns {names}, and the policy names no `default_owner`.",
                next=mend,
                needed=1, rule=rule, files=tuple(files),
            )  # fmt: skip
            return [One(view, "ownership")]
        needed, rule = max((policy.signoffs.each_component, rule), raised.get("unowned", (0, rule)), key=lambda r: r[0])
        demand = self._of_default_owner("ownership:unowned", "Sign-off for files without owner", needed, rule)
        return [self._judge(demand, "ownership")]

    def _of_default_owner(self, identity: str, title: str, needed: int, rule: RuleRef) -> Demand:
        """Return the demand on the default owner for the files that nobody owns."""
        owner = self.facts.policy.policy.default_owner
        return Demand(
            kind="ownership",
            id=identity,
            subject=Subject("unowned", "unowned", self.touched.unowned_paths),
            title=title,
            circle=owner or "the default owner",
            pool=self.book.directory.behind(owner) if owner else People(),
            needed=needed,
            files=self.touched.unowned,
            rule=rule,
            fallback=""
            if owner
            else "Give the files an owner on the base branch, or set `default_owner` in the policy.",
        )

    def _gate_files(self) -> Iterable[Demand]:
        """Yield the demand on the policy owner for the gate's own files.

        With no policy and a bare CODEOWNERS file there is no gate to protect yet; it exists from the first policy on.
        """
        files = self.touched.gate_files
        policy = self.facts.policy.policy
        if not files or (self.facts.ownership.is_bare_codeowners and self.facts.policy.file == "built-in defaults"):
            return
        owner = policy.policy_owner or policy.default_owner
        yield Demand(
            kind="policy-change",
            id="policy-change",
            subject=Subject("policy-change", "policy-change", self.touched.gate_paths),
            title="Sign-off for the gate's own files",
            circle=owner or "the policy owner",
            pool=self.book.directory.behind(owner) if owner else People(),
            needed=1,
            files=files,
            rule=self._ref("policy_owner", "Gate files"),
            missing_code="policy-change-needs-owner",
            fallback="" if owner else "Set `policy_owner` in the policy; until then nobody can approve such a change.",
        )

    def demands_of(self, match: MatchedRule, wanted: Mapping[str, int], suffix: str = "") -> Iterable[Demand]:
        """Yield what a rule's `signoffs` ask for: owners and backups for each component, others for the rule.

        `suffix` names the way where the rule asks for one of several; the default owner's count is raised otherwise.
        """
        only_owners = set(self.facts.policy.policy.signoffs.from_) == {"owner"}
        for party in sorted(wanted):
            if party == "owner" and only_owners and not suffix:
                continue  # already raised on the ownership requirement itself
            if party in PER_COMPONENT:
                yield from self._per_component(match, party, wanted[party], suffix)
                if suffix and party == "owner" and match.is_for_unowned and not allows_unowned(self.facts):
                    identity, title = f"rule:{match.rule.name}:owner:unowned{suffix}", f"{match.rule.name}: unowned"
                    yield self._of_default_owner(identity, title, wanted[party], match.ref)._replace(kind="rule")
                continue
            yield Demand(
                kind="rule",
                id=f"rule:{match.rule.name}:{party}{suffix}",
                subject=match.subject,
                title=match.rule.name,
                circle=party.replace("role:", "role ").replace("team:", "").replace("person:", ""),
                pool=self.book.directory.party(party),
                needed=wanted[party],
                files=match.files,
                rule=match.ref,
                missing_code="rule-signoff-missing",
            )

    def _per_component(self, match: MatchedRule, party: str, needed: int, suffix: str) -> Iterable[Demand]:
        for part in match.parts:
            if part.is_asked:
                yield Demand(
                    kind="rule",
                    id=f"rule:{match.rule.name}:{party}:{component_id(part)}{suffix}",
                    subject=component_subject(part),
                    title=f"{match.rule.name}: {part.component.name}",
                    circle=circle_in_words((party,), part),
                    pool=self.book.directory.party(party, part.component),
                    needed=needed,
                    files=part.files,
                    rule=match.ref,
                    fallback=way_to_name(party, part.component),
                )

    def _two_humans(self, judged: Sequence[Judged]) -> list[Judged]:
        """Return the demand for two people where a bot made the change: whoever steers it may be one of them."""
        bots = bots_behind(self.facts)
        if not bots:
            return []
        tallies = [tally for entry in judged for tally in entry.tallies()]
        if not tallies:
            return []
        machines = machines_among(self.facts)
        signed = people_who_signed(tallies) - machines
        others = frozenset().union(*(t.able for t in tallies)) - signed - machines
        able = sorted(self.book.directory.display(person) for person in others)
        is_met = len(signed) >= HUMANS_FOR_A_BOT
        view = RequirementView(
            id="rule:two-humans",
            kind="rule",
            title="Two people for a bot's change",
            state="met" if is_met else "waiting",
            code="two-humans" if is_met else "bot-author-needs-two",
            why=f"{in_words(bots)} made this change; {len(signed)} of {HUMANS_FOR_A_BOT} people have signed off.",
            next=""
            if is_met
            else f"Ask {'one more person who is' if signed else 'two people who are'} entitled to sign off.",
            who=() if is_met else tuple(Actor(person=name, how="sign off") for name in able),
            needed=HUMANS_FOR_A_BOT,
            given=min(len(signed), HUMANS_FOR_A_BOT),
        )
        return [One(view, "ownership")]


def allows_unowned(facts: Facts) -> bool:
    """Return whether files without owner pass unasked: by policy, or with a bare CODEOWNERS as on the platform."""
    return facts.policy.policy.unowned == "allow" or (
        facts.ownership.is_bare_codeowners and facts.policy.file == "built-in defaults"
    )


def bots_behind(facts: Facts) -> list[str]:
    """Return the bots that opened, wrote or pushed the change; without known pushers committers stand for them."""
    commits = [commit for commit in facts.commits if not commit.is_mechanical_merge]
    made_by: set[str | None] = {facts.change.author, *(commit.author for commit in commits)}
    made_by |= {push.account for push in facts.pushers or ()}
    made_by |= {commit.committer for commit in commits} if facts.pushers is None else set()
    accounts = [facts.accounts[key] for key in made_by if key is not None and key in facts.accounts]
    return sorted(account.login or account.person for account in accounts if account.kind == "bot")


def machines_among(facts: Facts) -> frozenset[PersonKey]:
    """Return every account that is no human, even where the policy lets it sign off."""
    return frozenset(account.person for account in facts.accounts.values() if account.kind != "user")

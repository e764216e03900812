"""Asks: who is asked to sign off on what right now, with the digest of exactly what they would sign."""

from collections.abc import Iterable, Iterator, Mapping

from gate.core.change.facts import AccountKey, Facts, Instant, PersonKey
from gate.core.decide import decide_case
from gate.core.policy.case import Case
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.veto import veto_circle
from gate.core.signoff.people import People
from gate.core.signoff.scope import Subject
from gate.core.values import dataclass
from gate.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Ask:
    """One circle of people asked for one subject.

    `shown_in` is the requirement of the verdict that this is, or is one of several ways to meet; `title` is that one's.
    `scope` is the digest of what a sign-off of it covers now. `able` may sign off and have not; `signed` have.
    `is_open` says that more of them are needed: neither met nor waived, nor one of several ways of which one was taken.
    """

    requirement: str
    shown_in: str
    title: str
    subject: Subject
    scope: str
    circle: People
    needed: int
    able: frozenset[PersonKey]
    signed: frozenset[PersonKey]
    is_open: bool


class Asks:
    """Everybody who is asked about one change at one time, and the verdict that asks them."""

    def __init__(self, facts: Facts, *, at: Instant, compiled: CompiledRules | None = None) -> None:
        case = Case.open(facts, at=at, compiled=compiled)
        self.verdict: Verdict = decide_case(case)
        self.facts = case.facts
        self.plan_digest = case.book.plan_digest
        self.directory = case.directory
        self._case = case
        shown = {view.id: view for view in self.verdict.requirements}
        invalidates = facts.policy.policy.signoffs.on_push == "invalidate-all"
        self.all = tuple(
            Ask(
                asked.requirement,
                (view := shown[asked.part_of or asked.requirement]).id,
                view.title,
                asked.subject,
                case.book.digest(asked.subject, binds_head=asked.binds_head or invalidates),
                asked.circle,
                asked.needed,
                asked.tally.able,
                asked.tally.people,
                view.code != "waived" and not asked.is_settled and len(asked.tally.people) < asked.needed,
            )
            for together in case.asked
            for asked in together
        )

    def of(self, person: PersonKey) -> tuple[Ask, ...]:
        """Return what waits for a person: open, and theirs to sign."""
        return tuple(ask for ask in self.all if ask.is_open and person in ask.able)

    def concerning(self, person: PersonKey) -> tuple[Ask, ...]:
        """Return every ask whose circle a person is in, met and signed ones too."""
        return tuple(ask for ask in self.all if person in ask.circle.members)

    def subjects_of(self, person: PersonKey) -> Mapping[str, str]:
        """Return the subjects that wait for a person with their scopes, as a link to them is issued for."""
        return {ask.subject.id: ask.scope for ask in self.of(person)}

    def scopes(self) -> Mapping[str, str]:
        """Return the present scope of every subject that somebody is asked about."""
        return {ask.subject.id: ask.scope for ask in self.all}

    def people(self) -> frozenset[PersonKey]:
        """Return everybody for whom something waits."""
        return frozenset().union(*(ask.able for ask in self.all if ask.is_open))

    def waiting(self) -> Iterator[tuple[AccountKey, str, str]]:
        """Yield everything that waits for somebody: their account, the subject, its scope."""
        for person in sorted(self.people()):
            account = self.account_of(person)
            for subject, scope in self.subjects_of(person).items():
                yield account, subject, scope

    def person_of(self, account: AccountKey) -> PersonKey:
        """Return who is behind an account; an unknown one is a person of its own, who is asked nothing."""
        if account.startswith("person:"):
            return account.partition(":")[2]
        known = self.directory.person_of(account)
        if known is not None:
            return known
        records = self.facts.ownership.people.items()
        return next((name for name, record in records if record.account == account), account)

    def account_of(self, person: PersonKey) -> AccountKey:
        """Return the account that a person is addressed by: at the forge where it is known, else by their record."""
        record = self.facts.ownership.people.get(person)
        if record is not None and record.account is not None:
            return record.account
        accounts: Iterable[AccountKey] = sorted(
            key
            for key, account in self.facts.accounts.items()
            if account.person == person and key.startswith("github:")
        )
        return next(iter(accounts), f"person:{person}" if record is not None else person)

    def may_veto(self, person: PersonKey) -> bool:
        """Return whether a person is among those whose rejection stands."""
        return person in veto_circle(self._case).members

    def eligible_in_role(self, role: str) -> frozenset[PersonKey]:
        """Return who is in a role and had no hand in the change."""
        return self._case.book.eligible(self.directory.in_role(role))

    def had_a_hand(self, person: PersonKey) -> bool:
        """Return whether a person wrote, committed or pushed any of the change."""
        return person in self._case.book.contributors

    def why_nothing(self, person: PersonKey) -> str:
        """Return why nothing waits for a person, in words; empty where there is nothing more to say."""
        mine = self.concerning(person)
        if any(person in ask.signed for ask in mine):
            return "you have signed off."
        if mine and person in self._case.book.contributors:
            return self.why_not(person, mine[0].subject.id)
        return "enough people have signed off." if mine else "you are not among those asked."

    def why_not(self, person: PersonKey, subject_id: str) -> str:
        """Return why a person may not sign off on a subject, in words; empty where they may."""
        asks = [ask for ask in self.all if ask.subject.id == subject_id]
        if any(person in ask.able or person in ask.signed for ask in asks):
            return ""
        name = self.directory.display(person)
        hand = self._case.book.contributors.get(person)
        if hand is not None:
            return f"{name} {hand.how}, and nobody signs off on a change that they had a hand in."
        if not asks:
            return "Nobody is asked about this any more."
        return f"{name} is not among those asked for {asks[0].subject.name}."

"""Component requirements: what the owners of each touched component are asked; decided at once, explained when read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from gate.core.change.facts import Facts, Instant
from gate.core.ownership.registry import Component
from gate.core.policy.demands import Demand, Said, asked_by, in_words, view_of
from gate.core.policy.touched import Touched, TouchedPart
from gate.core.signoff.eligibility import Asked, SignoffBook, Tally
from gate.core.signoff.people import People, people_of
from gate.core.signoff.scope import Subject
from gate.core.verdict import RequirementState, RequirementView, RuleRef

Askings = dict[tuple[str, str], "Asking"]
_ASKING_ROOM, _SAYING_ROOM, _NAME_ROOM = 800, 800, 70


class Asking(NamedTuple):
    """What the owners of a component are asked, as far as it is the same for every change under the same rules."""

    id: str
    subject: str
    title: str
    circle: str
    fallback: str
    said: Said


class ComponentRequirements:
    """The sign-offs that ownership asks for, one requirement for each touched component.

    A change may touch hundreds of components, and of most of them nobody has said anything. Whether a requirement is
    met is decided when this is made, from who approved and who is in which circle alone. Who could still act, which
    approvals do not count and all words are worked out from the same when they are read. `raised` holds by subject
    how many owners the strictest rule asks for; `askings` remembers what was worked out of the rules alone and belongs
    to them, not to the change.
    """

    group: Literal["ownership"] = "ownership"

    def __init__(
        self,
        facts: Facts,
        touched: Touched,
        book: SignoffBook,
        askings: Askings,
        raised: Mapping[str, tuple[int, RuleRef]],
    ) -> None:
        self._policy = facts.policy
        line = facts.policy.lines.get("signoffs", 0)
        self._usual = RuleRef(name="Owners sign off", file=facts.policy.file, line=line)
        self._book = book
        self._askings = askings
        self._raised = raised
        self._parts = [part for part in touched.parts if part.is_asked]
        self._circles = self._circles_of([part.component for part in self._parts])
        self._explained: Sequence[tuple[Demand, Tally]] | None = None
        # SECURITY: where nobody of a circle has approved, nobody else's approval counts for it: it is not met.
        self.states: list[RequirementState] = ["waiting"] * len(self._parts)
        self.expires_at: list[Instant] = []
        givers = book.givers
        for number in [n for n, circle in enumerate(self._circles) if not circle.members.isdisjoint(givers)]:
            self._decide(number)

    def _decide(self, number: int) -> None:
        """Decide the requirement on a component of whose circle somebody has approved something."""
        demand = self._demand(number)
        tally = self._book.tally(demand.subject, demand.pool)
        self.expires_at += tally.expires_at
        if len(tally.people) >= demand.needed:
            self.states[number] = "met"

    def views(self) -> Sequence[RequirementView]:
        """Return what is shown of each, in the order of section and name."""
        return [view_of(demand, tally, self._book) for demand, tally in self._demands()]

    def tallies(self) -> Sequence[Tally]:
        """Return who counts for each and who could still act."""
        return [tally for _, tally in self._demands()]

    def __iter__(self) -> Iterator[Asked]:
        """Yield each demand as it was judged."""
        return (asked_by(demand, tally) for demand, tally in self._demands())

    def _demands(self) -> Sequence[tuple[Demand, Tally]]:
        if self._explained is None:
            demands = map(self._demand, range(len(self._parts)))
            self._explained = [(demand, self._book.tally(demand.subject, demand.pool)) for demand in demands]
        return self._explained

    def _demand(self, number: int) -> Demand:
        part = self._parts[number]
        component = part.component
        asking = self._askings.get((component.section, component.name)) or self._asking(part)
        needed = max(self._policy.policy.signoffs.each_component, part.required or 0)
        rule = self._usual
        if asking.subject in self._raised and self._raised[asking.subject][0] > needed:
            needed, rule = self._raised[asking.subject]
        return Demand(
            kind="ownership",
            id=asking.id,
            subject=Subject(asking.subject, component.name, part.paths, not part.files),
            title=asking.title,
            circle=asking.circle,
            pool=self._circles[number],
            needed=needed,
            files=part.files,
            rule=rule,
            fallback=asking.fallback,
            said=asking.said,
        )

    def _circles_of(self, components: Sequence[Component]) -> Sequence[People]:
        """Return for each component everybody whom the policy lets sign off for it."""
        parties, party_of = self._policy.policy.signoffs.from_, self._book.directory.party
        if parties == ("owner",):
            return list(map(self._book.directory.owners, components))
        return [people_of([party_of(party, component) for party in parties]) for component in components]

    def _asking(self, part: TouchedPart) -> Asking:
        """Return what a component's owners are asked, and remember it."""
        component = part.component
        found = self._askings[component.section, component.name] = Asking(
            id=f"ownership:{component_id(part)}",
            subject=component_subject(part).id,
            title=f"Sign-off for {component.name}",
            circle=circle_in_words(self._policy.policy.signoffs.from_, part),
            fallback=self._fallback(component),
            said={},
        )
        return found

    def _fallback(self, component: Component) -> str:
        """Return whom to turn to where nobody of a component's circle may sign off."""
        policy, name = self._policy.policy, component.name
        if component.backup and "backup" not in policy.signoffs.from_:
            how = "`signoffs: from: [owner, backup]`"
            return f"Let the backup {component.backup} sign off too ({how}), or name a further owner."
        if policy.default_owner:
            return f"Ask {policy.default_owner}, the default owner, to name a further owner or a backup for {name}."
        return f"Name a further owner of {name} on the base branch, or a backup and `from: [owner, backup]`."


def room_of(askings: Askings) -> int:
    """Return how many bytes, roughly, all that was said takes; another thread may be saying more meanwhile (S11)."""
    said = [key for asking in [*askings.values()] for key in [*asking.said]]
    return len(askings) * _ASKING_ROOM + len(said) * _SAYING_ROOM + sum(map(len, said)) * _NAME_ROOM


def component_subject(part: TouchedPart) -> Subject:
    """Return what a component's sign-off covers: its files, or all files where it was declared and has none."""
    component = part.component
    identity = f"component:{component.section}/{component.name}"
    return Subject(identity, component.name, part.paths, has_all_files=not part.files)


def component_id(part: TouchedPart) -> str:
    """Return a component as identities of requirements name it: its section only where that is not the default."""
    component = part.component
    return component.name if component.section == "default" else f"{component.section}/{component.name}"


def circle_in_words(parties: Sequence[str], part: TouchedPart) -> str:
    """Return who may sign off for a component, in words."""
    words = [_party_in_words(party, part.component) for party in parties]
    return words[0] if len(words) == 1 else in_words(list(dict.fromkeys(words)), last="or")


def way_to_name(party: str, component: Component) -> str:
    """Return how somebody else comes to be able to sign off for a component, where nobody of a party may."""
    whom = {
        "owner": f"Name a further owner of {component.name}",
        "backup": f"Name a backup of {component.name}",
        "transfer": f"Say to whom {component.name} is handed over, under `transfer`,",
    }
    return f"{whom[party]} in the ownership records on the base branch."


def _party_in_words(party: str, component: Component) -> str:
    if party == "owner":
        return component.owner
    if party == "backup":
        return component.backup or "the backup"
    if party == "transfer" and component.transfer:
        return component.transfer.to
    return party.partition(":")[2] or party

"""The question put to a local checkout, and what its asker states that the checkout cannot show."""

import datetime as dt
from collections.abc import Mapping, Sequence

from gate.core.change.facts import Account, AccountKey, Commit, Rehearsal, SignOff, Ticket
from gate.core.counting import agreeing
from gate.core.explain.outline import listed
from gate.core.identity import Identity, ascii_lower
from gate.core.times import instant
from gate.core.values import dataclass
from gate.usecases.load_rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalQuestion:
    """What somebody asks of a checkout: which change, and what the checkout itself cannot say.

    `signoffs` are `PERSON` or `PERSON:SUBJECT`, `labels` are `LABEL` or `LABEL=PERSON` (who set it). `branch` names
    the base branch where `base` is no branch.
    """

    base: str
    head: str
    at: dt.datetime
    config: str = ".gate"
    body: str | None = None
    title: str | None = None
    author: str | None = None
    branch: str | None = None
    signoffs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    rehearsals: tuple[Rehearsal, ...] = ()


_BUILT_IN_SUBJECTS = frozenset({"unowned", "policy-change", "emergency"})


def stated_identity(name: str) -> Identity:
    """Return whom a name on the command line means: an address, or a login or name of the records."""
    plain = name.strip()
    return Identity(email=plain) if "@" in plain.removeprefix("@") else Identity(login=plain.removeprefix("@"))


@dataclass(frozen=True, slots=True)
class StatedSignoffs:
    """The `--signoff` options: each an approving review of the head, given at the time of the question."""

    question: LocalQuestion
    head_sha: str
    base_ref: str
    plan_digest: str

    def given(self, keys: Mapping[Identity, AccountKey]) -> tuple[SignOff, ...]:
        """Return them as sign-offs."""
        return tuple(
            SignOff(
                id=f"signoff-{number:03d}",
                account=_key(person, keys),
                source="review",
                decision="approve",
                at=instant(self.question.at),
                commit=self.head_sha,
                base_ref=self.base_ref,
                plan_digest=self.plan_digest,
                subjects=(subject,) if subject else (),
                authenticated="stated on the command line",
            )
            for number, (person, subject) in enumerate(self._parted())
        )

    def accounts(
        self,
        accounts: Mapping[AccountKey, Account],
        commits: Sequence[Commit],
        rules: Rules,
        keys: Mapping[Identity, AccountKey],
    ) -> dict[AccountKey, Account]:
        """Return all accounts, those marked unknown that neither records, owners nor commits mention."""
        marked = dict(accounts)
        hands = {key for commit in commits for key in (commit.author, commit.committer, *commit.co_authors)}
        mentioned = _mentioned(rules)
        for person, _ in self._parted():
            key = _key(person, keys)
            known = marked.get(key)
            is_known = key.startswith("person:") or key in hands or ascii_lower(person.removeprefix("@")) in mentioned
            if known is None or not is_known:
                marked[key] = Account(key, "unknown", login=person.removeprefix("@") or "nobody")
        return marked

    def misplaced(self, rules: Rules) -> tuple[str, ...]:
        """Return a sentence for each sign-off that is given for what neither ownership nor policy knows."""
        names = {component.name for component in rules.ownership.components}
        names |= {rule.name for rule in rules.policy.policy.rules} | _BUILT_IN_SUBJECTS
        return tuple(
            f"`--signoff {person}:{subject}` counts for nothing: no component and no rule is named `{subject}`."
            for person, subject in self._parted()
            if subject and subject not in names
        )

    def unrelated(
        self, accounts: Mapping[AccountKey, Account], commits: Sequence[Commit], rules: Rules
    ) -> tuple[str, ...]:
        """Return a sentence on those who made the change and whose address is nobody's in the records.

        Nothing tells them from whoever is said to sign off and is known by a login alone.
        """
        hands = {key for commit in commits for key in (commit.author, commit.committer, *commit.co_authors) if key}
        made_it = [accounts[key] for key in hands if key in accounts]
        known = rules.ownership.people
        strange = sorted({one.email for one in made_it if one.email and not one.login and one.person not in known})
        if not strange or not self.question.signoffs:
            return ()
        are = agreeing(len(strange), "is nobody", "are nobody")
        doubt = "whether the same people sign off cannot be told, until the records have their `email`"
        return (f"{listed(strange, most=3)} made this change and {are} of the records: {doubt}.",)

    def _parted(self) -> list[tuple[str, str]]:
        parts = [text.partition(":") for text in self.question.signoffs]
        return [(person, subject) for person, _, subject in parts]


def _key(person: str, keys: Mapping[Identity, AccountKey]) -> AccountKey:
    return keys.get(stated_identity(person), f"login:{ascii_lower(person)}")


def _mentioned(rules: Rules) -> frozenset[str]:
    """Return every login and address that ownership or policy refers to, in lower case and without `@`."""
    ownership, policy = rules.ownership, rules.policy.policy
    references = [owner for component in ownership.components for owner in component.owners]
    references += [component.backup for component in ownership.components if component.backup]
    references += [member for team in ownership.teams.values() for member in team.members]
    references += [member.rpartition(":")[2] for members in policy.roles.values() for member in members]
    references += [party.partition(":")[2] for party in (*policy.signoffs.from_, *policy.signoffs.veto)]
    return frozenset(ascii_lower(reference.removeprefix("@")) for reference in references if "@" in reference)

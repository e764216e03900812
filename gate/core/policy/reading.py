"""Reading a policy: a document as a policy with the line of every part, cross-checked, or refused with all faults."""

import datetime as dt
from collections.abc import Iterable, Iterator

from gate.core.documents import Document
from gate.core.errors import Fault, InvalidFileError
from gate.core.ownership.patterns import PatternError, parse_pattern
from gate.core.ownership.registry import Ownership
from gate.core.policy.checks import PolicyChecks
from gate.core.policy.explanation import spreading_conditions, vanishing_conditions
from gate.core.policy.model import Condition, Policy, PolicyDocument, Requirement
from gate.core.signoff.people import BUILT_IN_ROLES
from gate.core.times import FIRST_YEAR
from gate.core.validation import fault_at, nearest, shown, validate_document
from gate.core.values import dataclass

Path = tuple[str | int, ...]
_DAY = dt.timedelta(days=1)
_DATE_LENGTH = len("2026-12-18")
_MAX_HINTS = 100
_LISTS = ("rules", "freezes", "standard_changes")
_PARTS = (
    "signoffs",
    "rollback",
    "tickets",
    "emergency",
    "unowned",
    "default_owner",
    "policy_owner",
    "branches",
    "roles",
)


def parse_policy(document: Document, *, checks: PolicyChecks, ownership: Ownership | None = None) -> PolicyDocument:
    """Return a policy with the line of each of its parts. Raises InvalidFileError with every fault."""
    faults = [
        fault for fault in check_policy(document, checks=checks, ownership=ownership) if fault.severity == "error"
    ]
    if faults:
        raise InvalidFileError(faults)
    policy = validate_document(Policy, document)
    return PolicyDocument(policy, document.file, _lines(document, policy))


def check_policy(document: Document, *, checks: PolicyChecks, ownership: Ownership | None = None) -> list[Fault]:
    """Return everything that is wrong with a policy, warnings included, sorted by place.

    Names of people and teams are checked against the ownership where one is given.
    """
    try:
        policy = validate_document(Policy, document)
    except InvalidFileError as error:
        return list(error.faults)
    return sorted(_Checks(document, policy, checks, ownership).faults())


def _lines(document: Document, policy: Policy) -> dict[str, int]:
    lines = {part: document.key_place((part,))[0] for part in _PARTS if part in document.data}
    for kind in _LISTS:
        for number in range(len(getattr(policy, kind))):
            lines[f"{kind}/{number}"] = document.place((kind, number))[0]
    lines.update({f"roles/{role}": document.key_place(("roles", role))[0] for role in policy.roles})
    return lines


@dataclass
class _Checks:
    """The checks of one policy."""

    document: Document
    policy: Policy
    checks: PolicyChecks
    ownership: Ownership | None
    hints_left: int = _MAX_HINTS

    def faults(self) -> Iterator[Fault]:
        """Yield every fault."""
        yield from self._names()
        yield from self._people()
        yield from self._freezes()
        for number, rule in enumerate(self.policy.rules):
            if rule.when is not None:
                path: Path = ("rules", number, "when")
                yield from self._condition(path, rule.when)
                for reason in vanishing_conditions(rule.when):
                    message = f"this rule stops applying when more is changed: {reason}"
                    yield self._fault(
                        path, "rule-can-vanish", message, "reword it if it is meant to protect", "warning"
                    )
            yield from self._requirement(("rules", number, "require"), rule.require)
        for number, model in enumerate(self.policy.standard_changes):
            path = ("standard_changes", number, "when")
            yield from self._condition(path, model.when)
            for reason in spreading_conditions(model.when):
                message = f"this standard change begins to apply when more is changed: {reason}"
                yield self._fault(path, "exemption-can-spread", message, "say what all of it must be", "warning")
            if _moment(model.until) is None:
                yield self._bad_time(("standard_changes", number, "until"), model.until)
        if (
            "unowned" in self.policy.model_fields_set
            and self.policy.unowned == "block"
            and self.policy.default_owner is None
        ):
            message = "files that nobody owns block, and there is no `default_owner` to sign off on them"
            yield self._fault(("unowned",), "no-default-owner", message, "name one", "notice")
        if self.policy.rollback.flag_paths:
            yield from self._patterns(("rollback", "flag_paths"), self.policy.rollback.flag_paths)
        if self.policy.risk.medium_from >= self.policy.risk.high_from:
            message = "`medium_from` must be below `high_from`"
            yield self._fault(("risk",), "risk-levels", message, "lower `medium_from`")

    def _fault(self, path: Path, code: str, message: str, suggestion: str, severity: str = "error") -> Fault:
        return fault_at(self.document, path, code, message, suggestion, severity=severity)

    def _near(self, name: str, known: Iterable[str], otherwise: str) -> str:
        """Return the nearest name. SECURITY: comparing takes its time, so after a hundred hints there are no more."""
        self.hints_left -= 1
        return (nearest(name, known) if self.hints_left >= 0 else "") or otherwise

    def _names(self) -> Iterator[Fault]:
        for kind in _LISTS:
            seen: set[str] = set()
            for number, item in enumerate(getattr(self.policy, kind)):
                if item.name in seen:
                    message = f"another of the {kind.replace('_', ' ')} is named `{shown(item.name)}`"
                    yield self._fault((kind, number, "name"), "duplicate-name", message, "rename one of them")
                seen.add(item.name)

    def _people(self) -> Iterator[Fault]:
        policy = self.policy
        for key in ("default_owner", "policy_owner"):
            reference = getattr(policy, key)
            if reference is not None:
                yield from self._reference((key,), reference)
        for number, model in enumerate(policy.standard_changes):
            yield from self._reference(("standard_changes", number, "approved_by"), model.approved_by)
        for role, members in policy.roles.items():
            for number, member in enumerate(members):
                kind, _, name = member.rpartition(":")
                yield from self._reference(("roles", role, number), name, kind)
        yield from self._parties()

    def _parties(self) -> Iterator[Fault]:
        policy = self.policy
        for key, parties in (("from", policy.signoffs.from_), ("veto", policy.signoffs.veto)):
            for number, party in enumerate(parties):
                yield from self._party(("signoffs", key, number), party)
        if policy.emergency is not None:
            for party in policy.emergency.signoffs:
                yield from self._party(("emergency", "signoffs", party), party)
            for number, party in enumerate(policy.emergency.set_by or ()):
                yield from self._party(("emergency", "set_by", number), party)

    def _party(self, path: Path, party: str) -> Iterator[Fault]:
        kind, _, name = party.partition(":")
        if kind == "role":
            if name not in self.policy.roles and name not in BUILT_IN_ROLES:
                hint = self._near(name, {*self.policy.roles, *BUILT_IN_ROLES}, "define it under `roles`")
                yield self._fault(path, "unknown-role", f"the role `{shown(name)}` is not defined", hint)
        elif kind in {"team", "person"}:
            yield from self._reference(path, name, kind)

    def _reference(self, path: Path, name: str, kind: str = "") -> Iterator[Fault]:
        if self.ownership is None or name.startswith("@"):
            return
        if name not in self.ownership.people and name not in self.ownership.teams:
            otherwise = "define it in the ownership records, or write `@login` or `@organisation/team`"
            hint = self._near(name, [*self.ownership.people, *self.ownership.teams], otherwise)
            yield self._fault(path, "unknown-party", f"`{shown(name)}` is no team or person of the records", hint)
        elif (kind == "team" and name in self.ownership.people) or (kind == "person" and name in self.ownership.teams):
            other = "person" if kind == "team" else "team"
            message = f"`{shown(name)}` is a {other} of the records, and no {kind}"
            yield self._fault(path, "other-kind", message, f"write `{other}:{shown(name)}`", "warning")

    def _freezes(self) -> Iterator[Fault]:
        for number, freeze in enumerate(self.policy.freezes):
            path: Path = ("freezes", number)
            if freeze.timezone is not None and not self.checks.is_time_zone(freeze.timezone):
                message = f"there is no time zone `{shown(freeze.timezone)}`"
                yield self._fault((*path, "timezone"), "unknown-zone", message, "write a name such as Europe/Berlin")
            if freeze.from_ and freeze.to:
                yield from self._period(path, freeze.from_, freeze.to)

    def _period(self, path: Path, begin: str, end: str) -> Iterator[Fault]:
        first, last = _moment(begin), _moment(end, is_end=True)
        if first is None:
            yield self._bad_time((*path, "from"), begin)
        if last is None:
            yield self._bad_time((*path, "to"), end)
        # NOTE: where one has an offset and the other has not, their order hangs on the zone, which is read elsewhere.
        if first and last and (first.tzinfo is None) == (last.tzinfo is None) and last <= first:
            yield self._fault((*path, "to"), "freeze-order", "the freeze ends before it begins", "swap the times")

    def _bad_time(self, path: Path, text: str) -> Fault:
        message = f"`{shown(text)}` is no date or time that exists"
        return self._fault(path, "bad-time", message, "write one such as 2026-12-18 or 2026-12-18T18:00")

    def _condition(self, path: Path, condition: Condition) -> Iterator[Fault]:
        for key in ("paths", "only_paths"):
            yield from self._patterns((*path, key), getattr(condition, key) or ())
        if condition.title is not None:
            error = self.checks.title_pattern_error(condition.title)
            if error is not None:
                message = f"the pattern `{shown(condition.title)}` cannot be used: {error}"
                yield self._fault(
                    (*path, "title"), "bad-pattern", message, "RE2 syntax has no look-around or back-references"
                )
        for number, party in enumerate(condition.author_in or ()):
            yield from self._party((*path, "author_in", number), party)
        for key in ("any", "all"):
            for number, part in enumerate(getattr(condition, key) or ()):
                yield from self._condition((*path, key, number), part)
        if condition.not_ is not None:
            yield from self._condition((*path, "not"), condition.not_)

    def _requirement(self, path: Path, require: Requirement) -> Iterator[Fault]:
        for party in require.signoffs or {}:
            yield from self._party((*path, "signoffs", party), party)
        for number, part in enumerate(require.any_of or ()):
            yield from self._requirement((*path, "any_of", number), part)

    def _patterns(self, path: Path, patterns: Iterable[str]) -> Iterator[Fault]:
        for number, pattern in enumerate(patterns):
            try:
                parse_pattern(pattern)
            except PatternError as error:
                message = f"the pattern `{shown(pattern)}` cannot be used: {error.reason}"
                yield self._fault((*path, number), "bad-pattern", message, error.suggestion)


def _moment(text: str, *, is_end: bool = False) -> dt.datetime | None:
    """Return a time as written, None where it does not exist, is long past or beyond what a calendar can hold.

    A day alone begins with its first moment and, as an end, is over with its last.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment.astimezone(dt.UTC)
        if moment.year < FIRST_YEAR:
            return None
        return moment + _DAY if is_end and len(text) == _DATE_LENGTH else moment
    except (ValueError, OverflowError):
        return None

"""Merging policies: an organisation's and a repository's as one that is never laxer than either of them alone."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field
from typing import Any, TypeVar

from gate.core.errors import Fault, InvalidFileError
from gate.core.policy.model import (
    DEFAULT_WEIGHTS,
    DataLossLimits,
    Policy,
    RiskPolicy,
    RollbackPolicy,
    TicketPolicy,
)
from gate.core.policy.signoff_policy import SignoffPolicy
from gate.core.signoff.people import BUILT_IN_ROLES
from gate.core.times import duration
from gate.core.validation import shown
from gate.core.values import dataclass

Item = TypeVar("Item")
_NAMED = ("rules", "freezes", "standard_changes")
_LIFTING_ROLE = "veto-lift"


def merge_policies(
    organisation: Policy,
    repository: Policy,
    *,
    file: str = ".gate/policy.yaml",
    lines: Mapping[str, int] | None = None,
) -> Policy:
    """Return one policy for a repository of an organisation. Raises InvalidFileError with every conflict.

    What a policy does not say has its default, and of both the stricter holds: numbers are the larger, limits the
    smaller, lists of what is accepted intersect, lists of what is demanded add up. Only the relaxations are the
    organisation's alone, unless it delegates them. `file` and `lines` are where the repository's policy is written.

    INVARIANT: relaxations aside, a change that either policy refuses is refused by the merge; tests/core/policy/
    test_merge.py holds it.
    """
    merging = _Merging(organisation, repository, file, lines or {})
    merged = merging.merged()
    if merging.faults:
        raise InvalidFileError(sorted(merging.faults))
    return merged


@dataclass(slots=True)
class _Merging:
    """One merge, and the conflicts found on the way."""

    organisation: Policy
    repository: Policy
    file: str
    lines: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)

    def merged(self) -> Policy:
        """Return the merge; it is to be used only where there are no faults."""
        ours, theirs = self.organisation, self.repository
        self._refuse_redefinitions()
        self._refuse_relaxations()
        values = {
            "version": 1,
            "default_owner": self._same("default_owner", ours.default_owner),
            # SECURITY: without a policy owner of its own the organisation's default owner is it, and stays it.
            "policy_owner": self._same("policy_owner", ours.policy_owner or ours.default_owner),
            "enforcement": self._enforcement(),
            "branches": ours.branches or theirs.branches,
            "sources": _joined(ours.sources, theirs.sources) or None,
            "codeowners_dialect": self._dialect(),
            "signoffs": self._signoffs(),
            "rollback": self._rollback(),
            "tickets": self._tickets(),
            "unowned": self._unowned(),
            "commit_paths": "every-commit" if "every-commit" in {ours.commit_paths, theirs.commit_paths} else "net",
            "rules": (*ours.rules, *theirs.rules),
            "standard_changes": (*ours.standard_changes, *theirs.standard_changes),
            "freezes": (*ours.freezes, *theirs.freezes),
            "emergency": ours.emergency or theirs.emergency,
            "roles": {**theirs.roles, **ours.roles},
            "risk": _risk(ours.risk, theirs.risk),
            "delegate": ours.delegate,
        }
        return ours.model_copy(update=values)

    def _fault(self, part: str, code: str, message: str, suggestion: str) -> None:
        line = self.lines.get(part) or self.lines.get(part.partition("/")[0], 0)
        self.faults.append(Fault(self.file, line, 1 if line else 0, code, message, suggestion))

    def _refuse_redefinitions(self) -> None:
        for kind in _NAMED:
            known = {item.name for item in getattr(self.organisation, kind)}
            for number, item in enumerate(getattr(self.repository, kind)):
                if item.name in known:
                    self._redefined(f"{kind}/{number}", item.name)
        used = self.organisation.model_dump_json()
        for role in self.repository.roles:
            if role in self.organisation.roles:
                self._redefined(f"roles/{role}", role)
            elif role == _LIFTING_ROLE or (role in BUILT_IN_ROLES and f'"role:{role}"' in used):
                # SECURITY: such a role is empty until defined; filling it would meet the organisation's own demand,
                # or lift a veto that the organisation recognises.
                message = f"the role `{role}` is filled by the organisation alone"
                self._fault(f"roles/{role}", "organisation-role", message, "take it out, or ask the organisation")

    def _redefined(self, part: str, name: str) -> None:
        message = f"the organisation defines `{shown(name)}` already; a repository cannot redefine it"
        self._fault(part, "redefined", message, "choose another name")

    def _refuse_relaxations(self) -> None:
        delegated: Collection[str] = self.organisation.delegate or ()
        if self.repository.delegate:
            self._fault("delegate", "delegate", "only an organisation's policy delegates", "take `delegate` out")
        for kind in ("standard_changes", "emergency"):
            if not getattr(self.repository, kind):
                continue
            part = "emergency" if kind == "emergency" else f"{kind}/0"
            if kind not in delegated:
                message = f"`{kind}` relaxes the organisation's policy, which does not delegate it"
                self._fault(part, "not-delegated", message, "take it out, or ask the organisation")
            elif kind == "emergency" and self.organisation.emergency:
                self._redefined(part, kind)

    def _same(self, key: str, ours: str | None) -> str | None:
        """Return the organisation's value, else the repository's; two that differ are a conflict."""
        theirs: str | None = getattr(self.repository, key)
        if ours and theirs and ours != theirs:
            message = f"the organisation's `{key}` is `{shown(ours)}`"
            self._fault(key, "redefined", message, f"take `{key}` out")
        return ours or theirs

    def _dialect(self) -> str:
        key = "codeowners_dialect"
        if key not in self.repository.model_fields_set:
            return self.organisation.codeowners_dialect
        if key not in self.organisation.model_fields_set:
            return self.repository.codeowners_dialect
        return str(self._same(key, self.organisation.codeowners_dialect))

    def _enforcement(self) -> str:
        if "enforcement" not in self.repository.model_fields_set:
            return self.organisation.enforcement
        return "active" if self.organisation.enforcement == "active" else self.repository.enforcement

    def _unowned(self) -> str:
        """Return whether files without owner pass: only where the organisation says so and nobody objects."""
        ours, theirs = self.organisation.unowned, self.repository.unowned
        if "unowned" not in self.repository.model_fields_set:
            return ours
        if theirs == "allow" and "unowned" in (self.organisation.delegate or ()):
            return "allow"
        if "allow" in {theirs} - {ours}:
            message = "`unowned: allow` relaxes the organisation's policy, which does not delegate it"
            self._fault("unowned", "not-delegated", message, "take it out, or ask the organisation")
        return "allow" if ours == theirs == "allow" else "block"

    def _common(self, part: str, key: str, ours: Collection[Item], theirs: Collection[Item]) -> tuple[Item, ...]:
        """Return what both accept; nothing in common would accept nobody, and is a conflict."""
        common = tuple(item for item in theirs if item in ours)
        if not common:
            accepted = ", ".join(f"`{item}`" for item in ours)
            message = f"`{key}` of `{part}` has nothing in common with the organisation's"
            self._fault(part, "nothing-in-common", message, f"name some of {accepted}")
        return common

    def _signoffs(self) -> SignoffPolicy:
        ours, theirs = self.organisation.signoffs, self.repository.signoffs
        on_push = {ours.on_push, theirs.on_push}
        return ours.model_copy(
            update={
                "each_component": max(ours.each_component, theirs.each_component),
                "from_": self._common("signoffs", "from", ours.from_, theirs.from_),
                "sources": self._common("signoffs", "sources", ours.sources, theirs.sources),
                "exclude": _joined(ours.exclude, theirs.exclude),
                "veto": _joined(ours.veto, theirs.veto),
                "on_push": "invalidate-all" if "invalidate-all" in on_push else "keep-unaffected",
                "expire_after": _shorter(ours.expire_after, theirs.expire_after),
                "reauthenticate_within": _shorter(ours.reauthenticate_within, theirs.reauthenticate_within),
            }
        )

    def _rollback(self) -> RollbackPolicy:
        ours, theirs = self.organisation.rollback, self.repository.rollback
        limits = {
            name: min(getattr(ours.data_loss_minutes, name), getattr(theirs.data_loss_minutes, name))
            for name in DataLossLimits.model_fields
        }
        flags = tuple(path for path in theirs.flag_paths or () if path in (ours.flag_paths or ()))
        return ours.model_copy(
            update={
                "required": ours.required or theirs.required,
                "allow": self._common("rollback", "allow", ours.allow, theirs.allow),
                "max_restore_minutes": _chosen(min, ours.max_restore_minutes, theirs.max_restore_minutes),
                "rehearsed": ours.rehearsed or theirs.rehearsed,
                "rehearsed_by": self._common("rollback", "rehearsed_by", ours.rehearsed_by, theirs.rehearsed_by),
                "flag_paths": flags or None,
                "data_loss_minutes": DataLossLimits(**limits),
            }
        )

    def _tickets(self) -> TicketPolicy:
        ours, theirs = self.organisation.tickets, self.repository.tickets
        if not (ours.required and theirs.required):
            return ours if ours.required else theirs
        if ours.state and theirs.state and ours.state != theirs.state:
            message = f"the organisation wants tickets that are {ours.state}"
            self._fault("tickets", "nothing-in-common", message, "take `state` out")
        kinds = ours.kinds or theirs.kinds
        if ours.kinds and theirs.kinds:
            kinds = self._common("tickets", "kinds", ours.kinds, theirs.kinds)
        return ours.model_copy(
            update={"kinds": kinds, "state": ours.state or theirs.state, "min": max(ours.min, theirs.min)}
        )


def _joined(*lists: Collection[Item] | None) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(_items(lists)))


def _items(lists: Collection[Collection[Item] | None]) -> Iterator[Item]:
    for one in lists:
        yield from one or ()


def _chosen(choose: Callable[..., int], *values: int | None) -> int | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


def _shorter(ours: str, theirs: str) -> str:
    lengths = [text for text in (ours, theirs) if text != "none"]
    return min(lengths, key=duration, default="none")


def _risk(ours: RiskPolicy, theirs: RiskPolicy) -> RiskPolicy:
    """Return weights that raise the risk at least as much as either, and thresholds that are reached as early."""
    defaults: Mapping[Any, int] = DEFAULT_WEIGHTS
    weights = {
        term: max(ours.weights.get(term, default), theirs.weights.get(term, default))
        for term, default in defaults.items()
        if term in ours.weights or term in theirs.weights
    }
    levels = {
        "medium_from": min(ours.medium_from, theirs.medium_from),
        "high_from": min(ours.high_from, theirs.high_from),
    }
    return ours.model_copy(update={"weights": weights, **levels})

"""Rollback terms: what the policy and all rules that match ask of a rollback plan together."""

from collections.abc import Sequence

from gate.core.change.paths import shown
from gate.core.change.rollback_methods import listed
from gate.core.policy.model import RollbackPolicy, RollbackRequirement
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """What policy and rules ask together: what all allow, the shortest time, the strictest proof."""

    allowed: tuple[str, ...]
    narrowed_by: tuple[str, ...]
    max_restore_minutes: int | None
    timed_by: str
    is_rehearsed: bool
    sources: tuple[str, ...]
    policy: RollbackPolicy

    @classmethod
    def of(
        cls, policy: RollbackPolicy, requirements: Sequence[RollbackRequirement], asked_by: Sequence[str]
    ) -> "Terms":
        """Return the terms of a policy and of all requirements; `asked_by` names each requirement's rule."""
        names = [*map(shown, asked_by), *["a rule of the policy"] * len(requirements)]
        allowed = tuple(dict.fromkeys(policy.allow))
        narrowed: list[str] = []
        limits = [(policy.max_restore_minutes, "the policy")] if policy.max_restore_minutes is not None else []
        for requirement, name in zip(requirements, names, strict=False):
            if requirement.allow is not None:
                fewer = tuple(method for method in allowed if method in requirement.allow)
                if fewer != allowed:
                    narrowed.append(name)
                allowed = fewer
            if requirement.max_restore_minutes is not None:
                limits.append((requirement.max_restore_minutes, name))
        limit, timed_by = min(limits, default=(None, ""), key=lambda entry: entry[0])
        is_rehearsed = policy.rehearsed or any(requirement.rehearsed for requirement in requirements)
        by = tuple(dict.fromkeys(narrowed))
        return cls(allowed, by, limit, timed_by, is_rehearsed, policy.rehearsed_by, policy)

    @property
    def narrowing(self) -> str:
        """Return which rules left fewer methods than the policy allows, as the end of a sentence."""
        return f" (narrowed by {listed(self.narrowed_by)})" if self.narrowed_by else ""

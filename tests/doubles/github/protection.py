"""Protection: what a branch demands, by classic protection and by rulesets together."""

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Check = tuple[str, int | None]
"""A required check: its name, and the app that it must come from."""


@dataclass(eq=False)
class Protection:
    """Classic branch protection."""

    repository: Any
    branch: str
    checks: Sequence[Check] = ()
    is_strict: bool = False
    approvals: int = 0
    covers_admins: bool = True
    allows_force_push: bool = False
    allows_deletion: bool = False


@dataclass(eq=False)
class Ruleset:
    """A ruleset of a repository or an organisation."""

    id: int
    source: Any
    name: str = "gate"
    branches: Sequence[str] = ("~DEFAULT_BRANCH",)
    checks: Sequence[Check] = ()
    is_strict: bool = False
    approvals: int = 0
    uses_queue: bool = False
    allows_force_push: bool = True
    enforcement: str = "active"
    bypass: Sequence[dict[str, Any]] = ()

    def covers(self, repository: Any, branch: str) -> bool:
        """Return whether it holds for a branch."""
        names = {f"refs/heads/{branch}", branch, "~ALL"}
        if branch == repository.default_branch:
            names.add("~DEFAULT_BRANCH")
        return any(wanted in names or fnmatch.fnmatchcase(f"refs/heads/{branch}", wanted) for wanted in self.branches)

    def rules(self) -> list[dict[str, Any]]:
        """Return its rules as the platform shows them."""
        rules: list[dict[str, Any]] = []
        if self.checks:
            required = [
                {"context": name} | ({"integration_id": app_id} if app_id else {}) for name, app_id in self.checks
            ]
            rules.append(
                {
                    "type": "required_status_checks",
                    "parameters": {
                        "required_status_checks": required,
                        "strict_required_status_checks_policy": self.is_strict,
                    },
                }
            )
        if self.approvals:
            settings = dict.fromkeys(
                (
                    "dismiss_stale_reviews_on_push",
                    "require_code_owner_review",
                    "require_last_push_approval",
                    "required_review_thread_resolution",
                ),
                False,
            )
            rules.append(
                {"type": "pull_request", "parameters": {**settings, "required_approving_review_count": self.approvals}}
            )
        if self.uses_queue:
            rules.append({"type": "merge_queue"})
        if not self.allows_force_push:
            rules.append({"type": "non_fast_forward"})
        return rules


@dataclass
class Demands:
    """What a branch demands in all."""

    checks: list[Check] = field(default_factory=list)
    is_strict: bool = False
    approvals: int = 0
    uses_queue: bool = False


def rulesets_of(repository: Any) -> list[Ruleset]:
    """Return the rulesets that may hold in a repository, its organisation's first."""
    return [*repository.world.rulesets.get(repository.owner.id, ()), *repository.rulesets]


def demands_of(repository: Any, branch: str) -> Demands:
    """Return what a branch demands of a pull before it is merged."""
    active = [rules for rules in rulesets_of(repository) if rules.enforcement == "active"]
    sources: list[Protection | Ruleset] = [rules for rules in active if rules.covers(repository, branch)]
    if branch in repository.protections:
        sources.append(repository.protections[branch])
    demands = Demands()
    for source in sources:
        demands.checks.extend(source.checks)
        demands.is_strict = demands.is_strict or source.is_strict
        demands.approvals = max(demands.approvals, source.approvals)
        demands.uses_queue = demands.uses_queue or getattr(source, "uses_queue", False)
    return demands

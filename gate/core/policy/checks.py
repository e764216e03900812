"""Policy checks: what only libraries can say of a policy, handed in by whoever reads one."""

from collections.abc import Callable

from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class PolicyChecks:
    """What only libraries can say: why a title pattern does not compile (None: it does), whether a zone exists."""

    title_pattern_error: Callable[[str], str | None]
    is_time_zone: Callable[[str], bool]

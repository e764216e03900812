"""The plan's digest: a rollback plan as the gate understood it, wherever and however it was written."""

from gate.core.canonical import digest_of
from gate.core.change.declaration import RollbackPlan

_CONTENT = (
    "method", "is_prose", "steps", "verification", "restore_minutes", "data_impact", "command", "flag", "artifact",
    "backup", "data_loss_minutes", "reason",
)  # fmt: skip


def plan_digest(plan: RollbackPlan | None) -> str:
    """Return the digest of what a plan says: where it stands and how it is laid out do not matter (R36)."""
    if plan is None:
        return digest_of(None)
    return digest_of({name: _plain(getattr(plan, name)) for name in _CONTENT})


def _plain(value: object) -> object:
    if isinstance(value, str):
        return " ".join(value.split())
    return [_plain(item) for item in value] if isinstance(value, tuple) else value

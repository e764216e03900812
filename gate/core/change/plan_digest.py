"""Plan digest: what a sign-off binds of the rollback plan, so that a plan edited afterwards is seen (R36)."""

from gate.core.canonical import digest_of
from gate.core.change.declaration import RollbackPlan

_TEXTS = ("verification", "data_impact", "command", "flag", "artifact", "backup", "reason")
_NUMBERS = ("restore_minutes", "data_loss_minutes")


def plan_digest(plan: RollbackPlan | None) -> str:
    """Return the digest of the plan as understood: the same for the same meaning, however and wherever it is written.

    Blanks, line ends, headings, the order of keys and the source do not count; every word of every value does.
    SECURITY: this is what changes when somebody edits the plan after it was approved (R36).
    """
    return digest_of({"rollback": None if plan is None else _meaning(plan)})


def _meaning(plan: RollbackPlan) -> dict[str, object]:
    meaning: dict[str, object] = {"method": plan.method, "steps": [_plain(step) for step in plan.steps]}
    meaning |= {key: _plain(text) for key in _TEXTS if (text := getattr(plan, key)) is not None}
    meaning |= {key: number for key in _NUMBERS if (number := getattr(plan, key)) is not None}
    return meaning | ({"prose": True} if plan.is_prose else {})


def _plain(text: str) -> str:
    whole = text.encode("utf-8", errors="replace").decode("utf-8")
    return " ".join(whole.split())

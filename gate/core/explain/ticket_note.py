"""What a ticket is told of a change: what became of it, owners, sign-offs, the way back, where the evidence is."""

from collections.abc import Iterator
from typing import Literal

from gate.core.counting import count_of
from gate.core.explain.escaping import prose
from gate.core.explain.markdown_text import inline
from gate.core.verdict import Verdict

Became = Literal["approved", "merged", "reverted"]
_WORDS = {"approved": "Approved", "merged": "Merged", "reverted": "Taken back"}
_MOST = 30


def note_title(verdict: Verdict) -> str:
    """Return a change in one line."""
    return prose(f"{verdict.change.repository}#{verdict.change.number} {verdict.change.title}", 250)


def note_text(verdict: Verdict, became: Became, *, at: str, url: str, by: str = "") -> str:
    """Return the note as plain text."""
    return "\n".join(f"{word}: {text}" for word, text in _rows(verdict, became, at=at, url=url, by=by))


def note_markdown(verdict: Verdict, became: Became, *, at: str, url: str, by: str = "") -> str:
    """Return the note as Markdown, everything foreign in it escaped."""
    rows = [row for row in _rows(verdict, became, at=at, url=url, by=by) if row[0] != "Evidence"]
    return "\n".join(f"- **{word}**: {inline(text)}" for word, text in rows)


def _rows(verdict: Verdict, became: Became, *, at: str, url: str, by: str) -> Iterator[tuple[str, str]]:
    said = f"{note_title(verdict)} onto {prose(verdict.change.base_ref)}, {at}"
    yield _WORDS[became], said + (f", by {prose(by)}" if by else "")
    if verdict.state != "approved":
        yield "Verdict", f"{verdict.state}: it was not approved by the gate"
    owners = [f"{prose(one.name)} ({prose(one.owner) or 'nobody'})" for one in verdict.components[:_MOST]]
    yield "Owners", ", ".join(owners) or "none touched"
    yield "Signed off", ", ".join(_signoffs(verdict)) or "nobody was asked"
    yield "Risk", verdict.risk.level
    yield "Rollback", _rollback(verdict)
    yield "Facts", verdict.facts
    yield "Evidence", url


def _signoffs(verdict: Verdict) -> list[str]:
    found: dict[str, None] = {}
    for requirement in verdict.requirements:
        for given in requirement.signoffs.counted:
            found[f"{prose(given.person)} by {given.source}, {given.at}"] = None
    return list(found)[:_MOST]


def _rollback(verdict: Verdict) -> str:
    plan = verdict.rollback
    if plan.method is None:
        return "none declared"
    minutes = f", within {count_of(plan.restore_minutes, 'minute')}" if plan.restore_minutes is not None else ""
    steps = "; ".join(f"{number}. {prose(step, 300)}" for number, step in enumerate(plan.steps[:_MOST], 1))
    return f"{plan.method}{minutes}" + (f": {steps}" if steps else "")

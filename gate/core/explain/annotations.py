"""Annotations: what blocks a change, as GitHub workflow commands on the files that brought it in."""

from gate.core.counting import agreeing, count_of
from gate.core.explain.escaping import prose, visible
from gate.core.explain.outline import blocking
from gate.core.explain.sentence import sentence
from gate.core.verdict import RequirementState, RequirementView, Verdict

MAX_ANNOTATIONS = 10
"""GitHub shows ten annotations of one level for one step; further ones vanish unsaid."""
_LEVELS: dict[RequirementState, str] = {
    "error": "error",
    "rejected": "error",
    "needs-author": "error",
    "frozen": "warning",
    "waiting": "notice",
}


def annotations(verdict: Verdict) -> str:
    """Return workflow commands, one on each line: at most ten, the weightiest first, the last says how many are left.

    SECURITY: every text is escaped as the runner unescapes it, so that no text of a change becomes a command.
    """
    unmet = blocking(verdict.requirements)
    if not unmet:
        level = "notice" if verdict.state == "approved" else "error"
        return _command(level, "", f"Sign-off gate: {verdict.state}", sentence(verdict))
    shown = unmet if len(unmet) <= MAX_ANNOTATIONS else unmet[: MAX_ANNOTATIONS - 1]
    lines = [_of(requirement, verdict) for requirement in shown]
    left = len(unmet) - len(shown)
    if left:
        text = f"{count_of(left, 'further requirement')} {agreeing(left, 'is', 'are')} not met; see the summary."
        lines.append(_command("notice", "", "Sign-off gate", text))
    return "".join(lines)


def _of(requirement: RequirementView, verdict: Verdict) -> str:
    level = "notice" if verdict.enforcement == "evaluate" else _LEVELS[requirement.state]
    message = " ".join(part for part in (prose(requirement.why, 600), prose(requirement.next, 400)) if part)
    file = next((path for path in requirement.files if path == visible(path)), "")
    title = f"{requirement.state}: {prose(requirement.title, 100)}"
    return _command(level, file, title[:1].upper() + title[1:], message)


def _command(level: str, file: str, title: str, message: str) -> str:
    place = f"file={_property(file)},line=1," if file else ""
    return f"::{level} {place}title={_property(title)}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

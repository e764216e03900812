"""Wording: what a notification says, from fixed sentences; other people's words are bounded, quoted and disarmed."""

import html
import re
from collections.abc import Sequence
from typing import Literal

from gate.core.explain.escaping import prose, visible
from gate.core.values import dataclass

NoticeKind = Literal[
    "signoff", "delegated", "reminder", "escalation", "incident", "drill", "unanswered", "contact-changed", "bypass",
    "review-due", "foreign-check", "ownership-review", "overdue-review",
]  # fmt: skip
TITLE_LIMIT = 120
NAME_LIMIT = 80
MOST_NAMES = 12
SUBJECT_LIMIT = 160
_HOST_DOT = re.compile(r"(?<=\w)\.(?=[A-Za-z]{2})")
_SUBJECTS = {
    "signoff": "Sign-off asked",
    "delegated": "You are asked to sign off instead",
    "reminder": "Reminder: sign-off asked",
    "escalation": "Escalation: sign-off not given",
    "incident": "Incident",
    "drill": "EXERCISE: escalation",
    "unanswered": "Nobody answered: an escalation ended",
    "contact-changed": "Your address in the ownership records was changed",
    "bypass": "Past the gate: a commit that no approved change accounts for",
    "review-due": "Reviews that wait for you",
    "ownership-review": "Please confirm: ownership",
    "overdue-review": "Overdue: ownership that nobody confirmed",
    "foreign-check": "Something else speaks under the gate's name",
}
_LEADS = {
    "signoff": "You are asked to sign off on a change.",
    "delegated": "Somebody who was asked to sign off on a change asks you to do it instead.",
    "reminder": "A change still waits for your sign-off.",
    "escalation": "A change waits for a sign-off that nobody has given in time, and you are next to be told.",
    "incident": "There is an incident, and you are called. Please acknowledge that you take care of it.",
    "drill": "This is an exercise of the escalation policy; nothing is wrong. Please acknowledge all the same.",
    "unanswered": "Every level of an escalation was called, and nobody acknowledged in time. Nobody else is called any "
    "more: reach somebody yourself.",
    "bypass": "A commit came onto a branch that no approved change accounts for, and it touches what you own. Look "
    "at it, and have it explained: it stays an open item of the audit until then.",
    "review-due": "You owe a review, or may do one that is owed. Of each you are told when it is soon due, and when it "
    "is overdue.",
    "ownership-review": "You are accountable for what is named below. Look at its record in the ownership records, and "
    "confirm that it is still right. You hear of it when that is soon due, when it is overdue, and when the record "
    "changes.",
    "overdue-review": "Nobody has confirmed the record of what is named below in time, and you are next to be told. "
    "Confirm it where you may, or see that its owner does.",
    "foreign-check": "A check with the gate's name was written by something that is not the gate. See that the rule "
    "which requires the check takes it from the gate's app alone, and who may write checks.",
    "contact-changed": "The ownership records name another address for you from now on. If you know of it, there is "
    "nothing to do; if not, tell the owner of the records at once.",
}
_LINK_LEADS = {
    "signoff": "Look at it and decide",
    "delegated": "Look at it and decide",
    "reminder": "Look at it and decide",
    "escalation": "Look at it",
    "incident": "Acknowledge",
    "drill": "Acknowledge",
    "unanswered": "See who was called",
    "contact-changed": "Look at the change",
    "bypass": "See what is open",
    "review-due": "See what is due",
    "ownership-review": "Look at the record",
    "overdue-review": "See who was told",
    "foreign-check": "See what is open",
}
_NAMES = {"review-due": "Due", "ownership-review": "To be confirmed", "overdue-review": "To be confirmed"}
_CALLS = frozenset({"drill", "escalation", "incident", "overdue-review"})
_OF_REPOSITORY = frozenset({"review-due", "ownership-review", "overdue-review"})
_ACKNOWLEDGE = "Acknowledge that you take care of it"
_CONFIRM = "Look at it and confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a notification is about. `names` are the components or rules that are waited for, `reference` its id.

    `link` is an address of the gate's own, `is_call` whether whoever opens it acknowledges there, `is_review` whether
    they confirm records there. `title` and `author` are other people's words; so is every name. `instead` is in whose
    place its recipient is told, until which day.
    """

    kind: NoticeKind
    repository: str
    number: int
    title: str
    author: str
    names: Sequence[str]
    link: str
    reference: str
    reason: str = ""
    is_personal: bool = True
    is_call: bool = False
    is_review: bool = False
    instead: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """A notification in words: a subject of one line, a plain text, and a whole HTML document that says the same."""

    subject: str
    text: str
    html: str


def word(matter: Matter) -> Wording:
    """Return a notification in words.

    SECURITY: the subject holds nothing that a stranger wrote but the repository's name and a number, and no line break
    can stand in it; the title is quoted as somebody else's, and no program makes a link of anything in it (S08).
    """
    subject = _subject(matter)
    rows = _rows(matter)
    foot = _foot(matter)
    lines = [_lead(matter), "", *[f"{label}: {value}" for label, value in rows], ""]
    lines += [f"{_link_lead(matter)}:", matter.link, "", *foot]
    return Wording(subject, "\n".join(lines) + "\n", _document(matter, subject, rows, foot))


def disarmed(text: str, limit: int) -> str:
    """Return somebody else's words as one visible line in which no program sees an address."""
    return _HOST_DOT.sub("[.]", prose(text, limit).replace("://", "[:]//").replace("@", "[at]"))


def _lead(matter: Matter) -> str:
    lead = _LEADS[matter.kind]
    if matter.instead:
        shown = [f"{disarmed(name, NAME_LIMIT)} until {day}" for name, day in matter.instead[:MOST_NAMES]]
        more = len(matter.instead) - len(shown)
        place = "You stand in for" if matter.kind in _CALLS else "You are asked in place of"
        lead += f" {place} {', '.join(shown)}" + (f" and {more} more." if more > 0 else ".")
    return lead


def _link_lead(matter: Matter) -> str:
    if matter.is_review:
        return _CONFIRM
    return _ACKNOWLEDGE if matter.is_call else _LINK_LEADS[matter.kind]


def _subject(matter: Matter) -> str:
    text = _SUBJECTS[matter.kind]
    if matter.number:
        text += f": {visible(matter.repository[:100])}#{matter.number}"
        count = len(matter.names)
        text += f" ({count} parts)" if count > 1 else ""
    elif matter.kind in _OF_REPOSITORY:
        text += f" in {visible(matter.repository[:100])}"
    elif matter.kind in {"drill", "incident", "unanswered"}:
        text += f" of {disarmed(matter.names[0] if matter.names else '', NAME_LIMIT)}"
    return text[:SUBJECT_LIMIT]


def _rows(matter: Matter) -> list[tuple[str, str]]:
    rows = []
    if matter.number:
        rows.append(("Change", f"{visible(matter.repository[:100])}#{matter.number}"))
    if matter.title:
        rows.append(("Its title, in its author's words", (f"\N{LEFT DOUBLE QUOTATION MARK}"
                     f"{disarmed(matter.title, TITLE_LIMIT)}\N{RIGHT DOUBLE QUOTATION MARK}")))  # fmt: skip
    if matter.author:
        rows.append(("By", disarmed(matter.author, NAME_LIMIT)))
    if matter.names:
        shown = [disarmed(name, NAME_LIMIT) for name in matter.names[:MOST_NAMES]]
        more = len(matter.names) - len(shown)
        rows.append(
            (
                "Waits for" if matter.number else _NAMES.get(matter.kind, "Component"),
                ", ".join(shown) + (f" and {more} more" if more > 0 else ""),
            )
        )
    if matter.reason:
        rows.append(("Why you", prose(matter.reason, 300)))
    return rows


def _foot(matter: Matter) -> list[str]:
    foot = ["The link is yours alone; please do not pass it on."] if matter.is_personal else []
    return [*foot, f"Sent by the sign-off gate. Reference {matter.reference}."]


def _document(matter: Matter, subject: str, rows: Sequence[tuple[str, str]], foot: Sequence[str]) -> str:
    cells = "".join(
        f'<tr><td style="padding:2px 12px 2px 0;color:#57606a;vertical-align:top">{html.escape(label)}</td>'
        f'<td style="padding:2px 0">{html.escape(value)}</td></tr>'
        for label, value in rows
    )
    link = html.escape(matter.link, quote=True)
    button = (
        f'<p style="margin:20px 0"><a href="{link}" style="background:#1f6feb;color:#ffffff;padding:10px 18px;'
        f'border-radius:6px;text-decoration:none;display:inline-block">{_link_lead(matter)}</a></p>'
        f'<p style="color:#57606a;font-size:13px;word-break:break-all">{link}</p>'
    )
    end = "".join(f"<div>{html.escape(line)}</div>" for line in foot)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(subject)}</title></head>'
        '<body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1f2328;max-width:40em;'
        f'margin:0 auto;padding:16px"><p>{html.escape(_lead(matter))}</p>'
        f'<table role="presentation">{cells}</table>'
        f'{button}<div style="color:#57606a;font-size:13px;border-top:1px solid #d0d7de;padding-top:8px">{end}</div>'
        "</body></html>"
    )

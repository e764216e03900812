"""The brief of an incident: who owns what fails, who is on call, how it is rolled back, and what is suspected."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from gate.core.escalation.calling import OnCallNow
from gate.core.explain.escaping import prose
from gate.core.explain.markdown_text import inline
from gate.core.incident.suspects import Signs, Suspect
from gate.core.notify.reach import Callee, party_callees
from gate.core.ownership.records import EscalationPolicy, Playbook
from gate.core.ownership.registry import Component, Ownership
from gate.core.values import dataclass

_MAX_STEPS = 20
_LINK = "https://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What whoever responds to an incident needs first. `on_call` names nobody where none can be told.

    SECURITY: `reach` is how the owner's people are reached, for the terminal of who asks; a ticket may be public.
    """

    component: str
    signs: Signs
    title: str = ""
    tier: int | None = None
    owner: str = ""
    reach: tuple[str, ...] = ()
    backup: str = ""
    on_call: OnCallNow = OnCallNow(None)
    escalation: str = ""
    levels: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    playbook: Playbook | None = None
    suspects: tuple[Suspect, ...] = ()


def brief_of(
    ownership: Ownership, component: Component, signs: Signs, *, on_call: OnCallNow, suspects: tuple[Suspect, ...]
) -> Brief:
    """Return the brief of a component from the ownership records."""
    policy = ownership.escalations.get(component.escalation or "")
    return Brief(
        component=component.name,
        signs=signs,
        title=component.title or "",
        tier=component.tier,
        owner=component.owner,
        reach=tuple(
            filter(None, (_reach(one) for owner in component.owners for one in party_callees(owner, ownership)))
        ),
        backup=component.backup or "",
        on_call=on_call,
        escalation=component.escalation or "" if policy else "",
        levels=tuple(_levels(policy)) if policy else (),
        links=dict(sorted(component.links.items())),
        playbook=component.rollback,
        suspects=suspects,
    )


def on_call_words(now: OnCallNow) -> str:
    """Return who is on call in one visible line, with what of it is not certain."""
    names = "cannot be told" if now.names is None else prose(", ".join(now.names)) or "nobody"
    return f"{names} ({prose(now.note)})" if now.note else names


def brief_rows(brief: Brief) -> Iterator[tuple[str, str]]:
    """Yield what is known as pairs of word and text, what is missing named as such; texts are visible, one line."""
    yield "component", prose(f"{brief.component} ({brief.title})" if brief.title else brief.component)
    if brief.tier:
        yield "tier", str(brief.tier)
    yield "owner", prose(brief.owner) or "nobody"
    yield "on call", on_call_words(brief.on_call)
    yield "backup", prose(brief.backup) or "none"
    yield "escalation", prose("; then ".join(brief.levels)) or "none"
    for word, text in brief.links.items():
        yield prose(word), prose(text)
    if not any("runbook" in word.casefold() for word in brief.links):
        yield "runbook", "none"
    yield "rollback", playbook_line(brief.playbook)


def playbook_line(playbook: Playbook | None) -> str:
    """Return a standing rollback playbook in one line."""
    return "; ".join(playbook_parts(playbook))


def playbook_parts(playbook: Playbook | None) -> list[str]:
    """Return a standing rollback playbook: its method, each of its steps, and how it is verified."""
    if playbook is None:
        return ["no standing playbook: use the plan of the change that is taken back"]
    parts = [playbook.method + (f", {playbook.restore_minutes} min to restore" if playbook.restore_minutes else "")]
    parts += [f"{number}. {prose(step)}" for number, step in enumerate(playbook.steps[:_MAX_STEPS], 1)]
    parts += [f"verify: {prose(playbook.verification)}"] if playbook.verification else []
    return parts


def window_words(brief: Brief) -> str:
    """Return within which time a change is suspected."""
    days = brief.signs.window_hours // 24
    return f"the {days} days before {brief.signs.began_at}" if days > 1 else f"the day before {brief.signs.began_at}"


def brief_text(brief: Brief) -> str:
    """Return the brief as plain text, for trackers that show no markup."""
    lines = [f"{word}: {text}" for word, text in brief_rows(brief)]
    lines += ["", f"Suspect changes, the likeliest first, of {window_words(brief)}:"]
    for number, one in enumerate(brief.suspects, 1):
        lines.append(f"{number}. {prose(one.landing.id)} {prose(one.landing.title)}".rstrip())
        lines.append(f"   {prose(' '.join(one.reasons))}")
        place = one.landing.rollback_url or one.landing.url
        lines.append(f"   way back: {prose(one.landing.rollback) or 'none stated'} {place}".rstrip())
    if not brief.suspects:
        lines.append("none: neither it nor anything that it depends on changed then.")
    return "\n".join(lines)


def brief_markdown(brief: Brief) -> str:
    """Return the brief as Markdown, everything foreign in it escaped."""
    lines = [f"- **{inline(word)}**: {_address_or_text(text)}" for word, text in brief_rows(brief)]
    lines += ["", "### Suspect changes", "", f"The likeliest first, of {window_words(brief)}.", ""]
    for number, one in enumerate(brief.suspects, 1):
        name = (
            f"[{inline(one.landing.id)}]({one.landing.url})" if _is_address(one.landing.url) else inline(one.landing.id)
        )
        lines.append(f"{number}. {name} {inline(one.landing.title)}".rstrip())
        lines.append(f"   {inline(' '.join(one.reasons))}")
        back = one.landing.rollback_url
        link = f" [Roll back]({back})" if _is_address(back) else ""
        lines.append(f"   Way back: {inline(one.landing.rollback) or 'none stated'}.{link}")
    if not brief.suspects:
        lines.append("None: neither it nor anything that it depends on changed then.")
    return "\n".join(lines)


def brief_value(brief: Brief) -> dict[str, Any]:
    """Return the brief as JSON (`gate.incident-brief/1`)."""
    return {
        "schema": "gate.incident-brief/1",
        "component": brief.component,
        "title": brief.title,
        "tier": brief.tier,
        "owner": brief.owner,
        "backup": brief.backup,
        "on_call": None if brief.on_call.names is None else list(brief.on_call.names),
        "escalation": {"policy": brief.escalation, "levels": list(brief.levels)},
        "links": dict(brief.links),
        "rollback": brief.playbook.model_dump(mode="json") if brief.playbook else None,
        "suspects": [
            {
                "id": one.landing.id,
                "title": one.landing.title,
                "landed_at": one.landing.landed_at,
                "components": sorted(one.landing.components),
                "risk": one.landing.risk,
                "score": round(one.score, 4),
                "reasons": list(one.reasons),
                "rollback": one.landing.rollback,
                "url": one.landing.url,
                "rollback_url": one.landing.rollback_url,
                "commands": list(one.landing.commands),
            }
            for one in brief.suspects
        ],
    }


def _address_or_text(text: str) -> str:
    return f"<{text}>" if _is_address(text) else inline(text)


def _is_address(text: str) -> bool:
    """Return whether a text is a plain address that Markdown cannot be broken out of by."""
    return text.startswith((_LINK, "http://")) and not set(text) & set("<>()[]`\\\"' \t\n")


def _reach(callee: Callee) -> str:
    """Return who is reached how, empty for who can only be asked on the forge."""
    ways = [
        f"{one.channel} {one.to.removeprefix('mailto:').removeprefix('tel:')}"
        for one in callee.addresses
        if one.channel != "review-request"
    ]
    return f"{callee.name} ({', '.join(ways)})" if ways else ""


def _levels(policy: EscalationPolicy) -> Iterator[str]:
    for level in policy.levels:
        yield f"{', '.join(level.notify)} by {level.channel}, {level.acknowledge_within} to acknowledge"

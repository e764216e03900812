"""Pages: the queue, and one change with its verdict explained; server-rendered, without any script."""

import re

from flask import Blueprint, current_app, render_template, request
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound

from gate.core.explain.escaping import visible
from gate.core.explain.json import parse_verdict
from gate.core.explain.outline import actors, blocking, met
from gate.core.explain.sentence import OPENINGS
from gate.core.explain.simulation import parse_brief
from gate.core.forge.snapshot import ChangeKey
from gate.core.lazy_regex import lazy_regex
from gate.usecases.stored import ChangeFilter
from gate.web.door import Door
from gate.web.rows import STATE_WORDS, Rows, asked_for
from gate.web.timeline import merge_past_the_gate, told_entry
from gate.web.visitors import visible_repositories, visible_repository, visitor

_PAGE = 50
_CODE = lazy_regex(r"`([^`]+)`")
_OPENING = lazy_regex(rf"(?:Approved|Waiting|{'|'.join(OPENINGS.values())}):|Waiting(?= for )")
_INSTANT = lazy_regex(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ESCAPED = lazy_regex(r"(\\u\{[0-9a-f]{1,6}\})")

blueprint = Blueprint("pages", __name__)


@blueprint.app_template_filter("told")
def told(text: str) -> Markup:
    """Return a sentence of the gate for a page: everything escaped and made visible, what is quoted shown as code.

    Instants are written as `clock` writes them, outside of code.
    """
    parts = _CODE.split(str(escape(visible(text))))
    prose = [_INSTANT.sub(_as_clock, part) for part in parts[::2]]
    shown = [f"<code>{code}</code>{after}" for code, after in zip(parts[1::2], prose[1:], strict=True)]
    return Markup(prose[0] + "".join(shown))  # noqa: S704  # escaped just before


@blueprint.app_template_filter("headline")
def headline(summary: str) -> Markup:
    """Return a verdict's sentence for a page, with the words that name its state standing out."""
    opening = _OPENING.match(summary)
    if opening is None:
        return told(summary)
    said = opening.group()
    return Markup("<strong>{}</strong>{}").format(said, told(summary[len(said) :]))


@blueprint.app_template_filter("minute")
def minute(instant: str) -> str:
    """Return an instant in UTC to the minute, without the zone, for where the zone is said once: `2026-11-27 20:48`."""
    return f"{instant[:10]} {instant[11:16]}"


@blueprint.app_template_filter("clock")
def clock(instant: str) -> str:
    """Return an instant in UTC as people read it: `2026-11-27 20:48:42 UTC`."""
    return f"{instant[:10]} {instant[11:-1]} UTC" if instant.endswith("Z") else instant


@blueprint.app_template_filter("marked")
def marked(text: str) -> Markup:
    """Return a line that is visible already, with what was made visible in it standing out."""
    return Markup(_ESCAPED.sub(r"<mark>\1</mark>", str(escape(text))))  # noqa: S704  # escaped just before


@blueprint.get("/")
def queue() -> str:
    """Show what waits for who is asking, the longest first, and all other open changes, newest judged first."""
    door: Door = current_app.extensions["gate"]
    who = visitor()
    with door.gate.store.reading() as reading:
        known = visible_repositories(reading)
        after = request.args.get("after", "")[:500]
        page = reading.changes(ChangeFilter(repositories=tuple(known), states=("open",), after=after, limit=_PAGE))
        mine = {key: who.key_in(one) for key, one in known.items()}
        asked = asked_for(reading, mine, limit=_PAGE)
        waiting = [reading.change(key) for key in asked]
        rows = Rows(reading, known, door.gate.now())
        asked_of_me = [rows.row(one, asked_for=asked[one.key]) for one in waiting if one is not None]
        others = [rows.row(one) for one in page.changes if one.key not in asked]
    is_somebody = who.account is not None or any(mine.values())
    return render_template(
        "queue.html",
        mine=asked_of_me,
        rows=others,
        is_somebody=is_somebody,
        next=page.next,
        has_login=door.has_login,
        visitor=who,
    )


@blueprint.get("/changes/<owner>/<repo>/<int:number>")
def change(owner: str, repo: str, number: int) -> str:
    """Show a change's verdict with its explanation and what happened to it."""
    door: Door = current_app.extensions["gate"]
    repository = visible_repository(f"{owner}/{repo}")
    key = ChangeKey(repository.key.tenant, repository.key.id, number)
    facts = request.args.get("facts") or None
    with door.gate.store.reading() as reading:
        stored, kept = reading.verdict(key, facts), reading.change(key)
        entries = reading.timeline(key, limit=100)
        checkpoint = reading.checkpoint()
        owed = [one for one in reading.after_reviews() if one.key == key]
        asked = reading.asked(key)
        simulation = reading.simulation(stored.facts_digest) if stored else None
    if stored is None or kept is None:
        raise NotFound
    verdict, account = parse_verdict(stored.verdict), visitor().key_in(repository)
    return render_template(
        "change.html",
        verdict=verdict,
        owner=owner,
        repo=repo,
        kept=kept,
        stored=stored,
        blocking=blocking(verdict.requirements),
        met=met(verdict.requirements),
        words=STATE_WORDS,
        timeline=[told_entry(one) for one in reversed(entries)],
        past_the_gate=merge_past_the_gate(entries) if kept.state == "merged" else None,
        checkpoint=checkpoint,
        owed=owed,
        simulation=parse_brief(simulation) if simulation else None,
        is_earlier=facts is not None and stored.facts_digest != kept.facts_digest,
        has_login=door.has_login,
        visitor=visitor(),
        may_review=bool(account),
        is_asked=bool(account) and any(one.account == account for one in asked),
        actors=actors,
    )


def _as_clock(found: re.Match[str]) -> str:
    return clock(found.group())

"""Confirming a review: whoever is accountable for a component says that its record is right, by link or logged in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from gate.core.change.facts import AccountKey, Instant, PersonKey
from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.ledger.entries import EntryDraft
from gate.core.values import dataclass
from gate.usecases.gate import Gate, repository_subject
from gate.usecases.jobs import judge_job
from gate.usecases.ladder_end import record_end
from gate.usecases.links import LinkUse
from gate.usecases.ownership_reviews import OwnershipReview, reviewers_now, reviews_by_id
from gate.usecases.repository_ownership import OwnershipNow, ownership_now
from gate.usecases.review_ports import ConfirmedReview
from gate.usecases.store_ports import Writing

RefusalCode = Literal["link-refused", "link-used", "changed-since", "not-due", "not-eligible", "nothing-chosen"]


class NotConfirmedError(GateError):
    """Nothing is confirmed: `code` is why."""

    exit_code = 2

    def __init__(self, code: RefusalCode, message: str, *, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Somebody says that the records of some components are right, as they were shown.

    `records` maps what each review is known by to the digest of the record that was shown. `person` is who says it,
    `by` the account that is recorded; `authenticated` says in words how they are known. `link` is the id of the link
    that it came by, used up by it.
    """

    repository: ForgeRepository
    records: Mapping[str, str]
    person: PersonKey
    by: AccountKey
    authenticated: str
    link: str = ""


def confirm_reviews(gate: Gate, given: Confirmation) -> int:
    """Record that some records are right, in one transaction with their ledger entries; return how many.

    All is read afresh: a record that is not what was shown, or is due no more, is not confirmed (L06), and neither is
    anything by somebody who is accountable for it no more (L10). The components count as reviewed today, their ladders
    end, and open changes are judged anew. A link is used up in the same transaction: of many uses at once one is
    recorded (L03). Raises NotConfirmedError, recorded too save that a link was used before; UnreadableError where the
    records or a team cannot be read.
    """
    at = gate.instant()
    try:
        _require_unused(gate, given.link)
        now = ownership_now(gate, given.repository)
        reviews = _reviewable(gate, now, given, at)
        with gate.store.writing() as writing:
            if given.link:
                _use(writing, given, at)
            for one in reviews:
                _record(writing, one, given, at)
            for change in writing.open_changes(given.repository.key):
                writing.enqueue(judge_job(change.key, at=at, why="an ownership review was confirmed"))
    except NotConfirmedError as refused:
        if refused.code != "link-used":
            _record_refusal(gate, given, refused, at)
        raise
    gate.measures.count("ownership_reviews_confirmed", amount=len(reviews))
    return len(reviews)


def _require_unused(gate: Gate, link: str) -> None:
    with gate.store.reading() as reading:
        if link and reading.link_use(link) is not None:
            raise _used()


def _used() -> NotConfirmedError:
    return NotConfirmedError("link-used", "This was confirmed already; what was recorded stands.")


def _reviewable(gate: Gate, now: OwnershipNow, given: Confirmation, at: Instant) -> Sequence[OwnershipReview]:
    if not given.records:
        raise NotConfirmedError("nothing-chosen", "No component was chosen.", next_step="Choose at least one.")
    known = reviews_by_id(now)
    found = []
    for review, record in sorted(given.records.items()):
        one = known.get(review)
        if one is None or not one.occasion(at):
            what = "This review is not due any more; somebody confirmed the record, or the record says so itself."
            raise NotConfirmedError("not-due", what)
        if one.record != record:
            what = f"The record of {one.component.name} has changed since it was shown to you, so it is not confirmed."
            raise NotConfirmedError("changed-since", what, next_step="Look at the new one; its own link is on its way.")
        found.append(one)
    reviewers = reviewers_now(gate, now, found)
    for one in found:
        if not reviewers[one.id].may_confirm(given.person):
            what = f"Only the owner or the backup of {one.component.name} confirms its record."
            raise NotConfirmedError("not-eligible", what, next_step="Ask one of them.")
    return found


def _use(writing: Writing, given: Confirmation, at: Instant) -> None:
    """Use the link up, or refuse one that holds no longer, by the store's word (L10)."""
    link, key = writing.link(given.link), given.repository.key
    is_for_this = link is not None and link.purpose == "review" and link.key.repository_key == key
    if link is None or not is_for_this or not link.holds(at):
        raise NotConfirmedError("link-refused", "This link does not hold any more.", next_step="Ask for a new one.")
    if not given.records.items() <= link.subjects.items():
        raise NotConfirmedError("link-refused", "This link is for something else.", next_step="Ask for a new one.")
    if not writing.use_link(LinkUse(given.link, at, "confirm")):
        raise _used()


def _record(writing: Writing, one: OwnershipReview, given: Confirmation, at: Instant) -> None:
    component, key = one.component, given.repository.key
    known = {(kept.section, kept.component): kept for kept in writing.confirmed_reviews(key)}
    kept = known.get((component.section, component.name))
    if kept is not None and kept.day > (component.reviewed or ""):
        raise NotConfirmedError("not-due", "Somebody else confirmed this record a moment ago; that stands.")
    writing.save_confirmed_review(
        ConfirmedReview(
            repository=key,
            section=component.section,
            component=component.name,
            day=at[:10],
            at=at,
            account=given.by,
            record=one.record,
        )
    )
    for ladder in writing.escalations(ChangeKey(key.tenant, key.id, 0), cause="review"):
        if ladder.subject == one.id and ladder.state == "running":
            record_end(writing, ladder, "ended", at)
    payload = {
        "component": f"{component.section}/{component.name}", "record": one.record, "due_at": one.due_at,
        "is_late": at > one.due_at, "reviewed_on": at[:10],
    }  # fmt: skip
    entry = EntryDraft("ownership-reviewed", at, repository_subject(key), actor=given.by)
    payload |= {"link": given.link} if given.link else {}
    writing.append(replace(entry, authenticated=given.authenticated, payload=payload))


def _record_refusal(gate: Gate, given: Confirmation, refused: NotConfirmedError, at: Instant) -> None:
    payload = {"code": refused.code, "decision": "confirm", "source": "link" if given.link else "page"}
    payload |= {"reviews": ", ".join(sorted(given.records))[:1000]} | ({"link": given.link} if given.link else {})
    subject = repository_subject(given.repository.key)
    entry = EntryDraft("link-refused" if given.link else "signoff-refused", at, subject)
    with gate.store.writing() as writing:
        writing.append(replace(entry, actor=given.by, authenticated=given.authenticated, payload=payload))
    gate.measures.count("signoffs_refused", source="link", code=refused.code)

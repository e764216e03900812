"""Reviews: what people submitted, who dismissed it, and who set the labels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from gate.adapters.github.accounts import account_at
from gate.adapters.github.answers import (
    Row,
    instant_at,
    number_at,
    optional_row,
    optional_text,
    row_at,
    rows_of,
    text_at,
)
from gate.adapters.github.place import Place
from gate.core.forge.snapshot import ForgeAccount, ForgeLabel, ForgeReview

ReviewState = Literal["approved", "changes-requested", "commented", "dismissed"]
_STATES: dict[str, ReviewState] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes-requested",
    "COMMENTED": "commented",
    "DISMISSED": "dismissed",
}
_VOTES: dict[str, Literal["approved", "changes-requested", ""]] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes-requested",
}


class _Dismissal(NamedTuple):
    by: ForgeAccount | None
    before: Literal["approved", "changes-requested", ""]


def read_reviews(place: Place, number: int) -> tuple[tuple[ForgeReview, ...], bool]:
    """Return all submitted reviews, oldest first, and whether one of them is dismissed.

    A state never seen before counts as a comment: it never approves.
    """
    rows = rows_of(place.pages("pulls", number, "reviews"), "reviews")
    found = tuple(_review_of(row) for row in rows if optional_text(row, "state").upper() != "PENDING")
    return found, any(review.state == "dismissed" for review in found)


def read_labels(
    place: Place, pull: Row, reviews: Sequence[ForgeReview], *, has_dismissed: bool
) -> tuple[tuple[ForgeReview, ...], tuple[ForgeLabel, ...]]:
    """Return the reviews with who dismissed them, and the labels with who set each last.

    The timeline is read only where there is a label or a dismissed review to ask it about.
    """
    names = sorted({text_at(row, "name") for row in rows_of(pull.get("labels") or [], "labels")})
    if not names and not has_dismissed:
        return tuple(reviews), ()
    events = _timeline(place, number_at(pull, "number"))
    dismissals: dict[int, _Dismissal] = {}
    for row in events:
        if optional_text(row, "event") == "review_dismissed":
            dismissed = optional_row(row, "dismissed_review")
            if dismissed is not None:
                before = _VOTES.get(optional_text(dismissed, "state").upper(), "")
                dismissals[number_at(dismissed, "review_id")] = _Dismissal(account_at(row, "actor"), before)
    setters = _setters(events)
    return _with_dismissals(reviews, dismissals), tuple(ForgeLabel(name, setters.get(name)) for name in names)


def read_label_setters(place: Place, number: int) -> Mapping[str, ForgeAccount | None]:
    """Return who set each label of a change last."""
    return _setters(_timeline(place, number))


def _timeline(place: Place, number: int) -> Sequence[Row]:
    return rows_of(place.pages("issues", number, "timeline"), "timeline")


def _setters(events: Sequence[Row]) -> Mapping[str, ForgeAccount | None]:
    setters: dict[str, ForgeAccount | None] = {}
    for row in events:
        event = optional_text(row, "event")
        if event == "labeled":
            setters[text_at(row_at(row, "label"), "name")] = account_at(row, "actor")
        elif event == "unlabeled":
            setters.pop(text_at(row_at(row, "label"), "name"), None)
    return setters


def _with_dismissals(reviews: Sequence[ForgeReview], dismissals: Mapping[int, _Dismissal]) -> tuple[ForgeReview, ...]:
    return tuple(
        replace(review, dismissed_by=dismissals[review.id].by, state_before=dismissals[review.id].before)
        if review.state == "dismissed" and review.id in dismissals
        else review
        for review in reviews
    )


def _review_of(row: Row) -> ForgeReview:
    return ForgeReview(
        id=number_at(row, "id"),
        account=account_at(row, "user"),
        state=_STATES.get(text_at(row, "state").upper(), "commented"),
        commit=optional_text(row, "commit_id"),
        at=instant_at(row, "submitted_at"),
        body=optional_text(row, "body"),
    )

"""Standing in: somebody is told in another one's place for some days; it gives them no right, and never chains."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from gate.core.asks import Asks
from gate.core.change.facts import AccountKey, Instant, PersonKey
from gate.core.ledger.entries import EntryDraft, EntryKind
from gate.core.notify.standing_in import StandsIn
from gate.core.ownership.registry import Ownership
from gate.core.signoff.colleagues import colleagues_of
from gate.usecases.gate import Gate
from gate.usecases.people import StandIn
from gate.usecases.repository_ownership import OwnershipNow
from gate.usecases.signoff_decisions import SignoffRefusedError
from gate.usecases.store_ports import Reading
from gate.usecases.teams_now import teams_now

MOST_DAYS = 366
MAX_REASON = 500


def possible_stand_ins(gate: Gate, account: AccountKey, places: Iterable[OwnershipNow]) -> dict[AccountKey, str]:
    """Return who may sign off on the same as somebody in any of these repositories as they are now, with names.

    Raises UnreadableError where a team of the forge cannot be asked for.
    """
    found: dict[AccountKey, str] = {}
    for now in places:
        found |= _colleagues(gate, account, now)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def name_stand_in(gate: Gate, stand_in: StandIn, *, possible: Mapping[AccountKey, str], authenticated: str) -> None:
    """Record who is told in somebody's place, from one day to another.

    SECURITY: it gives nobody a right: only one of `possible` is taken, and what they may sign off on is asked again
    with every change. Raises SignoffRefusedError, recorded too, for anybody else and for days that cannot be.
    """
    today = gate.instant()[:10]
    try:
        _require_days(stand_in, today)
        _require_entitled(stand_in, possible)
        with gate.store.writing() as writing:
            if _is_kept(writing, stand_in, today):
                return  # said again, as by a comment that is read once more
            _require_free(writing, stand_in, today)
            writing.save_stand_in(stand_in)
            writing.append(_entry(stand_in, stand_in.at, "signoff-delegated", authenticated))
    except SignoffRefusedError as refused:
        with gate.store.writing() as writing:
            writing.append(_entry(stand_in, stand_in.at, "delegation-refused", authenticated, why=str(refused)))
        raise


def end_stand_in(gate: Gate, stand_in: StandIn, *, authenticated: str, by: AccountKey = "") -> bool:
    """Record that somebody stands in no more; False where that was so before. Either of both may say it."""
    with gate.store.writing() as writing:
        is_ended = writing.end_stand_in(stand_in.account, stand_in.to, stand_in.begins_on)
        if is_ended:
            writing.append(_entry(stand_in, gate.instant(), "delegation-ended", authenticated, by=by))
    return is_ended


def standing_in(reading: Reading, asks: Asks, at: Instant) -> dict[PersonKey, StandsIn]:
    """Return who is told in whose place today, as people of a change; the latest word of each person holds."""
    return _named(reading, asks.person_of, at)


def standing_in_by_records(reading: Reading, ownership: Ownership, at: Instant) -> dict[PersonKey, StandsIn]:
    """Return who is told in whose place today, of the people of the records."""
    people = {one.account: name for name, one in ownership.people.items() if one.account is not None}
    return _named(reading, lambda account: people.get(account, account.removeprefix("person:")), at)


def _named(reading: Reading, person_of: Callable[[AccountKey], PersonKey], at: Instant) -> dict[PersonKey, StandsIn]:
    named = sorted(reading.stand_ins_on(at[:10]), key=lambda one: one.at)
    return {person_of(one.account): StandsIn(person_of(one.to), one.ends_on) for one in named}


def _require_days(stand_in: StandIn, today: str) -> None:
    try:
        begins, ends = dt.date.fromisoformat(stand_in.begins_on), dt.date.fromisoformat(stand_in.ends_on)
    except ValueError:
        raise _refused("These are no days.", "Write each as 2026-12-24.") from None
    if ends < begins or stand_in.ends_on < today:
        raise _refused("The last day is over already, or comes before the first.", "Choose a later one.")
    if (ends - begins).days > MOST_DAYS:
        raise _refused("Nobody stands in for longer than a year.", "Choose an earlier last day.")


def _is_kept(reading: Reading, stand_in: StandIn, today: str) -> bool:
    days = (stand_in.account, stand_in.to, stand_in.begins_on, stand_in.ends_on)
    kept = reading.stand_ins_about(stand_in.account, day=today)
    return any((one.account, one.to, one.begins_on, one.ends_on) == days for one in kept)


def _require_free(reading: Reading, stand_in: StandIn, today: str) -> None:
    for one in reading.stand_ins_about(stand_in.account, day=today):
        is_overlapping = one.begins_on <= stand_in.ends_on and stand_in.begins_on <= one.ends_on
        if one.account == stand_in.account and is_overlapping:
            what = f"Somebody stands in for you from {one.begins_on} to {one.ends_on} already."
            raise _refused(what, "End that first, or choose other days.")


def _require_entitled(stand_in: StandIn, possible: Mapping[AccountKey, str]) -> None:
    if stand_in.to == stand_in.account or stand_in.to not in possible:
        what = "By policy they may not sign off on anything that is yours, so they cannot stand in for you."
        raise _refused(what, "Name somebody who is asked for the same as you.")


def _refused(what: str, step: str) -> SignoffRefusedError:
    return SignoffRefusedError("not-eligible", what, next_step=step)


def _colleagues(gate: Gate, account: AccountKey, now: OwnershipNow) -> dict[AccountKey, str]:
    known = teams_now(gate, now, [component.name for component in now.ownership.components])
    return colleagues_of(
        account, ownership=now.ownership, policy=now.policy, teams=known.teams, accounts=known.accounts
    )


def _entry(
    stand_in: StandIn, at: Instant, kind: EntryKind, authenticated: str, *, by: AccountKey = "", why: str = ""
) -> EntryDraft:
    payload = {"to": stand_in.to, "begins_on": stand_in.begins_on, "ends_on": stand_in.ends_on}
    return EntryDraft(
        kind,
        at,
        f"account:{stand_in.account}",
        actor=by or stand_in.account,
        authenticated=authenticated,
        payload=payload | ({"why": why[:300]} if why else {}),
        personal={"reason": stand_in.reason} if stand_in.reason else {},
    )

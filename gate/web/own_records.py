"""What the ownership records say of somebody: how they are told, when not, and who stands in for whom."""

from collections.abc import Iterable, Iterator, Sequence

from gate.core.change.facts import AccountKey
from gate.core.notify.reach import person_addresses
from gate.core.ownership.records import PersonRecord
from gate.core.values import dataclass
from gate.usecases.repository_ownership import OwnershipNow

_CHANNELS = {
    "email": "mail",
    "chat": "chat",
    "pager": "pager",
    "phone": "phone",
    "review-request": "a review request on GitHub",
}


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One repository's record of somebody. `channels` are tried in their order."""

    repository: str
    name: str
    channels: tuple[str, ...]
    quiet: str
    away: tuple[str, ...]
    stands_in: tuple[str, ...]


def own_records(places: Iterable[OwnershipNow], accounts: frozenset[AccountKey], *, today: str) -> Iterator[OwnRecord]:
    """Yield what each repository's records say of the person behind some accounts."""
    for now in places:
        people = now.ownership.people
        for key, record in people.items():
            if record.account in accounts:
                for_others = [
                    f"for {other.name or name} from {one.from_} to {one.to}"
                    for name, other in people.items()
                    for one in other.away
                    if one.stand_in == key and one.to.isoformat() >= today
                ]
                yield OwnRecord(
                    repository=now.repository.name,
                    name=f"{record.name} ({key})" if record.name else key,
                    channels=tuple(dict.fromkeys(_CHANNELS[one.channel] for one in person_addresses(record))),
                    quiet=_quiet(record),
                    away=tuple(_away(record, today)),
                    stands_in=tuple(for_others),
                )


def names_in(places: Sequence[OwnershipNow]) -> dict[AccountKey, str]:
    """Return the names that the records give to accounts."""
    return {
        account: record.name or key
        for now in places
        for key, record in now.ownership.people.items()
        for account in (record.account, f"person:{key}")
        if account is not None
    }


def _quiet(record: PersonRecord) -> str:
    quiet = record.quiet_hours
    return f"{quiet.from_} to {quiet.to} ({quiet.timezone})" if quiet else ""


def _away(record: PersonRecord, today: str) -> Iterator[str]:
    for one in record.away:
        if one.to.isoformat() >= today:
            who = f", {one.stand_in} is told" if one.stand_in else ""
            yield f"from {one.from_} to {one.to}{who}"

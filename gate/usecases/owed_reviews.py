"""Owed reviews: the after-reviews of break-glass that nobody closed yet, as a judgement of another change sees them."""

from gate.core.change.facts import OwedReview
from gate.core.explain.json import parse_verdict
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.store_ports import Reading


def owed_reviews(reading: Reading, key: ChangeKey) -> tuple[OwedReview, ...]:
    """Return the reviews that other changes of the repository owe, each with the components that its change touched."""
    found = []
    for one in reading.after_reviews():
        if one.key.repository_key == key.repository_key and one.key != key:
            stored = reading.verdict(one.key)
            names = tuple(part.name for part in parse_verdict(stored.verdict).components) if stored else ()
            found.append(OwedReview(one.key.number, one.due_at, names))
    return tuple(found)

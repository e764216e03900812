"""Sample: the changes with the lowest HMAC under the auditor's seed; who has the seed can draw it again."""

import hashlib
import heapq
import hmac
from collections.abc import Iterable

MAX_SAMPLE = 10_000


def rank_of(seed: str, change_id: str) -> str:
    """Return the rank of a change under a seed: HMAC-SHA256(seed, change id) in hexadecimal digits."""
    return hmac.new(seed.encode(), change_id.encode(), hashlib.sha256).hexdigest()


def drawn(seed: str, change_ids: Iterable[str], size: int) -> list[tuple[str, str]]:
    """Return rank and id of the `size` changes with the lowest rank, lowest first."""
    return heapq.nsmallest(size, ((rank_of(seed, one), one) for one in change_ids))

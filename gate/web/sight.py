"""Sight: which repositories a logged-in account may read at the forge now, remembered for a minute."""

import datetime as dt
import threading
from collections import OrderedDict

from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeAccount, ForgeRepository, RepositoryKey
from gate.usecases.gate import Gate

KEPT = dt.timedelta(seconds=60)
_MOST = 20_000


class Sight:
    """What accounts may read, asked of the forge at most once a minute for each account and repository."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._known: OrderedDict[tuple[int, RepositoryKey], tuple[dt.datetime, bool]] = OrderedDict()
        self._lock = threading.Lock()

    def may_read(self, account: ForgeAccount, repository: ForgeRepository) -> bool:
        """Return whether an account may read a repository. Where the forge does not answer, nobody may."""
        key, now = (account.id, repository.key), self._gate.now()
        with self._lock:
            known = self._known.get(key)
        if known is not None and dt.timedelta(0) <= now - known[0] < KEPT:
            return known[1]
        try:
            access = self._gate.access(repository)
            # What is known by number alone has the login that it has now.
            named = account if account.login else access.account_numbered(account.id)
            answer = named is not None and access.may_read(named)
        except UnreadableError:
            return False
        with self._lock:
            self._known[key] = now, answer
            self._known.move_to_end(key)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return answer

"""GitHub Issues: issues and change requests of repositories that the gate is installed on, through the forge."""

import re
from collections.abc import Callable

from gate.adapters.trackers.fields import kind_of, title_of
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.forge_ports import Forge, ForgeRepositoryAccess, RateLimitedError
from gate.usecases.tracker_ports import FoundTicket, TicketDraft, TicketNote, TrackerError

_KEY = re.compile(
    r"(?:https?://[A-Za-z0-9.:-]{1,200}/)?(?P<repository>[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100})"
    r"(?:#|/(?:issues|pull)/)(?P<number>[0-9]{1,9})",
    re.ASCII,
)


class GithubIssues:
    """Fulfils the port `Tracker`. `find` returns the repository of a name where the gate is installed on it."""

    name = "github"

    def __init__(self, forge: Forge, *, find: Callable[[str], ForgeRepository | None], web: str) -> None:
        self._forge = forge
        self._find = find
        self._web = web.rstrip("/")

    def owns(self, key: str) -> bool:
        """Return whether a key is `owner/repository#number`, or the address of an issue at this GitHub."""
        is_elsewhere = "://" in key and not key.startswith(f"{self._web}/")
        return not is_elsewhere and _KEY.fullmatch(key) is not None

    def fetch(self, key: str) -> FoundTicket | None:
        """Return an issue of a public repository that the gate is installed on.

        SECURITY: whoever writes a change chooses the key, and readers of the change see the title: what another
        repository keeps private is not told. Issues of the change's own repository are read without a tracker.
        """
        access, name, number = self._place(key, is_public_only=True)
        try:
            row = access.issue(number)
        except UnreadableError as error:
            raise _told(error) from error
        if row is None:
            return None
        state = row.get("state")
        url = f"{self._web}/{name}/issues/{number}"
        title, kind = title_of(row.get("title", "")), kind_of(row.get("kind", "issue"))
        return FoundTicket(f"{name}#{number}", kind, "open" if state == "open" else "closed", title, url)

    def link(self, key: str, note: TicketNote) -> str:
        """Make the gate's one comment of this reference on an issue say what the note says."""
        access, _, number = self._place(key)
        marker = f"<!-- {note.marker} -->"
        body = f"{marker}\n{note.markdown}\n\n[Evidence]({note.url})\n"
        try:
            return str(access.publish_comment(number, marker=marker, body=body, known_id=None))
        except UnreadableError as error:
            raise _told(error) from error

    def lacking_to_create(self) -> str:
        """Return what to do instead."""
        return "Name an issue that somebody opened (--ticket), or another tracker."

    def create(self, draft: TicketDraft) -> FoundTicket:
        """Refuse: an incident begins where people are alarmed, and the gate opens no issues in repositories."""
        raise TrackerError(f"No issue is opened at GitHub for {draft.reference}.", next_step=self.lacking_to_create())

    def _place(self, key: str, *, is_public_only: bool = False) -> tuple[ForgeRepositoryAccess, str, int]:
        match = _KEY.fullmatch(key) if self.owns(key) else None
        try:
            found = self._find(match["repository"]) if match else None
        except UnreadableError as error:
            raise _told(error) from error
        if match is None or found is None or (is_public_only and found.is_private):
            step = "Install the gate's app on it; a private one's issues are named by its own changes only."
            raise TrackerError("The gate may tell nothing of such a repository at GitHub.", next_step=step)
        access = self._forge.access(found.key, installation=found.installation, name=found.name)
        return access, found.name, int(match["number"])


def _told(error: UnreadableError) -> TrackerError:
    """Return a refusal of the forge as one of a tracker."""
    seconds = 60 if isinstance(error, RateLimitedError) else 0
    return TrackerError(f"GitHub: {error}", retry_after_seconds=seconds)

"""Claims: what a commit's message says of where it comes from; a hint for people, never an authority (R56)."""

import re

from gate.core.values import dataclass

MAX_MESSAGE = 100_000
# The first that is found wins. Each is a platform's own wording; people can type any of them.
_MERGES = (
    re.compile(r"\AMerge pull request #(\d{1,9}) from \S"),  # GitHub, merge commit
    re.compile(r"\AMerged in .{1,250} \(pull request #(\d{1,9})\)"),  # Bitbucket Cloud
    re.compile(r"\APull request #(\d{1,9}): "),  # Bitbucket Data Center
    re.compile(r"\AMerged PR (\d{1,9}): "),  # Azure DevOps
    re.compile(r"\AAuto merge of #(\d{1,9}) - "),  # bors, homu
    re.compile(r"\A(?:Try )?Merge #(\d{1,9})(?: #\d{1,9})*(?::|$)", re.MULTILINE),  # bors-ng
    re.compile(r"^See merge request (?:[\w./-]{1,250})?!(\d{1,9})$", re.MULTILINE),  # GitLab
    re.compile(r"^Reviewed-on: \S{1,250}/(?:\+/)?(\d{1,9})$", re.MULTILINE),  # Gerrit
    re.compile(r"^PR(?:-URL)?: (?:https?://\S{1,250}/pull/|#)(\d{1,9})$", re.MULTILINE),  # Node.js
)
_SQUASH = re.compile(r"\(#(\d{1,9})\)\s*\Z")
_REVERTS = re.compile(r"\bThis reverts (?:commit|merge) ([0-9a-f]{7,64})\b")
_BACKPORT = re.compile(r"\(cherry picked from commit ([0-9a-f]{7,64})\)")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a message claims: the change it comes from, what it takes back, what it was copied from; empty: nothing."""

    change: int | None = None
    reverts: str = ""
    backport_of: str = ""


def claim_of(message: str) -> Claim:
    """Return what a message claims. SECURITY: whoever writes a commit writes its message; nothing is proven by it."""
    text = message[:MAX_MESSAGE].replace("\r\n", "\n").strip()
    subject = text.partition("\n")[0]
    found = next((match for pattern in _MERGES if (match := pattern.search(text))), None)
    found = found or _SQUASH.search(subject)
    reverts, backport = _REVERTS.search(text), _BACKPORT.search(text)
    return Claim(
        change=int(found[1]) if found else None,
        reverts=reverts[1] if reverts else "",
        backport_of=backport[1] if backport else "",
    )

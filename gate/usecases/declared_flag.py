"""The declared feature flag: whether it is in a line that the change touches, or in files that the policy names."""

from collections.abc import Sequence

from gate.core.change.declaration import Declaration
from gate.core.change.facts import ChangedFile
from gate.core.ownership.matcher import PathMatcher
from gate.usecases.observing import MAX_READ_BYTES, BlobSource
from gate.usecases.ports import Tree

_MAX_FLAG_FILES = 500


def is_flag_found(
    declaration: Declaration,
    files: Sequence[ChangedFile],
    *,
    source: BlobSource,
    head: Tree,
    paths: Sequence[str] | None,
) -> bool | None:
    """Return whether the declared flag is on a changed line, or in a file at `paths`; None where none is declared."""
    flag = declaration.rollback.flag if declaration.rollback else None
    if not flag:
        return None
    shas = {sha for file in files[:_MAX_FLAG_FILES] for sha in (file.blob, file.base_blob) if sha}
    contents = dict(source.blobs(sorted(shas), limit=MAX_READ_BYTES))
    if any(_is_on_changed_line(flag, contents.get(f.base_blob), contents.get(f.blob)) for f in files):
        return True
    if not paths:
        return False
    matcher = PathMatcher([tuple(paths)])
    named = [e.blob for e in head.entries() if matcher.match(e.path)[0] >= 0][:_MAX_FLAG_FILES]
    return any(flag.encode() in (raw or b"") for _, raw in source.blobs(named, limit=MAX_READ_BYTES))


def _is_on_changed_line(text: str, before: bytes | None, after: bytes | None) -> bool:
    """Return whether a line with this text is in one version and not in the other."""
    needle = text.encode()
    old = {line for line in (before or b"").split(b"\n") if needle in line}
    new = {line for line in (after or b"").split(b"\n") if needle in line}
    return old != new

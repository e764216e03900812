"""The gate's one comment on a change, updated in place: what is missing, and who can act."""

import hashlib
from dataclasses import replace

from gate.core.explain.json import parse_verdict
from gate.core.explain.markdown import markdown
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.forge_ports import ForbiddenError
from gate.usecases.gate import Gate, known_repository

MARKER = "<!-- sign-off gate -->"
LIMIT = 60_000


def publish_comment(gate: Gate, key: ChangeKey) -> bool:
    """Make the comment on an open change say what is recorded; return whether anything had to be written."""
    with gate.store.reading() as reading:
        repository = known_repository(reading, key.repository_key)
        change, stored = reading.change(key), reading.verdict(key)
        shown = reading.setting(_setting(key))
    if change is None or stored is None or change.state != "open" or change.is_draft:
        return False
    link = gate.url_of(repository.name, key.number)
    body = (
        f"{MARKER}\n{markdown(parse_verdict(stored.verdict), limit=LIMIT)}\n\n[Open the change in the gate]({link})\n"
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    if shown == digest and change.comment_id:
        return False
    try:
        identity = gate.access(repository).publish_comment(
            key.number, marker=MARKER, body=body, known_id=change.comment_id
        )
    except ForbiddenError:
        gate.measures.count("comments_forbidden")
        return False  # the comment is a courtesy: without the permission the check still says everything
    gate.at_point("commented")
    with gate.store.writing() as writing:
        present = writing.change(key)
        if present is not None:
            writing.save_change(replace(present, comment_id=identity))
        writing.save_setting(_setting(key), digest)
    return True


def _setting(key: ChangeKey) -> str:
    return f"comment:{key.tenant}/{key.repository}/{key.number}"

"""The gate's one comment on a change, updated in place: what is missing, and who can act."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from gate.core.explain.commands import NotTaken, commands_markdown
from gate.core.explain.json import parse_verdict
from gate.core.explain.markdown import markdown
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.forge_ports import ForbiddenError
from gate.usecases.gate import Gate, known_repository
from gate.usecases.store_ports import Reading

MARKER = "<!-- sign-off gate -->"
LIMIT = 60_000


def publish_comment(gate: Gate, key: ChangeKey) -> bool:
    """Make the comment on an open change say what is recorded; return whether anything had to be written."""
    with gate.store.reading() as reading:
        repository = known_repository(reading, key.repository_key)
        change, stored = reading.change(key), reading.verdict(key)
        shown = reading.setting(_setting(key))
        not_taken = commands_markdown(list(_not_taken(reading, key)))
    if change is None or stored is None or change.state != "open" or change.is_draft:
        return False
    link = gate.url_of(repository.name, key.number)
    parts = [markdown(parse_verdict(stored.verdict), limit=LIMIT - len(not_taken)), not_taken]
    parts.append(f"[Open the change in the gate]({link})")
    body = MARKER + "\n" + "\n\n".join(part for part in parts if part) + "\n"
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


def _not_taken(reading: Reading, key: ChangeKey) -> Iterator[NotTaken]:
    """Yield the commands that were not taken, of everybody who has said or done nothing since."""
    answers, signoffs = reading.command_answers(key), reading.signoffs(key)
    for one in answers:
        later = (other for other in answers if other.account == one.account)
        is_past = any((other.given_at, other.comment) > (one.given_at, one.comment) for other in later)
        is_decided = any(s.account == one.account and not s.void and s.at > one.given_at for s in signoffs)
        if one.outcome != "taken" and not is_past and not is_decided:
            yield NotTaken(one.name, f"/{one.kind}", one.given_at, one.why)


def _setting(key: ChangeKey) -> str:
    return f"comment:{key.tenant}/{key.repository}/{key.number}"

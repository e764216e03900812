"""What moved: what the ledger notes beside a verdict on how a change came to be what it is now."""

from gate.core.forge.snapshot import ChangeKey
from gate.usecases.store_ports import Reading, Writing
from gate.usecases.stored import StoredVerdict


def note_editor(writing: Writing, key: ChangeKey, account: int, *, body: str) -> None:
    """Keep who edited the text of a change last, and the digest of what it was then, as the forge told."""
    writing.save_setting(_editor(key), f"{body} github:{account}")


def notes_on(
    reading: Reading, key: ChangeKey, last: StoredVerdict | None, *, content: str, plan_digest: str, body: str
) -> dict[str, str | bool]:
    """Return what is to be noted of a judgement: who edited the plan (R36), and that a content is back (R10).

    The editor is empty where the forge did not tell of the edit that led to this very text. Nothing is
    decided by either.
    """
    if last is None:
        return {}
    notes: dict[str, str | bool] = {}
    if last.plan_digest != plan_digest:
        edited, _, editor = (reading.setting(_editor(key)) or "").partition(" ")
        notes["plan_edited_by"] = editor if edited == body else ""
    if last.content != content and any(one.content == content for one in reading.verdicts(key)):
        notes["content_is_back"] = True
    return notes


def _editor(key: ChangeKey) -> str:
    return f"text-edited-by:{key.tenant}/{key.repository}/{key.number}"

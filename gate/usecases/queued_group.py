"""The queued group: which green merge group a change is in, so that the group falls with its verdict."""

from gate.core.forge.hints import Group
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.store_ports import Reading, Writing


def remember_group(writing: Writing, key: ChangeKey, group: Group) -> None:
    """Keep that a group is green on account of this change, among others; the newest group of a change counts."""
    writing.save_setting(_setting(key), f"{group.head_sha} {group.base_sha} {group.base_ref}")


def group_of(reading: Reading, key: ChangeKey) -> Group | None:
    """Return the green group that a change is in, None where there is none."""
    kept = (reading.setting(_setting(key)) or "").split(" ", 2)
    return Group(kept[0], kept[2], kept[1]) if len(kept) == len(Group.__slots__) else None


def forget_group(writing: Writing, key: ChangeKey) -> None:
    """Keep that no group is green on account of this change any more."""
    writing.save_setting(_setting(key), "")


def _setting(key: ChangeKey) -> str:
    return f"group:{key.tenant}/{key.repository}/{key.number}"

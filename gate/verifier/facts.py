"""Recorded facts as the verifier reads them: their digest over exact bytes, and personal values by commitment."""

from __future__ import annotations

import hashlib
import json
import re

from gate.verifier.export import BadExportError, Row

_TEXT = re.compile(r"sealed-text:([0-9a-f]{64})")
_TOKEN = re.compile(r"sealed:([0-9a-f]{64})")
_BEGIN, _END = b',"facts":', b',"personal":{'


class Facts:
    """Facts of one change: `tree` as recorded, with what is personal still sealed."""

    def __init__(self, raw: bytes) -> None:
        start, end = raw.find(_BEGIN), raw.rfind(_END)
        if start < 0 or end < start:
            raise BadExportError("facts.json is no facts file")
        content = raw[start + len(_BEGIN) : end]
        whole = json.loads(raw)
        self.tree: Row = json.loads(content)
        self.at: str = whole["at"]
        self.digest = "sha256:" + hashlib.sha256(content).hexdigest()
        if whole["digest"] != self.digest or whole["facts"] != self.tree:
            raise BadExportError("facts.json is not what its digest says")
        self._values: dict[str, str] = {}
        for commitment, entry in whole["personal"].items():
            if "value" in entry:
                made = hashlib.sha256(bytes.fromhex(entry["salt"]) + entry["value"].encode()).hexdigest()
                if made != commitment:
                    raise BadExportError("a personal value in facts.json is not the one that was recorded")
                self._values[commitment] = entry["value"]

    def told(self, text: str | None, *, is_login: bool = False) -> str:
        """Return a text with its personal value put back, or what stands for one that was erased."""
        found = _TEXT.fullmatch(text or "")
        if found:
            erased = f"erased-{found.group(1)[:12]}" if is_login else "(erased)"
            text = self._values.get(found.group(1), erased)  # an address within it is sealed once more
        return _TOKEN.sub(lambda one: self._values.get(one.group(1), _address_left_of(one.group(1))), text or "")

    def told_rows(self, name: str) -> list[Row]:
        """Return a list of records within the facts, every text as it is told."""
        rows = self.tree.get(name, [])
        return [{key: self.told(one) if isinstance(one, str) else one for key, one in row.items()} for row in rows]

    def name_of(self, account: str | None) -> str:
        """Return how an account's person is shown: name, login, or what the records call them."""
        found = self.tree["accounts"].get(account or "")
        if found is None:
            return ""
        return (
            self.told(found.get("name")) or self.told(found.get("login"), is_login=True) or self.told(found["person"])
        )

    def person_of(self, account: str | None) -> str:
        """Return the person behind an account, empty for the platform itself."""
        found = self.tree["accounts"].get(account or "")
        if found is None:
            return account or ""
        return "" if found["kind"] == "platform" else str(found["person"])

    def hands(self) -> set[str]:
        """Return the people whom the policy keeps from signing off because they had a hand in the change."""
        exclude = self.tree["policy"]["policy"]["signoffs"]["exclude"]
        accounts = [self.tree["change"]["author"]] if "author" in exclude else []
        for commit in self.tree["commits"]:
            if not commit["is_mechanical_merge"]:
                accounts += [commit["author"]] if "author" in exclude else []
                accounts += [commit["committer"]] if "committer" in exclude else []
                accounts += commit["co_authors"] if "co-author" in exclude else []
        if "pusher" in exclude:
            accounts += [push["account"] for push in self.tree["pushers"] or ()]
        return {self.person_of(account) for account in accounts} - {""}


def _address_left_of(commitment: str) -> str:
    return f"erased-{commitment[:12]}@erased.invalid"

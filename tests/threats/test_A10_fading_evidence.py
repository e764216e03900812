"""A10: logins are renamed, texts edited, branches deleted. The evidence is what was there when it was decided."""

import json
from pathlib import Path

from builders_export import MadeExport, exported, failing, key_of, merge_a_change, push_past_the_gate, unpacked
from builders_service import a_service
from builders_store import a_signer


class TestWhatHappensAfterTheMerge:
    def test_the_packet_says_what_was_decided_whatever_becomes_of_the_forge(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1, title="Round amounts")
            pull = service.forge.shop.pulls[0]
            pull.edit(title="Nothing to see", body="gone", by=service.forge.dave)
            service.forge.alice.rename("alice-who")
            service.settle()
            push_past_the_gate(service)
            raw, result = exported(service)
            made = MadeExport(raw, result, key_of(a_signer()), tmp_path, "")
            files = made.files()
            packet = json.loads(files["changes/500-1000-1/packet.json"])
            facts = json.loads(files["changes/500-1000-1/facts.json"])
            assert packet["row"]["title"] == "Round amounts"
            assert packet["row"]["signoffs"][0].startswith("alice (review, ")
            assert packet["rollback"]["steps"] == ["Revert the merge commit.", "Deploy main."]
            assert [one["actor"] for one in packet["signoffs"]] == ["github:1001"]
            assert facts["facts"]["files"][0]["path"] == "api/file1.py"
            assert facts["facts"]["policy"]["policy"]["signoffs"]["exclude"]
            assert "consistency" in failing(unpacked(files, tmp_path / "x"), made, clones=False)

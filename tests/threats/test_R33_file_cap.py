"""R33: the file beyond any cap is judged like the first, or the whole change blocks."""

from pathlib import Path

from builders_decision import decided, signed
from builders_facts import a_file
from builders_git import DAVE
from builders_threats import a_shop, codes, unmet

from gate.core.change.facts import Problem

COUNT = 3_001


class TestMoreFilesThanAPlatformLists:
    def test_the_last_of_them_asks_its_owner(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        many = {f"docs/{number:05}.md": "x\n" for number in range(COUNT - 1)}
        shop.repository.commit({**many, "payments/zzz.py": "evil\n"}, branch="change", by=DAVE)
        ran = shop.check("--signoff", "bob")
        assert (ran.code, ran.json["state"]) == (1, "waiting")
        assert codes(ran)["ownership:docs"] == "signed-off"
        assert codes(ran)["ownership:payments"] == "paths-uncovered"
        asked = next(entry for entry in ran.json["requirements"] if entry["id"] == "ownership:payments")
        assert asked["files"] == ["payments/zzz.py"]

    def test_the_decision_sees_every_one_of_them(self) -> None:
        many = tuple(a_file(f"web/{number:05}.html") for number in range(COUNT))
        verdict = decided(files=(*many, a_file("services/payments/zzz.py")), signoffs=signed("erin"))
        assert (verdict.state, unmet(verdict)) == ("waiting", [("ownership:payments-api", "paths-uncovered")])


class TestAListThatWasCutOff:
    def test_blocks_whoever_has_signed_off(self) -> None:
        problem = Problem("too-many-files", "The platform lists 3,000 of 3,001 files.", "Split the change.")
        verdict = decided(problems=(problem,), signoffs=signed("alice", "bob"))
        assert (verdict.state, unmet(verdict)) == ("error", [("complete:too-many-files", "too-many-files")])
        assert verdict.summary == "Not judged: The platform lists 3,000 of 3,001 files. Split the change."

"""R08: an approval counts once per person, and covers only what its author is asked for."""

from pathlib import Path

from builders_decision import WEB, decided, refusals, requirement, signed
from builders_facts import a_file, a_policy, a_signoff
from builders_git import DAVE
from builders_threats import a_shop, codes, counted, owners, unmet

BOTH = (a_file("services/payments/round.py"), a_file("web/page.html"))


class TestOnePersonOnThreeChannels:
    def test_is_one_of_two(self) -> None:
        acts = tuple(a_signoff("alice", id=source, source=source) for source in ("review", "link", "comment"))
        verdict = decided(policy=a_policy(signoffs={"each_component": 2}), signoffs=acts)
        assert (verdict.state, owners(verdict).given, counted(owners(verdict))) == ("waiting", 1, ["alice"])
        assert owners(verdict).why == "1 of 2 people of payments signed off."
        assert owners(verdict).next == "Ask bob to sign off."


class TestTheOwnerOfOnePart:
    def test_does_not_cover_the_other(self) -> None:
        verdict = decided(files=BOTH, signoffs=signed("alice", "bob"))
        assert (verdict.state, unmet(verdict)) == ("waiting", [(WEB, "paths-uncovered")])
        web = requirement(verdict, WEB)
        assert (web.files, refusals(web)) == (
            ("web/page.html",),
            [("alice", "not-eligible"), ("bob", "not-eligible")],
        )
        assert verdict.summary == "Waiting for erin to sign off on web; nothing else is missing."

    def test_counts_together_with_the_owner_of_the_other(self) -> None:
        assert decided(files=BOTH, signoffs=signed("alice", "erin")).state == "approved"

    def test_does_not_cover_a_file_without_owner(self) -> None:
        verdict = decided(files=(a_file("services/payments/round.py"), a_file("loose.py")), signoffs=signed("alice"))
        assert (verdict.state, unmet(verdict)) == ("waiting", [("ownership:unowned", "paths-uncovered")])

    def test_named_for_a_part_covers_that_part_in_a_checkout_too(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"payments/pay.py": "2\n", "docs/a.md": "a\n"}, branch="change", by=DAVE)
        ran = shop.check("--signoff", "alice")
        assert (ran.code, ran.json["state"]) == (1, "waiting")
        assert codes(ran)["ownership:payments"] == "signed-off"
        assert codes(ran)["ownership:docs"] == "paths-uncovered"

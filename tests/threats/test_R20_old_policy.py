"""R20: a change begun under laxer rules is judged by those at the tip of its base, not by those it began with."""

from pathlib import Path

from builders_git import CAROL, DAVE
from builders_threats import POLICY, RECORDS, a_shop, codes

STRICT = POLICY + "signoffs: {each_component: 2}\n"


class TestAChangeOlderThanTheRules:
    def test_is_judged_by_the_policy_at_the_tip_of_the_base(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"payments/pay.py": "2\n"}, branch="change", by=DAVE)
        assert shop.check("--signoff", "alice").code == 0
        shop.repository.commit({".gate/policy.yaml": STRICT}, by=CAROL)
        ran = shop.check("--signoff", "alice")
        assert (ran.code, ran.json["state"]) == (1, "waiting")
        needed = next(entry for entry in ran.json["requirements"] if entry["id"] == "ownership:payments")
        assert (needed["code"], needed["needed"]) == ("no-eligible-owner", 2)

    def test_is_judged_by_the_owners_at_the_tip_of_the_base(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"payments/pay.py": "2\n"}, branch="change", by=DAVE)
        shop.repository.commit({".gate/ownership.yaml": RECORDS.replace("owner: alice", "owner: bob")}, by=CAROL)
        ran = shop.check("--signoff", "alice")
        assert (ran.code, codes(ran)["ownership:payments"]) == (1, "paths-uncovered")
        assert shop.check("--signoff", "bob").code == 0

    def test_brings_no_old_policy_along_by_merging_an_old_base(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        old = shop.repository.rev("main")
        shop.repository.commit({".gate/policy.yaml": STRICT}, by=CAROL)
        shop.repository.commit({"payments/pay.py": "2\n"}, branch="change", start="main", by=DAVE)
        shop.repository.commit({".gate/policy.yaml": POLICY}, branch="change", merging=(old,), by=DAVE)
        ran = shop.check("--signoff", "alice", "--signoff", "bob")
        assert (ran.code, codes(ran)["policy-change"]) == (1, "policy-change-needs-owner")
        assert codes(ran)["ownership:payments"] == "no-eligible-owner"

"""R29: a symbolic link shows its mode and where in the tree it leads, and counts for what is there."""

from pathlib import Path

import pytest
from builders_git import DAVE, Link, a_repository
from builders_threats import POLICY, a_shop, codes

from gate.adapters.git.checkout import Checkout
from gate.core.change.facts import MODE_SYMLINK


class TestALink:
    @pytest.mark.parametrize(
        ("target", "leads_to"),
        [
            ("../secure/k", "secure/k"),
            ("../shortcut/k", "secure/k"),
            ("./../docs/../secure", "secure"),
            ("../secure/not-yet", "secure/not-yet"),
            ("../../elsewhere", ""),
            ("/secure/k", ""),
        ],
    )
    def test_shows_where_it_leads(self, tmp_path: Path, target: str, leads_to: str) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/k": "1\n", "shortcut": Link("secure")})
        shop.commit({"docs/a": Link(target)}, branch="feature")
        (file,) = Checkout.open(shop.path).changes("main", "feature").files
        assert (file.path, file.mode) == ("docs/a", MODE_SYMLINK)
        assert (file.link_target or "") == leads_to

    def test_in_place_of_an_owned_file_is_a_change_of_that_file(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/k": "1\n", "docs/a": "1\n"})
        shop.commit({"secure/k": Link("../docs/a")}, branch="feature")
        (file,) = Checkout.open(shop.path).changes("main", "feature").files
        assert (file.path, file.status, file.base_mode, file.link_target) == ("secure/k", "changed", "100644", "docs/a")


class TestALinkToAWholeFolder:
    def test_asks_the_owner_of_the_folder(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path, {"docs/a.md": "1\n"})
        shop.repository.commit({"docs/bills": Link("../payments")}, branch="change", by=DAVE)
        ran = shop.check("--signoff", "bob")
        assert (ran.code, codes(ran)["ownership:payments"]) == (1, "paths-uncovered")
        assert shop.check("--signoff", "bob", "--signoff", "alice").code == 0

    def test_asks_the_policy_owner_where_it_is_the_gates_own(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path, {"docs/a.md": "1\n"})
        shop.repository.commit({"docs/rules": Link("../.gate")}, branch="change")
        assert codes(shop.check("--signoff", "bob"))["policy-change"] == "policy-change-needs-owner"


class TestConditionsOnPaths:
    SECRETS = "rules:\n  - {name: S, when: {paths: [/payments/]}, require: {signoffs: {person:dave: 1}}}\n"
    SMALL = (
        "standard_changes:\n  - {name: Docs, when: {only_paths: [/docs/]}, approved_by: carol, until: '2027-01-01'}\n"
    )

    @pytest.mark.parametrize("target", ["../payments/pay.py", "../payments"])
    def test_of_a_rule_see_what_a_link_leads_to(self, tmp_path: Path, target: str) -> None:
        shop = a_shop(tmp_path, {".gate/policy.yaml": POLICY + self.SECRETS})
        shop.repository.commit({"docs/a": Link(target)}, branch="change")
        assert codes(shop.check())["rule:S:person:dave"] == "rule-signoff-missing"

    @pytest.mark.parametrize("target", ["../payments/pay.py", "../payments"])
    def test_of_a_standard_change_do_not_cover_a_link_that_leads_out_of_them(self, tmp_path: Path, target: str) -> None:
        shop = a_shop(tmp_path, {".gate/policy.yaml": POLICY + self.SMALL, "docs/b": "1\n"})
        shop.repository.commit({"docs/a": Link("b")}, branch="inside")
        assert shop.check(head="inside").code == 0
        shop.repository.commit({"docs/a": Link(target)}, branch="change")
        ran = shop.check()
        assert (ran.code, ran.json["relaxations"]) == (1, [])

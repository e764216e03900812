from pathlib import Path

from builders_gate_command import run_gate
from builders_reconcile import a_shop


class TestAnyClone:
    def test_every_first_parent_commit_is_accounted_for(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        for number in range(1, 4):
            shop.propose(number, {f"{number}.txt": "x\n"})
            shop.repository.merge(f"change-{number}", message=f"Merge pull request #{number} from acme/x")
        shop.repository.commit({"README.md": "Shop!\n"}, message="Oops\x1b[31m")
        ran = run_gate("audit", "reconcile", shop.repository.path, "--branch", "main", "--json")
        count = int(shop.repository.git("rev-list", "--first-parent", "--count", "main"))
        assert ran.code == 0, ran.err
        assert len(ran.json["commits"]) == ran.json["counts"]["commits"] == count == 5
        assert ran.json["schema"] == "gate.reconciliation/1"
        assert [one["status"] for one in ran.json["commits"]] == ["claimed"] * 4 + ["bypass"]

    def test_people_are_told_how_many_and_which(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        sha = shop.repository.commit({"README.md": "Shop!\n"}, message="Oops\x1b[31m")
        ran = run_gate("audit", "reconcile", shop.repository.path, "--branch", "main")
        assert ran.out.startswith("2 first-parent commits on main, every one of them looked at, by git alone:")
        assert "1  direct pushes, or rebased changes" in ran.out
        assert sha[:12] in ran.out
        assert "\x1b" not in ran.out

    def test_a_period_limits_it(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        ran = run_gate(
            "audit", "reconcile", shop.repository.path, "--branch", "main", "--since", "2027-01-01", "--json"
        )
        assert (ran.code, ran.json["commits"]) == (0, [])

    def test_what_is_no_day_is_wrong_usage(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        ran = run_gate("audit", "reconcile", shop.repository.path, "--since", "soon")
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "'soon' is no time." in ran.err

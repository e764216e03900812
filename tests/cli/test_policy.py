"""`gate policy explain` from the outside."""

from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_git import a_repository

POLICY = "version: 1\nsources: [codeowners]\nunowned: allow\npolicy_owner: '@acme/gate'\n"


class TestWhatIsInForce:
    def test_is_said_in_sentences(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "/api/ @acme/api\n", ".gate/policy.yaml": POLICY})
        ran = run_gate("policy", "explain", "--repo", shop.path, "--rev", "main")
        assert (ran.code, ran.out.splitlines()) == (
            0,
            [
                ".gate/policy.yaml: 0 rules over 1 component",
                "  Each touched component needs 1 sign-off of its owner.",
                "  Files without owner: they pass unasked (`unowned: allow`).",
                "  The gate's own files: @acme/gate signs off.",
                "  A rollback plan is required.",
            ],
        )

    def test_without_a_policy_the_gates_files_are_as_any_other(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "/api/ @acme/api\n"})
        ran = run_gate("policy", "explain", "--repo", shop.path, "--rev", "main")
        assert "  Files without owner: they pass unasked, as on the platform." in ran.out.splitlines()
        assert "  The gate's own files: as any other file, for there is no policy yet." in ran.out.splitlines()

    def test_where_the_policy_names_nobody_says_what_to_set(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "/api/ @acme/api\n", ".gate/policy.yaml": "version: 1\n"})
        ran = run_gate("policy", "explain", "--repo", shop.path, "--rev", "main")
        assert "  The gate's own files: nobody can approve them; set `policy_owner`." in ran.out.splitlines()


class TestWhatRelaxesAndWhatHolds:
    RECORDS = """\
version: 1
people: {alice: {github: alice}, carol: {github: carol}}
teams: {shop: {members: [alice]}}
components: [{name: web, owner: shop, tier: 1, paths: [/web/]}]
"""
    RULES = """\
version: 1
policy_owner: shop
standard_changes:
  - {name: Lock files, when: {only_paths: ["*.lock"]}, approved_by: shop, until: "UNTIL"}
freezes:
  - name: Christmas
    from: 2098-12-20
    to: 2098-12-27
    timezone: Europe/Berlin
    components: {tier: [1]}
    except: [emergency]
emergency:
  label: break-glass
  signoffs: {role:commander: 1}
  tickets: {required: true, kinds: [incident], state: open}
roles: {commander: [WHO]}
"""

    def told(self, folder: Path, *, until: str = "2099-01-01", who: str = "carol") -> tuple[int, str]:
        policy = self.RULES.replace("UNTIL", until).replace("WHO", who)
        shop = a_repository(folder / "shop", {".gate/policy.yaml": policy, ".gate/ownership.yaml": self.RECORDS})
        ran = run_gate("policy", "explain", "--repo", shop.path, "--rev", "main")
        return ran.code, ran.out.partition("A rollback plan is required.\n")[2]

    def test_is_said_in_sentences_with_its_line(self, tmp_path: Path) -> None:
        assert self.told(tmp_path) == (
            0,
            """
Standard change Lock files (.gate/policy.yaml:4)
  when every file matches *.lock, the sign-offs of owners may be missing: approved by shop until 2099-01-01

Freeze Christmas (.gate/policy.yaml:6)
  from 2098-12-20 to 2098-12-27 (Europe/Berlin) a change is held if it touches a component of tier 1, save an emergency

Emergency (.gate/policy.yaml:12)
  when somebody of role commander has set the label break-glass, it asks for sign-off by one person of role commander
  and for 1 linked ticket of incident that is open
  it waives owners, rules, escalation and freezes; never the rollback plan, a rejection or a policy change
  its sign-offs hold for 24h, and it is reviewed within 2d
""",
        )

    @pytest.mark.parametrize(
        ("exceptions", "has_emergency", "save"),
        [
            ("", True, ", save an emergency"),
            ("    except: [standard]\n", True, ", save an emergency or a standard change"),
            ("    except: [emergency, standard]\n", False, ", save a standard change"),
            ("", False, ""),
        ],
    )
    def test_a_freeze_says_what_passes_it(
        self, tmp_path: Path, *, exceptions: str, has_emergency: bool, save: str
    ) -> None:
        policy = self.RULES.replace("    except: [emergency]\n", exceptions)
        policy = policy if has_emergency else policy.partition("emergency:\n  label")[0]
        policy = policy.replace("UNTIL", "2099-01-01").replace("WHO", "carol")
        shop = a_repository(tmp_path / "shop", {".gate/policy.yaml": policy, ".gate/ownership.yaml": self.RECORDS})
        out = run_gate("policy", "explain", "--repo", shop.path, "--rev", "main").out
        assert f"a change is held if it touches a component of tier 1{save}\n" in out

    def test_a_standard_change_that_has_ended_is_warned_of(self, tmp_path: Path) -> None:
        code, told = self.told(tmp_path, until="2020-01-01")
        assert code == 0
        assert "  warning: it has ended, so it lets nothing through any more\n" in told

    def test_an_emergency_that_nobody_can_sign_off_is_a_finding(self, tmp_path: Path) -> None:
        code, told = self.told(tmp_path, who="")
        assert code == 1
        assert "  warning: nobody can meet it: role:commander has 0 of 1 people\n" in told

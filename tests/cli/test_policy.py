"""`gate policy explain` from the outside."""

from pathlib import Path

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

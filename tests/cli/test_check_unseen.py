"""`gate check` on what it cannot see or use: says plainly what that is, and what to do."""

from pathlib import Path

from builders_gate_command import run_gate
from builders_git import GitRepository, a_repository

BROKEN = {".gate/policy.yaml": "version: 1\nsorces: [records]\n"}


class TestRulesThatCannotBeUsed:
    def test_on_the_base_are_named_with_the_way_out(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n", **BROKEN})
        shop.commit({"a": "1\n"}, branch="feature")
        ran = run_gate("check", "--repo", shop.path, "--base", "main", "--head", "feature")
        assert ran.code == 2
        assert "? error: The gate's own files cannot be used\n" in ran.out
        said = " ".join(ran.out.split())
        assert "`sorces` is not a key of this file" in said
        assert "The rest of this answer uses their newest valid version." in said
        assert "touches only the gate's files; `gate lint` lists all faults." in said

    def test_at_the_head_are_the_authors_to_mend(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n"})
        shop.commit(BROKEN, branch="feature")
        ran = run_gate("check", "--repo", shop.path, "--base", "main", "--head", "feature")
        assert ran.code == 1
        assert "! needs-author: The gate's own files cannot be used\n" in ran.out
        assert "next  Run `gate lint` and correct what it names." in ran.out


class TestAChangeThatCannotBeSeen:
    def test_names_the_path_that_no_pattern_can_meet(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n"})
        shop.commit({b"caf\xe9.txt": "1\n"}, branch="feature")
        ran = run_gate("check", "--repo", shop.path, "--base", "main", "--head", "feature")
        assert ran.code == 1
        assert "? error: Not all of the change could be seen\n" in ran.out
        assert "The path caf\\xe9.txt is not UTF-8" in " ".join(ran.out.split())

    def test_without_files_says_so(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n"})
        ran = run_gate("check", "--repo", shop.path, "--base", "main", "--head", "main")
        assert "? error: The change holds no files\n" in ran.out


class TestRulesThatAreNotThere:
    def test_are_said_to_be_the_defaults(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n"})
        shop.commit({".gate/policy.yaml": "version: 1\n"}, branch="feature")
        ran = run_gate("check", "--repo", shop.path, "--base", "main", "--head", "feature")
        assert "The base has no .gate/policy.yaml, so the built-in defaults hold." in " ".join(ran.out.split())
        shop.merge("feature", into="main")
        shop.commit({"b": ""}, branch="next")
        ran = run_gate("check", "--repo", shop.path, "--base", "main", "--head", "next")
        assert "built-in defaults" not in ran.out


class TestASignOffForNothing:
    def test_is_said_to_count_for_nothing(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n"})
        shop.commit({"b": ""}, branch="feature")
        line = ("check", "--repo", shop.path, "--base", "main", "--head", "feature", "--signoff")
        said = "`--signoff a:nosuch` counts for nothing: no component and no rule is named `nosuch`."
        assert said in " ".join(run_gate(*line, "a:nosuch").out.split())
        assert "counts for nothing" not in run_gate(*line, "a:@a").out


class TestARevisionThatIsNotThere:
    def test_before_the_first_commit(self, tmp_path: Path) -> None:
        shop = GitRepository(tmp_path / "shop")
        ran = run_gate("check", "--repo", shop.path, "--base", "HEAD~1")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "gate: Nothing is committed here yet. Commit something first.\n"

    def test_before_the_oldest_commit(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n"})
        ran = run_gate("check", "--repo", shop.path, "--base", "main~1", "--head", "main")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "gate: main has no such ancestor as 'main~1'. Name another commit or branch.\n"

    def test_outside_of_any_repository(self, tmp_path: Path) -> None:
        ran = run_gate("check", "--repo", tmp_path)
        assert ran.code == 3
        assert ran.err.startswith(f"gate: {tmp_path} is not inside a git repository. Name a checkout with --repo")


class TestARepositoryWithoutOwnership:
    def test_is_told_how_to_begin(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": ""})
        shop.commit({"b": ""}, branch="feature")
        line = ("check", "--repo", shop.path, "--base", "main", "--head", "feature")
        said = "Nothing on the base branch says who owns what: commit there what `gate init` writes."
        assert said in " ".join(run_gate(*line).out.split())
        shop.commit({"CODEOWNERS": "/a @a\n", ".gate/policy.yaml": "version: 1\n"})
        assert "Give them an owner on the base branch" in " ".join(run_gate(*line).out.split())


class TestAChangeOfABot:
    def test_asks_for_two_people_and_then_for_one_more(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a @b\n"})
        bot = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
        shop.commit({"b": ""}, branch="feature", by=bot)
        line = ("check", "--repo", shop.path, "--base", "main", "--head", "feature")
        assert "next  Ask two people who are entitled to sign off." in run_gate(*line).out
        assert "next  Ask one more person who is entitled to sign off." in run_gate(*line, "--signoff", "a").out

"""`gate init` from the outside."""

import subprocess
import sys
from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_git import GitRepository, a_repository

FILES = (
    ".gate/ownership.yaml",
    ".gate/policy.yaml",
    ".github/PULL_REQUEST_TEMPLATE.md",
    ".github/workflows/signoff-gate.yml",
)


def init(shop: GitRepository, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "gate", "init", "--repo", str(shop.path), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def a_shop(tmp_path: Path) -> GitRepository:
    shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @acme/platform\n"})
    shop.check_out()
    return shop


class TestWriting:
    def test_the_files_and_the_next_steps(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        done = init(shop, "--yes")
        assert (done.returncode, done.stderr) == (0, "")
        assert all((shop.path / path).is_file() for path in FILES)
        written = [line for line in done.stdout.splitlines() if line.startswith("wrote")]
        assert written == [f"wrote {path}" for path in FILES]
        assert "  gate lint\n" in done.stdout

    def test_again_says_nothing_of_what_was_not_written(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a.txt": "1\n"})
        shop.check_out()
        assert "the most active committers own everything" in init(shop, "--yes").stdout
        again = init(shop, "--yes").stdout
        assert "own everything" not in again
        assert "stays the pull-request template" in again

    def test_nothing_over_what_exists(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.write({".gate/policy.yaml": "version: 1\n"})
        done = init(shop, "--yes")
        assert (shop.path / ".gate/policy.yaml").read_text() == "version: 1\n"
        assert "kept  .gate/policy.yaml (it exists; --force overwrites it)" in done.stdout
        assert (shop.path / ".gate/ownership.yaml").is_file()

    def test_over_what_exists_when_forced(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.write({".gate/policy.yaml": "version: 1\n"})
        init(shop, "--yes", "--force")
        assert "sources: [records, codeowners]" in (shop.path / ".gate/policy.yaml").read_text()

    def test_twice_gives_the_same_and_keeps_all(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        init(shop, "--yes")
        before = {path: (shop.path / path).read_bytes() for path in FILES}
        done = init(shop, "--yes")
        assert done.returncode == 0
        assert "wrote" not in done.stdout
        init(shop, "--yes", "--force")
        assert {path: (shop.path / path).read_bytes() for path in FILES} == before


class TestWithoutAnyCommitter:
    @pytest.mark.parametrize(
        ("files", "owner"),
        [
            ({"CODEOWNERS": "/a @acme/core\n/b @bob\n/c @acme/core\n"}, "policy_owner: core\n"),
            ({"CODEOWNERS": "* @acme/core\n"}, "policy_owner: core\n"),
            ({"OWNERS": "approvers: [alice]\n"}, "# policy_owner: NAME\n"),
            ({"README.md": ""}, "# policy_owner: NAME\n"),
        ],
    )
    def test_the_files_that_are_written_are_valid(self, tmp_path: Path, files: dict[str, str], owner: str) -> None:
        shop = GitRepository(tmp_path / "shop")
        shop.write(files)
        done = init(shop, "--yes")
        assert (done.returncode, done.stderr) == (0, "")
        ran = run_gate("lint", "--repo", shop.path)
        assert (ran.code, ran.out) == (
            0,
            f"{3 if 'README.md' not in files else 2} files checked: 0 errors, 0 warnings.\n",
        )
        assert owner in (shop.path / ".gate/policy.yaml").read_text()


class TestRefusing:
    def test_to_write_unasked_where_nobody_can_answer(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        done = init(shop)
        assert done.returncode == 2
        assert done.stderr == "gate: Nobody is here to be asked before files are written. Run `gate init --yes`.\n"
        assert not (shop.path / ".gate").exists()

    def test_to_write_through_a_link(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        (tmp_path / "elsewhere").mkdir()
        (shop.path / ".github").symlink_to(tmp_path / "elsewhere")
        done = init(shop, "--yes")
        assert done.returncode == 3
        assert ".github is a symbolic link" in done.stderr
        assert not list((tmp_path / "elsewhere").iterdir())
        assert not (shop.path / ".gate").exists()

    def test_a_file_in_the_folders_place(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        (shop.path / ".gate").write_text("")
        done = init(shop, "--yes")
        assert done.returncode == 3
        assert done.stderr.endswith("cannot be written: File exists. Make .gate a folder in which you may write.\n")

    def test_a_folder_that_is_no_checkout(self, tmp_path: Path) -> None:
        line = [sys.executable, "-m", "gate", "init", "--yes", "--repo", str(tmp_path)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 3
        assert "is not inside a git repository" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_bare_repository(self, tmp_path: Path) -> None:
        done = init(a_repository(tmp_path / "shop.git", is_bare=True), "--yes")
        assert done.returncode == 2
        assert "bare" in done.stderr

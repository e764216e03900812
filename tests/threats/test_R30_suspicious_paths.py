"""R30 and R31, as observed: control and bidirectional characters in a path are a problem, and shown escaped."""

from pathlib import Path

import pytest
from builders_git import a_repository

from gate.adapters.git.checkout import Checkout
from gate.core.change.facts import ChangedFile, Problem


def observe(tmp_path: Path, path: str) -> tuple[tuple[ChangedFile, ...], tuple[Problem, ...]]:
    shop = a_repository(tmp_path / "shop")
    shop.commit({path: "1\n"}, branch="feature")
    change = Checkout.open(shop.path).changes("main", "feature")
    return change.files, change.problems


class TestAPathThatDeceives:
    @pytest.mark.parametrize(
        ("path", "escaped"),
        [
            ("secure/a\nb", "secure/a\\u{a}b"),
            ("secure/x\n", "secure/x\\u{a}"),
            ("docs/\u202egpj.exe", "docs/\\u{202e}gpj.exe"),
            ("docs/\u2066a", "docs/\\u{2066}a"),
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("a\x7f", "a\\u{7f}"),
            ("a\u2028b", "a\\u{2028}b"),
            ("a\x85b", "a\\u{85}b"),
            ("docs/git~1/config", "docs/git~1/config"),
        ],
    )
    def test_is_a_problem_named_escaped(self, tmp_path: Path, path: str, escaped: str) -> None:
        files, (problem,) = observe(tmp_path, path)
        assert [file.path for file in files] == [path]
        assert (problem.code, problem.files) == ("suspicious-path", (escaped,))
        assert escaped in problem.why
        assert problem.next

    @pytest.mark.parametrize(
        "path", ["caf\u00e9/menu", "\u6587\u66f8", "a b", "\U0001f469\u200d\U0001f467.png", "a\\b", ".gitignore", "a~1"]
    )
    def test_is_not_any_name_beyond_ascii(self, tmp_path: Path, path: str) -> None:
        assert observe(tmp_path, path)[1] == ()


class TestATreeThatNoHonestGitWrites:
    @pytest.mark.parametrize("name", [b"..", b".", b".git", b".GIT", b".git. ", b".g\xe2\x80\x8cit"])
    def test_is_a_problem(self, tmp_path: Path, name: bytes) -> None:
        shop = a_repository(tmp_path / "shop")
        blob = bytes.fromhex(shop.git("rev-parse", "main:README.md"))
        inner = shop.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=b"100644 x\0" + blob)
        raw = b"40000 " + name + b"\0" + bytes.fromhex(inner)
        tree = shop.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=raw)
        text = f"tree {tree}\nparent {shop.rev('main')}\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nx\n"
        head = shop.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode())
        codes = [problem.code for problem in Checkout.open(shop.path).changes("main", head).problems]
        assert codes == ["suspicious-path"]

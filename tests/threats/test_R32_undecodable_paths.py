"""R32: paths are read as bytes, never as git quotes them; what is not UTF-8 is a problem and collapses with nothing."""

from pathlib import Path

from builders_git import a_repository

from gate.adapters.git.checkout import Checkout


class TestAPath:
    def test_beyond_ascii_is_read_as_it_is(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"\u00e9.txt": "1\n", 'a"b\\c\td': "1\n"}, branch="feature")
        shop.git("config", "core.quotePath", "true")
        change = Checkout.open(shop.path).changes("main", "feature")
        assert [file.path for file in change.files] == ['a"b\\c\td', "\u00e9.txt"]

    def test_that_is_not_utf_8_is_a_problem(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({b"a\xff": "1\n", b"a\xfe": "2\n"}, branch="feature")
        change = Checkout.open(shop.path).changes("main", "feature")
        (problem,) = change.problems
        assert (problem.code, problem.files) == ("undecodable-path", ("a\\xfe", "a\\xff"))
        assert [file.path for file in change.files] == ["a\\xfe", "a\\xff"]

    def test_with_a_replacement_character_is_a_problem(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"a\ufffd": "1\n"}, branch="feature")
        (problem,) = Checkout.open(shop.path).changes("main", "feature").problems
        assert problem.code == "undecodable-path"

    def test_that_the_change_takes_away_is_a_problem_too(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {b"a\xff": "1\n"})
        shop.commit({b"a\xff": None}, branch="feature")
        assert [one.code for one in Checkout.open(shop.path).changes("main", "feature").problems] == [
            "undecodable-path"
        ]

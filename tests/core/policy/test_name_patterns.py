"""Name patterns: a star stays within a part of a name, two cross parts, and time is bounded."""

import pytest

from gate.core.policy.name_patterns import matches_name


class TestNamesOfBranches:
    @pytest.mark.parametrize(
        ("name", "pattern", "holds"),
        [
            ("main", "main", True),
            ("main2", "main", False),
            ("main", "Main", False),
            ("release/1", "release/*", True),
            ("release/", "release/*", True),
            ("release/1/hot", "release/*", False),
            ("release/1/hot", "release/**", True),
            ("release/1/hot", "**", True),
            ("release/1/hot", "**/hot", True),
            ("release/1/hot", "release/***", True),
            ("main", "release/**", False),
            ("main", "x**/**", False),
            ("release/1/hot", "release/*hot", False),
            ("release/1/hot", "*hot", False),
            ("/hot", "*hot", False),
            ("a.b", "a?b", True),
            ("a/b", "a?b", False),
            ("ab", "a?b", False),
            ("a.b", "a.b", True),
            ("axb", "a.b", False),
            ("x-main", "*main", True),
            ("main-x", "main*", True),
            ("xmainx", "*main*", True),
            ("", "*", True),
            ("", "main", False),
            ("ab", "a*b*c", False),
            ("a1b2c", "a*b*c", True),
        ],
    )
    def test_stars_stay_within_a_part_and_double_stars_do_not(self, name: str, pattern: str, *, holds: bool) -> None:
        assert matches_name(name, [pattern]) is holds

    def test_one_of_several_is_enough_and_none_is_none(self) -> None:
        assert matches_name("dev", ["main", "dev"]) is True
        assert matches_name("dev", []) is False

    def test_a_hostile_pattern_takes_no_longer_than_name_times_pattern(self) -> None:
        assert matches_name("a" * 200, ["*a" * 60 + "b"]) is False

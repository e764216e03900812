"""Look-alikes: who else is asked when a path resembles an owned one."""

import re
import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.look_alikes import Spellings, find_look_alikes, skeleton


def owners(*owned: str) -> Callable[[str], frozenset[int]]:
    """Return an owner look-up: the number of each regular expression that a path matches."""
    compiled = [re.compile(one, re.DOTALL) for one in owned]

    def owners_of(path: str) -> frozenset[int]:
        return frozenset(number for number, one in enumerate(compiled) if one.fullmatch(path))

    return owners_of


def looks_like(path: str, pattern: str = "/secure/", owned: str = "secure/.*") -> list[str]:
    found = find_look_alikes([path], spellings=Spellings([pattern]), stakes_in=owners(owned))
    return [one.looks_like for one in found]


class TestWhatLooksLikeAnOwnedPath:
    @pytest.mark.parametrize(
        "path",
        [
            "Secure/key",
            "SECURE/key",
            "\u017fecure/key",
            "s\u0435cure/key",
            "\u0455\u0435\u0441ur\u0435/key",
            "secu\u200bre/key",
            "\ufeffsecure/key",
            "secure\u00ad/key",
            "\uff53\uff45\uff43\uff55\uff52\uff45/key",
            "secure\uff0fkey",
            "secure\u2215key",
            "secure\\key",
            "secure./key",
            "secure /key",
            "s\ua793cure/key",
        ],
    )
    def test_a_name_that_the_eye_or_another_file_system_takes_for_it(self, path: str) -> None:
        assert looks_like(path) == ["secure/key"]

    def test_the_kelvin_sign_is_a_k(self) -> None:
        assert looks_like("/\u212ays/x".removeprefix("/"), "/kys/", "kys/.*") == ["kys/x"]

    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    def test_both_unicode_forms_of_one_name(self, form: str) -> None:
        other = {"NFC": "NFD", "NFD": "NFC"}[form]
        pattern = unicodedata.normalize(form, "/caf\u00e9/")
        touched = unicodedata.normalize(other, "caf\u00e9/menu")
        assert looks_like(touched, pattern, pattern.removeprefix("/") + ".*") == [pattern.removeprefix("/") + "menu"]

    def test_a_pattern_in_capitals_is_resembled_by_small_letters(self) -> None:
        assert looks_like("secure/key", "/Secure/", "Secure/.*") == ["Secure/key"]

    @pytest.mark.parametrize(
        ("path", "pattern", "owned", "expected"),
        [
            ("db/drop.SQL", "*.sql", r".*\.sql", "db/drop.sql"),
            ("db/Drop.sql", "*.SQL", r".*\.SQL", "db/Drop.SQL"),
            ("docs/readme.md", "README*", r"(.*/)?README.*", "docs/README.md"),
            ("a/Keys.d/x", "/a/k?ys.d/", r"a/k.ys\.d/.*", "a/keys.d/x"),
            ("LOG/20-11-5.Txt", "/log/??-*-*.t*", r"log/..-.*-.*\.t.*", "log/20-11-5.txt"),
            ("My Plan.MD", "*\\ *.md", r".* .*\.md", "My Plan.md"),
            ("a*b*c.MD", "*\\**.md", r".*\*.*\.md", "a*b*c.md"),
        ],
    )
    def test_a_pattern_with_wildcards_is_resembled_too(
        self, path: str, pattern: str, owned: str, expected: str
    ) -> None:
        assert looks_like(path, pattern, owned) == [expected]

    def test_the_gates_own_folder_is_resembled(self) -> None:
        assert looks_like(".Gate/policy.yaml", "/.gate/", r"\.gate/.*") == [".gate/policy.yaml"]

    @pytest.mark.parametrize(
        "path", ["Org/Acme/Shop/Src/Main/Java/Api/key", "ORG/acme/Shop/Org/SRC/MAIN/JAVA/API/ACME/key"]
    )
    def test_a_deep_path_with_other_letters_in_many_folders_is_resembled_too(self, path: str) -> None:
        spelled = "/org/acme/shop/src/main/java/api/"
        assert looks_like(path, spelled, "org/acme/shop/.*") == [path.lower()]

    def test_it_says_how_they_differ_and_shows_the_path_escaped(self) -> None:
        (found,) = find_look_alikes(
            ["secu\u200bre/key"], spellings=Spellings(["/secure/"]), stakes_in=owners("secure/.*")
        )
        assert found.why == "secu\\u{200b}re/key differs from secure/key by characters that are not drawn."


class TestWhatDoesNot:
    @pytest.mark.parametrize("path", ["secure/key", "docs/secure", "secured/key", "secure2/key", "obscure/key"])
    def test_an_owned_path_itself_and_other_words(self, path: str) -> None:
        assert looks_like(path) == []

    def test_a_path_whose_owners_are_asked_already(self) -> None:
        found = find_look_alikes(["Secure/x"], spellings=Spellings(["/secure/"]), stakes_in=owners("(?i)secure/.*"))
        assert found == ()

    def test_a_name_in_another_language_with_the_same_length(self) -> None:
        assert looks_like("\u6587\u66f8\u6587\u66f8\u6587\u66f8/key") == []


class TestTheSkeleton:
    @given(st.text(max_size=30))
    @settings(max_examples=200, deadline=None)
    def test_is_its_own_skeleton(self, text: str) -> None:
        assert skeleton(skeleton(text)) == skeleton(text)

    @given(st.text(alphabet="abcXYZ019-_./ ", max_size=30))
    @settings(max_examples=100, deadline=None)
    def test_of_ascii_loses_nothing_but_case(self, text: str) -> None:
        assert skeleton(text) == text.lower()

    @given(st.text(max_size=20), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    @settings(max_examples=200, deadline=None)
    def test_does_not_depend_on_the_unicode_form(self, text: str, form: str) -> None:
        assert skeleton(unicodedata.normalize(form, text)) == skeleton(text)


class TestItsCost:
    def test_a_name_full_of_near_misses_is_tried_once_for_each_pattern(self) -> None:
        patterns = ["*a*a*b", "*a" * 200 + "*b", "*?a*" * 200 + "b", "a?" * 200 + "*b"]
        names = [f"{'A' * 4_000}{number}" for number in range(20)]
        begin = time.perf_counter()
        assert find_look_alikes(names, spellings=Spellings(patterns), stakes_in=lambda _: frozenset()) == ()
        assert time.perf_counter() - begin < 2

    def test_ordinary_paths_never_ask_for_owners(self) -> None:
        asked: list[str] = []

        def owners_of(path: str) -> frozenset[int]:
            asked.append(path)
            return frozenset()

        paths = [f"src/part{number % 50}/module{number}.py" for number in range(20_000)]
        patterns = [f"/src/part{number}/" for number in range(50)] + ["*.py", "/Docs/", "README*"]
        begin = time.perf_counter()
        assert find_look_alikes(paths, spellings=Spellings(patterns), stakes_in=owners_of) == ()
        assert asked == []
        assert time.perf_counter() - begin < 2

"""The path matcher: real files, git's own reading, and what hostile patterns and paths may cost."""

import itertools
import subprocess
from pathlib import Path

import pytest
from builders_codeowners import real_sets, tree_of
from builders_patterns import documented_every, documented_last, documented_match

from gate.core.ownership import path_memory
from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.globs import Glob
from gate.core.ownership.matcher import PathMatcher
from gate.core.ownership.path_memory import State
from gate.core.ownership.patterns import parse_pattern

TRIES_PER_SET = 40_000


class TestRealFiles:
    @pytest.mark.parametrize("folder", real_sets(), ids=lambda folder: folder.name)
    def test_give_the_documented_answer_for_every_path_of_an_even_sample(self, folder: Path) -> None:
        file = parse_codeowners((folder / "CODEOWNERS").read_bytes(), file="CODEOWNERS")
        patterns = [rule.pattern for rule in file.rules]
        paths = tree_of(folder)
        asked = PathMatcher([patterns])
        answers = dict(zip(paths, asked.match_all(paths), strict=True))
        assert asked.match_all(paths) == list(answers.values())
        sample = paths[:: max(1, len(paths) * len(patterns) // TRIES_PER_SET)]
        assert {path: answers[path] for path in sample} == {path: documented_last([patterns], path) for path in sample}
        assert len(sample) >= 5
        for path in sample[:5]:
            assert asked.every_match(path, 0) == documented_every(patterns, path)

    @pytest.mark.parametrize("folder", real_sets(), ids=lambda folder: folder.name)
    def test_have_no_line_that_the_parser_loses(self, folder: Path) -> None:
        raw = (folder / "CODEOWNERS").read_text()
        said = [n for n, line in enumerate(raw.split("\n"), 1) if line.strip() and not line.lstrip().startswith("#")]
        assert [rule.line for rule in parse_codeowners(raw, file="CODEOWNERS").rules] == said


class TestGitsOwnReading:
    """Where CODEOWNERS and gitignore agree; a last segment `*` is left out, because there they do not (R35)."""

    NAMES = ("a", "b", "ab", "a.js", "x.js", "a*b")
    PATTERNS = tuple(
        start + "/".join(parts) + end
        for first, second in itertools.product(
            ("a", "*.js", "**", "a*", "?", "a\\*b"), ("", "b", "**", "*b", "*/b", "**/b", "a**")
        )
        for parts in [[part for part in (first, second) if part]]
        for start, end in (("", ""), ("/", ""), ("", "/"))
    )

    def test_is_the_same(self, tmp_path: Path) -> None:
        deep = itertools.chain.from_iterable(itertools.product(self.NAMES, repeat=n) for n in (1, 2, 3))
        paths = ["/".join(parts) for parts in deep]
        wrong = []
        for pattern in self.PATTERNS:
            ignored = self.ignored_by_git(tmp_path, pattern, paths)
            asked = PathMatcher([[pattern]])
            wrong += [(pattern, path) for path in paths if (asked.match(path) == (0,)) != (path in ignored)]
        assert wrong == []

    @staticmethod
    def ignored_by_git(repository: Path, pattern: str, paths: list[str]) -> set[str]:
        def git(*arguments: str, text: str = "") -> str:
            command = ["git", "-c", "core.excludesFile=", "-c", "core.ignoreCase=false", *arguments]
            done = subprocess.run(command, cwd=repository, input=text, capture_output=True, text=True, check=False)
            assert done.returncode in {0, 1}, done.stderr
            return done.stdout

        if not (repository / ".git").exists():
            git("init", "-q", ".")
        (repository / ".gitignore").write_text(pattern + "\n")
        return set(git("check-ignore", "--no-index", "--stdin", "-z", text="\0".join(paths)).split("\0"))


class TestLayers:
    def test_answer_each_for_itself_in_one_look_up(self) -> None:
        asked = PathMatcher([["*", "/a/"], [], ["*.py", "/a/*.py", "/b/"], ["/nowhere/"]])
        assert asked.match("a/x.py") == (1, -1, 1, -1)
        assert asked.match("b/x.md") == (0, -1, 2, -1)
        assert asked.layer_count == 4

    def test_may_be_none_at_all(self) -> None:
        assert PathMatcher([]).match_all(["a", "b/c"]) == [(), ()]

    def test_may_speak_different_dialects(self) -> None:
        asked = PathMatcher([["docs"], ["docs"]], dialects=["github", "gitlab"])
        assert asked.match("docs/a") == (0, -1)

    def test_take_patterns_that_have_been_read(self) -> None:
        assert PathMatcher([[parse_pattern("docs", "gitlab"), "docs"]]).match("docs/a") == (1,)

    def test_give_equal_answers_as_one_object(self) -> None:
        answers = PathMatcher([["*.py", "/a/"]]).match_all(["x.py", "b/y.py", "a/x", "a/b/z", "c"])
        assert len({id(answer) for answer in answers}) == 3

    def test_group_paths_by_answer_in_their_order(self) -> None:
        asked = PathMatcher([["*.py", "/a/"]])
        assert asked.group(["x.py", "a/x", "b.md", "b/y.py", "a/y"]) == {(0,): [0, 3], (1,): [1, 4], (-1,): [2]}

    def test_group_in_order_also_where_equal_answers_are_two_objects(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # They are where the memory is emptied in between: at which path that is, the budget says.
        paths = ["d/d/b/a", "a/d/d", "a/b", "b", "a/d/d", "b", "a/b", "d/d/b/a", "b", "d/d/b/a", "a/b"]
        alone = [place for place, path in enumerate(paths) if not path.startswith("a/")]
        under = [place for place, path in enumerate(paths) if path.startswith("a/")]
        for budget in range(200, 4_000, 50):
            monkeypatch.setattr(path_memory, "MEMORY_BUDGET", budget)
            asked = PathMatcher([["*.py"], ["/a/"]])
            assert asked.group(paths) == {(-1, -1): alone, (-1, 0): under}

    def test_are_read_in_their_widest_meaning_where_the_platform_ignores_them(self) -> None:
        asked = PathMatcher([["[ab].py", "!docs", "/"]])
        paths = {"a.py": (0,), "[ab].py": (0,), "docs": (1,), "!docs": (1,), "c.py": (-1,)}
        assert {path: asked.match(path) for path in paths} == paths


class TestASubmodule:
    @pytest.mark.parametrize(
        "pattern", ["/vendor/lib/", "lib/", "/vendor/lib/**", "/vendor/", "/vendor/lib", "/vendor/*"]
    )
    def test_is_matched_as_file_and_as_folder(self, pattern: str) -> None:
        assert PathMatcher([[pattern]]).match_entry("vendor/lib", as_folder=True) == (0,)

    def test_is_not_matched_by_what_names_only_something_in_it(self) -> None:
        asked = PathMatcher([["/vendor/lib/*", "/vendor/lib/a", "lib/*/"]])
        assert asked.match_entry("vendor/lib", as_folder=True) == (-1,)

    def test_as_a_file_alone_misses_folder_patterns(self) -> None:
        asked = PathMatcher([["/vendor/lib/"]])
        assert asked.match_entry("vendor/lib", as_folder=False) == asked.match("vendor/lib") == (-1,)
        assert asked.every_match("vendor/lib", 0, as_folder=True) == (0,)


class TestHostileInput:
    def test_many_wildcards_in_one_segment_are_searched_once(self) -> None:
        for pattern in ("*a" * 300 + "*b", "*?a" * 300 + "*b", "*a?" * 300 + "?b*"):
            assert PathMatcher([[pattern]]).match("a" * 20_000) == (-1,)
        assert PathMatcher([["*a" * 300 + "*b"]]).match("a" * 20_000 + "b") == (0,)

    def test_many_double_stars_are_walked_once(self) -> None:
        asked = PathMatcher([["**/a/" * 200 + "b", "/x" * 400]])
        assert asked.match("a/" * 600 + "b") == (0,)
        assert asked.match("a/" * 600 + "c") == (-1,)

    def test_a_name_is_tried_against_few_globs_however_many_there_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kinds = ("*.{}x", "{}y*", "*q{}z*", "a{}*{}b", "?w{}?")
        patterns = [kind.format(*[f"{number:05}"] * 2) for number in range(2_000) for kind in kinds]
        asked = PathMatcher([patterns])
        tried = []
        matches = Glob.matches

        def counted(glob: Glob, name: str) -> bool:
            tried.append(glob)
            return matches(glob, name)

        monkeypatch.setattr(Glob, "matches", counted)
        paths = ["src/a.01999x", "src/00017y.c", "src/aq01234zb", "src/a00007-00007b", "src/aw00003b", "src/plain.py"]
        assert asked.match_all(paths) == [(9995,), (86,), (6172,), (38,), (19,), (-1,)]
        assert len(tried) < 100

    def test_memory_stays_bounded_while_answers_stay_right(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(path_memory, "MEMORY_BUDGET", 40_000)
        asked = PathMatcher([["*.py", "/d7/", "**/x7*/**"]])
        paths = [f"d{n % 97}/s{n}/x{n % 11}n{n}/f{n}.{'py' if n % 3 else 'md'}" for n in range(3_000)]
        assert asked.match_all(paths) == [documented_last([["*.py", "/d7/", "**/x7*/**"]], path) for path in paths]
        kept = asked._memory
        assert len(kept.folders) + sum(len(state.names) for state in kept._states.values()) < 40_000 // 100
        assert sum(map(len, asked.by_meaning(paths).values())) == 3_000
        assert len(kept.folders) + sum(len(state.meanings) for state in kept._states.values()) < 40_000 // 100

    def test_grouping_remembers_files_by_name_only_where_a_glob_could_still_win(self) -> None:
        asked = PathMatcher([["*.md", "/docs/", "OWNERS", "/lib/*/"]])
        paths = [
            *(f"docs/{n}.md" for n in range(50)),
            "docs/OWNERS",
            "lib/OWNERS",
            "src/x.md",
            "src/y.py",
            "lib/a/b.md",
        ]
        assert set(asked.by_meaning(paths)) == {(1,), (2,), (0,), (-1,), (3,)}
        answers = asked._memory.answers
        by_name = {folder: sorted(known.meanings) for folder, known in answers.items() if isinstance(known, State)}
        assert by_name == {"docs": ["OWNERS"], "lib": ["OWNERS"], "src": ["x.md", "y.py"]}
        assert answers["lib/a"] == (3,)
        assert asked._memory.meanings == {"docs": (1,), "lib/a": (3,)}
        assert asked._memory.named == {"lib": (None, {"OWNERS": (2,)}), "src": (None, {"x.md": (0,), "y.py": (-1,)})}

    @pytest.mark.parametrize("budget", range(1_500, 3_000, 100))
    def test_names_of_a_folder_that_is_entered_as_the_memory_is_emptied_are_remembered_as_any(
        self, budget: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(path_memory, "MEMORY_BUDGET", budget)
        asked = PathMatcher([["*.md"]])
        for number in range(20):
            asked.by_meaning([f"d{number}/x.md"])
            states = {folder: known for folder, known in asked._memory.answers.items() if isinstance(known, State)}
            assert all(names is states[folder].meanings for folder, (_, names) in asked._memory.named.items())

    def test_a_name_that_is_written_out_below_a_glob_is_looked_at_too(self) -> None:
        asked = PathMatcher([["/lib/", "/l*/OWNERS"]])
        for _ in ("cold", "warm"):
            assert asked.by_meaning(["lib/a", "lib/OWNERS"]) == {(0,): ["lib/a"], (1,): ["lib/OWNERS"]}

    def test_a_folder_of_nothing_but_such_names_makes_no_group_of_its_usual_match(self) -> None:
        asked = PathMatcher([["/lib/", "/l*/OWNERS"]])
        for _ in ("cold", "warm"):
            assert asked.by_meaning(["lib/OWNERS"]) == {(1,): ["lib/OWNERS"]}

    def test_paths_are_grouped_in_their_order_whatever_order_their_folders_are_in(self) -> None:
        asked = PathMatcher([["/a/", "/b/", "*.md", "/a/x", "/b/*.txt"]])
        paths = ["a/1", "b/1.txt", "a/2.md", "b/1", "a/x", "c/1", "b/2.txt", "a/3", "b/2", "c/x", "b/x.md"]
        for _ in ("cold", "warm"):
            assert asked.by_meaning(paths) == {
                (0,): ["a/1", "a/3"],
                (4,): ["b/1.txt", "b/2.txt"],
                (2,): ["a/2.md", "b/x.md"],
                (1,): ["b/1", "b/2"],
                (3,): ["a/x"],
                (-1,): ["c/1", "c/x"],
            }

    def test_very_deep_paths_are_answered_without_keeping_each_folder_above(self) -> None:
        asked = PathMatcher([["**/z/", "/a/a/"]])
        assert asked.match("a/" * 5_000 + "z/f") == (1,)
        assert asked.match("b/" * 5_000 + "z/f") == (0,)
        assert len(asked._memory.folders) < 10

    @pytest.mark.parametrize("path", ["", "/", "a/", "a//b", "//", "..", "a/../b", "\x00", "\ud800/x"])
    def test_a_path_that_git_never_has_is_answered_and_not_raised(self, path: str) -> None:
        assert PathMatcher([["/nowhere/", "*.never"]]).match_all([path]) == [(-1,)]


def test_the_second_reading_says_no_as_well_as_yes() -> None:
    assert documented_match("a/**/b", "a/x/b")
    assert not documented_match("a/**/b", "x/a/b")

"""Every form of the CODEOWNERS pattern syntax, point by point from the pages that define it."""

import pytest

from gate.core.ownership.matcher import PathMatcher
from gate.core.ownership.patterns import MAX_PATTERN, Dialect, PatternError, check_pattern, parse_pattern, read_pattern

GITHUB = 'GitHub, "About code owners"'
GITIGNORE = 'git, gitignore, "Pattern format", to which GitHub\'s page points'
GITLAB = 'GitLab, "Syntax of CODEOWNERS file"'

FORMS = [
    # pattern, what it matches, what it does not, where it is written
    ("*", ["a", "a/b", ".x", "a/.b/c"], [], f"{GITHUB}: the default owners of everything"),
    ("*.js", ["a.js", "src/a.js", ".js", "a/b/c.js"], ["a.jsx", "js", "a.JS"], f"{GITHUB}: any depth"),
    ("*.js", ["lib.js/readme"], ["lib.jsx/readme"], f"{GITIGNORE}: a matched folder takes in all below it"),
    ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["build/logs", "x/build/logs/a", "build/log/a"], GITHUB),
    ("docs/*", ["docs/getting-started.md"], ["docs/build-app/troubleshooting.md", "x/docs/a"], GITHUB),
    ("/docs/*", ["docs/a"], ["docs/b/c", "docs"], f"{GITHUB}: direct children alone"),
    ("/*", ["a", ".x"], ["a/b"], f"{GITHUB}: direct children alone"),
    ("apps/", ["apps/a", "x/apps/b", "x/y/apps/z/w"], ["apps", "x/apps", "myapps/a"], f"{GITHUB}: anywhere"),
    ("/docs/", ["docs/a", "docs/b/c"], ["x/docs/a", "docs"], GITHUB),
    ("/apps/github", ["apps/github", "apps/github/a", "apps/github/a/b"], ["apps/githubs", "x/apps/github"], GITHUB),
    ("**/logs", ["logs/a", "build/logs/a", "deeply/nested/logs/a", "logs"], ["log/a", "logss"], GITHUB),
    ("/scripts/", ["scripts/a"], ["Scripts/a"], f"{GITHUB}: paths are case sensitive"),
    ("*.MD", ["A.MD"], ["a.md"], f"{GITHUB}: paths are case sensitive"),
    ("**/CiVis*", ["x/CiVisibility.cs", "CiVis"], ["x/civisibility.cs"], f"{GITHUB}: paths are case sensitive"),
    ("README", ["README", "a/README", "README/x"], ["README.md"], f"{GITIGNORE}: a name without slash, any depth"),
    ("foo/bar", ["foo/bar", "foo/bar/baz"], ["a/foo/bar"], f"{GITIGNORE}: a slash in the middle anchors"),
    ("/foo", ["foo", "foo/a"], ["a/foo"], f"{GITIGNORE}: a slash at the start anchors"),
    ("foo/bar/", ["foo/bar/a"], ["foo/bar", "a/foo/bar/b"], f"{GITIGNORE}: anchored folder"),
    ("foo*", ["foo", "foobar", "a/foobar/b"], ["afoo"], f"{GITIGNORE}: * matches anything but a slash"),
    ("/f*o/x", ["fo/x", "fooo/x"], ["f/o/x", "foo/a/x"], f"{GITIGNORE}: * stops at a slash"),
    ("*a*b*c", ["xaxbxc", "abc", "d/abc"], ["acb", "abcd"], f"{GITIGNORE}: several *"),
    ("ab*ba", ["abba", "abxba"], ["aba"], f"{GITIGNORE}: what * parts does not overlap"),
    ("*aba*aba*", ["abaaba", "xabaxabax"], ["ababa"], f"{GITIGNORE}: what * parts does not overlap"),
    ("*a?a*a?a*", ["axaaxa"], ["axaxa"], f"{GITIGNORE}: what * parts does not overlap"),
    ("a/*/c", ["a/b/c", "a/b/c/d"], ["a/c", "a/b/b/c"], f"{GITIGNORE}: * is one whole segment"),
    ("/*/", ["a/b", "a/b/c"], ["a"], f"{GITIGNORE}: any folder at the root"),
    ("docs/*/", ["docs/a/b", "docs/a/b/c"], ["docs/a"], f"{GITIGNORE}: folders in docs, with all below"),
    ("docs/*.md", ["docs/a.md"], ["docs/a/b.md", "x/docs/a.md"], GITIGNORE),
    ("fo?", ["foo", "a/fob"], ["fo", "fooo", "fo/a"], f"{GITIGNORE}: ? is one character but a slash"),
    ("a/?/c", ["a/b/c"], ["a//c", "a/bb/c"], f"{GITIGNORE}: ? is one character but a slash"),
    ("?", ["é", "b/c"], ["ab", "cd/ef"], f"{GITIGNORE}: one character, however many bytes"),
    ("**/foo", ["foo", "a/foo", "a/b/foo", "foo/x"], ["afoo"], f"{GITIGNORE}: leading **/ in all folders"),
    ("**/foo/bar", ["foo/bar", "x/foo/bar", "x/foo/bar/y"], ["foo/x/bar"], GITIGNORE),
    ("abc/**", ["abc/a", "abc/b/c"], ["abc", "x/abc/a"], f"{GITIGNORE}: trailing /** is everything inside"),
    ("a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/x/b/c"], ["x/a/b", "ab"], f"{GITIGNORE}: /**/ zero or more folders"),
    ("a/**/b/**/c", ["a/b/c", "a/x/b/y/z/c"], ["a/c/b"], GITIGNORE),
    ("a/**/*", ["a/b", "a/b/c"], ["a", "x/a/b"], GITIGNORE),
    ("a/**/", ["a/x/y"], ["a/f", "a"], f"{GITIGNORE}: a trailing slash matches folders alone"),
    ("**", ["a", "a/b"], [], GITIGNORE),
    ("/**", ["a", "a/b"], [], GITIGNORE),
    ("**/", ["a/b", "a/b/c"], ["a"], f"{GITIGNORE}: any folder"),
    ("**/*.sql", ["a.sql", "x/y/a.sql"], ["a.sqlx"], GITIGNORE),
    ("/src/**/test/*", ["src/test/a", "src/x/y/test/a"], ["src/test/a/b", "test/a"], GITHUB),
    ("a**b", ["ab", "axxb", "d/axb"], ["a/b"], f"{GITIGNORE}: other asterisks are ordinary ones"),
    ("foo**", ["foo", "foobar"], ["a/xfoo"], f"{GITIGNORE}: other asterisks are ordinary ones"),
    ("/foo/**bar", ["foo/bar", "foo/xbar"], ["foo/x/bar"], f"{GITIGNORE}: other asterisks are ordinary ones"),
    ("my\\ dir/", ["my dir/a"], ["my\\ dir/a", "my/a"], f"{GITIGNORE}: a backslash before a blank"),
    ("\\*", ["*", "a/*"], ["a", "ab"], f"{GITIGNORE}: a backslash takes the meaning away"),
    ("a\\?b", ["a?b"], ["axb"], f"{GITIGNORE}: a backslash takes the meaning away"),
    ("\\!important", ["!important"], ["important"], f"{GITIGNORE}: a backslash before the first !"),
    ("\\[id\\].tsx", ["[id].tsx", "pages/[id].tsx"], ["i.tsx"], f"{GITIGNORE}: a backslash takes the meaning away"),
    ("a\\\\b", ["a\\b"], ["a\\\\b", "ab"], f"{GITIGNORE}: a backslash escapes itself"),
    ("a\\bc", ["abc"], ["a\\bc"], f"{GITIGNORE}: an ordinary character stands for itself"),
    ("a#b", ["a#b", "x/a#b/c"], ["a"], f"{GITIGNORE}: # begins a comment at the start alone"),
    ("/#notes", ["#notes"], ["notes"], f"{GITIGNORE}: # begins a comment at the start alone"),
    ("a{b,c}", ["a{b,c}"], ["ab", "ac"], f"{GITIGNORE}: braces mean nothing"),
    ("(a|b)+$", ["(a|b)+$"], ["a", "b"], f"{GITIGNORE}: globs, not regular expressions"),
    ("a.b", ["a.b"], ["axb"], f"{GITIGNORE}: a dot is a dot"),
    ("é/", ["é/a", "x/é/a"], ["e/a", "e\u0301/a"], f"{GITIGNORE}: names are compared as they are"),
    ("日本/*.txt", ["日本/a.txt"], ["日本/b/a.txt"], f"{GITIGNORE}: names are compared as they are"),
    (".github/", [".github/a", "x/.github/a"], ["github/a"], f"{GITIGNORE}: * and names match dots"),
    ("/.github/*", [".github/CODEOWNERS"], [".github/workflows/a.yml"], f"{GITHUB}: direct children alone"),
    ("x@y-z_1+:~^", ["x@y-z_1+:~^"], ["x"], f"{GITIGNORE}: an ordinary character stands for itself"),
]

GITLAB_FORMS = [
    ("/README.md", ["README.md"], ["docs/README.md"], f"{GITLAB}: absolute paths"),
    ("/docs/README.md", ["docs/README.md"], ["README.md", "x/docs/README.md"], f"{GITLAB}: absolute paths"),
    ("README.md", ["README.md", "internal/README.md", "app/lib/README.md"], ["README.md.x"], f"{GITLAB}: relative"),
    ("internal/README.md", ["internal/README.md", "docs/internal/README.md"], ["README.md"], f"{GITLAB}: relative"),
    ("/docs/", ["docs/a", "docs/b/c"], ["x/docs/a"], f"{GITLAB}: directory paths"),
    ("lib/", ["lib/a", "x/lib/b/c"], ["lib"], f"{GITLAB}: directory paths"),
    ("/docs/*.md", ["docs/a.md"], ["docs/b/a.md"], f"{GITLAB}: wildcard paths"),
    ("/docs/index.*", ["docs/index.md", "docs/index.html"], ["docs/index"], f"{GITLAB}: wildcard paths"),
    ("/docs/*spec*", ["docs/qa_specs.rb", "docs/spec_helpers.rb"], ["docs/a/spec"], f"{GITLAB}: wildcard paths"),
    ("/docs/*/README.md", ["docs/api/README.md"], ["docs/README.md", "docs/a/b/README.md"], f"{GITLAB}: wildcards"),
    ("/docs/**/index.md", ["docs/index.md", "docs/a/b/index.md"], ["index.md"], f"{GITLAB}: globstar paths"),
    ("**/*.rb", ["a.rb", "config/database.rb"], ["a.rbx"], "GitLab, Advanced CODEOWNERS: pattern matching"),
    ("*", ["a", "a/b"], [], f"{GITLAB}: a default owner for all files"),
    ("docs", ["docs", "x/docs"], ["docs/a"], "Ruby, File.fnmatch: the whole path, folders by a trailing slash alone"),
    ("/docs/**", ["docs/a"], ["docs/a/b"], "Ruby, File.fnmatch: ** is recursive before a slash alone"),
    ("/docs/**/*", ["docs/a", "docs/a/b"], ["docs"], f"{GITLAB}: the same as /docs/"),
    ("*.[ch]", ["a.c", "x/a.h"], ["a.d", "a.[ch]"], "Ruby, File.fnmatch: ranges"),
    ("/[a-c]x", ["ax", "cx"], ["dx", "a/x"], "Ruby, File.fnmatch: ranges"),
    ("/[!a-c]x", ["dx"], ["ax"], "Ruby, File.fnmatch: ranges"),
    ("\\#file_with_pound.rb", ["#file_with_pound.rb"], ["file_with_pound.rb"], "GitLab 17.7, example file"),
    (".gitignore", [".gitignore", "a/.gitignore"], [], "GitLab, Advanced CODEOWNERS: FNM_DOTMATCH"),
]

REFUSED = [
    ("", "empty", f"{GITHUB}: a pattern followed by owners"),
    ("/", "never matches", "GitHub, REST API, CODEOWNERS errors: `/` never matches anything"),
    ("!*.md", "`!`", f"{GITHUB}: ! does not negate"),
    ("[ab].txt", "[ab]", f"{GITHUB}: [ ] does not define a range"),
    ("pages/[id].tsx", "[id]", f"{GITHUB}: [ ] does not define a range"),
    ("a]", "ranges", f"{GITHUB}: [ ] does not define a range"),
    ("a[", "ranges", f"{GITHUB}: [ ] does not define a range"),
    ("\\#file", "\\#", f"{GITHUB}: a leading # cannot be escaped"),
    ("#file", "comment", GITIGNORE),
    ("a\\", "backslash", f"{GITIGNORE}: a backslash at the end is an invalid pattern that never matches"),
    ("a//b", "//", "no path of git has an empty name"),
    ("//a", "//", "no path of git has an empty name"),
    ("./a", "`.`", "no path of git has a folder `.`"),
    ("a/../b", "`..`", "no path of git has a folder `..`"),
    ("..", "`..`", "no path of git has a folder `..`"),
    ("a/***/b", "asterisks", f"{GITIGNORE} names * and ** alone"),
    (" a", "blank", "a blank at an edge is not seen"),
    ("a ", "blank", "a blank at an edge is not seen"),
    ("a\\\\ ", "blank", "a blank at an edge is not seen; the backslash before it is itself escaped"),
    ("a\n", "blank", "a blank at an edge is not seen"),
    ("a" * (MAX_PATTERN + 1), "characters", "git takes no longer path"),
]


def _answers(pattern: str, paths: list[str], dialect: Dialect = "github") -> dict[str, bool]:
    return {path: PathMatcher([[pattern]], dialects=[dialect]).match(path) == (0,) for path in paths}


def _ids(forms: list[tuple[str, ...]]) -> list[str]:
    return [f"{form[0][:20]!r}" for form in forms]


class TestWhatAPatternMatches:
    @pytest.mark.parametrize(("pattern", "matched", "others", "source"), FORMS, ids=[repr(form[0]) for form in FORMS])
    def test_on_github_as_its_page_says(self, pattern: str, matched: list[str], others: list[str], source: str) -> None:
        expected = dict.fromkeys(matched, True) | dict.fromkeys(others, False)
        assert _answers(pattern, [*matched, *others]) == expected, source

    @pytest.mark.parametrize(
        ("pattern", "matched", "others", "source"), GITLAB_FORMS, ids=[repr(form[0]) for form in GITLAB_FORMS]
    )
    def test_on_gitlab_as_its_page_says(self, pattern: str, matched: list[str], others: list[str], source: str) -> None:
        expected = dict.fromkeys(matched, True) | dict.fromkeys(others, False)
        assert _answers(pattern, [*matched, *others], "gitlab") == expected, source


class TestWhatIsRefused:
    @pytest.mark.parametrize(("pattern", "said", "source"), REFUSED, ids=_ids(REFUSED))
    def test_what_the_platform_ignores_or_what_can_never_match(self, pattern: str, said: str, source: str) -> None:
        with pytest.raises(PatternError) as refused:
            parse_pattern(pattern)
        assert said in refused.value.reason, source
        assert refused.value.suggestion
        with pytest.raises(PatternError):
            check_pattern(pattern)

    def test_and_the_sentence_says_what_to_write_instead(self) -> None:
        with pytest.raises(PatternError) as refused:
            parse_pattern("src/[ab].txt")
        assert str(refused.value) == (
            "`[ab]` ranges do not work in CODEOWNERS "
            "(write one line for each, `?` for any one character, or `\\[` for a bracket in a name)"
        )

    @pytest.mark.parametrize("pattern", [form[0] for form in FORMS])
    def test_while_no_documented_form_is(self, pattern: str) -> None:
        check_pattern(pattern)
        assert parse_pattern(pattern).text == pattern


class TestTheWidestReading:
    """What a line may have meant that the platform ignores: these paths are blocked rather than handed on."""

    @pytest.mark.parametrize(
        ("pattern", "matched", "others"),
        [
            ("[ab].txt", ["a.txt", "x/b.txt", "[ab].txt"], ["c.txt"]),
            ("pages/[id].tsx", ["pages/[id].tsx", "pages/i.tsx"], ["pages/x.tsx"]),
            ("[!ab]x", ["cx", "[!ab]x"], ["ax"]),
            ("[z-a]", ["[z-a]"], ["z", "b"]),
            ("!*.md", ["a.md", "!a.md"], ["a.txt"]),
            ("!", ["!"], ["a"]),
            ("\\#file", ["#file"], ["file"]),
            ("#file", ["#file"], ["file"]),
            ("./src/", ["src/a"], ["a"]),
            ("a//b", ["a/b"], ["b"]),
            ("a/***/b", ["a/b", "a/x/b"], ["b"]),
            (" docs/ ", ["docs/a"], ["a"]),
        ],
    )
    def test_takes_in_whatever_the_author_may_have_meant(
        self, pattern: str, matched: list[str], others: list[str]
    ) -> None:
        expected = dict.fromkeys(matched, True) | dict.fromkeys(others, False)
        assert _answers(pattern, [*matched, *others]) == expected

    @pytest.mark.parametrize("pattern", ["", "/", "a\\", "  ", "x" * (MAX_PATTERN + 1), "./"])
    def test_is_none_where_nothing_can_be_read_and_then_nothing_matches(self, pattern: str) -> None:
        assert read_pattern(pattern) is None
        assert PathMatcher([[pattern]]).match("a") == (-1,)

    def test_is_the_ordinary_one_where_the_pattern_works(self) -> None:
        assert read_pattern("/docs/*.md") == parse_pattern("/docs/*.md")

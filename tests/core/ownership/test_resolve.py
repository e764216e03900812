"""Resolution: sections, last match, exclusions, blocking lines."""

from collections.abc import Sequence

from builders_facts import RECORDS_FILE, a_component, an_ownership
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.ownership.resolve import Found, OwnershipIndex, base_sections


def owner_of(ownership: Ownership, path: str, section: int = 0) -> str | None:
    found = OwnershipIndex(ownership).resolve(path)[section]
    return None if found.component is None else ownership.components[found.component].name


def one_section(*rules: Rule, components: int = 2, **fields: object) -> Ownership:
    made = tuple(Component(f"c{n}", "default", (f"team-{n}",), "f:1") for n in range(components))
    return Ownership(components=made, sections=(Section("default", tuple(rules), "f", **fields),))  # type: ignore[arg-type]


class TestWhoOwnsWithinOneSection:
    def test_the_last_matching_component_owns(self) -> None:
        ownership = an_ownership(a_component("all", "a", "*"), a_component("docs", "b", "/docs/"))
        assert owner_of(ownership, "docs/x.md") == "docs"
        assert owner_of(ownership, "src/x.py") == "all"

    def test_an_exclusion_hands_the_path_to_an_earlier_component(self) -> None:
        ownership = an_ownership(
            a_component("all", "a", "*"), a_component("pay", "b", "/services/payments/", "!/services/payments/docs/")
        )
        assert owner_of(ownership, "services/payments/docs/x.md") == "all"
        assert owner_of(ownership, "services/payments/x.py") == "pay"

    def test_a_later_pattern_of_the_same_component_takes_an_exclusion_back(self) -> None:
        ownership = an_ownership(a_component("pay", "b", "/pay/", "!/pay/docs/", "/pay/docs/api.md"))
        assert owner_of(ownership, "pay/docs/api.md") == "pay"
        assert owner_of(ownership, "pay/docs/other.md") is None

    def test_an_exclusion_never_takes_anything_from_another_component(self) -> None:
        ownership = an_ownership(a_component("docs", "a", "/docs/"), a_component("pay", "b", "/pay/", "!/docs/"))
        assert owner_of(ownership, "docs/x.md") == "docs"

    def test_several_exclusions_are_followed_down_to_the_first_component_left(self) -> None:
        ownership = an_ownership(
            a_component("all", "a", "*"),
            a_component("one", "b", "/x/", "!/x/y/"),
            a_component("two", "c", "/x/", "!/x/y/"),
        )
        assert owner_of(ownership, "x/y/z") == "all"

    def test_a_path_that_is_only_excluded_is_unowned_and_the_exclusion_says_so(self) -> None:
        ownership = an_ownership(a_component("pay", "b", "/pay/", "!/pay/docs/"))
        (found,) = OwnershipIndex(ownership).resolve("pay/docs/x")
        assert found.component is None
        assert found.rule is not None
        assert found.rule.source == f"{RECORDS_FILE}:102"

    def test_a_rule_without_component_unowns(self) -> None:
        ownership = one_section(Rule("*", "f:1", 0), Rule("/docs/", "f:2", None))
        (found,) = OwnershipIndex(ownership).resolve("docs/a")
        assert found.component is None
        assert found.rule is not None
        assert found.rule.source == "f:2"

    def test_a_path_that_no_line_matches_has_no_rule(self) -> None:
        assert OwnershipIndex(one_section(Rule("/a/", "f:1", 0))).resolve("b") == (Found(0, None, None),)


class TestLinesThatThePlatformIgnores:
    def test_such_a_line_blocks_what_it_matches_last(self) -> None:
        ownership = one_section(Rule("*", "f:1", 0), Rule("/docs/", "f:2", None, problem="no owner `bob`"))
        (found,) = OwnershipIndex(ownership).resolve("docs/a")
        assert (found.component, found.problem) == (None, "no owner `bob`")

    def test_a_later_good_line_takes_over(self) -> None:
        ownership = one_section(Rule("/docs/", "f:1", None, problem="bad"), Rule("/docs/a", "f:2", 1))
        (found,) = OwnershipIndex(ownership).resolve("docs/a")
        assert (found.component, found.problem) == (1, None)

    def test_an_exclusion_falls_back_onto_a_blocking_line_not_past_it(self) -> None:
        ownership = one_section(
            Rule("*", "f:1", 0),
            Rule("/x/", "f:2", None, problem="bad"),
            Rule("/x/", "f:3", 1),
            Rule("/x/y", "f:4", 1, is_exclusion=True),
        )
        assert OwnershipIndex(ownership).resolve("x/y")[0].problem == "bad"


class TestSections:
    def test_every_section_that_matches_adds_its_own_owner(self) -> None:
        ownership = an_ownership(a_component("all", "a", "*"), a_component("legal", "b", "LICENSE", section="legal"))
        assert [owner_of(ownership, "LICENSE", number) for number in (0, 1)] == ["all", "legal"]
        assert [owner_of(ownership, "x", number) for number in (0, 1)] == ["all", None]

    def test_an_exclusion_of_one_section_leaves_the_others_alone(self) -> None:
        ownership = an_ownership(a_component("all", "a", "*", "!/x"), a_component("legal", "b", "*", section="legal"))
        assert [owner_of(ownership, "x", number) for number in (0, 1)] == [None, "legal"]

    def test_a_gitlab_section_reads_its_patterns_the_gitlab_way(self) -> None:
        rules = (Rule("docs", "f:1", 0),)
        assert owner_of(one_section(*rules), "docs/a") == "c0"
        assert owner_of(one_section(*rules, dialect="gitlab"), "docs/a") is None

    def test_base_sections_decide_what_is_unowned_and_all_do_where_there_is_none(self) -> None:
        named = an_ownership(a_component("a", "a", "*"), a_component("b", "b", "*", section="legal"))
        assert base_sections(named) == {0}
        assert base_sections(an_ownership(a_component("b", "b", "*", section="legal"))) == {0}


class TestGroups:
    EXCLUDING = an_ownership(
        a_component("all", "a", "*"),
        a_component("pay", "b", "/pay/", "!/pay/docs/"),
        a_component("md", "c", "*.md", "!README.md", section="writing"),
    )
    ASKED = ("pay/a.py", "pay/docs/a.md", "README.md", "x.md", "pay/docs/README.md", "y", "pay/b.py")

    def test_groups_say_the_same_as_single_questions(self) -> None:
        index = OwnershipIndex(self.EXCLUDING, [["/pay/"], ["*.md"]])
        paths = self.ASKED
        answers = {paths[at]: (resolution, hits) for at_all, resolution, hits in index.group(paths) for at in at_all}
        assert set(answers) == set(paths)
        assert all(answers[path][0] == index.resolve(path) for path in paths)
        assert [found.component for found in answers["pay/docs/a.md"][0]] == [0, 2]
        assert [found.component for found in answers["pay/docs/README.md"][0]] == [0, None]
        assert answers["pay/docs/a.md"][1] == (0, 0)
        assert answers["y"][1] == (-1, -1)

    def test_by_owner_say_the_same_also_of_what_an_exclusion_leaves_to_somebody_else(self) -> None:
        index = OwnershipIndex(self.EXCLUDING)
        for _ in ("cold", "warm"):
            owners = {
                tuple(component for component, _ in meaning.owners): names
                for meaning, names in index.by_owner(self.ASKED).items()
            }
            assert owners == {
                (1,): ["pay/a.py", "pay/b.py"],
                (0, 2): ["x.md", "pay/docs/a.md"],
                (0,): ["y", "README.md", "pay/docs/README.md"],
            }

    def test_by_owner_are_as_many_as_owners_and_not_as_lines(self) -> None:
        lines = [f"/d{number}/" for number in range(50)]
        index = OwnershipIndex(an_ownership(a_component("a", "a", *lines[:25]), a_component("b", "b", *lines[25:])))
        groups = index.by_owner([f"d{number}/x" for number in range(50)])
        assert [(meaning.owners, len(names)) for meaning, names in groups.items()] == [(((0, 0),), 25), (((1, 0),), 25)]

    def test_the_room_of_all_that_exclusions_leave_to_others_is_counted(self) -> None:
        numbers = range(20)
        owners = [a_component(f"c{number}", "a", f"/x/*/d{number}/") for number in numbers]
        index = OwnershipIndex(
            an_ownership(*owners, a_component("last", "b", "/x/", "!/x/")), [[f"/x/h{number}/" for number in numbers]]
        )
        groups = index.by_owner([f"x/h{hit}/d{number}/y" for hit in numbers for number in numbers])
        assert len(groups) == 400
        assert index.room > 400 * 500

    def test_by_owner_keep_what_one_line_blocks_apart_from_what_another_does(self) -> None:
        blocked = [Rule(f"/{name}/", f"f:{name}", None, problem="bad") for name in ("a", "b")]
        groups = OwnershipIndex(one_section(*blocked)).by_owner(["a/x", "b/x"])
        assert [(names, meaning.blocking, meaning.owners) for meaning, names in groups.items()] == [
            (["a/x"], (blocked[0],), ()),
            (["b/x"], (blocked[1],), ()),
        ]

    def test_a_submodule_is_looked_up_as_file_and_as_folder(self) -> None:
        index = OwnershipIndex(an_ownership(a_component("lib", "a", "/vendor/lib/")))
        assert index.resolve("vendor/lib")[0].component is None
        assert index.resolve("vendor/lib", as_folder=True)[0].component == 0

    def test_an_exclusion_of_a_folder_also_holds_for_a_submodule_there(self) -> None:
        index = OwnershipIndex(
            an_ownership(a_component("all", "a", "*"), a_component("v", "b", "/vendor/", "!/vendor/lib/"))
        )
        assert index.resolve("vendor/lib", as_folder=True)[0].component == 0

    def test_without_sections_there_is_nothing_to_say(self) -> None:
        assert OwnershipIndex(Ownership()).group(["a"]) == [([0], (), ())]


SEGMENTS = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)
PATTERNS = st.tuples(st.booleans(), PATHS, st.booleans()).map(lambda p: ("!" if p[0] else "") + "/" + p[1] + "/" * p[2])


def slow_owner(components: Sequence[Sequence[str]], path: str) -> int | None:
    """The rule as the specification words it: for each component its last matching pattern, the last component wins."""
    owner = None
    for number, patterns in enumerate(components):
        verdict = False
        for pattern in patterns:
            bare = pattern.removeprefix("!").strip("/")
            is_match = path.startswith(bare + "/") or (path == bare and not pattern.endswith("/"))
            verdict = (not pattern.startswith("!")) if is_match else verdict
        owner = number if verdict else owner
    return owner


class TestTheWordingOfTheRule:
    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.lists(PATTERNS, min_size=1, max_size=4), min_size=1, max_size=4), st.lists(PATHS, max_size=8))
    def test_exclusions_always_mean_what_the_specification_says(
        self, components: list[list[str]], paths: list[str]
    ) -> None:
        ownership = an_ownership(*(a_component(f"c{n}", "t", *patterns) for n, patterns in enumerate(components)))
        index = OwnershipIndex(ownership)
        for positions, (found,), _ in index.group(paths):
            for position in positions:
                assert found.component == slow_owner(components, paths[position])
                assert found == index.resolve(paths[position])[0]

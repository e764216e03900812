"""Conditions: whether a `when` holds, does not, or cannot be told."""

import dataclasses
from typing import Any

import pytest
from builders_decision import circumstances, decided
from builders_facts import (
    a_change,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_policy,
    account_key,
    accounts_of,
    some_facts,
)

from gate.core.change.facts import Account, Facts, Label, Repository, Team
from gate.core.ownership.registry import Component
from gate.core.policy.conditions import (
    Answer,
    all_hold,
    any_holds,
    asks_about_components,
    compare,
    component_holds,
    component_matches,
    pattern_lists,
    rests_on_claims,
)
from gate.core.policy.model import ComponentCondition, Condition

TITLE = {"title": "chore"}
TYPE = {"change_type": ["standard"]}
PATHS = {"paths": ["*.lock"]}
LABEL = {"labels": ["trivial"]}
COMPONENT = a_component(
    "db", "payments", kind="database", tier=1, environments=("production",), data_class="restricted", section="ops"
).component


def when(**keys: Any) -> Condition:
    """A condition as it stands in a policy."""
    condition = a_policy(rules=[{"name": "r", "when": keys, "require": {"escalation": True}}]).policy.rules[0].when
    assert condition is not None
    return condition


def answer(
    keys: dict[str, Any],
    facts: Facts | None = None,
    component: Component | None = None,
    *,
    is_demanding: bool = True,
    **fields: Any,
) -> Answer:
    return circumstances(facts, **fields).holds(when(**keys), component, is_demanding=is_demanding)


class TestThreeAnswers:
    @pytest.mark.parametrize(
        ("answers", "everything", "anything"),
        [
            ([], True, False),
            ([True], True, True),
            ([False], False, False),
            ([None], None, None),
            ([True, None], None, True),
            ([None, True], None, True),
            ([False, None], False, None),
            ([None, False], False, None),
            ([True, False, None], False, True),
        ],
    )
    def test_unknown_yields_only_to_what_decides(
        self, answers: list[Answer], everything: Answer, anything: Answer
    ) -> None:
        assert all_hold(iter(answers)) is everything
        assert any_holds(iter(answers)) is anything


class TestComparisons:
    @pytest.mark.parametrize(
        ("sign", "below", "equal", "above"),
        [
            (">", False, False, True),
            ("<", True, False, False),
            (">=", False, True, True),
            ("<=", True, True, False),
            ("=", False, True, False),
        ],
    )
    def test_each_sign_means_what_it_says(self, sign: str, *, below: bool, equal: bool, above: bool) -> None:
        assert [compare(f"{sign}500", number) for number in (499, 500, 501)] == [below, equal, above]

    @pytest.mark.parametrize("text", ["500", "==5", "> 5", ">5 ", ">", "≥5", ""])
    def test_anything_else_is_no_comparison(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a comparison"):
            compare(text, 5)

    @pytest.mark.parametrize(
        ("key", "fields"),
        [
            ("lines_changed", {"lines_changed": 7}),
            ("components_touched", {"components_touched": 7}),
            ("files_changed", {"facts": some_facts(files=tuple(a_file(f"{n}") for n in range(7)))}),
        ],
    )
    def test_each_count_is_the_one_that_it_names(self, key: str, fields: dict[str, Any]) -> None:
        assert answer({key: "=7"}, **fields) is True
        assert answer({key: ">7"}, **fields) is False


class TestLinesThatCannotBeCounted:
    COUNTED = some_facts(files=(a_file("a", additions=0), a_file("b", deletions=0)))
    BINARY = some_facts(files=(a_file("a"), a_file("x.png", additions=-1, deletions=-1)))

    def test_are_none_where_the_number_demands(self) -> None:
        for facts in (self.COUNTED, self.BINARY):
            assert answer({"lines_changed": ">3"}, facts, lines_changed=4) is True
            assert answer({"lines_changed": ">4"}, facts, lines_changed=4) is False

    @pytest.mark.parametrize("uncounted", [{"additions": -1}, {"deletions": -1}])
    def test_leave_it_open_whether_there_are_few_enough_to_relax(self, uncounted: dict[str, int]) -> None:
        facts = some_facts(files=(a_file("a"), a_file("x.png", **uncounted)))
        assert answer({"lines_changed": "<10"}, facts, is_demanding=False) is None
        assert answer({"files_changed": "<10"}, facts, is_demanding=False) is True

    def test_are_not_lines_of_which_there_are_none(self) -> None:
        assert answer({"lines_changed": "<10"}, self.COUNTED, is_demanding=False) is True


class TestComponents:
    @pytest.mark.parametrize(
        ("keys", "holds"),
        [
            ({"components": ["db", "x"]}, True),
            ({"components": ["x"]}, False),
            ({"kinds": ["database"]}, True),
            ({"kinds": ["service"]}, False),
            ({"tier": [1, 2]}, True),
            ({"tier": [2]}, False),
            ({"environment": ["production"]}, True),
            ({"environment": ["staging"]}, False),
            ({"data_class": ["restricted"]}, True),
            ({"data_class": ["public"]}, False),
            ({"section": ["ops"]}, True),
            ({"section": ["default"]}, False),
            ({"tier": [1], "kinds": ["database"]}, True),
            ({"tier": [1], "kinds": ["service"]}, False),
        ],
    )
    def test_each_key_asks_this_one_component(self, keys: dict[str, Any], *, holds: bool) -> None:
        assert answer(keys, component=COMPONENT) is holds
        assert answer(keys, component=None) is False
        only = ComponentCondition(**{key: tuple(value) for key, value in keys.items()})
        assert component_matches(only, COMPONENT, declared=()) is holds

    def test_one_of_several_environments_is_enough(self) -> None:
        both = a_component("db", "payments", environments=("staging", "production")).component
        assert answer({"environment": ["production"]}, component=both) is True
        assert answer({"environment": ["test"]}, component=both) is False

    @pytest.mark.parametrize("key", ["components", "kinds", "section", "data_class"])
    def test_a_declared_environment_is_nothing_but_an_environment(self, key: str) -> None:
        for component in (None, COMPONENT):
            assert component_holds(key, ["production"], component, declared=("production",)) is False

    def test_a_declared_environment_holds_even_without_a_component(self) -> None:
        facts = some_facts(declaration=a_declaration(environments=("staging",)))
        assert answer({"environment": ["staging"]}, facts) is True
        assert answer({"environment": ["staging"]}, facts, COMPONENT) is True
        assert answer({"environment": ["production"]}, facts) is False
        assert component_holds("environment", ["a"], None, declared=["b", "a"]) is True

    @pytest.mark.parametrize(
        ("keys", "asks"),
        [
            ({"tier": [1]}, True),
            ({"paths": ["*"]}, False),
            ({"any": [{"paths": ["*"]}, {"tier": [1]}]}, True),
            ({"all": [{"paths": ["*"]}, {"environment": ["x"]}]}, True),
            ({"not": {"section": ["x"]}}, True),
            ({"not": {"any": [{"labels": ["x"]}]}}, False),
        ],
    )
    def test_speaking_of_a_component_anywhere_is_asking_about_components(self, keys: Any, *, asks: bool) -> None:
        assert asks_about_components(when(**keys)) is asks


class TestPaths:
    two = some_facts(files=(a_file("a"), a_file("b")))

    @pytest.mark.parametrize(("hits", "some", "every"), [(0, False, False), (1, True, False), (2, True, True)])
    def test_some_file_or_every_file(self, hits: int, *, some: bool, every: bool) -> None:
        known = {("x",): hits}
        assert answer({"paths": ["x"]}, self.two, hits=known) is some
        assert answer({"only_paths": ["x"]}, self.two, hits=known) is every

    def test_a_change_without_files_is_not_only_of_some_paths(self) -> None:
        assert answer({"only_paths": ["x"]}, some_facts(files=()), hits={("x",): 0}) is False

    def test_of_files_that_lead_there_demand_and_do_not_relax(self) -> None:
        by_way: dict[str, Any] = {"hits": {("x",): 0}, "hits_by_way": {("x",): 2}}
        for key in ("paths", "only_paths"):
            assert answer({key: ["x"]}, self.two, **by_way) is True
            assert answer({key: ["x"]}, self.two, is_demanding=False, **by_way) is False
            assert answer({"not": {key: ["x"]}}, self.two, is_demanding=False, **by_way) is False

    def test_of_files_that_lead_elsewhere_cannot_be_told_where_they_relax(self) -> None:
        elsewhere: dict[str, Any] = {"hits": {("x",): 2}, "astray": frozenset({("x",)})}
        assert answer({"only_paths": ["x"]}, self.two, **elsewhere) is True
        assert answer({"only_paths": ["x"]}, self.two, is_demanding=False, **elsewhere) is None

    def test_every_list_of_a_policy_is_asked_once_in_the_order_as_written(self) -> None:
        require = {"escalation": True}
        policy = a_policy(
            rules=[
                {"name": "1", "when": {"paths": ["a"], "not": {"only_paths": ["n"]}}, "require": require},
                {"name": "2", "when": {"any": [{"paths": ["b"]}, {"all": [{"paths": ["c"]}]}]}, "require": require},
                {"name": "3", "when": {"only_paths": ["a"]}, "require": require},
                {"name": "4", "require": require},
            ],
            standard_changes=[
                {"name": "s", "when": {"only_paths": ["d", "e"]}, "approved_by": "web", "until": "2027-01-01"}
            ],
        ).policy
        assert sorted(pattern_lists(policy)) == [("a",), ("b",), ("c",), ("d", "e"), ("n",)]
        assert pattern_lists(policy)[0] == ("a",)


class TestTheChange:
    @pytest.mark.parametrize(
        ("keys", "fields"),
        [
            ({"touches": ["binary", "symlink"]}, {"touches": frozenset({"symlink"})}),
            ({"risk": ["high", "low"]}, {"risk": "high"}),
            ({"change_type": ["emergency"]},
             {"facts": some_facts(declaration=a_declaration(change_type="emergency"))}),
            ({"branches": ["release/*"]}, {"facts": some_facts(change=a_change(base_ref="release/1"))}),
            ({"repositories": ["acme/*"]}, {"facts": some_facts(change=a_change(repository=Repository(1, "acme/x")))}),
            ({"labels": ["big", "huge"]}, {"facts": some_facts(change=a_change(labels=(Label("a"), Label("huge"))))}),
            ({"title": "^Fix"}, {"facts": some_facts(title_hits={"^Fix": True})}),
            ({"first_time_author": True}, {"facts": some_facts(is_first_contribution=True)}),
            ({"first_time_author": False}, {"facts": some_facts(is_first_contribution=False)}),
            ({"signed": False}, {"facts": some_facts(commits=(a_commit(is_verified=False), a_commit("1" * 40)))}),
        ],
    )  # fmt: skip
    def test_each_key_holds_where_it_should(self, keys: dict[str, Any], fields: dict[str, Any]) -> None:
        assert answer(keys, **fields) is True

    @pytest.mark.parametrize(
        ("keys", "fields"),
        [
            ({"touches": ["binary"]}, {"touches": frozenset({"symlink"})}),
            ({"risk": ["high"]}, {"risk": "medium"}),
            ({"change_type": ["standard"]}, {}),
            ({"branches": ["release/*"]}, {}),
            ({"repositories": ["other/*"]}, {}),
            ({"labels": ["big"]}, {"facts": some_facts(change=a_change(labels=(Label("bigger"),)))}),
            ({"title": "^Fix"}, {"facts": some_facts(title_hits={"^Fix": False})}),
            ({"first_time_author": True}, {"facts": some_facts(is_first_contribution=False)}),
            ({"first_time_author": False}, {"facts": some_facts(is_first_contribution=True)}),
            ({"signed": True}, {"facts": some_facts(commits=(a_commit(is_verified=False), a_commit("1" * 40)))}),
            ({"signed": False}, {}),
        ],
    )
    def test_and_not_where_it_should_not(self, keys: dict[str, Any], fields: dict[str, Any]) -> None:
        assert answer(keys, **fields) is False

    @pytest.mark.parametrize(
        ("keys", "facts"),
        [
            ({"title": "^Fix"}, some_facts()),
            ({"first_time_author": True}, some_facts(is_first_contribution=None)),
            ({"first_time_author": False}, some_facts(is_first_contribution=None)),
            ({"signed": True}, some_facts(commits=(a_commit(is_verified=None), a_commit("1" * 40)))),
            ({"signed": False}, some_facts(commits=(a_commit(is_verified=None),))),
        ],
    )
    def test_what_was_not_observed_cannot_be_told(self, keys: dict[str, Any], facts: Facts) -> None:
        assert answer(keys, facts) is None

    def test_all_keys_must_hold(self) -> None:
        facts = some_facts(change=a_change(labels=(Label("big"),)))
        assert answer({"labels": ["big"], "risk": ["low"]}, facts) is True
        assert answer({"labels": ["big"], "risk": ["high"]}, facts) is False
        assert answer({"labels": ["big"], "title": "x"}, facts) is None
        assert answer({"labels": ["small"], "title": "x"}, facts) is False


class TestNesting:
    yes, no, unknown = {"risk": ["low"]}, {"risk": ["high"]}, {"title": "x"}

    @pytest.mark.parametrize(
        ("keys", "expected"),
        [
            ({"any": [no, yes]}, True),
            ({"any": [no, no]}, False),
            ({"any": [no, unknown]}, None),
            ({"all": [yes, yes]}, True),
            ({"all": [yes, no]}, False),
            ({"all": [yes, unknown]}, None),
            ({"not": yes}, False),
            ({"not": no}, True),
            ({"not": unknown}, None),
            ({"not": {"any": [{"not": yes}, {"all": [yes, no]}]}}, True),
        ],
    )
    def test_any_all_and_not_nest(self, keys: dict[str, Any], expected: Answer) -> None:
        assert answer(keys) is expected

    def test_components_are_asked_inside(self) -> None:
        assert answer({"any": [{"tier": [3]}, {"not": {"kinds": ["service"]}}]}, component=COMPONENT) is True
        assert answer({"all": [{"tier": [1]}, {"kinds": ["service"]}]}, component=COMPONENT) is False


class TestWhatRestsOnTheAuthorsWordAlone:
    """Such a condition never makes a standard change: whoever writes the declaration would waive sign-offs."""

    @pytest.mark.parametrize("keys", [TITLE, TYPE, {**TITLE, **TYPE}])
    def test_is_the_declared_type_and_the_title(self, keys: Any) -> None:
        assert rests_on_claims(when(**keys)) is True

    @pytest.mark.parametrize("keys", [PATHS, LABEL, {**TITLE, **PATHS}, {**TYPE, **LABEL}])
    def test_is_nothing_that_something_else_must_hold_beside(self, keys: Any) -> None:
        assert rests_on_claims(when(**keys)) is False

    def test_is_not_less_so_for_a_key_that_asks_nothing(self) -> None:
        assert rests_on_claims(when(**TYPE, paths=None)) is True
        assert rests_on_claims(when(**PATHS, title=None)) is False

    def test_is_one_of_several_where_it_is_enough_and_not_where_it_is_not(self) -> None:
        assert rests_on_claims(when(any=[PATHS, TITLE])) is True
        assert rests_on_claims(when(any=[PATHS, LABEL])) is False
        assert rests_on_claims(when(all=[PATHS, TITLE])) is False
        assert rests_on_claims(when(all=[TYPE, TITLE])) is True

    @pytest.mark.parametrize("wrap", [
        lambda inner: inner,
        lambda inner: {"any": [{"paths": ["x"]}, inner]},
        lambda inner: {"all": [{"paths": ["x"]}, inner]},
        lambda inner: {"not": inner},
        lambda inner: {"all": [{"any": [inner]}]},
    ])  # fmt: skip
    def test_is_whatever_is_not_so_as_soon_as_it_speaks_of_them_anywhere(self, wrap: Any) -> None:
        for claim in (TITLE, TYPE):
            assert rests_on_claims(when(not_=wrap(claim))) is True
        assert rests_on_claims(when(not_=wrap(LABEL))) is False

    @pytest.mark.parametrize("inner", [{"all": [TITLE, PATHS]}, {"any": [PATHS, TYPE]}])
    def test_waives_nothing(self, inner: Any) -> None:
        model = {"name": "Locks", "approved_by": "platform", "until": "2027-01-01", "when": {"not": inner}}
        assert decided(policy=a_policy(standard_changes=[model])).relaxations == ()


class TestALabel:
    def told(self, *, by: str | None, is_demanding: bool) -> Answer:
        facts = some_facts(change=a_change(labels=(Label("trivial", by),)))
        deciders = frozenset({"alice"})
        return answer({"labels": ["trivial"]}, facts, deciders=deciders, is_demanding=is_demanding)

    def test_demands_whoever_set_it(self) -> None:
        assert [self.told(by=by, is_demanding=True) for by in (account_key("dave"), None)] == [True, True]

    def test_relaxes_only_where_somebody_set_it_who_could_sign_the_change_off(self) -> None:
        setters = (account_key("alice"), account_key("dave"), None)
        assert [self.told(by=by, is_demanding=False) for by in setters] == [True, False, None]


class TestAuthors:
    def test_the_one_author_is_told_by_name_or_login(self) -> None:
        assert answer({"authors": ["dave"]}) is True
        assert answer({"authors": ["@DAVE"]}) is True
        assert answer({"authors": ["alice", "bob"]}) is False

    def test_where_it_relaxes_a_login_of_the_records_is_whoever_they_say_it_is(self) -> None:
        renamed = some_facts(accounts={"github:1004": Account("dave", login="dunn")})
        taken = some_facts(accounts={"github:666": Account("github:666", login="dave")})
        for name in ("dave", "@dave", "@DAVE"):
            assert answer({"authors": [name]}, renamed, is_demanding=False) is True
            assert answer({"authors": [name]}, taken, authors=frozenset({"github:666"}), is_demanding=False) is False
            assert answer({"authors": [name]}, taken, authors=frozenset({"github:666"})) is True

    def test_a_login_that_no_record_knows_is_the_account_that_bears_it(self) -> None:
        facts = some_facts(accounts={"github:7": Account("github:7", login="Stranger")})
        for is_demanding in (True, False):
            told = answer({"authors": ["stranger"]}, facts, authors=frozenset({"github:7"}), is_demanding=is_demanding)
            assert told is True

    def test_a_team_of_the_forge_is_no_account(self) -> None:
        facts = some_facts(teams={"acme/pay": Team(("dave",))})
        assert answer({"authors": ["acme/pay"]}, facts) is False
        assert answer({"authors": ["@acme/pay"]}, facts) is False

    def test_a_person_of_the_records_is_told_by_their_name_there_whatever_their_login(self) -> None:
        facts = some_facts(accounts={account_key("dave"): Account("dave", login="dunn")})
        assert answer({"authors": ["dave"]}, facts) is True
        assert answer({"authors": ["erin"]}, facts) is False

    def test_where_it_demands_one_of_them_is_enough(self) -> None:
        assert answer({"authors": ["dave"]}, authors=frozenset({"dave", "erin"})) is True
        assert answer({"authors": ["dave"]}, authors=frozenset({None, "dave"})) is True
        assert answer({"authors": ["dave"]}, authors=frozenset({None, "erin"})) is None

    def test_where_it_relaxes_all_of_them_must_be(self) -> None:
        both = frozenset({"dave", "erin"})
        assert answer({"authors": ["dave"]}, authors=both, is_demanding=False) is False
        assert answer({"authors": ["dave", "erin"]}, authors=both, is_demanding=False) is True
        assert answer({"authors": ["dave"]}, authors=frozenset({None, "dave"}), is_demanding=False) is None

    def test_not_turns_a_demanding_condition_into_a_relaxing_one(self) -> None:
        both = frozenset({"dave", "erin"})
        assert answer({"not": {"authors": ["dave"]}}, authors=both) is True
        assert answer({"not": {"authors": ["dave"]}}, authors=both, is_demanding=False) is False

    @pytest.mark.parametrize(
        ("name", "login"), [("app/dependabot", "dependabot[bot]"), ("@App/Dependabot", "Dependabot[bot]")]
    )
    def test_an_app_is_named_by_its_bots_login(self, name: str, login: str) -> None:
        facts = some_facts(accounts={"github:5": Account("github:5", "bot", login=login)})
        assert answer({"authors": [name]}, facts, authors=frozenset({"github:5"}), is_demanding=False) is True

    def test_an_ordinary_account_of_the_apps_name_is_not_the_app(self) -> None:
        facts = some_facts(accounts={"github:5": Account("github:5", login="dependabot")})
        assert answer({"authors": ["app/dependabot"]}, facts, authors=frozenset({"github:5"})) is False

    def test_an_account_without_login_is_nobody_named(self) -> None:
        facts = some_facts(accounts={"mail:x": Account("mail:x")})
        assert answer({"authors": ["x"]}, facts, authors=frozenset({"mail:x"})) is False


class TestAuthorIn:
    policy = a_policy(roles={"dba": ["dave"], "else": ["erin"], "broken": ["team:ghosts"]})

    def told(self, *parties: str, author: str = "dave", **overrides: Any) -> Answer:
        facts = some_facts(**{"policy": self.policy, "change": a_change(author), **overrides})
        return answer({"author_in": list(parties)}, facts)

    def test_a_member_is_in_it(self) -> None:
        assert self.told("role:dba") is True
        assert self.told("role:else", "team:payments", author="alice") is True
        assert self.told("role:broken", "role:dba") is True

    def test_who_is_no_member_is_not(self) -> None:
        assert self.told("role:else") is False

    def test_a_team_that_cannot_be_read_leaves_it_open(self) -> None:
        assert self.told("role:broken") is None
        assert self.told("role:else", "role:broken") is None

    def test_an_unknown_author_leaves_it_open(self) -> None:
        assert self.told("role:else", accounts={}) is None

    def test_accounts_are_people_here(self) -> None:
        accounts = {**accounts_of("alice"), account_key("dave"): Account("erin", login="dave")}
        assert self.told("role:else", accounts=accounts) is True


class TestUnknownKeys:
    def test_a_key_that_nobody_knows_is_refused_rather_than_passed_over(self) -> None:
        known = circumstances()
        with pytest.raises(ValueError, match="no such condition: signed"):
            known._about_people_and_names("signed", "yes")

    def test_the_answers_do_not_depend_on_the_facts_being_in_order(self) -> None:
        facts = some_facts(files=(a_file("b"), a_file("a")))
        assert answer({"files_changed": "=2"}, dataclasses.replace(facts, files=facts.files[::-1])) is True

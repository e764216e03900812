"""Kept rules: what was made of policy and ownership is found again for exactly the same content, and nothing else."""

import copy
import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from builders_decision import compiled_from_now_on
from builders_facts import AT, a_component, a_file, a_policy, a_signoff, an_ownership, some_facts
from builders_git import a_repository
from builders_service import a_service
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.bootstrap import open_checkout, readers
from gate.core.change.facts import Facts
from gate.core.change.sealing import settle
from gate.core.decide import decide
from gate.core.errors import InvalidFileError
from gate.core.explain.json import verdict_bytes
from gate.core.ownership.registry import Ownership
from gate.core.policy.model import PolicyDocument
from gate.usecases.judge_change import judge_change
from gate.usecases.kept_rules import KeptRules
from gate.usecases.load_rules import Rules, load_rules

RECORDS = (
    "version: 1\nteams: {web: {members: ['@alice', '@bob']}}\ncomponents: [{name: shop, owner: web, paths: ['*']}]\n"
)
POLICY = "version: 1\ndefault_owner: web\n"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Ownership]:
    """Every ownership that is compiled, in turn."""
    return compiled_from_now_on(monkeypatch)


def owned_by(team: str) -> Facts:
    """A change of one file that a team owns, approved by alice, who is of payments and of no other team."""
    ownership = an_ownership(a_component("payments-api", team, "/services/"), a_component("web", "web", "/web/"))
    return some_facts(ownership=ownership, signoffs=(a_signoff("alice"),))


def told(facts: Facts, kept: KeptRules) -> bytes:
    """The verdict by kept rules, and by those of the acts that are asked for, which must be the same."""
    asks = kept.asks(facts, at=AT)
    verdict = verdict_bytes(kept.decide(facts, at=AT))
    assert verdict_bytes(asks.verdict) == verdict
    return verdict


def anew(facts: Facts) -> bytes:
    """The verdict by rules that are compiled for it alone."""
    return verdict_bytes(decide(facts, at=AT))


class TestWhatIsFoundAgain:
    def test_the_same_content_is_compiled_once(self, compiled: list[Ownership]) -> None:
        kept, facts = KeptRules(), owned_by("payments")
        for _ in range(3):
            read_again, _ = settle(facts, salt=b"salt")  # equal, and no object of it is the same
            kept.decide(read_again, at=AT)
        assert len(compiled) == 1

    def test_a_judgement_by_the_service_compiles_once_and_the_next_one_never(
        self, tmp_path: Path, compiled: list[Ownership]
    ) -> None:
        with a_service(tmp_path) as service:
            first, second = service.forge.a_pull(), service.forge.a_pull({"web/page.html": "<p>\n"})
            service.settle()
            compiled.clear()
            begun = dataclasses.replace(service.gate, readers=readers())
            for pull in (first, first, second):
                judge_change(begun, service.key(pull))
                assert len(compiled) == 1

    def test_two_at_a_time_have_one_each_and_both_come_back(self) -> None:
        kept, facts = KeptRules(), owned_by("payments")
        rules = facts.ownership, facts.policy
        with kept.lent(*rules) as one, kept.lent(*rules) as other:
            assert one is not other
        with kept.lent(*rules) as first, kept.lent(*rules) as second:
            assert {id(first), id(second)} == {id(one), id(other)}


def _with_component(facts: Facts, **fields: Any) -> Facts:
    first, *others = facts.ownership.components
    components = (dataclasses.replace(first, **fields), *others)
    return dataclasses.replace(facts, ownership=dataclasses.replace(facts.ownership, components=components))


def _with_section(facts: Facts, **fields: Any) -> Facts:
    section = dataclasses.replace(facts.ownership.sections[0], **fields)
    return dataclasses.replace(facts, ownership=dataclasses.replace(facts.ownership, sections=(section,)))


def _with_rule(facts: Facts, **fields: Any) -> Facts:
    first, *others = facts.ownership.sections[0].rules
    return _with_section(facts, rules=(dataclasses.replace(first, **fields), *others))


def _with_policy(facts: Facts, **keys: Any) -> Facts:
    policy: PolicyDocument = a_policy(**keys)
    return dataclasses.replace(facts, policy=policy)


EDITS: dict[str, Callable[[Facts], Facts]] = {
    "its owner": lambda facts: _with_component(facts, owners=("web",)),
    "its backup": lambda facts: _with_component(facts, backup="platform"),
    "its line": lambda facts: _with_component(facts, source=".gate/ownership.yaml:99"),
    "its review": lambda facts: _with_component(facts, reviewed="2026-01-01"),
    "a pattern": lambda facts: _with_rule(facts, pattern="/services/payments/*.py"),
    "whose a pattern is": lambda facts: _with_rule(facts, component=1),
    "an exclusion": lambda facts: _with_rule(facts, is_exclusion=True),
    "a line that is ignored": lambda facts: _with_rule(facts, problem="its owner cannot be read"),
    "how many sign": lambda facts: _with_section(facts, required=2),
    "whether they are asked": lambda facts: _with_section(facts, is_optional=True),
    "the dialect": lambda facts: _with_section(facts, dialect="gitlab"),
    "a team": lambda facts: dataclasses.replace(
        facts, ownership=dataclasses.replace(facts.ownership, teams={**facts.ownership.teams, "payments": _web(facts)})
    ),
    "who may sign": lambda facts: _with_policy(facts, signoffs={"from": ["backup"]}),
    "how often": lambda facts: _with_policy(facts, signoffs={"each_component": 2}),
    "a rule": lambda facts: _with_policy(
        facts, rules=[{"name": "all", "when": {"paths": ["*.py"]}, "require": {"signoffs": {"team:web": 1}}}]
    ),
    "where the policy stands": lambda facts: _with_policy(facts, file=".ci/policy.yaml"),
}


def _web(facts: Facts) -> Any:
    return facts.ownership.teams["web"]


class TestAnotherRevision:
    def test_two_in_turn_are_each_judged_by_their_own(self) -> None:
        kept, ours, theirs = KeptRules(), owned_by("payments"), owned_by("web")
        states = [kept.decide(facts, at=AT).state for facts in (ours, theirs) * 3]
        assert states == ["approved", "waiting"] * 3

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
    def test_an_edit_of_one_value_is_never_judged_by_what_was_before(
        self, edit: Callable[[Facts], Facts], compiled: list[Ownership]
    ) -> None:
        kept, before = KeptRules(), owned_by("payments")
        after = edit(before)
        for facts in (before, after, before, after):
            assert told(facts, kept) == anew(facts)
        by_kept_rules = [one for one in compiled if one is before.ownership or one is after.ownership]
        assert len(by_kept_rules) == 2 + 4 * 1  # by the kept ones each once, and each time by `anew`

    @given(st.lists(st.lists(st.sampled_from(sorted(EDITS)), max_size=3), min_size=2, max_size=4))
    @settings(max_examples=40, deadline=None)
    def test_never_takes_part_in_a_verdict(self, several: list[list[str]]) -> None:
        kept, worlds = KeptRules(most_sets=3), []
        for edits in several:
            worlds.append(owned_by("payments"))
            for edit in edits:
                worlds.append(EDITS[edit](worlds[-1]))
        for facts in (*worlds, *reversed(worlds)):
            assert told(facts, kept) == anew(facts)

    def test_nor_do_threads_that_judge_at_once(self) -> None:
        kept = KeptRules(most_sets=3)
        worlds = [
            dataclasses.replace(owned_by(team), files=tuple(a_file(f"services/{n}/{m}.py") for m in range(40)))
            for team in ("payments", "web", "platform")
            for n in range(3)
        ]
        expected, together = [anew(facts) for facts in worlds], Barrier(4)

        def judged(first: int) -> bool:
            together.wait(timeout=30)
            order = [*range(first, len(worlds)), *range(first)] * 5
            return all(told(worlds[n], kept) == expected[n] for n in order)

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(judged, range(4))) == [True] * 4


class TestRoom:
    def test_the_oldest_rules_go_first(self, compiled: list[Ownership]) -> None:
        kept = KeptRules(most_sets=2)
        for team in ("payments", "web", "platform", "web", "platform", "payments"):
            kept.decide(owned_by(team), at=AT)
        assert [one.components[0].owner for one in compiled] == ["payments", "web", "platform", "payments"]

    def test_rules_that_take_too_much_are_not_kept(self, compiled: list[Ownership]) -> None:
        kept = KeptRules(most_room=1_000)
        kept.decide(owned_by("payments"), at=AT)
        kept.decide(owned_by("payments"), at=AT)
        assert len(compiled) == 2

    @pytest.mark.parametrize(("path", "times"), [("a/b/c/d{}/x.py", 2), ("a/b/c/d/{}.py", 1)])
    def test_nor_those_that_have_many_folders_to_remember_but_files_of_one_are_not(
        self, path: str, times: int, compiled: list[Ownership]
    ) -> None:
        kept, facts = KeptRules(most_room=100_000), owned_by("payments")
        kept.decide(facts, at=AT)
        kept.decide(dataclasses.replace(facts, files=tuple(a_file(path.format(n)) for n in range(400))), at=AT)
        kept.decide(facts, at=AT)
        assert len(compiled) == times

    def test_rules_that_something_was_raised_with_do_not_come_back(self, compiled: list[Ownership]) -> None:
        kept, facts = KeptRules(), owned_by("payments")
        with pytest.raises(KeyError), kept.lent(facts.ownership, facts.policy):
            raise KeyError
        kept.decide(facts, at=AT)
        assert len(compiled) == 2

    def test_files_go_when_their_text_takes_too_much(self) -> None:
        kept, read = KeptRules(most_read=120_000), iter(range(9))
        texts = [{"a": b"%d" % n * 2_000} for n in range(3)]
        found = [kept.source("kind", texts[n], lambda: next(read)) for n in (0, 1, 0, 1, 2, 1, 0)]
        assert found == [0, 1, 0, 1, 2, 1, 3]


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Rules]:
    """Loads the rules of a checkout with some files, all by the same readers."""
    shared = readers()
    loaded: list[str] = []

    def load_yaml(raw: bytes, *, file: str) -> Any:
        loaded.append(file)
        return readers().load_yaml(raw, file=file)

    def load(**files: str) -> Rules:
        where = tmp_path_factory.mktemp("shop") / "shop"
        named = {f".gate/{name}.yaml": text for name, text in files.items()}
        checkout = open_checkout(a_repository(where, {"README.md": "Shop\n", **named}).path)
        return load_rules(checkout.tree("main"), readers=with_count, config=".gate", repository=None)

    with_count = dataclasses.replace(shared, load_yaml=load_yaml)
    load.loaded = loaded  # type: ignore[attr-defined]
    return load


class TestFiles:
    def test_are_parsed_once_whatever_else_is_in_the_tree(self, trees: Any) -> None:
        first = trees(ownership=RECORDS, policy=POLICY)
        trees.loaded.clear()
        assert trees(ownership=RECORDS, policy=POLICY, other="a: 1\n") == first
        assert trees.loaded == []

    def test_are_parsed_again_where_a_byte_differs(self, trees: Any) -> None:
        trees(ownership=RECORDS, policy=POLICY)
        trees.loaded.clear()
        edited = trees(ownership=RECORDS.replace("'@bob'", "'@eve'"), policy=POLICY)
        assert edited.ownership.teams["web"].members == ("@alice", "@eve")
        assert trees.loaded == [".gate/ownership.yaml"]

    def test_that_are_broken_are_refused_each_time(self, trees: Any) -> None:
        for _ in range(2):
            with pytest.raises(InvalidFileError, match="perhaps"):
                trees(ownership=RECORDS, policy="version: 1\nunowned: perhaps\n")

    def test_of_another_kind_or_name_are_another_matter(self) -> None:
        kept = KeptRules()
        assert kept.source("records", {"a": b"x"}, lambda: 1) == 1
        assert kept.source("codeowners", {"a": b"x"}, lambda: 2) == 2
        assert kept.source("records", {"b": b"x"}, lambda: 3) == 3
        assert kept.source("records", {"a": b"x", "b": b"x"}, lambda: 4) == 4

    def test_are_not_changed_by_those_who_use_them(self, trees: Any) -> None:
        first = trees(ownership=RECORDS, policy=POLICY)
        before = copy.deepcopy(first)
        facts = dataclasses.replace(owned_by("payments"), ownership=first.ownership, policy=first.policy)
        told(facts, KeptRules())
        assert trees(ownership=RECORDS, policy=POLICY) == before

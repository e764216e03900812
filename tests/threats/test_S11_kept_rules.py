"""S11: what a process keeps of rules stays bounded, whatever is in the rules and in the changes that they judge."""

import gc
import itertools
import tracemalloc
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import pytest
from builders_facts import (
    AT,
    PEOPLE,
    TEAMS,
    a_commit,
    a_component,
    a_file,
    a_policy,
    accounts_of,
    an_ownership,
    some_facts,
)

from gate.bootstrap import readers
from gate.core.change.facts import Account, Facts
from gate.core.ownership.records import PersonRecord, TeamRecord
from gate.core.policy.component_requirements import Asking, room_of
from gate.usecases import kept_rules
from gate.usecases.kept_rules import KeptRules

YAML = readers().load_yaml
ROOM, SLACK = 1_000_000, 500_000
"""What a test holds besides, and what a judgement adds before it is counted."""


@pytest.fixture
def grown() -> Iterator[Callable[[], int]]:
    """Tells how many bytes are held more than at the beginning."""
    YAML(b"a: 1\n", file="f")  # what is imported for it is not held by anybody here
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    def more() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    yield more
    tracemalloc.stop()


def by_many_hands(number: int) -> Facts:
    """A change of 40 components of one team of 60, in which another of them had a hand: forged names suffice."""
    names = [f"p{n}" for n in range(60)]
    ownership = an_ownership(
        *(a_component(f"c{n}", "all", f"/d{n}/") for n in range(40)),
        people={**PEOPLE, **{name: PersonRecord(name=f"Person {name}") for name in names}},
        teams={**TEAMS, "all": TeamRecord(members=tuple(names))},
    )
    name = f"p{number}"
    return some_facts(
        ownership=ownership,
        files=tuple(a_file(f"d{n}/x") for n in range(40)),
        accounts={**accounts_of("dave"), f"person:{name}": Account(name)},
        commits=(a_commit(author=f"person:{name}"),),
    )


def with_new_matches(number: int) -> Facts:
    """A change of 250 files of which each meets the conditions of eight rules in a way of its own."""
    letters = "abcdefgh"
    rules = [
        {"name": one, "when": {"paths": [f"*{one}{n}*" for n in range(4)]}, "require": {"signoffs": {"team:web": 1}}}
        for one in letters
    ]
    ways = itertools.islice(itertools.product("0123", repeat=len(letters)), number * 250, (number + 1) * 250)
    names = ["".join(letter + digit for letter, digit in zip(letters, way, strict=True)) for way in ways]
    return some_facts(policy=a_policy(rules=rules), files=tuple(map(a_file, names)))


def with_new_folders(number: int) -> Facts:
    """A change of 1,000 files, each of a name and in a folder of its own."""
    ownership = an_ownership(a_component("c", "web", "*", "*.md"))
    return some_facts(ownership=ownership, files=tuple(a_file(f"{number}/d{n}/n{n}.py") for n in range(1_000)))


def of_long_patterns(number: int) -> Facts:
    """A change under a rule of eight hundred folders."""
    pattern = f"/{number}" + "/a" * 800 + "/"
    return some_facts(ownership=an_ownership(a_component("c", "web", pattern)))


class TestCompiledRules:
    @pytest.mark.parametrize("change", [by_many_hands, with_new_matches, with_new_folders, of_long_patterns])
    def test_take_no_more_room_with_every_change_that_they_judge(
        self, change: Callable[[int], Facts], grown: Callable[[], int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kept_rules, "MOST_SAID", ROOM // 3)
        kept = KeptRules(most_room=ROOM)
        for number in range(12):
            kept.asks(change(number), at=AT)
        assert grown() < ROOM + SLACK

    def test_are_kept_when_only_what_was_said_of_them_takes_too_much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept_rules, "MOST_SAID", 1_000)
        kept, facts = KeptRules(), by_many_hands(1)
        verdict = kept.asks(facts, at=AT).verdict
        with kept.lent(facts.ownership, facts.policy) as rules:
            assert not rules.remembered
        assert kept.asks(facts, at=AT).verdict == verdict

    def test_leave_when_what_was_said_of_them_takes_the_room_there_is(self) -> None:
        kept, facts = KeptRules(), by_many_hands(1)
        kept.asks(facts, at=AT)
        (one,) = kept._idle
        said = room_of(one.rules.remembered)
        assert said > 0
        kept = KeptRules(most_room=one.rules_room + one.rules.index.room + said // 2)
        kept.asks(facts, at=AT)
        assert not kept._idle

    def test_are_counted_while_another_thread_explains_a_verdict_by_them(self) -> None:
        askings: dict[tuple[str, str], Asking] = {}
        done = Event()

        def explain() -> None:
            for number in range(20_000):
                asking = askings.setdefault(("default", str(number % 500)), _asking())
                asking.said[number,] = None  # type: ignore[assignment]
            done.set()

        thread = Thread(target=explain)
        thread.start()
        while not done.is_set():
            assert room_of(askings) >= 0
        thread.join()
        assert room_of(askings) > 20_000


def _asking() -> Asking:
    return Asking("id", "subject", "title", "circle", "fallback", {})


FILES: dict[str, Callable[[int], bytes]] = {
    "a list": lambda n: b"k%d: [" % n + b"1," * 500 + b"1]\n",
    "mappings": lambda n: b"k%d: [" % n + b"{}," * 400 + b"1]\n",
    "keys": lambda n: b"k%d:\n" % n + b"".join(b"  k%d: v\n" % m for m in range(400)),
    "lists in lists": lambda n: b"k%d:\n" % n + b"- - - - - - - - - - - - 1\n" * 40,
}


class TestFiles:
    @pytest.mark.parametrize("text", FILES.values(), ids=FILES)
    def test_take_no_more_room_with_every_other_file(
        self, text: Callable[[int], bytes], grown: Callable[[], int]
    ) -> None:
        kept = KeptRules(most_read=ROOM // 3)

        def read(raw: bytes) -> Any:
            return lambda: YAML(raw, file="f")

        for raw in map(text, range(10)):
            kept.source("policy", {"f": raw}, read(raw))
        assert grown() < (ROOM + SLACK) // 3

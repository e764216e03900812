"""Saved facts: the verdict on them is the verdict of then, and no facts from outside break the decision."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from builders_facts import AT, a_signoff, some_facts
from builders_rich_facts import rich_facts
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.canonical import canonical_bytes
from gate.core.change.facts import Facts
from gate.core.change.personal import UnsealError
from gate.core.change.sealing import (
    SealedFacts,
    content_salt,
    erase,
    facts_file_bytes,
    parse_facts_file,
    seal,
    settle,
    unseal,
)
from gate.core.decide import decide
from gate.core.explain.annotations import annotations
from gate.core.explain.json import parse_verdict, verdict_bytes
from gate.core.explain.markdown import markdown
from gate.core.explain.terminal import terminal

BASES = (
    some_facts(signoffs=(a_signoff("alice"),)),
    rich_facts(),
    rich_facts(problems=(), signoffs=(a_signoff("alice"), a_signoff("bob", "reject", reason="no"))),
)
TEXTS = ("", "a", "alice", "github:1001", "*", "**", "[", "\\", "/", "@x", "@@x", "@a/b", "payments", AT, "none", "5m")


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Holder and key of every value of a tree that no personal value hangs on."""
    for key in tree if isinstance(tree, dict) else range(len(tree)):
        value = tree[key]
        if not (isinstance(value, str) and "sealed" in value):
            yield tree, key
        if isinstance(value, dict | list):
            yield from places(value)


def spoil(value: Any, data: st.DataObject) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return data.draw(st.sampled_from([0, -1, 1, 10**9, value + 1]))
    if isinstance(value, str):
        return data.draw(st.sampled_from(TEXTS))
    if isinstance(value, list):
        return data.draw(st.sampled_from([[], value + value[:1], value[1:]]))
    return data.draw(st.sampled_from([None, True, "a", 1, [], {}]))


def show_everywhere(facts: Facts) -> None:
    verdict = decide(facts, at=AT)
    assert terminal(verdict)
    assert markdown(verdict)
    assert annotations(verdict)
    assert verdict_bytes(parse_verdict(verdict_bytes(verdict))) == verdict_bytes(verdict)


class TestReplay:
    @pytest.mark.parametrize("facts", BASES, ids=["plain", "rich", "vetoed"])
    def test_gives_the_verdict_of_then_byte_for_byte(self, facts: Facts) -> None:
        settled, sealed = settle(facts, salt=content_salt(facts))
        again, at = parse_facts_file(facts_file_bytes(sealed, AT))
        assert verdict_bytes(decide(again, at=at)) == verdict_bytes(decide(settled, at=AT))

    @pytest.mark.parametrize("facts", BASES, ids=["plain", "rich", "vetoed"])
    def test_does_not_depend_on_the_salt(self, facts: Facts) -> None:
        verdicts = set()
        for salt in (b"1", b"2", b"3"):
            verdict = decide(settle(facts, salt=salt)[0], at=AT)
            verdicts.add(verdict_bytes(dataclasses.replace(verdict, facts="")))
        assert len(verdicts) == 1

    @pytest.mark.parametrize("facts", BASES, ids=["plain", "rich", "vetoed"])
    def test_of_erased_facts_still_gives_a_verdict_that_is_no_more_lenient(self, facts: Facts) -> None:
        sealed = seal(facts, salt=b"1")
        gone: SealedFacts = erase(sealed, sealed.personal)
        before, after = decide(facts, at=AT), decide(unseal(gone.content, gone.personal), at=AT)
        assert after.state != "approved" or before.state == "approved"
        show_everywhere(unseal(gone.content, gone.personal))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_facts_from_outside_are_refused_or_judged_and_never_break(data: st.DataObject) -> None:
    sealed = seal(replace(data.draw(st.sampled_from(BASES)), digest=""), salt=b"1")
    tree = json.loads(sealed.content)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(places(tree))))
        holder[key] = spoil(holder[key], data)
    try:
        facts = unseal(canonical_bytes(tree), sealed.personal)
    except UnsealError:
        return
    show_everywhere(facts)

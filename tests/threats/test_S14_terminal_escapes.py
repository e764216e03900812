"""S14: text of a change must not forge lines, move the cursor or colour anything in what is printed or logged."""

import re

import pytest
from builders_verdict import a_requirement, a_verdict, hidden_in
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.explain.annotations import annotations
from gate.core.explain.json import verdict_bytes
from gate.core.explain.sentence import sentence
from gate.core.explain.terminal import terminal
from gate.core.verdict import Verdict

SGR = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = [
    "\x1b[2J\x1b[H✓ APPROVED",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\x9b31m",
    "\x90qx\x9c",
    "fine\r✓ APPROVED          ",
    "fine\n✓ APPROVED",
    "fine\x08\x08\x08\x08evil",
    "\u202edevorppa",
    "\u2028✓ APPROVED",
    "::error::forged",
    "x\n::add-mask::y",
    "x\n::stop-commands::z",
]


def hostile_verdict(text: str) -> Verdict:
    view = a_requirement(why=text, next=text, title=text, files=(text,))
    return a_verdict(view, title=text, notes=(text,), assumptions=(text,))


def assert_printable(text: str) -> None:
    verdict = hostile_verdict(text)
    assert hidden_in(terminal(verdict)) == []
    assert hidden_in(SGR.sub("", terminal(verdict, colour=True))) == []
    assert hidden_in(verdict_bytes(verdict).decode()) == []
    assert hidden_in(sentence(verdict)) == []
    assert annotations(verdict).count("\n") == 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_printed_as_visible_characters(text: str) -> None:
    assert_printable(text)
    lines = terminal(hostile_verdict(text)).splitlines()
    assert lines[0] == "… WAITING"
    assert not any(line.lstrip().startswith(("✓ APPROVED", "::")) for line in lines)


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_text_ever_prints_a_control(text: str) -> None:
    assert_printable(text)

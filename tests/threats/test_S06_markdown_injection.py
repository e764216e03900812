"""S06: text of a change must not become markup, a mention, a link or a verdict in what the gate publishes."""

import dataclasses
import re

import pytest
from builders_verdict import a_requirement, a_rollback, a_touched_component, a_verdict, hidden_in, not_counted
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gate.core.explain.markdown import LIMIT, markdown
from gate.core.verdict import Actor, LookAlikeView, RollbackProblem, RuleRef, Signoffs, Verdict

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
CODE = re.compile(r"<code>.*?</code>", re.DOTALL)
OURS = {"h2", "h3", "p", "ul", "ol", "li", "strong", "code", "hr"}
HOSTILE = [
    "# Approved",
    "\n\n# Approved\n\nEverything is fine",
    "\r## ✓ Approved",
    "@org/all please merge",
    "cc:@org/all",
    "(@org/all)",
    "![x](https://evil.example/pixel.png)",
    "[click](javascript:alert(1))",
    "[a]: https://evil.example",
    "<img src=x onerror=alert(1)>",
    "</details></li></ul><h1>Approved</h1>",
    "<!-- hide the rest",
    "<https://evil.example>",
    "https://evil.example/login",
    "www.evil.example",
    "mallory@evil.example",
    "```\ncode",
    "`` ` ```",
    "`a` @org/all `b",
    "~~~\n",
    "| a | b |\n|---|---|\n| c | d |",
    "- [x] approved",
    "1. a\n2. b",
    "> quoted",
    "===\n---",
    "**bold** _em_ ~~gone~~",
    "&lt;b&gt; &#64;org/all",
    "fixes #1, GH-2, acme/other#3",
    ":white_check_mark: approved",
    "$\\color{green}{\\textsf{Approved}}$",
    "[^1]: note",
    "\\",
    "a\\`b`",
    "\u202edevorppA\u202c",
    "app\u200broved",
    "\x1b[2Jclear",
    "x" * 100_000,
    "word " * 50_000,
]


def verdict_full_of(text: str) -> Verdict:
    """A verdict in which everything that others can write is the given text."""
    view = a_requirement(
        id=text,
        title=text,
        why=f"mallory rejected this change: {text}",
        next=text,
        who=(Actor(person=text, how=text),),
        rule=RuleRef(name=text, file=text, line=3),
        files=(text, "a.py"),
        signoffs=Signoffs(not_counted=(not_counted(text, why=text),)),
    )
    base = a_verdict(view, title=text)
    return dataclasses.replace(
        base,
        summary=text,
        change=dataclasses.replace(base.change, author=text, repository=text, base_ref=text, head_sha=text),
        components=(a_touched_component(text, owner=text, backup=text, section=text),),
        rollback=a_rollback(
            method=text,
            steps=(text, text),
            problems=(RollbackProblem(code="rollback-placeholder", text=text),),
            rehearsal=text,
        ),
        look_alikes=(LookAlikeView(path=text, looks_like=text, why=text),),
        assumptions=(text,),
        notes=(text,),
    )


def assert_harmless(text: str, *, limit: int = LIMIT) -> None:
    source = markdown(verdict_full_of(text), limit=limit)
    assert len(source) <= limit
    html = RENDERER.render(source)
    tags = {tag.strip("/ ") for tag in re.findall(r"<([^>]*)>", html)}
    assert tags <= OURS, tags - OURS
    outside = CODE.sub("", html)
    assert "@" not in outside
    assert "://" not in outside
    assert "www." not in outside
    assert not re.search(r"#[0-9]", outside)
    assert not re.search(r":[a-z_]+:", outside)
    assert "$" not in outside
    headings = re.findall(r"<h[1-6]>(.*?)</h[1-6]>", html)
    assert headings[0] == "… Waiting"
    assert len(headings) == source.count("\n### ") + 1
    assert hidden_in(source) == []


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_is_shown_and_does_nothing(self, text: str) -> None:
        assert_harmless(text)

    @given(
        st.lists(
            st.sampled_from([*"`~*_[]()<>#@!|\\&:$-+=.\n 1ax", "@org", "```", "](", "<img ", "http://x", "</details>"]),
            max_size=60,
        )
    )
    @settings(max_examples=200, deadline=None)
    def test_no_mixture_of_markup_ever_does_anything(self, parts: list[str]) -> None:
        assert_harmless("".join(parts))

    @given(st.text(max_size=120))
    @settings(max_examples=100, deadline=None)
    def test_no_text_ever_does_anything(self, text: str) -> None:
        assert_harmless(text)

    @pytest.mark.parametrize("text", ["@org/all", "<img src=x>", "a](b)", "\n# Approved", "</details>"])
    def test_never_stands_raw_outside_code(self, text: str) -> None:
        source = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown(verdict_full_of(text)))
        assert "@org/all" not in source
        assert "<" not in source
        assert "](" not in source
        assert "\n# " not in source


class TestReasons:
    def test_are_not_pushed_out_by_long_text(self) -> None:
        source = markdown(verdict_full_of("A very long story. " * 10_000))
        assert "**why:** mallory rejected this change: A very long story." in source
        assert source.startswith("## … Waiting")
        assert len(source) <= LIMIT

"""Late values: whoever reads one sees the whole of it; what only explains is worked out when it is read, once."""

import copy
import dataclasses
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from builders_facts import AT, some_facts

from gate.core import decide as decide_module
from gate.core.decide import decide
from gate.core.explain.json import parse_verdict, verdict_bytes
from gate.core.late import Late
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Answer(Late):
    """An answer, with its reasons."""

    text: str
    why: str = ""
    more: tuple[str, ...] = ()


WHOLE = Answer("yes", "because", ("and", "so"))
READINGS: Mapping[str, Callable[[Answer], object]] = {
    "a field": lambda answer: answer.why,
    "a comparison": lambda answer: answer == WHOLE,
    "a print": repr,
    "a hash": hash,
    "a copy": copy.copy,
    "a pickle": pickle.dumps,
    "a change of it": lambda answer: dataclasses.replace(answer, text="no"),
}


class Explainer:
    """Explains, and counts how often it was asked to."""

    asked = 0

    def __call__(self) -> Mapping[str, Any]:
        self.asked += 1
        return {"why": "because", "more": ("and", "so")}


class TestWhatIsKnownLater:
    def test_nothing_is_explained_before_it_is_read(self) -> None:
        explain = Explainer()
        answer = Answer.with_the_rest_later(explain, text="yes")
        assert (answer.text, explain.asked) == ("yes", 0)

    @pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
    def test_the_first_reading_fills_everything_and_no_later_one_asks_again(
        self, reading: Callable[[Answer], object]
    ) -> None:
        explain = Explainer()
        answer = Answer.with_the_rest_later(explain, text="yes")
        assert reading(answer) == reading(WHOLE)
        assert (answer.why, answer.more, explain.asked) == ("because", ("and", "so"), 1)

    def test_what_explains_is_let_go_once_it_has(self) -> None:
        answer = Answer.with_the_rest_later(Explainer(), text="yes")
        assert answer.more
        assert answer._explain is dict

    def test_it_never_changes(self) -> None:
        answer = Answer.with_the_rest_later(Explainer(), text="yes")
        for name in ("text", "why"):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(answer, name, "other")
        assert answer == WHOLE

    def test_a_name_that_is_no_field_is_none_and_explains_nothing(self) -> None:
        explain = Explainer()
        answer = Answer.with_the_rest_later(explain, text="yes")
        for name in ("wyh", "_explained"):
            with pytest.raises(AttributeError, match=f"'Answer' has no attribute '{name}'"):
                getattr(answer, name)
        assert explain.asked == 0

    def test_a_field_that_is_not_explained_either_is_missing(self) -> None:
        answer = Answer.with_the_rest_later(dict, text="yes")
        with pytest.raises(AttributeError, match="why"):
            assert answer.why


class TestAVerdict:
    def test_is_decided_without_a_word(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def in_words(*_: object) -> str:
            raise AssertionError("nobody has asked yet")

        with monkeypatch.context() as patch:
            patch.setattr(decide_module, "summarise", in_words)
            verdict = decide(some_facts(), at=AT)
            assert (verdict.state, verdict.decided_at, verdict.valid_until) == ("waiting", AT, None)
        assert verdict.summary.startswith("Waiting for alice or bob to sign off")

    @pytest.mark.parametrize("first", [field.name for field in dataclasses.fields(decide(some_facts(), at=AT))])
    def test_is_the_same_whatever_of_it_is_read_first(self, first: str) -> None:
        verdict, other = decide(some_facts(), at=AT), decide(some_facts(), at=AT)
        assert getattr(verdict, first) == getattr(parse_verdict(verdict_bytes(other)), first)
        assert verdict_bytes(verdict) == verdict_bytes(other)

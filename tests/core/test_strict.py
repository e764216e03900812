"""Strict models: described in one place, read by pydantic, and nothing of it built before a file is read."""

import copy
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from gate.core.ownership.records import Away, Contact, PersonRecord, QuietHours
from gate.core.policy.model import Condition, Policy, Requirement, Rule
from gate.core.strict import Strict, reader_of


class TestWhatIsRead:
    @pytest.mark.parametrize(
        ("text", "wrong"),
        [
            ('{"version": 1, "colour": "red"}', "colour"),
            ('{"version": "1"}', "version"),
            ('{"version": 1, "rules": [{"name": "r", "require": {}}]}', "asks for nothing"),
            ('{"version": 1, "rules": [{"name": "r", "when": {}, "require": {"escalation": true}}]}', "say something"),
            ('{"version": 1, "sources": []}', "sources"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, text: str, wrong: str) -> None:
        with pytest.raises(ValidationError, match=wrong):
            Policy.model_validate_json(text)

    def test_a_model_may_hold_itself_and_go_by_another_name(self) -> None:
        read = Condition.model_validate_json('{"not": {"any": [{"paths": ["/a"]}, {"tier": [1]}]}}')

        assert type(read) is type(read.not_) is Condition
        assert read.not_ is not None
        assert read.not_.any == (Condition(paths=("/a",)), Condition(tier=(1,)))
        assert read.model_fields_set == {"not_"}

    def test_what_is_made_by_hand_is_checked_as_well(self) -> None:
        contact = Contact(channel="email", to="a@example.com")

        assert PersonRecord(contacts=(contact,)).contacts == (contact,)
        with pytest.raises(ValidationError, match="channel"):
            Contact(channel="smoke", to="a")  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="from"):
            QuietHours(to="08:00")  # type: ignore[call-arg]


class TestWhatAModelIs:
    RULE = Rule(name="r", require=Requirement(escalation=True))

    def test_it_never_changes(self) -> None:
        with pytest.raises(AttributeError, match="never changes"):
            self.RULE.name = "s"  # type: ignore[misc]

    def test_a_copy_knows_what_was_said(self) -> None:
        changed = self.RULE.model_copy(update={"when": Condition(signed=True)})

        assert (self.RULE.when, changed.when) == (None, Condition(signed=True))
        assert changed.model_fields_set == {"name", "require", "when"}
        assert changed != self.RULE

    def test_what_is_equal_counts_once(self) -> None:
        assert len({self.RULE, Rule(name="r", when=None, require=Requirement(escalation=True))}) == 1

    def test_it_is_copied_and_sent_to_other_processes(self) -> None:
        assert pickle.loads(pickle.dumps(self.RULE)) == copy.deepcopy(self.RULE) == self.RULE  # noqa: S301

    def test_it_is_written_under_the_names_of_the_file(self) -> None:
        away = Away.model_validate_json('{"from": "2026-11-30", "to": "2026-12-05"}')
        written = away.model_dump(mode="json", by_alias=True)

        assert written == {"from": "2026-11-30", "to": "2026-12-05", "stand_in": None}
        assert written == reader_of(Away)(**{"from": away.from_, "to": away.to}).model_dump(mode="json", by_alias=True)


class TestWhenItIsBuilt:
    def test_describing_models_imports_no_pydantic(self) -> None:
        code = (
            "import sys, gate.core.policy.model as m; m.built_in_policy().model_copy(update={}); "
            "sys.exit('pydantic' in sys.modules)"
        )
        root = Path(__file__).parents[2]
        assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0

    def test_two_at_once_get_one_reader(self) -> None:
        class Inner(Strict):
            """A part."""

            size: int

        class Outer(Strict):
            """A whole."""

            inner: Inner

        start = threading.Barrier(4)
        found: list[type[BaseModel]] = []

        def build() -> None:
            start.wait()
            found.append(reader_of(Outer))

        threads = [threading.Thread(target=build) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(set(found)) == 1
        assert Outer(inner=Inner(size=1)).inner == Inner(size=1)

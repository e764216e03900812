"""What people read when a file does not fit its format; every sentence is asserted whole."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.adapters.files.yaml_documents import load_yaml
from gate.core.documents import Document
from gate.core.errors import Fault, InvalidFileError
from gate.core.ownership.records import OwnershipRecords
from gate.core.policy.model import Policy
from gate.core.policy.scenario import ScenarioCases
from gate.core.validation import nearest, shown, validate_document

HOW_LONG = "write a length of time: `15m`, `4h`, `30d`, `2w`"
JARGON = ("Input", "input", "pydantic", "validation", "str_", "dict", "tuple", "NoneType", "literal", "[key]", "type=")


def faults_of(model: Any, text: str) -> list[str]:
    try:
        validate_document(model, load_yaml(text.encode(), file="f"))
    except InvalidFileError as error:
        found = [str(fault) for fault in error.faults]
        assert not [word for word in JARGON for line in found if word in line], found
        return found
    return []


def policy_faults(text: str) -> list[str]:
    return faults_of(Policy, f"version: 1\n{text}")


def records_faults(text: str) -> list[str]:
    return faults_of(OwnershipRecords, f"version: 1\n{text}")


class TestWrongTypes:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (
                "default_owner: 7",
                "f:2:16: `default_owner` takes text, but this is a whole number (write a team or person of",
            ),
            ("default_owner: [a]", "f:2:16: `default_owner` takes text, but this is a list"),
            ("default_owner: {a: b}", "f:2:16: `default_owner` takes text, but this is a mapping"),
            ("default_owner: true", "f:2:16: `default_owner` takes text, but this is true or false"),
            ("branches: main", 'f:2:11: `branches` takes a list, but this is text (write `["main"]`)'),
            (
                "branches: [main, 7]",
                'f:2:18: an item of `branches` takes text, but this is a whole number (put it in quotes: `"7"`)',
            ),
            (
                "signoffs: [owner]",
                "f:2:11: `signoffs` takes a mapping, but this is a list (write `key: value` pairs below it)",
            ),
            ("roles: [dba]", "f:2:8: `roles` takes a mapping, but this is a list"),
            ("signoffs: {each_component: two}", "f:2:28: `each_component` takes a whole number, but this is text"),
            (
                'signoffs: {each_component: "2"}',
                "f:2:28: `each_component` takes a whole number, but this is text (write `2` without quotes)",
            ),
            ("signoffs: {each_component: true}", "f:2:28: `each_component` takes a whole number, but this is true or"),
            ("rollback: {required: yes}", "f:2:22: `required` takes true or false, but this is text (write `true`)"),
            ("rollback: {required: no}", "f:2:22: `required` takes true or false, but this is text (write `false`)"),
            ("rollback: {required: 1}", "f:2:22: `required` takes true or false, but this is a whole number"),
            ("rules:", "f:2:7: `rules` takes a list, but this is nothing"),
        ],
    )
    def test_the_wanted_and_the_found_kind_are_named(self, line: str, said: str) -> None:
        (found,) = policy_faults(line)
        assert found.startswith(said)

    @pytest.mark.parametrize(("text", "kind"), [("", "nothing"), ("[]", "a list"), ("hello", "text"), ("7", "a whole")])
    def test_a_file_that_is_no_mapping_is_told_as_a_whole(self, text: str, kind: str) -> None:
        (found,) = faults_of(Policy, text)
        assert found.startswith(f"f:1:1: the file holds {kind}")

    def test_a_day_is_asked_for_by_example(self) -> None:
        text = 'components: [{name: a, owner: b, reviewed: "2026-13-45"}, {name: c, owner: d, reviewed: 7}]'
        assert records_faults(text) == [
            "f:2:44: `2026-13-45` is no date (write one such as 2026-10-01)",
            "f:2:89: `reviewed` takes a date such as 2026-10-01, but this is a whole number",
        ]


class TestKeys:
    def test_an_unknown_key_is_told_with_the_nearest_known_one(self) -> None:
        assert policy_faults("defualt_owner: a") == [
            "f:2:1: `defualt_owner` is not a key of this file (did you mean `default_owner`?)"
        ]

    def test_far_from_everything_the_known_keys_are_listed(self) -> None:
        assert policy_faults("tickets: {xyz: 1}") == [
            "f:2:11: `xyz` is not a key of `tickets` (it knows `required`, `kinds`, `state`, `min`)"
        ]

    def test_keys_of_nested_conditions_are_known(self) -> None:
        text = "rules: [{name: r, when: {any: [{pathes: [a]}]}, require: {escalation: true}}]"
        assert policy_faults(text) == ["f:2:33: `pathes` is not a key of a condition (did you mean `paths`?)"]

    def test_a_word_that_python_escapes_is_shown_as_yaml_has_it(self) -> None:
        text = "rules: [{name: r, when: {nto: {risk: [low]}}, require: {escalation: true}}]"
        assert policy_faults(text) == ["f:2:26: `nto` is not a key of `when` (did you mean `not`?)"]

    def test_a_missing_key_is_told_at_what_lacks_it(self) -> None:
        assert records_faults("components:\n  - paths: [/a/]") == [
            "f:3:5: a component lacks the key `name` (add `name: ...`)",
            "f:3:5: a component lacks the key `owner` (add `owner: ...`)",
        ]

    def test_a_key_that_is_no_name_is_told_at_the_key(self) -> None:
        (found,) = records_faults("people:\n  al ice: {name: Alice}")
        assert found == "f:3:3: `al ice` cannot stand here (write a name: letters, digits, . _ / -)"

    def test_a_bad_key_hides_no_fault_of_its_value(self) -> None:
        found = records_faults("people:\n  al ice: 7")
        assert [line.partition(": ")[2][:10] for line in found] == ["`al ice` c", "`al ice` t"]

    def test_a_hostile_key_is_escaped_and_cut(self) -> None:
        (found,) = policy_faults('"\\e[31m' + "x" * 900 + '": 1')
        assert found.startswith("f:2:1: `\\u{1b}[31mxxx")
        assert len(found) < 600


class TestValues:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("unowned: blok", "f:2:10: `blok` is no value of `unowned` (did you mean `block`?)"),
            ("unowned: xyz", "f:2:10: `xyz` is no value of `unowned` (write one of block, allow)"),
            ("version: 2", "f:1:10: `2` is no value of `version` (write 1)"),
            ('version: "1"', "f:1:10: `version` takes `1`, but this is text (write `1` without quotes)"),
            (
                "rules: [{name: r, require: {escalation: false}}]",
                "f:2:41: `false` is no value of `escalation` (write true)",
            ),
            (
                "rules: [{name: r, require: {rollback: {allow: [undo]}}}]",
                "f:2:48: `undo` is no value of an item of `allow` (write one of revert, redeploy-previous,",
            ),
            (
                "rules: [{name: r, require: {signoffs: {boss: 1}}}]",
                "f:2:40: `boss` cannot stand here (write `owner`, `backup`, `transfer`, `role:R`, `team:T` or",
            ),
            (
                "emergency: {label: x, signoffs: {owner: 1}, review_within: soon}",
                "f:2:60: `soon` does not fit `review_within` (write a length of time: `15m`, `4h`, `30d`, `2w`)",
            ),
            ("signoffs: {each_component: 0}", "f:2:28: `each_component` is 0 (write at least 1)"),
            ("signoffs: {each_component: 101}", "f:2:28: `each_component` is 101 (write at most 100)"),
            ("rollback: {max_restore_minutes: 0}", "f:2:33: `max_restore_minutes` is 0 (write more than 0)"),
            ("branches: []", "f:2:11: `branches` is empty (write at least one, or leave the key out)"),
            ('branches: [""]', "f:2:12: an item of `branches` is empty (write at least one, or leave the key out)"),
            (f"branches: [{'x' * 4001}]", "f:2:12: an item of `branches` is too long (at most 4000)"),
            (
                "freezes: [{name: F}]",
                "f:2:11: an item of `freezes`: a freeze has either `from` and `to`, or a `calendar`",
            ),
        ],
    )
    def test_what_may_be_written_instead_is_said(self, line: str, said: str) -> None:
        text = line if line.startswith("version") else f"version: 1\n{line}"
        (found,) = faults_of(Policy, text)
        assert found.startswith(said)


class TestValuesOfSeveralForms:
    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (
                "7 days",
                "f:2:26: `7 days` does not fit `expire_after` (write a length of time: `15m`, `4h`, `30d`, `2w`)",
            ),
            ("7", f"f:2:26: `expire_after` takes text, but this is a whole number ({HOW_LONG})"),
        ],
    )
    def test_one_fault_is_told_for_a_length_of_time_or_a_word(self, value: str, said: str) -> None:
        assert policy_faults(f"signoffs: {{expire_after: {value}}}") == [said]

    def test_a_mapping_that_was_meant_is_not_called_a_wrong_text(self) -> None:
        text = "cases: [{name: a, change: {files: [{path: a, lines: -1, statsu: added}]}, expect: {state: approved}}]"
        assert faults_of(ScenarioCases, f"version: 1\n{text}") == [
            "f:2:53: `lines` is -1 (write at least 0)",
            "f:2:57: `statsu` is not a key of a file (did you mean `status`?)",
        ]

    def test_a_wrong_word_is_not_called_a_wrong_mapping(self) -> None:
        text = "cases: [{name: a, change: {files: [a], rollback: nonne}, expect: {state: approved}}]"
        assert faults_of(ScenarioCases, f"version: 1\n{text}") == [
            "f:2:50: `nonne` is no value of `rollback` (did you mean `none`?)"
        ]

    def test_a_list_with_a_wrong_item_is_not_called_empty(self) -> None:
        assert policy_faults("sources: [codeowner]") == [
            "f:2:11: `codeowner` is no value of an item of `sources` (did you mean `codeowners`?)"
        ]


class TestPatterns:
    """Whatever has to fit a pattern is described, for editors and for whoever is told that it does not."""

    @pytest.mark.parametrize("model", [OwnershipRecords, Policy, ScenarioCases])
    def test_every_one_is_described(self, model: Any) -> None:
        def lacking(part: Any, said: str, path: str) -> list[str]:
            if isinstance(part, list):
                return [one for item in part for one in lacking(item, said, path)]
            if not isinstance(part, dict):
                return []
            said = str(part.get("description", said))
            found = [path] if "pattern" in part and not said else []
            keys = part if path.endswith(("/properties", "/$defs")) else {**part, "default": 0}
            return found + [one for key, item in keys.items() for one in lacking(item, said, f"{path}/{key}")]

        definitions = model.model_json_schema(by_alias=True)["$defs"]
        found = [
            one
            for name, kind in definitions.items()
            for key, field in kind.get("properties", {}).items()
            for one in lacking(field, "", f"{name}.{key}")
        ]
        assert found == []

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("people: {a: {github: '@a'}}", "(write a login at GitHub without `@`: `octocat`)"),
            ("people: {a: {email: a}}", "(write a mail address: `alice@example.com`)"),
            ("teams: {t: {github_team: '@acme/t'}}", "(write a team of GitHub without `@`: `organisation/team`)"),
        ],
    )
    def test_what_does_not_fit_is_told_with_what_does(self, text: str, said: str) -> None:
        (found,) = records_faults(text)
        assert found.endswith(said)


class TestHowMany:
    def test_all_faults_are_told_sorted(self) -> None:
        found = policy_faults("a: 1\nunowned: x\nb: 1\nbranches: 7")
        assert [line.split(":")[1] for line in found] == ["2", "3", "4", "5"]

    def test_at_most_a_hundred_are_told(self) -> None:
        assert len(policy_faults("\n".join(f"k{number}: 1" for number in range(1000)))) == 100


class TestHelpers:
    def test_the_nearest_word_is_near(self) -> None:
        assert nearest("ownr", ["owner", "backup"]) == "did you mean `owner`?"
        assert nearest("zzz", ["owner", "backup"]) == ""
        assert nearest("", []) == ""

    def test_a_value_is_shown_escaped_and_cut(self) -> None:
        assert shown("a\nb\u202e`") == "a\\u{a}b\\u{202e}`"
        assert shown("x" * 100) == "x" * 60 + "..."
        assert shown({"a": [1, None]}) == '{"a": [1, null]}'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*Policy.model_fields, *OwnershipRecords.model_fields, "cases"])


class TestAnything:
    @given(st.dictionaries(KEYS, JSON, max_size=4), st.sampled_from([Policy, OwnershipRecords, ScenarioCases]))
    @settings(max_examples=200, deadline=None)
    def test_any_value_anywhere_gives_a_model_or_sentences_never_a_crash(self, data: Any, model: Any) -> None:
        for fault in _faults(model, Document("f", data)):
            assert fault.message
            assert fault.line >= 1
            assert "\n" not in fault.message


def _faults(model: Any, document: Document) -> Sequence[Fault]:
    try:
        validate_document(model, document)
    except InvalidFileError as error:
        return error.faults
    return ()

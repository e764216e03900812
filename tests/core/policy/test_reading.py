"""A policy that does not fit together is refused with every fault at its line."""

import time

import pytest
from builders_facts import an_ownership

from gate.adapters.files.yaml_documents import load_yaml
from gate.bootstrap import readers
from gate.core.documents import Document
from gate.core.errors import InvalidFileError
from gate.core.ownership.registry import Ownership
from gate.core.policy.reading import check_policy, parse_policy

CHECKS = readers().policy_checks


def document(text: str) -> Document:
    return load_yaml(f"version: 1\n{text}".encode(), file="p")


def said(text: str, ownership: Ownership | None = None) -> list[str]:
    return [f"{fault.severity}: {fault}" for fault in check_policy(document(text), checks=CHECKS, ownership=ownership)]


def a_rule(when: str = "", require: str = "escalation: true", name: str = "r") -> str:
    condition = f"when: {{{when}}}, " if when else ""
    return f"rules: [{{name: {name}, {condition}require: {{{require}}}}}]"


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            "rules: [{name: x, require: {escalation: true}}, {name: x, require: {escalation: true}}]",
            "freezes: [{name: x, calendar: a.ics}, {name: x, calendar: b.ics}]",
            (
                "standard_changes: [{name: x, when: {risk: [low]}, approved_by: a, until: 2027-01-01}, "
                "{name: x, when: {risk: [low]}, approved_by: a, until: 2027-01-01}]"
            ),
        ],
    )
    def test_two_of_a_kind_do_not_share_one(self, text: str) -> None:
        (found,) = said(text)
        assert found.startswith("error: p:2:")
        assert "is named `x` (rename one of them)" in found


class TestRoles:
    @pytest.mark.parametrize(
        ("text", "column"),
        [
            ("signoffs: {from: [owner, role:dbb]}", 26),
            ("signoffs: {veto: [owner, role:dbb]}", 26),
            (a_rule(require="signoffs: {role:dbb: 1}"), None),
            (a_rule(require="any_of: [{escalation: true}, {signoffs: {role:dbb: 1}}]"), None),
            (a_rule(when="author_in: [role:dbb]"), None),
            (a_rule(when="not: {any: [{author_in: [role:dbb]}]}"), None),
            ("emergency: {label: x, signoffs: {role:dbb: 1}}", None),
            ("emergency: {label: x, signoffs: {owner: 1}, set_by: [role:dbb]}", None),
            ("standard_changes: [{name: s, when: {author_in: [role:dbb]}, approved_by: a, until: 2027-01-01}]", None),
        ],
    )
    def test_that_are_used_are_defined(self, text: str, column: int | None) -> None:
        found = [line for line in said(f"{text}\nroles: {{dba: [alice]}}") if line.startswith("error")]
        assert [line.partition(": the")[2] for line in found] == [" role `dbb` is not defined (did you mean `dba`?)"]
        assert column is None or found[0].startswith(f"error: p:2:{column}:")

    def test_the_built_in_one_needs_no_definition(self) -> None:
        assert said("signoffs: {veto: [role:security]}") == []


class TestPeople:
    @pytest.mark.parametrize(
        "text",
        [
            "default_owner: paymnts",
            "policy_owner: paymnts",
            "roles: {dba: [team:paymnts]}",
            "roles: {dba: [paymnts]}",
            "signoffs: {from: [owner, team:paymnts]}",
            "signoffs: {veto: [person:paymnts]}",
            a_rule(require="signoffs: {team:paymnts: 1}"),
            "standard_changes: [{name: s, when: {labels: [x]}, approved_by: paymnts, until: 2027-01-01}]",
        ],
    )
    def test_are_those_of_the_records_where_there_are_some(self, text: str) -> None:
        assert said(text) == [], "without ownership nobody is unknown"
        (found,) = said(text, an_ownership())
        assert "`paymnts` is no team or person of the records (did you mean `payments`?)" in found

    @pytest.mark.parametrize("text", ["default_owner: payments", "default_owner: '@acme/web'", "roles: {d: ['@zed']}"])
    def test_known_ones_and_accounts_of_the_forge_are_fine(self, text: str) -> None:
        assert said(text, an_ownership()) == []


class TestFreezes:
    def test_are_in_a_time_zone_that_exists(self) -> None:
        (found,) = said("freezes: [{name: f, from: 2026-12-01, to: 2026-12-02, timezone: Europe/Berln}]")
        assert found.startswith("error: p:2:65: there is no time zone `Europe/Berln`")
        assert said("freezes: [{name: f, from: 2026-12-01, to: 2026-12-02, timezone: Europe/Berlin}]") == []

    def test_end_after_they_begin(self) -> None:
        (found,) = said("freezes: [{name: f, from: 2026-12-02T10:00, to: 2026-12-01T10:00}]")
        assert found == "error: p:2:49: the freeze ends before it begins (swap the times)"

    @pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31T10:00"])
    def test_are_of_days_that_can_be_reckoned_with(self, day: str) -> None:
        found = said(f'freezes: [{{name: f, from: "{day}", to: "2026-12-01"}}]')
        assert [line.partition(": ")[2].partition(": ")[2] for line in found] == [
            f"`{day}` is no date or time that exists (write one such as 2026-12-18 or 2026-12-18T18:00)"
        ]

    def test_are_compared_as_text_only_where_neither_has_an_offset(self) -> None:
        assert said('freezes: [{name: f, from: "2026-12-01T02:00+05:00", to: "2026-12-01T01:00Z"}]') == []


class TestPatterns:
    @pytest.mark.parametrize("key", ["paths", "only_paths"])
    def test_of_paths_can_be_read(self, key: str) -> None:
        found = [line for line in said(a_rule(when=f"{key}: [/ok/, '/a/[bc]']")) if line.startswith("error")]
        assert len(found) == 1
        assert "the pattern `/a/[bc]` cannot be used" in found[0]

    def test_of_flags_can_be_read(self) -> None:
        (found,) = said("rollback: {flag_paths: ['/a/[bc]']}")
        assert found.startswith("error: p:2:25: the pattern")

    @pytest.mark.parametrize("pattern", ["(", "a(?=b)", "(a)\\\\1", "a{9999}", "x" * 1001])
    def test_of_titles_are_re2(self, pattern: str) -> None:
        (found,) = said(a_rule(when=f'title: "{pattern}"'))
        assert found.startswith("error: p:2:33: the pattern")
        assert "RE2 syntax has no look-around or back-references" in found


class TestRulesThatVanish:
    def test_are_a_warning_that_refuses_nothing(self) -> None:
        text = a_rule(when="not: {paths: [/web/]}")
        (found,) = said(text)
        assert found.startswith("warning: p:2:")
        assert "this rule stops applying when more is changed" in found
        assert parse_policy(document(text), checks=CHECKS).policy.rules[0].name == "r"


class TestStandardChangesThatSpread:
    MODEL = "standard_changes: [{name: s, when: {%s}, approved_by: '@alice', until: 2027-01-01}]"

    @pytest.mark.parametrize(
        "when",
        [
            "paths: [/docs/]", "touches: [submodule]", "files_changed: '>1'", "lines_changed: '=4'",
            "labels: [x], any: [{paths: [/docs/]}]", "all: [{signed: true}, {paths: [/docs/]}]",
        ],
    )  # fmt: skip
    def test_are_a_warning_that_refuses_nothing(self, when: str) -> None:
        (found,) = said(self.MODEL % when)
        assert found.startswith("warning: p:2:")
        assert "this standard change begins to apply when more is changed" in found
        assert parse_policy(document(self.MODEL % when), checks=CHECKS).policy.standard_changes[0].name == "s"

    @pytest.mark.parametrize(
        "when",
        [
            "only_paths: [/docs/]", "only_paths: [/docs/], paths: [/docs/a]", "tier: [4]", "files_changed: '<4'",
            "all: [{only_paths: [/docs/]}, {touches: [symlink]}]",
        ],
    )  # fmt: skip
    def test_are_none_where_every_file_or_component_must_be_such(self, when: str) -> None:
        assert said(self.MODEL % when) == []


class TestRisk:
    @pytest.mark.parametrize(("levels", "count"), [("medium_from: 5", 1), ("high_from: 2", 1), ("high_from: 3", 0)])
    def test_has_its_levels_in_order(self, levels: str, count: int) -> None:
        assert len(said(f"risk: {{{levels}}}")) == count


class TestParsing:
    def test_all_faults_come_at_once_sorted(self) -> None:
        parts = [a_rule(require="signoffs: {role:b: 1}"), "signoffs: {from: [role:a]}"]
        text = "\n".join([*parts, "freezes: [{name: f, calendar: x, timezone: No}]"])
        with pytest.raises(InvalidFileError) as raised:
            parse_policy(document(text), checks=CHECKS)
        assert [fault.line for fault in raised.value.faults] == [2, 3, 4]

    def test_every_part_knows_its_line(self) -> None:
        rules = "rules:\n  - name: x\n    require: {escalation: true}\n  - name: y\n    require: {escalation: true}\n"
        others = "roles:\n  dba:\n    - a\nfreezes:\n  - {name: f, calendar: c}\n"
        text = f"default_owner: a\nsignoffs:\n  from: [owner]\n{rules}{others}"
        parsed = parse_policy(document(text), checks=CHECKS)
        assert parsed.file == "p"
        assert parsed.lines == {
            "default_owner": 2,
            "signoffs": 3,
            "rules/0": 6,
            "rules/1": 8,
            "roles": 10,
            "roles/dba": 11,
            "freezes/0": 14,
        }

    def test_a_document_that_is_no_policy_is_refused(self) -> None:
        for text in ("", "[]", "version: 1\nrules: 7"):
            with pytest.raises(InvalidFileError):
                parse_policy(load_yaml(text.encode(), file="p"), checks=CHECKS)


class TestHostileSizes:
    def test_thousands_of_unknown_names_take_bounded_time(self) -> None:
        rules = "\n".join(
            f"  - {{name: r{number}, require: {{signoffs: {{role:rolle-{number}: 1, team:t{number}: 1}}}}}}"
            for number in range(3000)
        )
        roles = "\n".join(f"  role-{number}: [alice]" for number in range(3000))
        policy = document(f"rules:\n{rules}\nroles:\n{roles}\n")
        begun = time.perf_counter()
        assert len(check_policy(policy, checks=CHECKS, ownership=an_ownership())) == 6000
        assert time.perf_counter() - begun < 20

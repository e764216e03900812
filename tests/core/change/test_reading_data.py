"""Data: `yaml gate` blocks and `.gate/changes/*.yaml`."""

import pytest
from builders_declaration import codes_of, declared

from gate.core.change.declaration import Window

_SPEC = b"""\
change: {type: normal, risk: medium, environments: [production], affects: [ledger-db], tickets: [INC-1234],
         window: {from: 2026-12-01T10:00Z, hours: 1}}
rollback: {method: manual, steps: [redeploy tag 1.2.3], verification: error rate below 0.1 %, restore_minutes: 15,
           data_impact: none, command: null, flag: null, artifact: null, backup: null, data_loss_minutes: null,
           reason: null}
"""
_PATH = ".gate/changes/ledger.yaml"


def _problems(text: str) -> list[tuple[str, int, str]]:
    return [(one.code, one.line, one.text) for one in declared(files=[(_PATH, text.encode())]).problems]


class TestAFile:
    def test_of_the_published_shape_is_understood_whole(self) -> None:
        found = declared(files=[(_PATH, _SPEC)])
        assert not found.problems
        assert (found.change_type, found.risk, found.environments) == ("normal", "medium", ("production",))
        assert (found.affects, found.tickets) == (("ledger-db",), ("INC-1234",))
        assert found.window == Window("2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z")
        plan = found.rollback
        assert (plan.method, plan.steps, plan.restore_minutes) == ("manual", ("redeploy tag 1.2.3",), 15)
        assert (plan.verification, plan.data_impact, plan.command) == ("error rate below 0.1 %", "none", None)
        assert (plan.source, plan.line, plan.lines["method"]) == (_PATH, 3, 3)
        assert found.sources == (_PATH,)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("rollbck: {}", ("declaration-unknown-key", 1, "`rollbck` is no key here; did you mean `rollback`?")),
            (
                "rollback:\n  method: revert\n  time_to_restore: 5",
                ("declaration-unknown-key", 3, "`time_to_restore` is no key here; did you mean `restore_minutes`?"),
            ),
            (
                "change: {colour: red}",
                (
                    "declaration-unknown-key",
                    1,
                    "`colour` is no key here; known keys are type, risk, environments, affects, tickets, window.",
                ),
            ),
            (
                "rollback: {method: Revert}",
                ("declaration-invalid", 1, "`method` is `Revert`; did you mean `revert`?"),
            ),
            (
                "change:\n  tickets: [77]",
                ("declaration-invalid", 2, "`tickets` must be a list of texts, and holds `77`; put it in quotes."),
            ),
            (
                "change: {tickets: INC-1}",
                ("declaration-invalid", 1, "`tickets` must be a list of texts, and is a text."),
            ),
            (
                "rollback: {restore_minutes: 1h}",
                (
                    "declaration-invalid",
                    1,
                    "`restore_minutes` is `1h`; it must be whole minutes from 1 to 527,040, as a number.",
                ),
            ),
            (
                "rollback: {restore_minutes: true}",
                (
                    "declaration-invalid",
                    1,
                    "`restore_minutes` is `True`; it must be whole minutes from 1 to 527,040, as a number.",
                ),
            ),
            (
                "change: {window: {from: 2026-12-01T10:00, hours: 1}}",
                (
                    "declaration-invalid",
                    1,
                    "`window` cannot be read: its `from` is `2026-12-01T10:00`; write an instant with its zone",
                ),
            ),
            (
                "change: {window: {from: 2026-12-01T10:00Z, hours: 0}}",
                (
                    "declaration-invalid",
                    1,
                    "`window` cannot be read: its `hours` is `0`; write whole hours",
                ),
            ),
            (
                "[1, 2]",
                ("declaration-invalid", 1, "The declaration must hold keys (change, rollback), and is a list."),
            ),
            ("rollback: revert", ("declaration-invalid", 1, "`rollback` must hold keys")),
        ],
    )
    def test_what_is_wrong_is_named_with_its_line_and_the_next_step(
        self, text: str, problem: tuple[str, int, str]
    ) -> None:
        [(code, line, why)] = _problems(text)
        assert (code, line) == problem[:2]
        assert why.startswith(problem[2])

    def test_all_faults_are_named_and_not_only_the_first(self) -> None:
        assert len(_problems("change: {type: x, risk: y}\nrollback: {methodx: z}\n")) == 3

    @pytest.mark.parametrize("value", ["TBD", "'...'", '"[describe it]"'])
    def test_placeholders_are_none_of_the_plan_here_either(self, value: str) -> None:
        found = declared(files=[(_PATH, f"rollback: {{method: manual, verification: {value}}}".encode())])
        assert found.rollback.verification is None
        assert codes_of(found) == ["rollback-placeholder"]

    @pytest.mark.parametrize("raw", [b"", b"# nothing\n", b"change: null\n", b"change: {}\nrollback: {}\n"])
    def test_an_empty_one_states_nothing(self, raw: bytes) -> None:
        assert declared(files=[(_PATH, raw)]).sources == ()

    @pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"a: &x 1\nb: *x\n", b"a: 1\na: 2\n", b"[" * 5000])
    def test_what_is_no_plain_yaml_is_a_problem_that_blocks(self, raw: bytes) -> None:
        assert set(codes_of(declared(files=[(_PATH, raw)]))) == {"declaration-invalid"}

    def test_lone_surrogates_do_no_harm(self) -> None:
        found = declared(files=[(_PATH, rb'rollback: {method: manual, steps: ["turn it off \ud800"]}')])
        said = repr(found.rollback)
        assert "\\ud800" not in said


class TestABlock:
    def test_its_lines_are_those_of_the_body(self) -> None:
        found = declared("Hello\n\n```yaml gate\nchange:\n  risk: low\nrollback:\n  method: revert\n```\n")
        assert found.sources == ("body block",)
        assert found.lines == {"risk": 5}
        assert (found.rollback.line, found.rollback.lines) == (6, {"method": 7})

    def test_the_line_of_what_is_no_yaml_is_that_of_the_body(self) -> None:
        found = declared("Hello\n\n```yaml gate\nchange: {}\nrollback: [\n```\n")
        [problem] = found.problems
        assert (problem.code, problem.source, problem.blocks) == ("declaration-invalid", "body block", True)
        assert problem.line in {5, 6}

    @pytest.mark.parametrize("info", ["yaml", "gate", "yaml gatex", "json gate", ""])
    def test_other_blocks_are_none(self, info: str) -> None:
        assert declared(f"```{info}\nrollback: {{method: revert}}\n```\n").rollback is None

    def test_one_in_a_quote_does_not_count(self) -> None:
        assert declared("> ```yaml gate\n> rollback: {method: revert}\n> ```\n").rollback is None

    def test_more_than_ten_are_a_problem(self) -> None:
        block = "```yaml gate\nchange: {risk: low}\n```\n"
        assert codes_of(declared(block * 11)) == ["declaration-invalid"]

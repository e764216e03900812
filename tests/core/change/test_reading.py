"""Several sources, and what they make together."""

import dataclasses

from builders_declaration import codes_of, declared
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.reading import combine
from gate.core.change.reading_statements import MAX_PROBLEMS, Reading

_BODY = "## Change\n- Risk: low\n\n## Rollback plan\n- Method: revert\n"


def _file(text: str, path: str = ".gate/changes/x.yaml") -> tuple[str, bytes]:
    return path, text.encode()


class TestSourcesThatAgree:
    def test_they_are_one_declaration(self) -> None:
        found = declared(_BODY, files=[_file("change: {risk: low}\nrollback: {method: revert}\n")])
        assert not found.problems
        assert (found.risk, found.rollback.method) == ("low", "revert")
        assert found.sources == ("body", ".gate/changes/x.yaml")

    def test_case_and_blanks_are_no_disagreement(self) -> None:
        body = "## Rollback plan\n- Method: manual\n- Verification: Error  rate is low.\n"
        found = declared(body, files=[_file("rollback: {verification: error rate is low}\n")])
        assert not found.problems


class TestSourcesThatComplementOneAnother:
    def test_the_plan_is_put_together(self) -> None:
        found = declared(_BODY, files=[_file("rollback: {restore_minutes: 15}\n")])
        assert not found.problems
        assert (found.rollback.method, found.rollback.restore_minutes) == ("revert", 15)

    def test_lines_are_those_of_the_source_that_is_named(self) -> None:
        found = declared(_BODY, files=[_file("\n\nrollback: {restore_minutes: 15}\n")])
        assert (found.rollback.source, found.rollback.line) == ("body", 4)
        assert found.rollback.lines == {"method": 5}

    def test_an_untouched_template_beside_a_file_is_no_problem(self) -> None:
        body = "## Rollback plan\n- Method:\n- Steps:\n  1.\n"
        found = declared(body, files=[_file("rollback: {method: revert}\n")])
        assert not found.problems
        assert found.rollback.source == ".gate/changes/x.yaml"

    def test_tickets_in_two_places_of_the_body_add_up(self) -> None:
        found = declared("## Change\n- Tickets: INC-1\n\n## Related issues\nFixes #77\n")
        assert found.tickets == ("INC-1", "#77")
        assert not found.problems


class TestSourcesThatDisagree:
    def test_the_problem_names_both_places_and_neither_value_is_taken(self) -> None:
        found = declared(_BODY, files=[_file("change:\n  risk: high\n")])
        assert found.risk is None
        [problem] = found.problems
        assert problem.code == "declaration-conflict"
        assert problem.blocks
        assert problem.text == (
            "Risk is `low` in the body (line 2) and `high` in `.gate/changes/x.yaml` (line 2); keep one of them."
        )

    def test_body_and_block_of_one_body_are_two_sources(self) -> None:
        found = declared(_BODY + "\n```yaml gate\nrollback: {method: manual}\n```\n")
        assert found.rollback.method is None
        assert codes_of(found) == ["declaration-conflict"]
        assert "the body (line 5)" in found.problems[0].text
        assert "the body block (line 8)" in found.problems[0].text

    def test_two_files_are_two_sources(self) -> None:
        files = [_file("change: {type: standard}"), _file("change: {type: normal}", ".gate/changes/y.yaml")]
        found = declared(files=files)
        assert codes_of(found) == ["declaration-conflict"]
        assert found.change_type == "normal"

    def test_a_type_that_would_relax_is_never_chosen(self) -> None:
        found = declared("## Change\n- Type: emergency\n- Type: normal\n")
        assert found.change_type == "normal"
        assert codes_of(found) == ["declaration-conflict"]

    def test_of_names_all_are_kept_since_they_only_ask_for_more(self) -> None:
        found = declared("## Change\n- Affects: a\n", files=[_file("change: {affects: [b]}")])
        assert found.affects == ("a", "b")
        assert codes_of(found) == ["declaration-conflict"]

    def test_the_same_steps_in_another_order_are_another_plan(self) -> None:
        body = "## Rollback plan\n- Steps:\n  1. stop it\n  2. start it\n"
        found = declared(body, files=[_file("rollback: {steps: [start it, stop it]}")])
        assert codes_of(found) == ["declaration-conflict"]
        assert found.rollback.steps == ()

    _VALUES = st.sampled_from(["low", "medium", "high"])

    @settings(max_examples=60)
    @given(st.lists(st.lists(_VALUES, max_size=3), max_size=4))
    def test_a_value_is_taken_only_where_all_who_state_one_state_it(self, stated: list[list[str]]) -> None:
        readings = []
        for number, values in enumerate(stated):
            reading = Reading(f"source {number}")
            for value in values:
                reading.state("risk", value, 1)
            readings.append(reading)
        every = {value for values in stated for value in values}
        found = combine(readings)
        assert found.risk == (every.pop() if len(every) == 1 else None)
        assert bool(codes_of(found)) == (len({v for values in stated for v in values}) > 1)


class TestWithoutADeclaration:
    def test_everything_has_its_default(self) -> None:
        found = declared(None)
        assert dataclasses.asdict(found) == dataclasses.asdict(combine([]))
        assert (found.change_type, found.risk, found.rollback, found.problems) == ("normal", None, None, ())


class TestHowManyProblemsAreListed:
    def test_what_only_informs_never_crowds_out_what_blocks(self) -> None:
        reading = Reading("body")
        for line in range(500):
            reading.not_understood("x", line)
        reading.report("declaration-invalid", "y", 501)
        assert len(reading.problems) == MAX_PROBLEMS + 2
        assert [problem.line for problem in reading.problems if problem.blocks] == [501]
        assert "not listed" in reading.problems[MAX_PROBLEMS].text

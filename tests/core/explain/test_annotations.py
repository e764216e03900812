"""Annotations: workflow commands on the files that brought a requirement in."""

import pytest
from builders_verdict import a_met_requirement, a_requirement, a_verdict, hidden_in
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.explain.annotations import annotations


class TestWhatIsPrinted:
    def test_names_file_title_and_next_step(self) -> None:
        assert annotations(a_verdict()) == (
            "::notice file=services/payments/round.py,line=1,title=Waiting%3A Sign-off for payments-api"
            "::Nobody of payments has signed off yet. Ask alice or bob to sign off.\n"
        )

    @pytest.mark.parametrize(
        ("state", "level"),
        [("error", "error"), ("rejected", "error"), ("needs-author", "error"), ("frozen", "warning")],
    )
    def test_the_level_follows_the_state(self, state: str, level: str) -> None:
        assert annotations(a_verdict(a_requirement(state=state))).startswith(f"::{level} ")

    def test_a_trial_only_notes(self) -> None:
        printed = annotations(a_verdict(a_requirement(state="error"), enforcement="evaluate"))
        assert printed.startswith("::notice ")

    def test_an_approved_change_has_one_notice(self) -> None:
        printed = annotations(a_verdict(a_met_requirement()))
        assert printed == (
            "::notice title=Sign-off gate%3A approved::Approved: the one requirement is met; it can be merged.\n"
        )

    def test_at_most_ten_the_weightiest_first_and_the_rest_is_counted(self) -> None:
        views = [a_requirement() for _ in range(30)] + [a_requirement(state="rejected", why="No.")]
        lines = annotations(a_verdict(*views)).splitlines()
        assert len(lines) == 10
        assert lines[0].startswith("::error ")
        assert lines[-1].endswith("::22 further requirements are not met; see the summary.")

    def test_ten_fit_without_a_count(self) -> None:
        lines = annotations(a_verdict(*(a_requirement() for _ in range(10)))).splitlines()
        assert len(lines) == 10
        assert "further" not in lines[-1]


@given(st.text(), st.text(min_size=1))
@settings(max_examples=150, deadline=None)
def test_no_text_ever_becomes_a_command_of_its_own(why: str, path: str) -> None:
    printed = annotations(a_verdict(a_requirement(why=why, title=why, files=(path, "a.py"))))
    assert printed.count("\n") == 1
    assert hidden_in(printed) == []
    properties = printed.removeprefix("::notice ").partition("::")[0]
    assert properties.count(",") == 2
    assert properties.count(":") == 0

"""Markdown: which text counts, for which key, and what is said about the rest."""

import pytest
from builders_declaration import codes_of, declared, plan_of, problems_of


class TestWhichHeadingsCount:
    @pytest.mark.parametrize(
        "heading",
        [
            "# Rollback",
            "###### ROLLBACK PLAN",
            "## Roll-back plan:",
            "## 3. Rollback Plan (required)",
            "## 🔙 Rollback plan",
            "## Backout plan",
            "## Back-out Plan",
            "## Revert plan",
            "## How to roll back?",
            "## Rollback _strategy_",
            "Rollback plan\n---",
            "**Rollback plan**\n",
            "__Rollback plan:__\n",
            "Rollback plan:\n",
            "## [Rollback plan](https://wiki.example.com/rollback)",
        ],
    )
    def test_whatever_its_level_case_and_punctuation(self, heading: str) -> None:
        assert plan_of(f"{heading}\n- Method: revert\n").method == "revert"

    def test_the_line_is_that_of_the_heading(self) -> None:
        assert plan_of("Hello\n\n\n## Rollback plan\n\n- Method: revert\n").line == 4

    @pytest.mark.parametrize(
        ("heading", "near"),
        [("## Rolback plan", "Rollback plan"), ("## Rollbak", "Rollback"), ("## Backout plam", "Backout plan")],
    )
    def test_a_near_miss_is_named(self, heading: str, near: str) -> None:
        [problem] = problems_of(f"Hi\n\n{heading}\n- Method: revert\n", "not-understood")
        assert problem.line == 3
        assert problem.text == f"`{heading[3:]}`: did you mean `{near}`?"
        assert not problem.blocks

    def test_a_near_miss_says_why_there_is_no_plan_unless_there_is_one(self) -> None:
        body = "## Rolback plan\n- Method: revert\n"
        [problem] = problems_of(body, "rollback-missing")
        assert problem.text == "There is no rollback plan; `Rolback plan`: did you mean `Rollback plan`?"
        assert codes_of(declared(f"{body}\n## Rollback plan\n- Method: revert\n")) == []

    def test_other_headings_end_the_plan(self) -> None:
        assert plan_of("## Rollback plan\n- Method: revert\n## Testing\n- Verification: by hand\n").verification is None

    def test_other_headings_are_no_near_misses(self) -> None:
        assert not declared("## Summary\n\n## Testing\n\n## Screenshots\n\n## Rollout\n\n## Changes\n").problems

    def test_a_plan_in_a_list_under_no_heading_does_not_count_and_that_is_said(self) -> None:
        found = declared("Checklist\n\n- Rollback: revert it\n")
        assert found.rollback is None
        assert [(problem.code, problem.line, problem.blocks) for problem in found.problems] == [
            ("not-understood", 3, False),
            ("rollback-missing", 3, True),
        ]

    def test_a_plan_in_one_line_ends_with_its_paragraph(self) -> None:
        plan = plan_of("Rollback: turn the flag off\nReviewed-by: Bob\n\nDeploy it on Monday.\n")
        assert plan.steps == ("turn the flag off",)

    def test_type_and_risk_under_no_heading_do_not_count_and_that_is_said(self) -> None:
        found = declared("Risk: low\n")
        assert found.risk is None
        assert [problem.code for problem in found.problems] == ["not-understood"]


class TestWhichKeysCount:
    @pytest.mark.parametrize(
        "line",
        [
            "- Time to restore: 15 minutes",
            "* time-to-restore: PT15M",
            "+ TIME TO RESTORE : 15min",
            "Time to restore: 15 minutes",
            "**Time to restore**: 15 minutes",
            "- **Time to restore:** 15 minutes",
            "- `Time to restore`: 15 minutes",
            "1. Restore time: 15 minutes",
            "- [x] Time to restore: 15 minutes",
            "- Time to restore\uff1a 15 minutes",
            "- Time to restore:\n  15 minutes",
            "- Time to restore:\n  - 15 minutes",
            "Time to restore:\n\n15 minutes",
            "### Time to restore\n15 minutes",
            "**Time to restore**\n\n15 minutes",
            "| Time to restore | 15 minutes |\n|---|---|",
        ],
    )
    def test_however_they_are_written(self, line: str) -> None:
        assert plan_of(f"## Rollback plan\n\n{line}\n").restore_minutes == 15

    def test_lines_of_one_paragraph_are_a_key_each(self) -> None:
        plan = plan_of("## Rollback\nMethod: redeploy previous\nArtifact: shop:1.2\nTime to restore: 1h\n")
        assert (plan.method, plan.artifact, plan.restore_minutes) == ("redeploy-previous", "shop:1.2", 60)
        assert plan.lines == {"method": 2, "artifact": 3, "restore_minutes": 4}

    def test_a_line_that_goes_on_belongs_to_the_text_before(self) -> None:
        plan = plan_of("## Rollback\n- Method: revert\n- Verification: error rate\n  below 0.1 %\n- Flag: x\n")
        assert plan.verification == "error rate below 0.1 %"

    def test_a_misspelt_key_is_named_and_swallowed_by_no_other(self) -> None:
        body = "## Rollback\nVerification: the graphs\nTime to restre: 5 min\nMethod: revert\n"
        assert plan_of(body).verification == "the graphs"
        [problem] = problems_of(body, "not-understood")
        assert (problem.line, problem.text) == (3, "`Time to restre`: did you mean `Time to restore`?")

    def test_a_misspelt_heading_within_the_plan_is_named(self) -> None:
        [problem] = problems_of("## Rollback\nMethod: revert\n\n### Verificaton\nlook at it\n", "not-understood")[:1]
        assert (problem.line, problem.text) == (4, "`Verificaton`: did you mean `Verification`?")

    def test_an_unknown_key_is_named_and_blocks_nothing(self) -> None:
        [problem] = declared("## Change\n- Type: normal\n- Approver: bob\n").problems
        assert (problem.code, problem.line, problem.blocks) == ("not-understood", 3, False)

    def test_text_beside_the_keys_is_named(self) -> None:
        [problem] = declared("## Rollback\n- Method: revert\n\nThen tell everybody.\n").problems
        assert (problem.code, problem.line, problem.blocks) == ("not-understood", 4, False)

    def test_a_link_gives_its_text_where_a_name_is_asked_for(self) -> None:
        plan = plan_of("## Rollback\n- Method: feature flag\n- Flag: [new-checkout](https://flags.example.com/9)\n")
        assert plan.flag == "new-checkout"


class TestSteps:
    @pytest.mark.parametrize(
        "steps",
        [
            "- Steps:\n  1. stop it\n  2. start it",
            "- Steps:\n  - stop it\n  - start it",
            "- Steps:\n1. stop it\n2. start it",
            "Steps:\n1. stop it\n2. start it",
            "Steps:\n\n- stop it\n- start it",
            "- Steps: stop it\n  - start it",
            "### Steps\n1. stop it\n2. start it",
            "### Rollback steps\n1. stop it\n2. start it",
            "**Steps**\n1. stop it\n2. start it",
            "Steps:\nstop it\nstart it",
            "- Steps:\n  - [x] stop it\n  - [ ] boil the sea\n  - start it",
            "1. stop it\n2. start it",
        ],
    )
    def test_however_they_are_listed(self, steps: str) -> None:
        plan = plan_of(f"## Rollback\n- Method: manual\n\n{steps}\n")
        assert plan.steps == ("stop it", "start it")

    def test_a_single_line_is_a_step(self) -> None:
        assert plan_of("## Rollback\n- Steps: redeploy the previous tag\n").steps == ("redeploy the previous tag",)

    def test_code_within_a_step_belongs_to_it(self) -> None:
        plan = plan_of("## Rollback\n- Steps:\n  1. Run\n     ```\n     make undo\n     ```\n  2. Look\n")
        assert plan.steps == ("Run\nmake undo", "Look")

    def test_keys_within_a_step_are_its_text(self) -> None:
        plan = plan_of("## Rollback\n- Method: manual\n- Steps:\n  1. Deploy: the old tag\n  2. Verification: look\n")
        assert plan.steps == ("Deploy: the old tag", "Verification: look")
        assert plan.verification is None

    def test_a_key_right_below_the_last_step_is_a_key(self) -> None:
        plan = plan_of("## Rollback\nMethod: manual\nSteps:\n1. stop it\n2. start it\nVerification: look\n")
        assert (plan.steps, plan.verification) == (("stop it", "start it"), "look")
        assert plan.lines["verification"] == 6

    def test_a_link_shows_where_it_leads(self) -> None:
        plan = plan_of("## Rollback\n- Steps: follow [the runbook](https://wiki.example.com/a)\n")
        assert plan.steps == ("follow the runbook <https://wiki.example.com/a>",)

    def test_more_than_fifty_are_a_problem(self) -> None:
        steps = "".join(f"  - step number {number}\n" for number in range(51))
        assert codes_of(declared(f"## Rollback\n- Method: manual\n- Steps:\n{steps}")) == ["declaration-invalid"]


class TestProse:
    @pytest.mark.parametrize(
        "text",
        [
            "Revert this PR and redeploy.",
            "We can simply revert the commit; nothing is migrated.",
            "If errors go up, turn the flag `x` off.",
            "In case of trouble we redeploy version 1.2.",
            "Can be undone by reverting the merge commit.",
            "- git revert the merge\n- deploy",
            "The flag can be turned off in the console.",
            "Nothing is migrated, so revert the merge.",
            "Roll-back the release: `helm rollback web 3`",
        ],
    )
    def test_it_is_a_manual_plan_where_it_says_what_to_do(self, text: str) -> None:
        plan = plan_of(f"## Rollback\n{text}\n")
        assert (plan.method, plan.is_prose) == ("manual", True)
        assert plan.steps

    @pytest.mark.parametrize(
        "text",
        [
            "This is safe.",
            "The change is small and low risk.",
            "It cannot be rolled back.",
            "Do not revert this.",
            "It is not possible to roll back.",
            "The change is safe.",
            "Same as last time.",
        ],
    )
    def test_it_is_none_where_it_says_nothing_to_do(self, text: str) -> None:
        found = declared(f"## Rollback\n{text}\n")
        assert found.rollback is None
        assert codes_of(found) == ["rollback-missing"]
        assert found.problems[0].line == 2

    @pytest.mark.parametrize(("text", "method"), [("Revert", "revert"), ("Feature flag.", "feature-flag")])
    def test_the_bare_name_of_a_method_is_that_method(self, text: str, method: str) -> None:
        plan = plan_of(f"## Rollback\n{text}\n")
        assert (plan.method, plan.is_prose) == (method, False)


class TestCheckBoxes:
    def test_an_unticked_one_does_not_count_and_that_is_said(self) -> None:
        found = declared("## Rollback\n- [ ] Method: revert\n")
        assert found.rollback is None
        assert ("unticked", 2, False) in [(one.code, one.line, one.blocks) for one in found.problems]

    def test_what_is_nested_in_an_unticked_one_does_not_count_either(self) -> None:
        assert declared("## Rollback\n- [ ] Plan\n  - Method: revert\n").rollback is None

    def test_the_ticked_choice_counts_and_the_others_are_no_problem(self) -> None:
        found = declared("## Type of change\n- [ ] Standard\n- [X] Emergency\n")
        assert found.change_type == "emergency"
        assert not found.problems

    def test_two_ticked_choices_are_a_conflict(self) -> None:
        found = declared("## Type of change\n- [x] Standard\n- [x] Emergency\n")
        assert found.change_type == "normal"
        assert codes_of(found) == ["declaration-conflict"]


class TestValuesThatCannotBeRead:
    @pytest.mark.parametrize(
        ("line", "text"),
        [
            ("- Type: regular", "Type: `regular` is no type; write `standard`, `normal` or `emergency`."),
            ("- Type: emergncy", "Type: `emergncy` is no type; did you mean `emergency`?"),
            ("- Risk: low / high", "Risk: `low / high` is no risk; write `low`, `medium` or `high`."),
            ("- Risk: low, medium or high", "Risk: `low, medium or high` is no risk; write"),
            ("- Type: normal; risk: low", "Type: `normal; risk: low` is no type; write"),
            ("- Type: standard | normal | emergency", "Type: `standard | normal | emergency` is no type; write"),
            ("- Window: tomorrow", "Window: `tomorrow` is no window; write a start with its zone and a length"),
            ("- Window: 2026-12-01T10:00 / 1h", "Window: `2026-12-01T10:00 / 1h` is no window"),
            ("- Window: 2026-12-01T10:00Z / 0h", "Window: `2026-12-01T10:00Z / 0h` is no window"),
            ("- Window: 9999-12-31T23:59Z / 2h", "Window: `9999-12-31T23:59Z / 2h` is no window"),
        ],
    )
    def test_the_author_is_told_with_the_line(self, line: str, text: str) -> None:
        [problem] = declared(f"## Change\n{line}\n").problems
        assert (problem.code, problem.line, problem.blocks) == ("declaration-invalid", 2, True)
        assert problem.text.startswith(text)

    def test_prose_under_a_heading_that_is_a_key_blocks_nothing(self) -> None:
        found = declared("## Risk\nThis touches payments, so have a close look.\n")
        assert found.risk is None
        assert codes_of(found) == []
        assert codes_of(found, blocking=False) == ["not-understood"]

    @pytest.mark.parametrize("value", ["low (docs only)", "LOW", "Low - nothing changes", "low risk", "`low`"])
    def test_a_remark_behind_a_choice_is_fine(self, value: str) -> None:
        assert declared(f"## Change\n- Risk: {value}\n").risk == "low"

    @pytest.mark.parametrize(
        ("value", "until"),
        [
            ("2026-12-01T10:00Z / 1h", "2026-12-01T11:00:00Z"),
            ("2026-12-01 10:00 UTC for 90 minutes", "2026-12-01T11:30:00Z"),
            ("2026-12-01T11:00+01:00 / PT1H", "2026-12-01T11:00:00Z"),
            ("2026-12-01T10:00Z to 2026-12-01T12:00Z", "2026-12-01T12:00:00Z"),
            ("2026-12-01T10:00:00Z/2026-12-01T10:30:00Z", "2026-12-01T10:30:00Z"),
        ],
    )
    def test_a_window_is_two_instants_in_utc(self, value: str, until: str) -> None:
        window = declared(f"## Change\n- Window: {value}\n").window
        assert (window.from_at, window.until_at) == ("2026-12-01T10:00:00Z", until)

    def test_a_text_beyond_its_bound_is_a_problem_and_never_cut(self) -> None:
        found = declared(f"## Rollback\n- Method: revert\n- Verification: {'a ' * 1001}\n")
        assert found.rollback.verification is None
        assert codes_of(found) == ["declaration-invalid"]

    def test_more_than_fifty_tickets_are_a_problem(self) -> None:
        tickets = ", ".join(f"INC-{number}" for number in range(51))
        assert codes_of(declared(f"## Change\n- Tickets: {tickets}\n")) == ["declaration-invalid"]

    def test_control_and_bidirectional_characters_are_kept_and_named(self) -> None:
        found = declared("## Rollback\n- Method: revert\n- Verification: safe \u202etxt.exe\n")
        assert found.rollback.verification == "safe \u202etxt.exe"
        [problem] = found.problems
        assert (problem.code, problem.line, problem.blocks) == ("declaration-suspicious-characters", 3, False)


class TestTickets:
    @pytest.mark.parametrize(
        ("value", "tickets"),
        [
            ("INC-1, INC-2", ("INC-1", "INC-2")),
            ("Fixes #12 and closes acme/shop#9", ("#12", "acme/shop#9")),
            ("[INC-1](https://tracker.example.com/INC-1)", ("INC-1",)),
            ("[the incident](https://tracker.example.com/INC-1)", ("https://tracker.example.com/INC-1",)),
            ("<https://tracker.example.com/INC-1>", ("https://tracker.example.com/INC-1",)),
            ("CHG0012345", ("CHG0012345",)),
            ("none", ()),
            ("n/a", ()),
            ("INC-1, INC-1", ("INC-1",)),
        ],
    )
    def test_however_they_are_written(self, value: str, tickets: tuple[str, ...]) -> None:
        found = declared(f"## Change\n- Tickets: {value}\n")
        assert found.tickets == tickets
        assert not found.problems

    def test_prose_under_a_heading_names_only_what_is_plainly_a_key(self) -> None:
        body = "## Related issues\n\nBroken in 2.3.1 for 3 users: OPS-12, acme/shop#9, CHG0012345 and PD:Q0ABC123.\n"
        assert declared(body).tickets == ("OPS-12", "acme/shop#9", "CHG0012345", "PD:Q0ABC123")

    @pytest.mark.parametrize("heading", ["Issue", "Environment", "Type", "Window"])
    def test_a_heading_that_announces_prose_is_no_key_on_its_own(self, heading: str) -> None:
        found = declared(f"## {heading}\nPython 3.11 on Linux, see OPS-1\n")
        assert (found.tickets, found.environments, found.problems) == ((), (), ())

    def test_within_the_change_the_same_heading_is_one(self) -> None:
        found = declared("## Change\n### Type\nStandard\n### Environment\nproduction\n")
        assert (found.change_type, found.environments) == ("standard", ("production",))

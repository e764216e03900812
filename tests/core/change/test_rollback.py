"""Whether a declared way back holds for a change, and the sentence its author reads if not."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from builders_facts import HEAD, a_component, a_plan
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.declaration import DeclarationProblem, RollbackPlan
from gate.core.change.facts import Finding, Rehearsal
from gate.core.change.migrations import FileContent, find_migrations
from gate.core.change.rollback import RollbackJudgement, judge_rollback
from gate.core.ownership.records import Playbook
from gate.core.ownership.registry import Component
from gate.core.policy.model import DEFAULT_ALLOWED, RollbackPolicy, RollbackRequirement

MIGRATION = Finding(
    "data-migration",
    "db/versions/8f1c_drop_iban.py",
    "Alembic",
    is_reversible=False,
    why="Alembic: `downgrade()` does nothing.",
)
REVERSIBLE = dataclasses.replace(MIGRATION, is_reversible=True, why="Alembic: `downgrade()` takes it back.")
UNKNOWN = dataclasses.replace(MIGRATION, is_reversible=None, why="Alembic: the file cannot be read.")
ARTIFACT = Finding("artifact", "pyproject.toml", "Python package", is_reversible=None, why="The version changes.")
DESTROY = Finding("infrastructure-destroy", "infra/db.tf", "Terraform", is_reversible=None, why="A resource goes.")
REMOVED = Finding("removed-public-api", "api/openapi.yaml", "OpenAPI", is_reversible=None, why="A path goes.")


def component(name: str = "payments-api", **fields: Any) -> Component:
    return a_component(name, "payments", f"/{name}/", **{"data_class": "internal", **fields}).component


def judge(plan: RollbackPlan | None, **given: Any) -> RollbackJudgement:
    defaults: dict[str, Any] = {
        "policy": RollbackPolicy(),
        "findings": (),
        "components": (component(),),
        "head_sha": HEAD,
    }
    return judge_rollback(plan, **{**defaults, **given})


def codes(judgement: RollbackJudgement) -> list[str]:
    return [problem.code for problem in judgement.problems]


def only_text(judgement: RollbackJudgement) -> str:
    assert len(judgement.problems) == 1, judgement.problems
    return judgement.problems[0].text


class TestWhetherAPlanIsAskedFor:
    def test_a_missing_plan_is_the_authors_to_write(self) -> None:
        judged = judge(None)
        assert judged.state == "needs-author"
        assert only_text(judged) == "There is no rollback plan."
        assert judged.next == "Write `Rollback plan:` and below it `- Method: revert`, or another method."

    def test_no_plan_is_fine_where_the_policy_asks_for_none(self) -> None:
        judged = judge(None, policy=RollbackPolicy(required=False))
        assert (judged.state, judged.method, judged.next) == ("met", None, "")

    def test_a_rule_asks_for_a_plan_even_where_the_policy_does_not(self) -> None:
        asked = judge(None, policy=RollbackPolicy(required=False), requirements=(RollbackRequirement(rehearsed=True),))
        assert codes(asked) == ["rollback-missing"]

    def test_a_plan_that_is_given_is_judged_even_where_none_is_asked_for(self) -> None:
        judged = judge(a_plan(), policy=RollbackPolicy(required=False), findings=(MIGRATION,))
        assert codes(judged) == ["revert-not-enough"]

    @pytest.mark.parametrize("code", ["rollback-template", "rollback-placeholder", "rollback-missing"])
    def test_what_the_reading_found_is_said_with_its_line_and_not_twice(self, code: str) -> None:
        problem = DeclarationProblem(code, "`TBD` is a placeholder, not a plan.", "body", 12)
        judged = judge(None, declaration_problems=(problem,))
        assert codes(judged) == [code]
        assert only_text(judged) == "`TBD` is a placeholder, not a plan (body:12)."

    def test_a_placeholder_is_no_problem_where_no_plan_is_asked_for(self) -> None:
        problem = DeclarationProblem("rollback-placeholder", "`n/a` is a placeholder.", "body", 12)
        assert judge(None, policy=RollbackPolicy(required=False), declaration_problems=(problem,)).state == "met"

    def test_two_plans_that_disagree_block_even_where_none_is_asked_for(self) -> None:
        problem = DeclarationProblem("rollback-ambiguous", "There are two rollback plans.", "body", 3)
        judged = judge(None, policy=RollbackPolicy(required=False), declaration_problems=(problem,))
        assert codes(judged) == ["rollback-ambiguous"]

    def test_problems_of_other_parts_of_the_declaration_are_not_the_plans(self) -> None:
        problem = DeclarationProblem("declaration-invalid", "`soon` is no time.", "body", 3)
        assert judge(a_plan(), declaration_problems=(problem,)).state == "met"

    def test_a_plan_without_a_method_is_not_one(self) -> None:
        assert only_text(judge(a_plan(method=None))) == (
            "The rollback plan (body:5) names no method; state `Method`, such as `revert`."
        )


class TestRevert:
    def test_it_is_enough_where_the_diff_holds_only_code(self) -> None:
        judged = judge(a_plan())
        assert (judged.state, judged.method, judged.restore_minutes, judged.problems) == ("met", "revert", 15, ())

    def test_it_is_not_enough_after_a_migration_and_says_which_file_makes_it_so(self) -> None:
        judged = judge(a_plan(), findings=(MIGRATION,))
        assert judged.state == "needs-author"
        assert only_text(judged) == (
            "`revert` (body:5) is not enough, because `db/versions/8f1c_drop_iban.py` (Alembic: `downgrade()` does "
            "nothing) is a data migration: taking back the code does not take back what it did to the data; declare "
            "`restore-backup` or `manual` instead."
        )

    def test_the_sentence_of_a_real_migration_names_its_file_and_why(self) -> None:
        path = "alembic/versions/0002_empty.py"
        seen = f"`{path}` (Alembic: `downgrade()` does nothing)"
        raw = (Path(__file__).parents[2] / "fixtures" / "migrations" / path).read_bytes()
        found = find_migrations([FileContent(path, "added", raw)])
        assert only_text(judge(a_plan(), findings=found)).startswith(
            f"`revert` (body:5) is not enough, because {seen} is a data migration: "
        )
        downgrade = judge(a_plan(method="migration-downgrade", command="alembic downgrade -1"), findings=found)
        assert only_text(downgrade) == (
            f"`migration-downgrade` (body:5) cannot take back {seen}; write the down step there, or declare "
            f"`restore-backup` or `manual`."
        )

    def test_a_reversible_migration_offers_its_down_step(self) -> None:
        assert "declare `migration-downgrade`, `restore-backup` or `manual` instead" in only_text(
            judge(a_plan(), findings=(REVERSIBLE,))
        )

    @pytest.mark.parametrize(
        ("finding", "said"),
        [(ARTIFACT, "publishes an artifact"), (DESTROY, "destroys infrastructure"), (REMOVED, "removes a public")],
    )
    def test_nor_after_anything_else_that_code_does_not_take_back(self, finding: Finding, said: str) -> None:
        text = only_text(judge(a_plan(), findings=(finding,)))
        assert finding.path in text
        assert said in text

    def test_only_methods_that_are_allowed_are_offered(self) -> None:
        policy = RollbackPolicy(allow=("revert", "manual"))
        assert only_text(judge(a_plan(), policy=policy, findings=(MIGRATION,))).endswith("declare `manual` instead.")

    def test_many_files_are_counted_not_listed(self) -> None:
        many = tuple(dataclasses.replace(MIGRATION, path=f"db/{number}.py") for number in range(40))
        text = only_text(judge(a_plan(), findings=many))
        assert "`db/2.py`" in text
        assert "`db/3.py`" not in text
        assert "and 37 more are data migrations" in text

    def test_a_path_that_would_deceive_the_eye_is_shown_escaped(self) -> None:
        evil = dataclasses.replace(MIGRATION, path="db/\u202egpj.py`\n# approved")
        text = only_text(judge(a_plan(), findings=(evil,)))
        assert "`db/\\u{202e}gpj.py'\\u{a}# approved`" in text


class TestRedeployPrevious:
    def test_it_needs_to_say_what_to_deploy(self) -> None:
        judged = judge(a_plan(method="redeploy-previous"))
        assert codes(judged) == ["artifact-missing"]
        assert judge(a_plan(method="redeploy-previous", artifact="shop:1.4.1")).state == "met"

    def test_the_playbook_of_every_component_says_it_as_well(self) -> None:
        has = component(rollback=Playbook(method="redeploy-previous"))
        assert judge(a_plan(method="redeploy-previous"), components=(has,)).state == "met"
        without = component("web")
        assert codes(judge(a_plan(method="redeploy-previous"), components=(has, without))) == ["artifact-missing"]
        assert codes(judge(a_plan(method="redeploy-previous"), components=())) == ["artifact-missing"]

    def test_it_does_not_take_back_a_migration_but_does_a_removed_interface(self) -> None:
        plan = a_plan(method="redeploy-previous", artifact="shop:1.4.1")
        assert codes(judge(plan, findings=(MIGRATION,))) == ["redeploy-not-enough"]
        assert judge(plan, findings=(REMOVED, ARTIFACT, DESTROY)).state == "met"


class TestFeatureFlag:
    def test_the_flag_is_named_and_found(self) -> None:
        plan = a_plan(method="feature-flag", flag="new-checkout")
        assert judge(plan, flag_found=True).state == "met"
        assert codes(judge(a_plan(method="feature-flag"), flag_found=True)) == ["flag-missing"]

    @pytest.mark.parametrize(("found", "said"), [(False, "does not occur"), (None, "could not be looked for")])
    def test_a_flag_that_was_not_seen_is_not_there(self, *, found: bool | None, said: str) -> None:
        judged = judge(a_plan(method="feature-flag", flag="new-checkout", lines={"flag": 9}), flag_found=found)
        assert codes(judged) == ["flag-not-found"]
        assert f"The flag `new-checkout` (body:9) {said}" in only_text(judged)


class TestMigrationDowngrade:
    def test_every_migration_must_have_a_down_step(self) -> None:
        plan = a_plan(method="migration-downgrade", command="alembic downgrade -1")
        assert judge(plan, findings=(REVERSIBLE,)).state == "met"
        judged = judge(plan, findings=(REVERSIBLE, MIGRATION))
        assert codes(judged) == ["migration-irreversible"]
        assert MIGRATION.path in only_text(judged)

    def test_what_cannot_be_told_is_not_a_down_step(self) -> None:
        plan = a_plan(method="migration-downgrade", command="alembic downgrade -1")
        assert codes(judge(plan, findings=(UNKNOWN,))) == ["migration-irreversible"]

    def test_it_names_the_tool_as_a_command_or_in_a_step(self) -> None:
        assert codes(judge(a_plan(method="migration-downgrade"))) == ["command-missing"]
        assert judge(a_plan(method="migration-downgrade", steps=("run alembic downgrade -1",))).state == "met"


class TestRestoreBackup:
    PLAN = a_plan(method="restore-backup", backup="hourly snapshot", data_loss_minutes=60)

    def test_it_names_the_backup_and_the_data_lost(self) -> None:
        assert judge(self.PLAN).state == "met"
        assert codes(judge(a_plan(method="restore-backup"))) == ["backup-missing", "data-loss-missing"]

    def test_the_strictest_data_class_sets_the_limit(self) -> None:
        secret = component("ledger", data_class="restricted")
        judged = judge(self.PLAN, components=(component(), secret))
        assert codes(judged) == ["data-loss-too-long"]
        assert only_text(judged) == (
            "`restore-backup` (body:5) loses 60 minutes of data, and ledger (data class `restricted`) allows 0 "
            "minutes; name a newer backup, or declare another method."
        )

    def test_data_of_no_known_class_counts_as_the_strictest(self) -> None:
        judged = judge(self.PLAN, components=(component(data_class=None),))
        assert "which has no `data_class` in the records, allows 0 minutes" in only_text(judged)
        exact = dataclasses.replace(self.PLAN, data_loss_minutes=0)
        assert judge(exact, components=(component(data_class=None),)).state == "met"
        assert codes(judge(self.PLAN, components=())) == ["data-loss-too-long"]


class TestForwardFix:
    PLAN = a_plan(method="forward-fix", reason="the old format cannot hold the new amounts")

    def test_it_is_not_allowed_unless_the_policy_says_so(self) -> None:
        judged = judge(self.PLAN)
        assert codes(judged) == ["method-not-allowed"]
        assert only_text(judged) == (
            "The method `forward-fix` (body:5) is not allowed here; declare `revert`, `redeploy-previous`, "
            "`feature-flag`, `migration-downgrade`, `restore-backup`, `manual` or `inherit`."
        )

    def test_it_says_why_there_is_no_way_back(self) -> None:
        policy = RollbackPolicy(allow=("forward-fix",))
        assert judge(self.PLAN, policy=policy).state == "met"
        assert codes(judge(a_plan(method="forward-fix"), policy=policy)) == ["reason-missing"]


class TestManual:
    def test_it_needs_steps_verification_and_time(self) -> None:
        assert judge(a_plan(method="manual")).state == "met"
        bare = a_plan(method="manual", steps=(), verification=None, restore_minutes=None)
        assert codes(judge(bare)) == ["steps-missing", "verification-missing", "restore-time-missing"]

    def test_a_step_of_dots_is_no_step(self) -> None:
        assert codes(judge(a_plan(method="manual", steps=("...", "  ")))) == ["steps-missing"]

    def test_prose_counts_only_where_the_policy_allows_prose(self) -> None:
        prose = a_plan(method="manual", is_prose=True, verification=None, restore_minutes=None)
        assert codes(judge(prose)) == ["method-not-allowed"]
        allowing = RollbackPolicy(allow=("prose",))
        assert judge(prose, policy=allowing).method == "manual"
        assert judge(prose, policy=allowing).state == "met"
        assert codes(judge(dataclasses.replace(prose, steps=()), policy=allowing)) == ["steps-missing"]


class TestInherit:
    PLAYBOOK = Playbook(method="manual", steps=("scale down",), verification="queue drains", restore_minutes=20)

    def test_every_touched_component_needs_a_playbook(self) -> None:
        has, lacks = component(rollback=self.PLAYBOOK), component("web")
        assert judge(a_plan(method="inherit"), components=(has,)).state == "met"
        judged = judge(a_plan(method="inherit"), components=(has, lacks))
        assert codes(judged) == ["playbook-missing"]
        assert "web has no rollback playbook" in only_text(judged)

    def test_there_is_nothing_to_inherit_where_no_component_is_touched(self) -> None:
        assert codes(judge(a_plan(method="inherit"), components=())) == ["playbook-missing"]

    def test_the_playbooks_own_method_is_checked_by_the_same_rules(self) -> None:
        has = component(rollback=Playbook(method="revert"))
        judged = judge(a_plan(method="inherit"), components=(has,), findings=(MIGRATION,))
        assert codes(judged) == ["revert-not-enough"]
        assert only_text(judged).startswith("`revert` (the playbook of payments-api, .gate/ownership.yaml:10) is not")

    def test_a_playbook_cannot_bring_in_a_method_that_is_not_allowed(self) -> None:
        has = component(rollback=Playbook(method="forward-fix"))
        judged = judge(a_plan(method="inherit", reason="none"), components=(has,))
        assert codes(judged) == ["method-not-allowed"]

    def test_a_playbook_that_inherits_leads_nowhere(self) -> None:
        has = component(rollback=Playbook(method="inherit"))
        assert codes(judge(a_plan(method="inherit"), components=(has,))) == ["playbook-circular"]

    def test_the_effective_method_and_the_longest_time_are_shown(self) -> None:
        one, two = component(rollback=self.PLAYBOOK), component("web", rollback=self.PLAYBOOK)
        judged = judge(a_plan(method="inherit", restore_minutes=None), components=(one, two))
        assert (judged.method, judged.restore_minutes) == ("manual", 20)
        untimed = component("job", rollback=Playbook(method="revert"))
        mixed = judge(a_plan(method="inherit", restore_minutes=None), components=(one, untimed))
        assert (mixed.method, mixed.restore_minutes) == ("inherit", None)


class TestWhatRulesAsk:
    def test_the_rule_that_narrowed_the_methods_is_named(self) -> None:
        asked = RollbackRequirement(allow=("feature-flag", "manual"))
        judged = judge(a_plan(), requirements=(asked,), asked_by=("`Tier 1` (.gate/policy.yaml:20)",))
        assert only_text(judged) == (
            "The method `revert` (body:5) is not allowed here; declare `feature-flag` or `manual` (narrowed by `Tier "
            "1` (.gate/policy.yaml:20))."
        )

    def test_rules_that_leave_nothing_in_common_allow_nothing(self) -> None:
        asked = (RollbackRequirement(allow=("revert",)), RollbackRequirement(allow=("manual",)))
        judged = judge(a_plan(), requirements=asked, asked_by=("one", "two"))
        assert codes(judged) == ["nothing-allowed"]
        assert "narrowed by one and two" in only_text(judged)

    def test_the_shortest_time_counts_and_an_unknown_one_does_not_pass(self) -> None:
        asked = (RollbackRequirement(max_restore_minutes=30), RollbackRequirement(max_restore_minutes=10))
        judged = judge(a_plan(lines={"restore_minutes": 8}), requirements=asked, asked_by=("one", "`Tier 1`"))
        assert only_text(judged) == (
            "`revert` (body:8) takes 15 minutes to restore, and `Tier 1` allows 10 minutes; choose a faster way back, "
            "or split the change."
        )
        assert codes(judge(a_plan(restore_minutes=None), requirements=asked)) == ["restore-time-missing"]
        assert judge(a_plan(restore_minutes=10), requirements=asked).state == "met"


class TestRehearsal:
    PASSED = Rehearsal("revert", is_passed=True, head_sha=HEAD, source="gate", why="The tree equals the base.")
    REPORTED = Rehearsal("make rehearse", is_passed=True, head_sha=HEAD, source="reported", why="Exit code 0.")
    FAILED = Rehearsal("revert", is_passed=False, head_sha=HEAD, source="gate", why="The trees differ.")
    ASKING = RollbackPolicy(rehearsed=True)

    def test_a_proof_of_this_head_is_enough(self) -> None:
        judged = judge(a_plan(), policy=self.ASKING, rehearsals=(self.PASSED,))
        assert (judged.state, judged.rehearsal) == ("met", "passed: `revert` (checked by the gate)")

    def test_none_at_all_is_waited_for(self) -> None:
        judged = judge(a_plan(), policy=self.ASKING)
        assert (judged.state, codes(judged)) == ("waiting", ["rehearsal-missing"])

    def test_a_proof_of_another_head_proves_nothing(self) -> None:
        old = dataclasses.replace(self.PASSED, head_sha="c" * 40)
        assert codes(judge(a_plan(), policy=self.ASKING, rehearsals=(old,))) == ["rehearsal-missing"]

    def test_a_reported_one_counts_only_where_the_policy_accepts_reports(self) -> None:
        assert codes(judge(a_plan(), policy=self.ASKING, rehearsals=(self.REPORTED,))) == ["rehearsal-missing"]
        accepting = RollbackPolicy(rehearsed=True, rehearsed_by=("gate", "reported"))
        assert judge(a_plan(), policy=accepting, rehearsals=(self.REPORTED,)).state == "met"

    def test_one_failure_outweighs_every_pass(self) -> None:
        judged = judge(a_plan(), policy=self.ASKING, rehearsals=(self.PASSED, self.FAILED))
        assert (judged.state, codes(judged)) == ("needs-author", ["rehearsal-failed"])
        assert judged.rehearsal == "failed: `revert` did not pass: The trees differ"

    def test_a_failure_is_shown_even_where_no_rehearsal_is_asked_for(self) -> None:
        judged = judge(a_plan(), rehearsals=(self.FAILED,))
        assert (judged.state, judged.rehearsal) == ("met", "failed: `revert` did not pass: The trees differ")


METHODS = (*DEFAULT_ALLOWED, "forward-fix")
FINDINGS = st.lists(st.sampled_from([MIGRATION, REVERSIBLE, UNKNOWN, ARTIFACT, DESTROY, REMOVED]), max_size=3)
PLAYBOOKS = st.one_of(
    st.none(), st.builds(Playbook, method=st.sampled_from(METHODS), restore_minutes=st.sampled_from([None, 10, 60]))
)
COMPONENTS = st.builds(
    component,
    st.sampled_from(["a", "b", "c"]),
    rollback=PLAYBOOKS,
    data_class=st.sampled_from([None, "public", "internal", "confidential", "restricted"]),
)
REQUIREMENTS = st.builds(
    RollbackRequirement,
    allow=st.one_of(st.none(), st.lists(st.sampled_from(METHODS), min_size=1, max_size=6).map(tuple)),
    max_restore_minutes=st.sampled_from([None, 5, 30]),
    rehearsed=st.sampled_from([None, True, False]),
)
PLANS = st.builds(
    a_plan,
    method=st.sampled_from(METHODS),
    artifact=st.sampled_from([None, "shop:1"]),
    flag=st.sampled_from([None, "new"]),
    command=st.sampled_from([None, "alembic downgrade -1"]),
    backup=st.sampled_from([None, "hourly"]),
    data_loss_minutes=st.sampled_from([None, 0, 60]),
    reason=st.sampled_from([None, "too late"]),
    restore_minutes=st.sampled_from([None, 10, 60]),
)


class TestMoreNeverHelps:
    @settings(max_examples=200, deadline=None)
    @given(
        plan=PLANS,
        findings=FINDINGS,
        components=st.lists(COMPONENTS, min_size=1, max_size=3),
        requirements=st.lists(REQUIREMENTS, max_size=2),
        more=st.one_of(FINDINGS, st.lists(COMPONENTS, max_size=2), st.lists(REQUIREMENTS, max_size=2)),
        rehearsed=st.booleans(),
    )
    def test_a_further_finding_component_or_requirement_never_makes_an_unmet_plan_met(
        self,
        *,
        plan: RollbackPlan,
        findings: list[Finding],
        components: list[Component],
        requirements: list[RollbackRequirement],
        more: list[Any],
        rehearsed: bool,
    ) -> None:
        policy = RollbackPolicy(allow=(*METHODS,), rehearsed=rehearsed)
        rehearsals = (TestRehearsal.PASSED,) if rehearsed else ()

        def judged(**extra: Any) -> RollbackJudgement:
            given: dict[str, Any] = {"findings": findings, "components": components, "requirements": requirements}
            return judge(plan, policy=policy, flag_found=True, rehearsals=rehearsals, **{**given, **extra})

        before = judged()
        after = judged(
            findings=[*findings, *[one for one in more if isinstance(one, Finding)]],
            components=[*components, *[one for one in more if isinstance(one, Component)]],
            requirements=[*requirements, *[one for one in more if isinstance(one, RollbackRequirement)]],
        )
        assert before.state == "met" or after.state != "met"
        assert (after.state == "met") == (after.problems == ()) == (after.next == "")

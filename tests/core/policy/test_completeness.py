"""Completeness: whatever was not seen or not understood blocks, each with its own code, state and next step."""

import dataclasses
from typing import Any

import pytest
from builders_decision import decided, requirement, signed, states
from builders_facts import (
    HEAD,
    a_change,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_policy,
    accounts_of,
    an_ownership,
)

from gate.core.change.declaration import DeclarationProblem
from gate.core.change.facts import Account, GateFiles, Problem
from gate.core.ownership.registry import Rule, Section
from gate.core.verdict import RequirementView

FORGE = "mail:noreply@github.com"
ACCOUNTS = {**accounts_of("alice", "bob", "dave"), FORGE: Account(FORGE, kind="platform", email=FORGE[5:])}
GATE_FILE = a_file(".gate/policy.yaml")
INVALID = "complete:policy-invalid"


def blocked(identity: str, **facts: Any) -> RequirementView:
    """The requirement of an id on a change that its owner signed off."""
    return requirement(decided(signoffs=signed("alice"), **facts), identity)


def blocks(**facts: Any) -> set[str]:
    """The ids of what blocks for want of completeness."""
    verdict = decided(signoffs=signed("alice"), **facts)
    return {view.id for view in verdict.requirements if view.kind == "complete" and view.state != "met"}


class TestWhatWasSeen:
    def test_is_said_with_the_count_of_files(self) -> None:
        assert (blocked("complete").state, blocked("complete").why) == ("met", "The one changed file was read.")
        two = (a_file("services/payments/a.py"), a_file("services/payments/b.py"))
        assert blocked("complete", files=two).why == "All 2 changed files were read."

    def test_is_not_said_beside_anything_that_was_not(self) -> None:
        verdict = decided(problems=(Problem("file-list", "Too many.", "Split it.", ("x",)),))
        view = requirement(verdict, "complete:file-list")
        assert (verdict.state, view.state, view.kind, view.code, view.why, view.next, view.files) == (
            "error", "error", "complete", "file-list", "Too many.", "Split it.", ("x",),
        )  # fmt: skip
        assert view.title == "Not all of the change could be seen"
        assert "complete" not in states(verdict)

    def test_a_change_without_files_is_an_error(self) -> None:
        view = blocked("complete:empty-diff", files=())
        assert (view.state, view.code, view.title) == ("error", "empty-diff", "The change holds no files")


class TestRulesOnTheBase:
    broken = ("policy.yaml, line 3: no such key.",)

    def test_that_are_broken_block_every_change(self) -> None:
        view = blocked(INVALID, broken_base=self.broken)
        assert (view.state, view.code, view.title) == ("error", "policy-invalid", "The gate's own files cannot be used")
        assert "are invalid (policy.yaml, line 3: no such key)." in view.why

    def test_that_are_broken_may_be_mended_by_a_change_of_gate_files_alone(self) -> None:
        assert blocks(broken_base=self.broken, files=(GATE_FILE,)) == set()
        mixed = (GATE_FILE, a_file("services/payments/round.py"))
        assert blocks(broken_base=self.broken, files=mixed) == {INVALID}

    def test_that_stay_broken_after_the_change_are_not_mended(self) -> None:
        faulty = GateFiles(faults=("still wrong",))
        view = blocked(INVALID, broken_base=self.broken, files=(GATE_FILE,), gate_files=faulty)
        assert view.state == "error"
        assert view.why.endswith("newest valid version. This change leaves them invalid: still wrong")
        assert view.next == "Run `gate lint` at the head of this change, and correct what it names."

    def test_that_are_broken_are_an_error_for_a_change_without_files(self) -> None:
        assert blocks(broken_base=self.broken, files=()) == {INVALID, "complete:empty-diff"}

    def test_that_the_change_breaks_are_the_authors_to_mend(self) -> None:
        view = blocked(INVALID, files=(GATE_FILE,), gate_files=GateFiles(faults=("line 2: what is this", "another")))
        assert (view.state, view.code, view.why) == (
            "needs-author", "policy-invalid", "This change makes the gate's own files invalid: line 2: what is this",
        )  # fmt: skip


class TestTheBranch:
    IDENTITY = "complete:branch-not-governed"

    def test_that_the_policy_does_not_name_is_refused(self) -> None:
        view = blocked(self.IDENTITY, change=a_change(base_ref="lax"), policy=a_policy(branches=["main", "release/*"]))
        assert (view.state, view.code) == ("error", "branch-not-governed")
        assert view.title == "This branch is not under the gate"
        assert view.why == "The gate does not speak for the branch `lax`, only for `main` and `release/*`."

    def test_is_the_default_branch_where_the_policy_names_none(self) -> None:
        view = blocked(self.IDENTITY, change=a_change(base_ref="lax"))
        assert view.why == "The gate does not speak for the branch `lax`, only for `main`."
        assert blocks() == set()

    def test_that_a_pattern_names_and_the_default_branch_are_governed(self) -> None:
        policy = a_policy(branches=["release/*"])
        assert blocks(change=a_change(base_ref="release/1"), policy=policy) == set()
        assert blocks(policy=policy) == set()

    def test_is_not_asked_about_where_no_default_branch_is_known(self) -> None:
        change = a_change(base_ref="any")
        change = dataclasses.replace(change, repository=dataclasses.replace(change.repository, default_branch=""))
        assert blocks(change=change) == set()
        assert blocks(change=change, policy=a_policy(branches=["main"])) == {self.IDENTITY}


class TestACommitOfNobody:
    IDENTITY = "complete:unattributed-commit"

    def test_blocks_until_its_author_names_themselves(self) -> None:
        view = blocked(self.IDENTITY, unattributed=(HEAD,))
        assert (view.state, view.code, view.title) == (
            "needs-author", "unattributed-commit", "A commit is nobody's that is known",
        )  # fmt: skip
        assert f"commit {HEAD[:12]}," in view.why

    def test_is_named_with_three_more_and_no_further(self) -> None:
        shas = tuple(str(n) * 40 for n in range(1, 7))
        why = blocked(self.IDENTITY, unattributed=shas).why
        assert ("444444444444" in why, "555555555555" in why) == (True, False)
        assert why.startswith("Nobody can be named for commits 111111111111, 222222222222,")
        assert why.endswith("so nobody can be excluded on account of them.")

    @pytest.mark.parametrize(
        ("exclude", "is_blocked"),
        [(["pusher"], True), (["committer"], True), (["author"], False), (["co-author"], False)],
    )
    def test_matters_where_policy_excludes_pushers_or_committers(self, exclude: list[str], *, is_blocked: bool) -> None:
        policy = a_policy(signoffs={"exclude": exclude})
        assert bool(blocks(unattributed=(HEAD,), policy=policy)) is is_blocked

    def test_is_one_by_the_platforms_own_name_where_no_pusher_is_known(self) -> None:
        commits = (a_commit(author=FORGE),)
        assert blocks(accounts=ACCOUNTS, commits=commits, pushers=None) == {self.IDENTITY}
        assert blocks(accounts=ACCOUNTS, commits=commits) == set()

    def test_is_no_mechanical_merge_of_the_platforms(self) -> None:
        merges = (a_commit(author=FORGE, is_mechanical_merge=True),)
        assert blocks(accounts=ACCOUNTS, commits=merges, pushers=None) == set()


class TestALink:
    def test_that_leads_to_nothing_blocks(self) -> None:
        link = a_file("services/payments/link", mode="120000")
        view = blocked("complete:symlink", files=(link,))
        assert (view.state, view.code, view.title, view.files) == (
            "needs-author", "symlink", "A symbolic link leads to nothing", ("services/payments/link",),
        )  # fmt: skip

    def test_that_leads_somewhere_or_is_one_no_more_does_not(self) -> None:
        there = a_file("services/payments/link", mode="120000", link_target="services/payments/round.py")
        assert blocks(files=(there,)) == set()
        assert blocks(files=(a_file("services/payments/link", base_mode="120000"),)) == set()


class TestAnOwnershipLineThatCannotBeUsed:
    def test_blocks_the_files_that_it_matches_and_says_where_it_is(self) -> None:
        rule = Rule("/services/", "docs/CODEOWNERS:3", None, problem="no owner of this form")
        ownership = an_ownership(a_component(), sections=(Section("codeowners", (rule,), "docs/CODEOWNERS"),))
        view = blocked("complete:ownership-line:docs/CODEOWNERS:3", ownership=ownership)
        assert (view.state, view.code, view.files) == (
            "error", "ownership-line-ignored", ("services/payments/round.py",),
        )  # fmt: skip
        assert view.title == "A line that says who owns these files cannot be used"
        assert view.rule is not None
        assert (view.rule.name, view.rule.file, view.rule.line) == ("/services/", "docs/CODEOWNERS", 3)

    def test_is_named_by_its_file_alone_where_it_has_no_line_and_several_come_in_order(self) -> None:
        rules = tuple(Rule("/services/", source, None, problem="no owner") for source in ("b", "a"))
        sections = tuple(Section(rule.source, (rule,), rule.source) for rule in rules)
        verdict = decided(ownership=an_ownership(a_component(), sections=sections))
        found = [view.rule for view in verdict.requirements if view.code == "ownership-line-ignored"]
        assert [(rule.file, rule.line) for rule in found if rule] == [("a", 0), ("b", 0)]


class TestTheDeclaration:
    def test_that_names_an_unknown_component_is_the_authors_to_correct(self) -> None:
        view = blocked("complete:component-unknown", declaration=a_declaration(affects=("nothing",)))
        assert (view.state, view.code) == ("needs-author", "component-unknown")
        both = blocked("complete:component-unknown", declaration=a_declaration(affects=("nothing", "void")))
        assert both.why == (
            "The declaration affects `nothing` and `void`, which are no components of the ownership records."
        )
        assert both.next.startswith("Correct the names under `Affects`")
        assert view.title == "The declaration names an unknown component"

    def test_that_cannot_be_read_blocks_with_the_place(self) -> None:
        problem = DeclarationProblem("two-plans", "Two places say two things.", "body", line=7, blocks=True)
        view = blocked("complete:two-plans:1", declaration=a_declaration(problems=(problem,)))
        assert (view.state, view.code, view.why) == ("needs-author", "two-plans", "Two places say two things.")
        assert (view.title, view.next) == (
            "The declaration cannot be used as it stands", "Correct it in the declaration (body, line 7).",
        )  # fmt: skip

    def test_without_a_line_is_told_by_its_place_alone(self) -> None:
        problem = DeclarationProblem("two-plans", "Two.", "body", line=0, blocks=True)
        view = blocked("complete:two-plans:1", declaration=a_declaration(problems=(problem,)))
        assert view.next == "Correct it in the declaration (body)."

    def test_what_only_deserves_a_note_or_concerns_the_plan_is_told_elsewhere(self) -> None:
        note = DeclarationProblem("odd", "Odd.", "body", line=1, blocks=False)
        plan = DeclarationProblem("rollback-odd", "Odd plan.", "body", line=1, blocks=True)
        assert blocks(declaration=a_declaration(problems=(note, plan))) == set()

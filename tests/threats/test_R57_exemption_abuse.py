"""R57: an exemption covers exactly what its model names, made by those it names, and never by mere claim."""

import dataclasses
from pathlib import Path
from typing import Any, ClassVar

import pytest
from builders_decision import decided, requirement, signed
from builders_facts import (
    HEAD,
    a_change,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_policy,
    account_key,
    accounts_of,
    an_ownership,
)
from builders_forge_world import BODY
from builders_service import a_service
from builders_threats import unmet

from gate.core.change.facts import Account, Change, Label, Push

BOT = "github:49699333"
ACCOUNTS = {
    **accounts_of("alice", "bob", "carol", "dave", "erin"),
    BOT: Account(BOT, kind="bot", login="dependabot[bot]"),
}
LOCK = a_file("services/payments/yarn.lock")


def standard(**when: Any) -> dict[str, Any]:
    """The policy with one standard change."""
    model = {"name": "Small", "when": when, "approved_by": "platform", "until": "2027-01-01"}
    return {"policy": a_policy(standard_changes=[model])}


STANDARD = [{"name": "Small", "when": {"labels": ["trivial"]}, "approved_by": "platform", "until": "2027-01-01"}]


def labelled(by: str | None) -> dict[str, Any]:
    return {"change": a_change(labels=(Label("trivial", account_key(by) if by else None),))}


def bots_change() -> Change:
    return dataclasses.replace(a_change(), author=BOT)


class TestNoExemptionByDefault:
    @pytest.mark.parametrize("change_type", ["standard", "emergency"])
    def test_a_declared_type_waives_nothing(self, change_type: str) -> None:
        verdict = decided(declaration=a_declaration(change_type=change_type))
        assert (verdict.state, verdict.relaxations) == ("waiting", ())

    def test_a_title_that_says_revert_and_a_folder_that_says_docs_waive_nothing(self) -> None:
        ownership = an_ownership(a_component("docs", "web", "/docs/"))
        change = a_change(title='Revert "Round amounts"')
        verdict = decided(change=change, ownership=ownership, files=(a_file("docs/help.md"),))
        assert (verdict.state, unmet(verdict)) == ("waiting", [("ownership:docs", "paths-uncovered")])


class TestTheAuthorsWord:
    @pytest.mark.parametrize(
        "when",
        [
            {"change_type": ["standard"]},
            {"any": [{"change_type": ["standard"]}, {"only_paths": ["/docs/"]}]},
            {"not": {"change_type": ["normal"]}},
            {"title": "^chore"},
        ],
        ids=["type", "type or else", "no other type", "title"],
    )
    def test_alone_is_no_exemption_even_where_a_policy_says_so(self, when: dict[str, Any]) -> None:
        verdict = decided(
            **standard(**when), declaration=a_declaration(change_type="standard"), title_hits={"^chore": True}
        )
        assert (verdict.state, verdict.relaxations) == ("waiting", ())

    def test_with_something_that_can_be_seen_is_one(self) -> None:
        when = {"change_type": ["standard"], "only_paths": ["*.lock"]}
        declared: dict[str, Any] = {"declaration": a_declaration(change_type="standard")}
        verdict = decided(**standard(**when), **declared, files=(LOCK,))
        assert (verdict.state, [entry.name for entry in verdict.relaxations]) == ("approved", ["Small"])
        more = (LOCK, a_file("services/payments/x.py"))
        assert decided(**standard(**when), **declared, files=more).state == "waiting"

    def test_of_an_environment_makes_a_component_of_production_none_of_staging(self) -> None:
        ownership = an_ownership(
            a_component("payments-api", "payments", "/services/payments/", environments=("production",))
        )
        declared = a_declaration(environments=("staging",))
        verdict = decided(**standard(environment=["staging"]), ownership=ownership, declaration=declared)
        assert (verdict.state, verdict.relaxations) == ("waiting", ())


class TestWhatCannotBeTold:
    def test_a_file_whose_lines_nobody_counts_is_no_small_change(self) -> None:
        image = a_file("services/payments/x.bin", is_binary=True, additions=-1, deletions=-1)
        assert decided(**standard(lines_changed="<5"), files=(image,)).state == "waiting"
        assert decided(**standard(lines_changed="<5")).state == "approved"

    def test_a_change_without_commits_is_not_signed(self) -> None:
        assert decided(**standard(signed=True), commits=()).state == "waiting"
        assert decided(**standard(signed=True)).state == "approved"


class TestALabel:
    @pytest.mark.parametrize("by", ["dave", "erin", "mallory", None], ids=["author", "other team", "stranger", "?"])
    def test_set_by_whoever_may_label_exempts_nothing(self, by: str | None) -> None:
        accounts = accounts_of("alice", "dave", "erin", "mallory")
        verdict = decided(**standard(labels=["trivial"]), **labelled(by), accounts=accounts)
        assert (verdict.state, verdict.relaxations) == ("waiting", ())

    def test_set_by_an_owner_who_kept_out_of_the_change_exempts(self) -> None:
        assert decided(**standard(labels=["trivial"]), **labelled("alice")).state == "approved"

    @pytest.mark.parametrize(
        "part",
        [
            {"declaration": a_declaration(affects=("web",))},
            {"files": (a_file("services/payments/round.py"), a_file("web/x"))},
            {"files": (a_file("scripts/x.sh"), a_file("web/x"))},
        ],
        ids=["said to be affected", "touched as well", "beside a file without owner"],
    )
    def test_of_an_owner_exempts_no_other_owners_component(self, part: dict[str, Any]) -> None:
        accounts = accounts_of("alice", "dave", "erin")
        verdict = decided(**standard(labels=["trivial"]), **labelled("erin"), accounts=accounts, **part)
        assert (verdict.state, verdict.relaxations) == ("waiting", ())

    def test_of_somebody_who_could_sign_all_of_it_off_exempts(self) -> None:
        ownership = an_ownership(
            a_component("api", ("alice", "bob"), "/services/"), a_component("web", "alice", "/web/")
        )
        files = (a_file("services/payments/round.py"), a_file("web/x"))
        assert decided(
            **standard(labels=["trivial"]), **labelled("alice"), ownership=ownership, files=files
        ).relaxations
        loose = a_policy(standard_changes=STANDARD, unowned="allow")
        files = (a_file("services/payments/round.py"), a_file("scripts/x.sh"))
        assert decided(policy=loose, **labelled("alice"), ownership=ownership, files=files).relaxations

    def test_set_by_whoever_may_label_does_not_switch_a_rule_off(self) -> None:
        rule = {"name": "Web", "when": {"not": {"labels": ["trivial"]}}, "require": {"signoffs": {"team:web": 1}}}
        verdict = decided(policy=a_policy(rules=[rule]), **labelled("dave"), signoffs=signed("alice"))
        assert (verdict.state, unmet(verdict)) == ("waiting", [("rule:Web:team:web", "rule-signoff-missing")])

    def test_that_demands_more_does_so_whoever_set_it(self) -> None:
        rule = {"name": "Web", "when": {"labels": ["trivial"]}, "require": {"signoffs": {"team:web": 1}}}
        verdict = decided(policy=a_policy(rules=[rule]), **labelled(None), signoffs=signed("alice"))
        assert verdict.state == "waiting"


class TestAnExemptionOfATeam:
    MODEL = standard(author_in=["team:platform"])

    def test_covers_a_change_of_its_members(self) -> None:
        made: dict[str, Any] = {"change": a_change("carol"), "commits": (a_commit(by="carol"),)}
        verdict = decided(**self.MODEL, **made, pushers=(Push(account_key("carol"), HEAD),))
        assert [entry.name for entry in verdict.relaxations] == ["Small"]

    @pytest.mark.parametrize(
        "part",
        [
            {"commits": (a_commit(by="carol"), a_commit("2" * 40, by="dave"))},
            {"pushers": (Push(account_key("carol"), HEAD), Push(account_key("dave"), "2" * 40))},
        ],
        ids=["commit", "push"],
    )
    def test_does_not_cover_what_somebody_else_added_to_it(self, part: dict[str, Any]) -> None:
        made: dict[str, Any] = {"change": a_change("carol"), "commits": (a_commit(by="carol"),)}
        made["pushers"] = (Push(account_key("carol"), HEAD),)
        assert decided(**self.MODEL, **{**made, **part}).relaxations == ()

    def test_lets_a_rule_for_outsiders_see_every_hand(self) -> None:
        rule = {"name": "Web", "when": {"author_in": ["team:web"]}, "require": {"signoffs": {"team:platform": 1}}}
        commits = (a_commit(), a_commit("2" * 40, by="erin"))
        verdict = decided(policy=a_policy(rules=[rule]), commits=commits, signoffs=signed("alice"))
        assert unmet(verdict) == [("rule:Web:team:platform", "rule-signoff-missing")]


class TestAnExemptionOfAComponent:
    @pytest.mark.parametrize("when", [{"components": ["web"]}, {"tier": [3]}])
    def test_covers_no_file_that_nobody_owns(self, when: dict[str, Any]) -> None:
        assert decided(**standard(**when), files=(a_file("web/x"),)).state == "approved"
        verdict = decided(**standard(**when), files=(a_file("web/x"), a_file("deploy.sh")))
        assert (verdict.state, verdict.relaxations) == ("waiting", ())


class TestABotsExemption:
    POLICY = standard(authors=["dependabot[bot]"], only_paths=["*.lock"])

    def by_bot(self, **parts: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"commits": (a_commit(author=BOT, committer=BOT),), "pushers": (Push(BOT, HEAD),)}
        return {"accounts": ACCOUNTS, "files": (LOCK,), "change": a_change("dave"), **self.POLICY, **made, **parts}

    def test_does_not_cover_what_a_person_opened(self) -> None:
        assert decided(**self.by_bot()).relaxations == ()

    @pytest.mark.parametrize(
        "part",
        [
            {"commits": (a_commit(author=BOT, committer=BOT), a_commit("2" * 40))},
            {"pushers": (Push(BOT, HEAD), Push(account_key("dave"), "2" * 40))},
            {"files": (LOCK, a_file("services/payments/run.py"))},
        ],
        ids=["a person's commit", "a person's push", "another file"],
    )
    def test_does_not_cover_what_anybody_added(self, part: dict[str, Any]) -> None:
        verdict = decided(**{**self.by_bot(change=bots_change()), **part})
        assert (verdict.state, verdict.relaxations) == ("waiting", ())

    def test_covers_the_bots_own_change(self) -> None:
        assert [entry.name for entry in decided(**self.by_bot(change=bots_change())).relaxations] == ["Small"]

    def test_ends_on_its_day(self) -> None:
        verdict = decided(at="2027-01-02T00:00:00Z", **self.by_bot(change=bots_change()))
        assert (verdict.state, verdict.relaxations) == ("waiting", ())
        assert requirement(verdict, "rule:two-humans").code == "bot-author-needs-two"

    def test_does_not_cover_a_change_that_nobody_is_known_to_have_made(self) -> None:
        forge = "mail:noreply@github.com"
        accounts = {**ACCOUNTS, forge: Account(forge, kind="platform", email="noreply@github.com")}
        commits = (a_commit(author=forge, committer=forge),)
        made: dict[str, Any] = {
            "change": dataclasses.replace(a_change(), author=forge),
            "commits": commits,
            "pushers": (),
        }
        assert decided(**{**self.by_bot(), **made, "accounts": accounts}).relaxations == ()


class TestAnAddressThatNamesABot:
    POLICY = """\
version: 1
default_owner: "@carol"
sources: [codeowners]
standard_changes:
  - {name: Bumps, when: {authors: [app/dependabot]}, approved_by: "@carol", until: "2027-01-01"}
"""

    FILES: ClassVar[dict[str, str | None]] = {
        ".gate/ownership.yaml": None,
        "CODEOWNERS": "/api/ @alice @bob\n",
        ".gate/policy.yaml": POLICY,
    }

    def test_makes_nobody_that_bot_though_it_bears_their_own_number(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=self.FILES) as service:
            forge = service.forge
            forged = f"{forge.dave.id}+dependabot[bot]@users.noreply.github.com"
            forge.shop.commit(
                "topic",
                {"api/pay.py": "x = 1\n"},
                author=("d", forged),
                committer=forge.dave,
                pusher=forge.dave,
                start="main",
            )
            pull = forge.shop.open_pull(head="topic", base="main", author=forge.dave, title="Bump", body=BODY)
            service.settle()
            assert service.errors == []
            assert service.verdict(pull).relaxations == (), service.verdict(pull).summary
            assert service.check(pull) == "in_progress", service.verdict(pull).summary

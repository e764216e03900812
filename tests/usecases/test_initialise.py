"""What `gate init` writes: from which source, for whom, and that it stands on its own."""

import datetime as dt
import io
import json
from collections.abc import Mapping
from pathlib import Path

from builders_git import ALICE, BOB, CAROL, FIRST_DAY, Content, GitRepository, a_repository
from ruamel.yaml import YAML

from gate.adapters.git.checkout import Checkout
from gate.core.identity import Identity
from gate.core.ownership.records import OwnershipRecords
from gate.core.policy.model import Policy
from gate.usecases.initialise import POLICY, RECORDS, TEMPLATE, WORKFLOW, Plan, plan_initial_files, suggested


def a_plan(tmp_path: Path, files: Mapping[str, Content], *, by: str = ALICE) -> Plan:
    shop = a_repository(tmp_path / "shop", files, by=by)
    return plan_of(shop)


def plan_of(shop: GitRepository) -> Plan:
    checkout = Checkout.open(shop.path)
    tree = checkout.tree("main")
    return plan_initial_files(tree, suggested(checkout.recent_authors()), template="## Change\n", version="1.2.3")


def records_of(plan: Plan) -> OwnershipRecords:
    return OwnershipRecords.model_validate_json(_json(plan.files[RECORDS]))


def policy_of(plan: Plan) -> Policy:
    return Policy.model_validate_json(_json(plan.files[POLICY]))


def _json(text: str) -> str:
    return json.dumps(YAML(typ="safe", pure=True).load(io.StringIO(text)))


class TestWithCodeowners:
    CODEOWNERS = "* @acme/platform\n/docs/ @dana docs@example.com\n/.github/ @acme/security @erin\n"

    def test_the_file_stays_the_source(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {".github/CODEOWNERS": self.CODEOWNERS})
        assert policy_of(plan).sources == ("records", "codeowners")
        assert records_of(plan).components == ()

    def test_its_teams_and_people_become_records(self, tmp_path: Path) -> None:
        records = records_of(a_plan(tmp_path, {".github/CODEOWNERS": self.CODEOWNERS}))
        assert {name: team.github_team for name, team in records.teams.items() if team.github_team} == {
            "platform": "acme/platform",
            "security": "acme/security",
        }
        assert records.people["dana"].github == "dana"
        assert records.people["docs"].email == "docs@example.com"

    def test_whoever_it_names_for_the_gates_files_owns_the_policy(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {".github/CODEOWNERS": self.CODEOWNERS})
        assert policy_of(plan).policy_owner == "gate-policy"
        assert records_of(plan).teams["gate-policy"].members == ("erin", "security")

    def test_a_single_owner_needs_no_team_of_its_own(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {"CODEOWNERS": "* @acme/platform\n"})
        assert policy_of(plan).policy_owner == "platform"
        assert policy_of(plan).unowned == "block"

    def test_a_file_that_names_nobody_for_some_paths_allows_unowned_ones_as_the_platform_does(
        self, tmp_path: Path
    ) -> None:
        plan = a_plan(tmp_path, {"CODEOWNERS": "/api/ @acme/api\n"})
        assert policy_of(plan).unowned == "allow"
        assert policy_of(plan).policy_owner == "gate-policy"
        assert records_of(plan).teams["gate-policy"].members == ("alice",)
        assert records_of(plan).people["alice"].email == "alice@example.com"

    def test_so_does_one_that_takes_some_paths_out_again(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {"CODEOWNERS": "* @acme/api\n/generated/\n"})
        assert policy_of(plan).unowned == "allow"

    def test_names_that_clash_are_told_apart(self, tmp_path: Path) -> None:
        text = "a @acme/core\nb @beta/core\nc @Core\nd core@example.com\ne @gate-policy\n"
        records = records_of(a_plan(tmp_path, {"CODEOWNERS": text}))
        assert {name: team.github_team for name, team in records.teams.items() if team.github_team} == {
            "acme-core": "acme/core",
            "beta-core": "beta/core",
        }
        assert sorted(records.people) == ["Core", "alice", "core-at-example.com", "gate-policy-github"]

    def test_one_account_is_one_person_however_it_is_spelled(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {"CODEOWNERS": "a @Dana\nb @dana\nc alice@example.com\nd @acme/x\ne @Acme/X\n"})
        records = records_of(plan)
        assert sorted(records.people) == ["Dana", "alice"]
        assert records.teams["gate-policy"].members == ("alice",)
        assert len(records.teams) == 2

    def test_a_no_reply_address_of_the_history_is_its_login(self, tmp_path: Path) -> None:
        by = "Dana <1234+dana@users.noreply.github.com>"
        plan = a_plan(tmp_path, {"CODEOWNERS": "/docs/ @Dana\n"}, by=by)
        assert records_of(plan).people["Dana"].github == "Dana"
        assert records_of(plan).teams["gate-policy"].members == ("Dana",)

    def test_words_that_yaml_would_read_otherwise_stay_names(self, tmp_path: Path) -> None:
        records = records_of(a_plan(tmp_path, {"CODEOWNERS": "a @no\nb @0123\nc @true\nd @1e5\ne @null\n"}))
        assert {person.github for person in records.people.values()} >= {"no", "0123", "true", "1e5", "null"}

    def test_an_owner_that_records_cannot_name_is_left_to_the_file(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {"CODEOWNERS": "* @managed_user\n"})
        assert records_of(plan).teams["gate-policy"].members == ("alice",)

    def test_a_file_without_any_owner_is_no_source(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {"CODEOWNERS": "# nobody yet\n"})
        assert policy_of(plan).sources == ("records",)
        assert plan.notes[0] == "CODEOWNERS names no owner and is left out."

    def test_an_owner_in_the_place_of_a_path_is_said_to_be_one(self, tmp_path: Path) -> None:
        note = a_plan(tmp_path, {"CODEOWNERS": "@acme/platform\n"}).notes[0]
        assert note.startswith(
            "CODEOWNERS names no owner and is left out: CODEOWNERS:1:1: `@acme/platform` stands where"
        )


class TestWithOtherSources:
    def test_a_catalog_stays_the_source(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {"svc/catalog-info.yaml": "kind: Component\n"})
        assert policy_of(plan).sources == ("records", "backstage")
        assert policy_of(plan).default_owner == "gate-policy"

    def test_owners_files_stay_the_source(self, tmp_path: Path) -> None:
        assert policy_of(a_plan(tmp_path, {"pkg/OWNERS": "approvers: [a]\n"})).sources == ("records", "owners")

    def test_nothing_makes_the_most_active_own_everything(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", by=CAROL)
        for number in range(3):
            shop.commit({"a": f"{number}\n"}, by=BOB)
        plan = plan_of(shop)
        (component,) = records_of(plan).components
        assert (component.owner, component.paths) == ("maintainers", ("*",))
        assert records_of(plan).teams["maintainers"].members == ("bob", "carol")
        assert "#   Bob Brown <bob@example.com>, 3 commits" in plan.files[RECORDS]

    def test_whoever_was_busy_long_ago_alone_is_not_named(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", by=CAROL)
        shop.commit({"a": "2\n"}, by=BOB, at=FIRST_DAY + dt.timedelta(days=200))
        assert records_of(plan_of(shop)).teams["maintainers"].members == ("bob",)


class TestTheOtherFiles:
    def test_the_template_is_written_where_there_is_none(self, tmp_path: Path) -> None:
        assert a_plan(tmp_path, {"a": "1\n"}).files[TEMPLATE] == "## Change\n"

    def test_a_template_of_ones_own_stays(self, tmp_path: Path) -> None:
        plan = a_plan(tmp_path, {"docs/pull_request_template.md": "x\n"})
        assert TEMPLATE not in plan.files
        assert any("docs/pull_request_template.md stays" in note for note in plan.template_notes)

    def test_the_workflow_runs_one_release_and_puts_nothing_of_the_change_into_a_shell(self, tmp_path: Path) -> None:
        text = a_plan(tmp_path, {"a": "1\n"}).files[WORKFLOW]
        workflow = YAML(typ="safe", pure=True).load(io.StringIO(text))
        checkout, action = workflow["jobs"]["gate"]["steps"]
        assert action["uses"].endswith("@v1.2.3")
        assert len(checkout["uses"].rpartition("@")[2]) == 40
        assert "run:" not in text
        assert workflow["permissions"] == {}

    def test_the_same_repository_gives_the_same_bytes(self, tmp_path: Path) -> None:
        files = {"CODEOWNERS": TestWithCodeowners.CODEOWNERS, "b": "1\n"}
        assert a_plan(tmp_path / "one", files) == a_plan(tmp_path / "two", files)


class TestWhoIsSuggested:
    def test_people_by_their_commits_without_machines(self) -> None:
        found = suggested(
            [
                (Identity("A", "a@x"), 2),
                (Identity("A.", "A@X"), 2),
                (Identity("B", "b@x"), 3),
                (Identity("dependabot[bot]", "1+dependabot[bot]@users.noreply.github.com"), 99),
                (Identity("GitHub", "noreply@github.com"), 99),
                (Identity("Shop Automation", "testing-bot@example.com"), 99),
                (Identity("Abbot", "abbot@example.com"), 1),
                (Identity("Odd", "no address"), 99),
            ]
        )
        assert [(one.identity.email, one.commits) for one in found] == [
            ("a@x", 4),
            ("b@x", 3),
            ("abbot@example.com", 1),
        ]

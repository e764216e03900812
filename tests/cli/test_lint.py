from pathlib import Path
from typing import Any, ClassVar

import pytest
from architecture_map import ROOT
from builders_gate_command import Ran, run_gate
from builders_git import Content, Link, a_repository

from gate.adapters.calendars.holidays import whole_days
from gate.core.escalation.holidays import Holidays

RECORDS = """\
version: 1
people:
  alice: {email: alice@example.com}
  bob: {email: bob@example.com}
teams:
  payments: {members: [alice, bob]}
components:
  - {name: api, owner: payments, paths: ["/api/"]}
"""
POLICY = "version: 1\ndefault_owner: payments\n"
CASES = """\
version: 1
cases:
  - name: an owner signed off
    change: {author: bob, files: [api/a.py], signoffs: [alice]}
    expect: {state: approved}
"""
VALID: dict[str, Content] = {
    ".gate/ownership.yaml": RECORDS,
    ".gate/policy.yaml": POLICY,
    ".gate/tests/cases.yaml": CASES,
}
SAMPLE = ROOT / "policies" / "sample"
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nEND:VCALENDAR\r\n"
STANDARD = "standard_changes:\n  - name: Bump\n    when: {when}\n    approved_by: payments\n    until: '2027-01-01'\n"
WITH_CALENDAR = POLICY + "freezes: [{name: Close, calendar: close.ics}]\n"


def lint(where: Path, files: dict[str, Content], *arguments: str) -> Ran:
    repository = a_repository(where / "shop", {"README.md": "Shop\n", **files})
    if any(isinstance(content, Link) for content in files.values()):
        return run_gate("lint", "--repo", repository.path, "--rev", "main", *arguments)
    repository.check_out()
    return run_gate("lint", "--repo", repository.path, *arguments)


class TestWhatIsFine:
    def test_valid_files_are_counted_and_pass(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, VALID)
        assert (ran.code, ran.out) == (0, "3 files checked: 0 errors, 0 warnings.\n")

    def test_nothing_to_check_says_so_and_names_what_writes_the_first_files(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, {})
        assert ran.code == 0
        assert "nothing to check" in ran.out
        assert "`gate init`" in ran.out

    def test_a_calendar_that_a_freeze_names_is_read_as_well(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, {**VALID, ".gate/policy.yaml": WITH_CALENDAR, "close.ics": CALENDAR})
        assert (ran.code, ran.out) == (0, "4 files checked: 0 errors, 0 warnings.\n")


class TestHolidays:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{calendar: days.ics, observed_by: [nobody]}", ":9:50: error: `nobody` is no team or person here"),
            (
                "{calendar: gone.ics, observed_by: [payments]}",
                ":9:26: error: the holidays `x` cannot be read: There is no",
            ),
            (
                "{calendar: bad.ics, observed_by: [payments]}",
                ":9:26: error: the holidays `x` cannot be read: the calendar",
            ),
            (
                "{calendar: 'https://c.example.com/a.ics', timezone: Nowhere/Land, observed_by: [payments]}",
                ": error: there is no time zone `Nowhere/Land`",
            ),
        ],
    )
    def test_that_cannot_be_used_are_faults_at_their_place(self, tmp_path: Path, text: str, said: str) -> None:
        records = f"{VALID['.gate/ownership.yaml']}holidays: {{x: {text}}}\n"
        files = {**VALID, ".gate/ownership.yaml": records, "days.ics": CALENDAR, "bad.ics": "nothing"}
        ran = lint(tmp_path, files)
        assert ran.code == 2
        assert said in ran.out

    def test_beyond_the_fiftieth_are_faults_since_they_are_not_read(self, tmp_path: Path) -> None:
        one = "{calendar: days.ics, observed_by: [payments]}"
        named = ", ".join(f"land-{number:02}: {one}" for number in range(52))
        records = f"{VALID['.gate/ownership.yaml']}holidays: {{{named}}}\n"
        ran = lint(tmp_path, {**VALID, ".gate/ownership.yaml": records, "days.ics": CALENDAR})
        assert ran.code == 2
        assert ran.out.count("only 50 calendars of holidays are read, by name, and `land-5") == 2
        assert "`land-50` is not (leave one out)" in ran.out

    def test_of_the_sample_shop_are_fine_and_put_messages_off(self, tmp_path: Path) -> None:
        files = {one.relative_to(SAMPLE).as_posix(): one.read_bytes().decode() for one in SAMPLE.rglob("*.*")}
        ran = lint(tmp_path, {f".gate/{name}": text for name, text in files.items()})
        assert (ran.code, ran.out) == (0, "4 files checked: 0 errors, 0 warnings.\n")
        raw, day = (SAMPLE / "holidays/germany.ics").read_bytes(), "2026-12-25T12:00:00Z"
        days = whole_days(
            raw, from_at=day, until_at="2026-12-28T12:00:00Z", file="germany.ics", timezone="Europe/Berlin"
        )
        holidays = Holidays({"germany": days}, {"payments": ("germany",)})
        assert holidays.until("payments", day) == "2026-12-27T23:00:00Z"  # two days of Christmas, then a Sunday

    def test_that_can_be_used_are_counted(self, tmp_path: Path) -> None:
        records = f"{VALID['.gate/ownership.yaml']}holidays: {{x: {{calendar: days.ics, observed_by: [payments]}}}}\n"
        ran = lint(tmp_path, {**VALID, ".gate/ownership.yaml": records, "days.ics": CALENDAR})
        assert (ran.code, ran.out) == (0, "4 files checked: 0 errors, 0 warnings.\n")


class TestStandardChanges:
    @pytest.mark.parametrize(
        "when",
        [
            "{change_type: [standard]}",
            "{title: '^docs'}",
            "{any: [{only_paths: ['**/*.lock']}, {change_type: [standard]}]}",
            "{not: {title: '^feat'}}",
        ],
    )
    def test_one_that_the_authors_words_alone_could_satisfy_is_a_warning(self, tmp_path: Path, when: str) -> None:
        policy = POLICY + STANDARD.format(when=when)
        ran = lint(tmp_path, {**VALID, ".gate/policy.yaml": policy})
        assert ran.out.startswith(
            ".gate/policy.yaml:5:11: warning: the standard change `Bump` rests on the author's words alone, so it "
            "never matches (add what the gate itself can see, such as `only_paths` or `authors`)\n"
        )
        assert (ran.code, ran.out.splitlines()[1:]) == (0, ["3 files checked: 0 errors, 1 warning."])

    def test_one_that_asks_for_what_the_gate_sees_is_fine(self, tmp_path: Path) -> None:
        policy = POLICY + STANDARD.format(when="{change_type: [standard], only_paths: ['**/*.lock']}")
        ran = lint(tmp_path, {**VALID, ".gate/policy.yaml": policy})
        assert (ran.code, ran.out) == (0, "3 files checked: 0 errors, 0 warnings.\n")


class TestWhatIsWrong:
    def test_the_faults_of_all_files_are_told_at_once_and_in_order(self, tmp_path: Path) -> None:
        ran = lint(
            tmp_path,
            {
                ".gate/ownership.yaml": RECORDS.replace("owner: payments", "owner: paymnt").replace(", bob]", ", rob]"),
                ".gate/policy.yaml": "version: 1\nunowned: allways\nsignofs: {}\n",
                ".gate/tests/cases.yaml": CASES.replace("approved", "aproved"),
            },
        )
        assert ran.code == 2
        assert ran.out.splitlines() == [
            ".gate/ownership.yaml:6:31: error: the member `rob` is no team or person here (did you mean `bob`?)",
            ".gate/ownership.yaml:8:24: error: the owner `paymnt` is no team or person here (did you mean `payments`?)",
            ".gate/policy.yaml:2:10: error: `allways` is no value of `unowned` (did you mean `allow`?)",
            ".gate/policy.yaml:3:1: error: `signofs` is not a key of this file (did you mean `signoffs`?)",
            ".gate/tests/cases.yaml:5:21: error: `aproved` is no value of `state` (did you mean `approved`?)",
            "3 files checked: 5 errors, 0 warnings.",
        ]

    def test_a_file_that_is_not_yaml_does_not_hide_the_faults_of_its_neighbour(self, tmp_path: Path) -> None:
        ran = lint(
            tmp_path,
            {
                ".gate/ownership.yaml": "version: 1\nteams: [\n",
                ".gate/ownership/more.yaml": "version: 1\ncomponents: [{name: api, owner: payments, pats: [/api/]}]\n",
            },
        )
        assert ".gate/ownership.yaml:3:1: error: this is not YAML" in ran.out
        assert ".gate/ownership/more.yaml:2:43: error: `pats` is not a key of a component" in ran.out
        assert "is no team or person" not in ran.out, "names of an unread file are unknown, not wrong"

    @pytest.mark.parametrize(
        ("files", "said"),
        [
            (
                {".gate/policy.yaml": POLICY.replace("payments", "platform")},
                ".gate/policy.yaml:2:16: error: `platform`",
            ),
            ({".gate/policy.yaml": WITH_CALENDAR}, ".gate/policy.yaml:3:1: error: the calendar `close.ics` does not"),
            (
                {".gate/policy.yaml": WITH_CALENDAR, "close.ics": "BEGIN:VEVENT"},
                ".gate/policy.yaml:3:1: error: the calendar `close.ics` cannot be used",
            ),
            ({".gate/policy.yaml": Link("/etc/hostname")}, ".gate/policy.yaml: error: "),
            (
                {".gate/policy.yaml": None, ".gate/policy.yaml/x": POLICY},
                ".gate/policy.yaml: error: .gate/policy.yaml is a folder, not a file (Put the file there)",
            ),
            ({".gate/tests/cases.yaml": "version: 1\n"}, ".gate/tests/cases.yaml:1:1: error: this file lacks the key"),
        ],
    )
    def test_an_error_in_any_kind_of_file_is_told_with_its_place(
        self, tmp_path: Path, files: dict[str, Content], said: str
    ) -> None:
        ran = lint(tmp_path, {**VALID, **files})
        assert ran.code == 2
        assert any(line.startswith(said) for line in ran.out.splitlines()), ran.out

    def test_a_line_of_codeowners_that_the_platform_would_ignore_is_told(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, {"CODEOWNERS": "* @acme/web\n/api/[ab].py @acme/api\n"})
        assert "CODEOWNERS:2:" in ran.out

    def test_a_file_whose_name_is_almost_right_is_an_error(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, {".gate/policy.yml": POLICY})
        assert ran.code == 2
        assert ".gate/policy.yml: error: this file is not read (name it .gate/policy.yaml)" in ran.out

    def test_beside_one_of_the_right_name_it_is_a_warning(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, {**VALID, ".gate/policy.yml": POLICY})
        assert ran.code == 0
        said = "this file is not read (take it out, since there is .gate/policy.yaml)"
        assert f".gate/policy.yml: warning: {said}" in ran.out

    def test_control_characters_of_a_file_reach_no_terminal(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, {".gate/policy.yaml": 'version: 1\n"\\e[31mred\\u202e": 1\n'})
        assert ran.code == 2
        assert "\x1b" not in ran.out
        assert "\u202e" not in ran.out


class TestWarnings:
    WARNED: ClassVar[dict[str, Content]] = {**VALID, ".gate/ownership.yaml": RECORDS.replace("[alice, bob]", "[alice]")}

    def test_they_are_told_and_pass(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, self.WARNED)
        assert ran.code == 0
        assert ran.out.endswith("3 files checked: 0 errors, 1 warning.\n")

    def test_they_fail_when_asked_to(self, tmp_path: Path) -> None:
        assert lint(tmp_path, self.WARNED, "--strict").code == 1

    def test_an_error_weighs_more(self, tmp_path: Path) -> None:
        assert lint(tmp_path, {**self.WARNED, ".gate/policy.yaml": "version: 2\n"}, "--strict").code == 2


class TestWhere:
    def test_a_revision_is_read_and_not_the_working_tree(self, tmp_path: Path) -> None:
        repository = a_repository(tmp_path / "shop", VALID)
        repository.check_out()
        repository.write({".gate/policy.yaml": "version: 2\n"})
        assert run_gate("lint", "--repo", repository.path).code == 2
        assert run_gate("lint", "--repo", repository.path, "--rev", "main").code == 0

    def test_another_folder_can_be_named(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, {"ops/gate/policy.yaml": "version: 2\n"}, "--config", "ops/gate")
        assert ran.code == 2
        assert ran.out.startswith("ops/gate/policy.yaml:1:10: error: ")

    def test_no_repository_is_a_failure_of_its_own(self, tmp_path: Path) -> None:
        assert run_gate("lint", "--repo", tmp_path).code in {2, 3}


class TestForms:
    BROKEN: ClassVar[dict[str, Content]] = {
        **VALID,
        ".gate/policy.yaml": 'version: 1\n"100%, a::b": 1\n',
        ".gate/ownership.yaml": RECORDS.replace("[alice, bob]", "[alice]"),
        ".gate/policy.yml": POLICY,
    }

    def test_json_is_an_array_of_objects(self, tmp_path: Path) -> None:
        ran = lint(tmp_path, self.BROKEN, "--json")
        assert ran.code == 2
        assert [(one["file"], one["line"], one["severity"], one["code"]) for one in ran.json] == [
            (".gate/ownership.yaml", 6, "warning", "team-of-one"),
            (".gate/policy.yaml", 2, "error", "unknown-key"),
            (".gate/policy.yml", 0, "warning", "file-name"),
        ]

    def test_json_of_nothing_wrong_is_an_empty_array(self, tmp_path: Path) -> None:
        assert lint(tmp_path, VALID, "--format", "json").json == []

    def test_workflow_annotations_escape_what_would_end_them(self, tmp_path: Path) -> None:
        lines = lint(tmp_path, self.BROKEN, "--format", "github").out.splitlines()
        assert lines[0].startswith("::warning file=.gate/ownership.yaml,line=6,col=13,title=Team of one::the team")
        assert lines[1].startswith(
            "::error file=.gate/policy.yaml,line=2,col=1,title=Unknown key::`100%25, a::b` is not a key of this file"
        )
        assert lines[2].startswith("::warning file=.gate/policy.yml,title=File name::this file is not read")
        assert lines[3] == "4 files checked: 1 error, 2 warnings."

    def test_sarif_names_tool_rules_and_places(self, tmp_path: Path) -> None:
        log = lint(tmp_path, self.BROKEN, "--format", "sarif").json
        assert log["version"] == "2.1.0"
        assert log["$schema"].endswith("sarif-schema-2.1.0.json")
        (run,) = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert run["tool"]["driver"]["name"] == "gate lint"
        assert [rule["id"] for rule in rules] == ["file-name", "team-of-one", "unknown-key"]
        assert all(rule["shortDescription"]["text"].endswith(".") for rule in rules)
        assert [result["level"] for result in run["results"]] == ["warning", "error", "warning"]
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["message"]["text"]
        assert _place(run["results"][1]) == {
            "artifactLocation": {"uri": ".gate/policy.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 2, "startColumn": 1},
        }
        assert "region" not in _place(run["results"][2]), "a fault of the whole file has no line"

    def test_sarif_of_nothing_wrong_has_no_results(self, tmp_path: Path) -> None:
        log = lint(tmp_path, VALID, "--format", "sarif").json
        assert log["runs"][0]["results"] == []


def _place(result: Any) -> Any:
    (location,) = result["locations"]
    return location["physicalLocation"]

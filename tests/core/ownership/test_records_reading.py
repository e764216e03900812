"""A set of records files is one: what does not fit together is told with its place, and refused whole."""

import time

import pytest

from gate.adapters.files.yaml_documents import load_yaml
from gate.core.documents import Document
from gate.core.errors import Fault, InvalidFileError
from gate.core.ownership.records_reading import check_records, parse_records

PEOPLE = "people: {alice: {}, bob: {}}\nteams: {payments: {members: [alice, bob]}}\n"


def document(text: str, file: str = "a.yaml") -> Document:
    return load_yaml(f"version: 1\n{text}".encode(), file=file)


def faults(*texts: str) -> list[Fault]:
    return check_records([document(text, f"{'abc'[number]}.yaml") for number, text in enumerate(texts)])


def said(*texts: str) -> list[str]:
    return [f"{fault.severity}: {fault}" for fault in faults(*texts)]


class TestWhoIsMeant:
    def test_valid_records_have_no_faults(self) -> None:
        assert said(PEOPLE + "components: [{name: api, owner: payments, backup: alice, paths: [/api/]}]") == []

    def test_reviews_from_time_to_time_need_a_day_from_which_the_first_counts(self) -> None:
        component = "components: [{name: api, owner: payments, review_every_days: 90%s}]"
        assert said(PEOPLE + component % ", reviewed: 2026-11-01") == []
        [fault] = said(PEOPLE + component % "")
        assert fault.startswith("error: a.yaml:4:62: `api` has `review_every_days`, but no day from which")

    @pytest.mark.parametrize("year", ["0001", "9999"])
    def test_are_reckoned_from_a_day_that_is_within_the_calendar(self, year: str) -> None:
        component = (
            f"components: [{{name: a, owner: alice, paths: [/a/], review_every_days: 30, reviewed: {year}-01-01}}]"
        )
        (found,) = said(PEOPLE + component)
        assert f"`a` was not reviewed in the year {int(year)}" in found

    def test_a_party_may_be_defined_in_another_file(self) -> None:
        assert said("components: [{name: api, owner: payments}]", PEOPLE) == []

    @pytest.mark.parametrize("owner", ["'@alice'", "'@acme/web'"])
    def test_an_account_of_the_forge_needs_no_definition(self, owner: str) -> None:
        assert said(f"components: [{{name: api, owner: {owner}}}]") == []

    @pytest.mark.parametrize(
        ("component", "words"),
        [
            ("owner: paymnts", "a.yaml:4:34: the owner `paymnts` is no team or person here (did you mean `payments`?)"),
            (
                "owner: xyz",
                "a.yaml:4:34: the owner `xyz` is no team or person here (define it under `people` or `teams`",
            ),
            (
                "owner: alice, backup: bib",
                "a.yaml:4:49: the backup `bib` is no team or person here (did you mean `bob`?)",
            ),
            (
                "owner: alice, transfer: {to: bop, reason: r, milestones: [{name: m}]}",
                "a.yaml:4:56: the new owner `bop` is no team or person here (did you mean `bob`?)",
            ),
            (
                "owner: alice, escalation: ladder",
                "a.yaml:4:53: there is no escalation policy `ladder` (define it under `escalations`)",
            ),
        ],
    )
    def test_a_name_that_nobody_has_is_an_error(self, component: str, words: str) -> None:
        (found,) = said(f"{PEOPLE}components: [{{name: api1, {component}}}]")
        assert found.startswith(f"error: {words}")

    def test_a_member_must_be_known(self) -> None:
        assert said("teams: {t: {members: [alice, '@bob']}, u: {github_team: acme/u}}") == [
            (
                "error: a.yaml:2:23: the member `alice` is no team or person here (define it under `people` or "
                "`teams`, or write `@login` or `@organisation/team`)"
            )
        ]

    @pytest.mark.parametrize(
        ("party", "words"),
        [
            ("team:payment", "there is no team `payment` (did you mean `payments`?)"),
            ("person:zed", "there is no person `zed` (define it under `people`)"),
            ("vendor:acme", "there is no vendor `acme` (define it under `vendors`)"),
        ],
    )
    def test_whoever_is_notified_must_be_known(self, party: str, words: str) -> None:
        ladder = (
            f"escalations: {{l: {{levels: [{{notify: [owner, '{party}'], channel: chat, acknowledge_within: 1h}}]}}}}"
        )
        (found,) = said(PEOPLE + ladder)
        assert found == f"error: a.yaml:4:45: {words}"

    def test_built_in_parties_and_accounts_can_be_notified(self) -> None:
        notify = "[owner, owner:on-call, backup, person:alice, 'team:@acme/ops']"
        assert (
            said(
                f"{PEOPLE}escalations: {{l: {{levels: [{{notify: {notify}, channel: chat, acknowledge_within: 1h}}]}}}}"
            )
            == []
        )


class TestNamesTwice:
    @pytest.mark.parametrize(
        ("kind", "item"),
        [
            ("people", "{}"),
            ("teams", "{github_team: acme/x}"),
            ("escalations", "{levels: [{notify: [owner], channel: chat, acknowledge_within: 1h}]}"),
            ("vendors", "{name: V, contacts: [{channel: chat, to: x}]}"),
        ],
    )
    def test_in_two_files_are_refused(self, kind: str, item: str) -> None:
        assert said(f"{kind}: {{x: {item}}}", f"{kind}: {{x: {item}}}") == [
            f"error: b.yaml:2:{len(kind) + 7}: `x` is also defined in a.yaml (keep one of them)"
        ]

    def test_a_person_and_a_team_do_not_share_one(self) -> None:
        (found,) = said("people: {x: {}}\nteams: {x: {github_team: a/b}}")
        assert found == "error: a.yaml:3:12: `x` is a person and a team (rename one of them)"

    def test_two_components_of_a_section_do_not_share_one(self) -> None:
        text = "components:\n  - {name: api, owner: '@a'}\n"
        assert said(text, text) == [
            "error: b.yaml:3:12: the component `api` is already defined at a.yaml:3 (rename one of them)"
        ]

    def test_components_of_two_sections_may(self) -> None:
        assert said("components: [{name: a, owner: '@a'}, {name: a, owner: '@b', section: security}]") == []


class TestOneAccountIsOnePerson:
    @pytest.mark.parametrize(
        ("first", "second", "key"),
        [
            ("github: alice", "github: Alice", "github"),
            ("github_id: 7", "github_id: 7", "github_id"),
            ("email: a@example.com", "email: A@Example.com", "email"),
            ("subject: {issuer: i, sub: s}", "subject: {issuer: i, sub: s}", "subject"),
        ],
    )
    def test_two_people_do_not_share_one(self, first: str, second: str, key: str) -> None:
        (found,) = said(f"people: {{alice: {{{first}}}}}", f"people: {{bob: {{{second}}}}}")
        assert f"`{key}` of `bob` is also that of `alice`" in found
        assert found.startswith("error: b.yaml:2:")


class TestTeams:
    def test_without_members_are_refused(self) -> None:
        assert said("teams: {t: {}}") == [
            "error: a.yaml:2:12: the team `t` has no members (name some, or `github_team`)"
        ]

    def test_of_one_are_a_warning(self) -> None:
        assert said("people: {a: {}}\nteams: {t: {members: [a]}}") == [
            "warning: a.yaml:3:12: the team `t` has one member only (name a second one)"
        ]

    @pytest.mark.parametrize("inner", ["t", '"@acme/t"'])
    def test_of_one_team_are_none_of_one_person(self, inner: str) -> None:
        records = "people: {a: {}, b: {}}\nteams: {t: {members: [a, b]}, all: {members: [INNER]}}"
        assert said(records.replace("INNER", inner)) == []

    def test_that_hold_one_another_are_a_warning_on_each_step(self) -> None:
        steps = {"a": "[b, p]", "b": "[c, p]", "c": "[a, q]", "d": "[a, q]", "e": "[e, p, q]"}
        listed = ", ".join(f"{name}: {{members: {members}}}" for name, members in steps.items())
        found = said(f"people: {{p: {{}}, q: {{}}}}\nteams: {{{listed}}}")
        assert [line.partition(": ")[2].partition(": ")[2] for line in found] == [
            "the team `a` is in itself by way of `b`, so both are the same people (leave it out)",
            "the team `b` is in itself by way of `c`, so both are the same people (leave it out)",
            "the team `c` is in itself by way of `a`, so both are the same people (leave it out)",
            "the team `e` is in itself (leave it out)",
        ]


class TestComponents:
    def test_of_tier_one_want_a_backup(self) -> None:
        (found,) = said("components: [{name: a, owner: '@a', tier: 1}]")
        assert found == "warning: a.yaml:2:14: `a` is of tier 1 and has no backup (name a `backup`)"

    def test_whose_transfer_is_complete_want_a_new_owner(self) -> None:
        done = "transfer: {to: '@b', reason: r, milestones: [{name: m, done: 2026-10-01}]}"
        (found,) = said(f"components: [{{name: a, owner: '@a', {done}}}]")
        assert found.startswith("warning: a.yaml:2:47: the transfer of `a` is complete")

    @pytest.mark.parametrize("key", ["paths", "migrations"])
    def test_have_patterns_that_can_be_read(self, key: str) -> None:
        (found,) = said(f"components: [{{name: a, owner: '@a', {key}: [/ok/, '/a/[bc]']}}]")
        assert found.startswith("error: a.yaml:2:")
        assert "the pattern `/a/[bc]` cannot be used" in found

    def test_do_not_only_exclude(self) -> None:
        (found,) = said("components: [{name: a, owner: '@a', paths: ['!/b/']}]")
        assert "`a` only excludes files and owns none" in found


class TestDependencies:
    def test_on_what_is_not_here_are_a_warning(self) -> None:
        (found,) = said("components: [{name: ledger, owner: '@a'}, {name: b, owner: '@a', depends_on: [ledgre]}]")
        assert found == "warning: a.yaml:2:79: there is no component `ledgre` here (did you mean `ledger`?)"

    def test_in_a_circle_are_a_warning_on_each_of_its_steps(self) -> None:
        steps = {"a": "b", "b": "c", "c": "a", "d": "a"}
        listed = ", ".join(f"{{name: {one}, owner: '@a', depends_on: [{other}]}}" for one, other in steps.items())
        assert [line.partition(": ")[2].partition(": ")[2] for line in said(f"components: [{listed}]")] == [
            "`a` depends on itself by way of `b`",
            "`b` depends on itself by way of `c`",
            "`c` depends on itself by way of `a`",
        ]

    def test_on_oneself_are_a_circle(self) -> None:
        (found,) = said("components: [{name: a, owner: '@a', depends_on: [a]}]")
        assert found.endswith("`a` depends on itself")


class TestTheSet:
    def test_the_faults_of_all_files_are_told_at_once(self) -> None:
        found = faults("people: 7", "teams: []\nvendors: 1")
        assert [(fault.file, fault.line) for fault in found] == [("a.yaml", 2), ("b.yaml", 2), ("b.yaml", 3)]

    def test_with_an_error_is_refused_whole(self) -> None:
        with pytest.raises(InvalidFileError) as raised:
            parse_records([document(PEOPLE), document("components: [{name: a, owner: zed}]", "b.yaml")])
        assert [fault.file for fault in raised.value.faults] == ["b.yaml"]

    def test_warnings_refuse_nothing(self) -> None:
        records, _ = parse_records([document("components: [{name: a, owner: '@a', tier: 1}]")])
        assert [component.name for component in records.components] == ["a"]

    def test_every_item_knows_its_file_and_line(self) -> None:
        records, source_of = parse_records(
            [
                document("components:\n  - {name: a, owner: '@a'}\n  - {name: b, owner: '@a', paths: [/b/]}\n"),
                document("people: {alice: {}}\ncomponents:\n  - name: c\n    owner: '@a'\n", "b.yaml"),
            ]
        )
        assert [component.name for component in records.components] == ["a", "b", "c"]
        assert source_of(("components", 1, "paths", 0)) == "a.yaml:4"
        assert source_of(("components", 2)) == "b.yaml:4"
        assert source_of(("components", 2, "owner")) == "b.yaml:5"
        assert source_of(("people", "alice")) == "b.yaml:2"

    def test_nothing_is_an_empty_set(self) -> None:
        records, _ = parse_records([])
        assert records.components == ()


class TestHostileSizes:
    def test_thousands_of_unknown_names_take_bounded_time(self) -> None:
        people = ", ".join(f"person-number-{number}: {{}}" for number in range(4000))
        components = "\n".join(f"  - {{name: c{number}, owner: persom-number-{number}}}" for number in range(4000))
        texts = document(f"people: {{{people}}}\ncomponents:\n{components}\n")
        begun = time.perf_counter()
        found = check_records([texts])
        assert time.perf_counter() - begun < 20
        assert len(found) == 4000, "no fault is left out, only hints are"

    def test_a_long_chain_of_dependencies_takes_bounded_time(self) -> None:
        size = 4000
        chain = "\n".join(f"  - {{name: c{n}, owner: '@a', depends_on: [c{(n + 1) % size}]}}" for n in range(size))
        texts = document(f"components:\n{chain}\n")
        begun = time.perf_counter()
        assert len(check_records([texts])) == size
        assert time.perf_counter() - begun < 20

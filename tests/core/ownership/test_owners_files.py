"""OWNERS files: approvers per folder, aliases, inheritance, and what blocks."""

from typing import Any

from gate.core.documents import Document
from gate.core.ownership.imported import Imported, merge_imported
from gate.core.ownership.owners_files import (
    OwnersAliases,
    OwnersFile,
    import_owners,
    read_owners_aliases,
    read_owners_file,
)
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex


def read(file: str, data: Any) -> OwnersFile:
    return read_owners_file(Document(file, data))


def aliases(data: Any) -> OwnersAliases:
    return read_owners_aliases(Document("OWNERS_ALIASES", data))


def imported(files: dict[str, Any], members: OwnersAliases | None = None, **fields: Any) -> Imported:
    return import_owners([read(file, data) for file, data in files.items()], members or OwnersAliases(), **fields)


def ownership(files: dict[str, Any], members: OwnersAliases | None = None) -> Ownership:
    return merge_imported([imported(files, members)])


def owners_of(known: Ownership, path: str) -> tuple[str, ...] | str | None:
    (found,) = OwnershipIndex(known).resolve(path)
    return known.components[found.component].owners if found.component is not None else found.problem


class TestWhoApprovesAFolder:
    def test_approvers_of_the_folder_and_of_its_parents(self) -> None:
        known = ownership({"OWNERS": {"approvers": ["root"]}, "pkg/api/OWNERS": {"approvers": ["alice", "bob"]}})
        assert owners_of(known, "pkg/api/deep/x.go") == ("@alice", "@bob", "@root")
        assert owners_of(known, "pkg/other.go") == ("@root",)

    def test_no_parent_owners_stops_the_inheritance(self) -> None:
        known = ownership(
            {
                "OWNERS": {"approvers": ["root"]},
                "pkg/OWNERS": {"approvers": ["alice"], "options": {"no_parent_owners": True}},
                "pkg/api/OWNERS": {"approvers": ["bob"]},
            }
        )
        assert owners_of(known, "pkg/x.go") == ("@alice",)
        assert owners_of(known, "pkg/api/x.go") == ("@alice", "@bob")

    def test_reviewers_labels_and_emeritus_approvers_own_nothing(self) -> None:
        data = {"reviewers": ["rev"], "labels": ["area/x"], "emeritus_approvers": ["old"]}
        known = ownership({"OWNERS": {"approvers": ["root"]}, "pkg/OWNERS": data})
        assert owners_of(known, "pkg/x.go") == ("@root",)

    def test_an_emeritus_approver_no_longer_approves_even_where_still_listed(self) -> None:
        known = ownership({"OWNERS": {"approvers": ["root", "Old"], "emeritus_approvers": ["old"]}})
        assert owners_of(known, "x") == ("@root",)

    def test_logins_that_differ_by_case_are_one_approver(self) -> None:
        known = ownership({"OWNERS": {"approvers": ["Root"]}, "a/OWNERS": {"approvers": ["root", "@ROOT"]}})
        assert owners_of(known, "a/x") == ("@root",)

    def test_filters_for_all_files_are_read(self) -> None:
        data = {"filters": {".*": {"approvers": ["alice"]}, r"\.go$": {"labels": ["lang/go"]}}}
        assert owners_of(ownership({"OWNERS": data}), "x.go") == ("@alice",)

    def test_approvers_that_another_filter_adds_do_not_count_and_are_reported(self) -> None:
        data = {
            "filters": {".*": {"approvers": ["alice", "old"], "emeritus_approvers": ["old"]}, "x": {"approvers": ["b"]}}
        }
        file = read("OWNERS", data)
        assert (file.approvers, [fault.code for fault in file.faults]) == (("alice",), ["owners-filter"])

    def test_special_characters_in_a_folder_name_mean_themselves(self) -> None:
        known = ownership({"app/[id]/OWNERS": {"approvers": ["alice"]}})
        assert owners_of(known, "app/[id]/page.ts") == ("@alice",)
        assert owners_of(known, "app/i/page.ts") is None

    def test_the_deciding_line_is_that_of_the_approvers(self) -> None:
        document = Document("OWNERS", {"approvers": ["a"]}, key_places={("approvers",): (7, 1)})
        (rule,) = import_owners([read_owners_file(document)], OwnersAliases()).sections[0].rules
        assert rule.source == "OWNERS:7"


class TestAliases:
    def test_an_alias_is_a_team_whatever_its_case(self) -> None:
        known = ownership(
            {"OWNERS": {"approvers": ["SIG-Node", "zoe"]}}, aliases({"aliases": {"sig-node": ["a", "b"]}})
        )
        assert owners_of(known, "x") == ("@zoe", "sig-node")
        assert known.teams["sig-node"].members == ("@a", "@b")

    def test_an_alias_of_a_name_that_the_records_know_gets_another_name(self) -> None:
        result = imported({"OWNERS": {"approvers": ["web"]}}, aliases({"aliases": {"web": ["a"]}}), known={"web"})
        assert result.components[0].owners == ("owners/web",)
        assert set(result.teams) == {"owners/web"}

    def test_members_with_an_underscore_stand_for_themselves(self) -> None:
        known = ownership({"OWNERS": {"approvers": ["web"]}}, aliases({"aliases": {"web": ["al_acme", "b"]}}))
        assert owners_of(known, "x") == ("@al_acme", "@b")

    def test_broken_aliases_block_every_folder_rather_than_take_an_alias_for_a_login(self) -> None:
        known = ownership({"OWNERS": {"approvers": ["sig-node"]}}, aliases({"aliases": ["sig-node"]}))
        assert "mapping" in str(owners_of(known, "x"))

    def test_a_member_that_is_no_login_is_left_out_and_reported(self) -> None:
        found = aliases({"aliases": {"web": ["alice", "bad name"]}})
        assert found.members == {"web": ("alice",)}
        assert [fault.code for fault in found.faults] == ["owners-login"]

    def test_two_aliases_of_one_name_are_refused(self) -> None:
        assert aliases({"aliases": {"web": ["a"], "WEB": ["b"]}}).problem is not None


class TestWhatBlocksAFolder:
    BROKEN = (
        ["alice"],
        {"approvers": "alice"},
        {"approvers": [{"alice": 1}]},
        {"approvers": [12345]},
        {"approvers": ["alice"], "options": {"no_parent_owners": "yes"}},
        {"approvers": ["alice"], "options": ["no_parent_owners"]},
        {"filters": {r"\.go$": {"approvers": ["alice"]}}},
        {"approvers": ["alice"], "filters": {".*": {"labels": ["x"]}}},
        {"filters": ["x"]},
        {"approvers": ["not a login"]},
        {"options": {"no_parent_owners": True}},
    )

    def test_a_file_that_cannot_be_understood_blocks_and_never_falls_back_to_a_parent(self) -> None:
        for data in self.BROKEN:
            known = ownership({"OWNERS": {"approvers": ["root"]}, "pkg/OWNERS": data})
            assert isinstance(owners_of(known, "pkg/x.go"), str), data
            assert owners_of(known, "x.go") == ("@root",)

    def test_below_a_broken_file_only_the_nearer_approvers_count(self) -> None:
        known = ownership(
            {
                "OWNERS": {"approvers": ["root"]},
                "pkg/OWNERS": {"approvers": "broken"},
                "pkg/api/OWNERS": {"approvers": ["alice"]},
                "pkg/doc/OWNERS": {"labels": ["x"]},
            }
        )
        assert owners_of(known, "pkg/api/x") == ("@alice",)
        assert isinstance(owners_of(known, "pkg/doc/x"), str)

    def test_an_unknown_key_is_reported_with_the_nearest_known_one(self) -> None:
        found = read("OWNERS", {"approver": ["alice"]})
        assert found.problem is None
        assert [fault.suggestion for fault in found.faults] == ["did you mean `approvers`?"]

    def test_a_folder_too_long_for_a_pattern_blocks_from_the_nearest_that_is_not(self) -> None:
        deep = "/".join(["d" * 100] * 60)
        known = ownership({"OWNERS": {"approvers": ["root"]}, f"{deep}/OWNERS": {"approvers": ["alice"]}})
        assert isinstance(owners_of(known, f"{deep}/x"), str)
        assert owners_of(known, "x") == ("@root",)

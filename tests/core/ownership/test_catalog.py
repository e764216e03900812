"""Backstage catalog: whose folder it is, what annotations claim, who is who, and what blocks."""

from typing import Any

from gate.core.documents import Document
from gate.core.ownership.catalog import CatalogFile, parse_reference, read_catalog, split_documents
from gate.core.ownership.catalog_import import import_catalog
from gate.core.ownership.imported import Imported, merge_imported
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex

ROOT = "catalog-info.yaml"


def an_entity(name: str = "shop", kind: str = "Component", *, owner: Any = "payments", **fields: Any) -> dict[str, Any]:
    annotations = fields.pop("annotations", {})
    metadata = {"name": name, "annotations": annotations, **fields.pop("metadata", {})}
    spec = {"type": "service", **({"owner": owner} if owner is not None else {}), **fields}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def read(file: str, *entities: Any, repository: str | None = "acme/shop") -> CatalogFile:
    return read_catalog(
        file, [(Document(file, entity), 10 * n) for n, entity in enumerate(entities)], repository=repository
    )


def imported(*files: CatalogFile, folders: tuple[str, ...] = (), **fields: Any) -> Imported:
    return import_catalog(files, has_folder=lambda pattern: pattern.strip("/") in folders, **fields)


def ownership(*files: CatalogFile, **fields: Any) -> Ownership:
    return merge_imported([imported(*files, **fields)])


def owner_of(known: Ownership, path: str) -> str | None:
    """The owner, or `blocked: why`, or None."""
    (found,) = OwnershipIndex(known).resolve(path)
    if found.problem:
        return f"blocked: {found.problem}"
    return None if found.component is None else known.components[found.component].owner


class TestWhoseFolderItIs:
    def test_an_entity_owns_the_folder_of_its_file_and_the_nearest_file_decides(self) -> None:
        known = ownership(
            read("services/pay/catalog-info.yaml", an_entity("pay", owner="billing")),
            read(ROOT, an_entity(owner="web")),
        )
        assert owner_of(known, "services/pay/x.py") == "group:billing"
        assert owner_of(known, "services/x.py") == "group:web"

    def test_a_component_gets_the_folder_before_the_api_in_the_same_file(self) -> None:
        known = ownership(read(ROOT, an_entity("shop-api", "API", owner="api-guild"), an_entity("shop", owner="web")))
        assert owner_of(known, "x") == "group:web"

    def test_entities_with_different_owners_in_one_file_block_until_annotated(self) -> None:
        first, second = an_entity("a", owner="one"), an_entity("b", owner="two")
        assert "different owners" in str(owner_of(ownership(read(ROOT, first, second)), "x"))
        annotated = an_entity("b", owner="two", annotations={"gate/paths": "/b/"})
        known = ownership(read(ROOT, first, annotated))
        assert owner_of(known, "x") == "group:one"
        assert owner_of(known, "b/x") == "group:two"

    def test_entities_with_one_owner_share_a_folder(self) -> None:
        assert owner_of(ownership(read(ROOT, an_entity("a"), an_entity("b"))), "x") == "group:payments"

    def test_the_deciding_line_is_the_entitys_in_a_file_of_several(self) -> None:
        (rule,) = imported(read(ROOT, None, an_entity())).sections[0].rules
        assert rule.source == f"{ROOT}:11"


class TestAnnotations:
    def test_paths_claim_and_exclude(self) -> None:
        known = ownership(read(ROOT, an_entity(annotations={"gate/paths": "/pay/ !/pay/docs/\n*.sql"})))
        assert [owner_of(known, path) for path in ("pay/x", "pay/docs/x", "a/b.sql", "y")] == [
            "group:payments", None, "group:payments", None,
        ]  # fmt: skip

    def test_a_source_location_in_this_repository_claims_its_folder(self) -> None:
        for url in (
            "url:https://github.com/acme/shop/tree/main/services/pay/",
            "url:https://git.example.com/Acme/Shop/-/tree/main/services/pay/",
        ):
            entity = an_entity(annotations={"backstage.io/source-location": url})
            known = ownership(read(ROOT, entity), folders=("services/pay",))
            assert owner_of(known, "services/pay/x") == "group:payments"
            assert owner_of(known, "x") is None

    def test_a_source_location_elsewhere_owns_nothing_here(self) -> None:
        for url in ("url:https://github.com/acme/other/", "url:https://github.com/acme/src/tree/main/a/"):
            known = ownership(read(ROOT, an_entity(annotations={"backstage.io/source-location": url})))
            assert owner_of(known, "x") is None
            assert [each.has_files for each in known.components] == [False]

    def test_a_source_location_whose_folder_does_not_exist_blocks(self) -> None:
        url = "url:https://github.com/acme/shop/tree/feature/x/services/pay/"
        known = ownership(read(ROOT, an_entity(annotations={"backstage.io/source-location": url})))
        assert "no folder" in str(owner_of(known, "services/pay/x"))

    def test_a_nested_file_can_only_claim_what_is_below_it(self) -> None:
        for annotations in (
            {"gate/paths": "*"},
            {"gate/paths": "/services/pay/ /services/other/"},
            {"gate/paths": "/services/pay/../../"},
            {"backstage.io/source-location": "url:https://github.com/acme/shop/tree/main/"},
            {"backstage.io/source-location": "url:https://github.com/acme/shop"},
        ):
            nested = read("services/pay/catalog-info.yaml", an_entity("pay", owner="evil", annotations=annotations))
            known = ownership(read(ROOT, an_entity(owner="web")), nested, folders=("services/other",))
            assert owner_of(known, "services/other/x") == "group:web"
            assert str(owner_of(known, "services/pay/x")).startswith("blocked"), annotations

    def test_a_pattern_that_does_not_work_blocks(self) -> None:
        known = ownership(read(ROOT, an_entity(annotations={"gate/paths": "/[ab]/"})))
        assert "ranges" in str(owner_of(known, "x"))


class TestWhatIsTakenOver:
    def test_type_lifecycle_links_and_dependencies(self) -> None:
        links = [
            {"url": "https://x/rb", "title": "Runbook"},
            {"url": "https://x/d", "title": "Docs"},
            {"title": "none"},
        ]
        entity = an_entity(
            metadata={"title": "The shop", "links": links},
            type="Website",
            lifecycle="production",
            dependsOn=["resource:default/ledger", "component:other/ext", 7],
        )
        result = imported(read(ROOT, entity, an_entity("ledger", "Resource", type="database")))
        shop, ledger = result.components
        assert (shop.title, shop.kind, shop.lifecycle, ledger.kind) == ("The shop", "website", "production", "database")
        assert shop.depends_on == ("ledger", "component:ext")
        assert shop.links == {"runbook": "https://x/rb", "Docs": "https://x/d"}
        assert [fault.code for fault in result.faults] == ["catalog-entity"]

    def test_names_of_different_kinds_and_namespaces_stay_apart(self) -> None:
        result = imported(
            read(ROOT, an_entity("a", "API"), an_entity("a"), an_entity("a", metadata={"namespace": "ext"})),
            taken={"b"},
        )
        assert [each.name for each in result.components] == ["api:a", "a", "ext/a"]

    def test_a_name_that_is_taken_gets_its_kind_in_front(self) -> None:
        assert imported(read(ROOT, an_entity("a")), taken={"a"}).components[0].name == "component:a"


class TestWhoIsWho:
    def test_groups_and_users_are_teams_and_people(self) -> None:
        group = an_entity("payments", "Group", owner=None, members=["alice"])
        group["metadata"]["annotations"] = {"github.com/team-slug": "acme/payments"}
        alice = an_entity("alice", "User", owner=None, profile={"displayName": "Alice", "email": "a@example.com"})
        bob = an_entity("bob", "User", owner=None, memberOf=["payments"])
        bob["metadata"]["annotations"] = {"github.com/user-login": "bobby"}
        known = ownership(read(ROOT, an_entity(owner="group:default/payments"), group, alice, bob))
        assert owner_of(known, "x") == "payments"
        assert known.teams["payments"].members == ("alice", "bob")
        assert known.teams["payments"].github_team == "acme/payments"
        assert known.people["alice"].email == "a@example.com"
        assert (known.people["bob"].github, known.people["alice"].github) == ("bobby", None)

    def test_a_login_is_never_guessed_from_a_users_name(self) -> None:
        known = ownership(read(ROOT, an_entity(owner="user:alice"), an_entity("alice", "User", owner=None)))
        assert owner_of(known, "x") == "alice"
        assert known.people["alice"].github is None

    def test_whoever_owns_a_folder_cannot_say_who_is_in_a_group(self) -> None:
        group = an_entity("security", "Group", owner=None, members=["mallory"])
        mallory = an_entity("mallory", "User", owner=None)
        known = ownership(read(ROOT, an_entity(owner="security")), read("sub/catalog-info.yaml", group, mallory))
        assert (dict(known.teams), dict(known.people)) == ({}, {})

    def test_a_group_of_a_name_that_the_records_know_is_the_records_team(self) -> None:
        group = an_entity("payments", "Group", owner=None, members=["alice"])
        result = imported(read(ROOT, an_entity(), group), known_teams={"payments"})
        assert result.components[0].owners == ("payments",)
        assert not result.teams

    def test_a_group_of_a_persons_name_gets_another_one(self) -> None:
        group = an_entity("alice", "Group", owner=None, members=["alice"])
        known = ownership(read(ROOT, an_entity(owner="group:alice"), an_entity("alice", "User", owner=None), group))
        assert set(known.teams).isdisjoint(known.people)
        assert known.teams[str(owner_of(known, "x"))].members[0] in known.people


class TestWhatBlocks:
    def test_an_entity_that_cannot_be_understood_blocks_its_folder(self) -> None:
        for entity in (
            ["a list"],
            an_entity(kind="Componnet"),
            an_entity(owner=None),
            an_entity(owner={"kind": "Group", "name": "x"}),
            an_entity(owner="component:x"),
            an_entity(name="not a name"),
            an_entity(annotations={"gate/paths": 1}),
            an_entity(annotations={"gate/paths": "  "}),
            an_entity(annotations={"backstage.io/source-location": "dir:."}),
        ):
            known = ownership(read(ROOT, an_entity("root", owner="web")), read("sub/catalog-info.yaml", entity))
            assert str(owner_of(known, "sub/x")).startswith("blocked"), entity
            assert owner_of(known, "x") == "group:web"

    def test_an_entity_described_twice_blocks_the_second_folder(self) -> None:
        known = ownership(read("a/catalog-info.yaml", an_entity("x")), read("b/catalog-info.yaml", an_entity("X")))
        assert owner_of(known, "a/f") == "group:payments"
        assert "second time" in str(owner_of(known, "b/f"))

    def test_a_location_says_nothing_and_that_it_is_not_followed(self) -> None:
        file = read(ROOT, {"kind": "Location", "metadata": {"name": "all"}, "spec": {"targets": ["./x.yaml"]}})
        assert (file.entities, [fault.severity for fault in file.faults]) == ((), ["notice"])


class TestSplitting:
    def test_documents_keep_the_number_of_lines_before_them(self) -> None:
        parts = split_documents(b"# c\n---\na: 1\n--- # two\nb: 2\n---\n\n")
        assert [(part.offset, part.raw.strip()) for part in parts] == [
            (0, b"# c"), (1, b"a: 1"), (3, b"# two\nb: 2"),
        ]  # fmt: skip

    def test_dashes_inside_a_line_or_longer_part_nothing(self) -> None:
        assert len(split_documents(b"a: b---\n----\n ---\n")) == 1

    def test_references_have_defaults_and_no_case(self) -> None:
        assert parse_reference("Pay", kind="group") == ("group", "default", "pay")
        assert parse_reference("User:Ext/Al", kind="group") == ("user", "ext", "al")
        assert parse_reference("a b", kind="group") is None
        assert parse_reference(None, kind="group") is None

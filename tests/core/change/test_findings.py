"""What else in a diff a rollback must reckon with: artifacts, destroyed infrastructure, removed public interfaces."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.facts import Finding
from gate.core.change.findings import FileContent, examine, is_candidate

TERRAFORM = """
resource "aws_db_instance" "ledger" {
  name = "ledger # not a comment"
  deletion_protection = true
  lifecycle {
    prevent_destroy = true
  }
}

module "mail" {
  source = "./mail"
}
"""
CLAIM = """apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  labels: {app: ledger}
  name: ledger-data
spec:
  resources:
    name: other
"""
OPENAPI = """openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200": {description: ok}
    post:
      responses: {}
  "/orders/{id}":
    delete: {}
components:
  schemas: {}
"""
PROTO = """
syntax = "proto3";
// message Gone { string x = 1; }
message Order {
  string id = 1;
  oneof payment { string card = 2; string iban = 3; }
  enum State { NEW = 0; PAID = 1; }
}
service Shop {
  rpc Place(Order) returns (Order) { option (idempotent) = true; }
  rpc Cancel(Order) returns (Order);
}
"""
GRAPHQL = '''
"""An order. type Gone { x: Int }"""
type Order implements Node & Thing @key(fields: "id") {
  id: ID!
  lines(first: Int = 10, after: String): [Line!]! @deprecated(reason: "slow")
}
enum State { NEW PAID }
union Found = Order | Line
'''
INDEX = """
import { hidden } from "./hidden";
export { a, b as c, type D } from "./parts";
export * from "./more";
export default function main() {}
export const LIMIT = 3; // export const OLD = 2
export interface Shape { export: string }
"""


def findings(path: str, before: str | None, after: str | None, *others: FileContent) -> tuple[Finding, ...]:
    return examine([content(path, before, after), *others])


def content(path: str, before: str | None, after: str | None) -> FileContent:
    status = "added" if before is None else "deleted" if after is None else "modified"
    return FileContent(
        path, status, None if after is None else after.encode(), None if before is None else before.encode()
    )


def only(path: str, before: str | None, after: str | None, *others: FileContent) -> Finding:
    found = findings(path, before, after, *others)
    assert len(found) == 1, found
    return found[0]


class TestArtifacts:
    @pytest.mark.parametrize(
        ("path", "text", "tool"),
        [
            ("pyproject.toml", '[project]\nname = "shop"\nversion = "1.2.0"\n', "Python package"),
            ("lib/pyproject.toml", '[tool.poetry]\nversion = "1.2.0"\n', "Python package"),
            ("shop/__init__.py", '__version__ = "1.2.0"\n', "Python package"),
            ("web/package.json", '{"name": "shop", "version": "1.2.0"}', "npm"),
            ("Cargo.toml", '[package]\nname = "shop"\nversion = "1.2.0"\n', "Cargo"),
            ("pom.xml", "<project><parent><version>9</version></parent><version>1.2.0</version></project>", "Maven"),
            ("build.gradle.kts", 'version = "1.2.0"\n', "Gradle"),
            ("charts/shop/Chart.yaml", "name: shop\nversion: 1.2.0\n", "Helm"),
            ("shop.gemspec", 's.version = "1.2.0"\n', "Ruby gem"),
            ("Shop.csproj", "<Project><Version>1.2.0</Version></Project>", "NuGet"),
            ("VERSION", "1.2.0\n", "Version file"),
        ],
    )
    def test_a_version_that_changes_is_about_to_be_published(self, path: str, text: str, tool: str) -> None:
        found = only(path, text, text.replace("1.2.0", "1.3.0"))
        assert (found.kind, found.path, found.tool, found.is_reversible) == ("artifact", path, tool, None)
        assert found.why == (
            f"{tool}: the version changes from `1.2.0` to `1.3.0`, and a published version stays published."
        )
        assert findings(path, text, text + "\n") == ()

    def test_a_private_package_is_never_published(self) -> None:
        text = '{"private": true, "version": "1.0.0"}'
        assert findings("package.json", text, text.replace("1.0.0", "2.0.0")) == ()

    def test_the_version_of_a_dependency_is_not_the_packages(self) -> None:
        text = '[project]\nversion = "1"\n[tool.x]\nversion = "5"\n'
        assert findings("pyproject.toml", text, text.replace('"5"', '"6"')) == ()

    @pytest.mark.parametrize(
        "command",
        [
            "npm publish",
            "twine upload dist/*",
            "docker push acme/shop",
            "uses: pypa/gh-action-pypi-publish@v1",
            "cargo publish",
        ],
    )
    def test_a_pipeline_that_begins_to_publish_is_one_as_well(self, command: str) -> None:
        path = ".github/workflows/release.yml"
        found = only(path, "steps:\n", f"steps:\n  - {command}\n")
        assert (found.kind, found.tool) == ("artifact", "Pipeline")
        assert findings(path, f"  - {command}\n", f"name: x\n  - {command}\n") == ()
        assert findings(path, "", f"# {command}\n") == ()


class TestInfrastructure:
    def test_a_resource_that_is_no_longer_described_is_destroyed(self) -> None:
        found = only("infra/db.tf", TERRAFORM, TERRAFORM[: TERRAFORM.index("module")])
        assert found == Finding(
            "infrastructure-destroy",
            "infra/db.tf",
            "Terraform",
            None,
            "Terraform: `module.mail` is no longer described, so applying the change destroys it.",
        )
        deleted = only("infra/db.tf", TERRAFORM, None)
        assert "`aws_db_instance.ledger`, `module.mail` are no longer described" in deleted.why

    def test_a_block_in_a_comment_describes_nothing(self) -> None:
        said = [one.why for one in findings("infra/db.tf", TERRAFORM, f"/*{TERRAFORM}*/")]
        assert any("`aws_db_instance.ledger`, `module.mail` are no longer described" in why for why in said)

    def test_what_moves_within_its_folder_is_not_destroyed(self) -> None:
        moved = content("infra/new.tf", None, TERRAFORM)
        assert findings("infra/db.tf", TERRAFORM, None, moved) == ()
        elsewhere = content("other/new.tf", None, TERRAFORM)
        assert [one.path for one in findings("infra/db.tf", TERRAFORM, None, elsewhere)] == ["infra/db.tf"]

    def test_a_rename_that_is_declared_is_no_destroy(self) -> None:
        renamed = 'resource "a_b" "new" {}\nmoved {\n  from = a_b.old\n  to = a_b.new\n}\n'
        assert findings("a.tf", 'resource "a_b" "old" {}\n', renamed) == ()
        kept = "removed {\n  from = a_b.old\n  lifecycle {\n    destroy = false\n  }\n}\n"
        assert findings("a.tf", 'resource "a_b" "old" {}\n', kept) == ()
        assert len(findings("a.tf", 'resource "a_b" "old" {}\n', kept.replace("false", "true"))) == 1

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ("prevent_destroy = true", "", "`prevent_destroy = true` is taken away"),
            ("prevent_destroy = true", "# prevent_destroy = true", "`prevent_destroy = true` is taken away"),
            ("", "force_destroy = true", "`force_destroy = true` is new here"),
            ("", "count = 0", "`count = 0` is new here"),
            ("", "skip_final_snapshot = true", "`skip_final_snapshot = true` is new here"),
        ],
    )
    def test_a_protection_that_is_lifted_counts(self, before: str, after: str, said: str) -> None:
        block = 'resource "a_b" "c" {{\n  {}\n}}\n'
        assert said in only("a.tf", block.format(before), block.format(after)).why

    def test_switching_deletion_protection_off_is_seen_from_both_sides(self) -> None:
        found = findings("a.tf", TERRAFORM, TERRAFORM.replace("protection = true", "protection = false"))
        assert len(found) == 2
        assert all("deletion_protection" in one.why for one in found)

    def test_terraform_in_json_is_read_as_well(self) -> None:
        before = '{"resource": {"a_b": {"c": {}, "d": {}}}}'
        assert "`a_b.d`" in only("a.tf.json", before, before.replace(', "d": {}', "")).why
        assert "can no longer be read" in only("a.tf.json", before, "{").why

    def test_an_object_of_the_cluster_that_goes_is_destroyed(self) -> None:
        manifests = f"{CLAIM}---\n{CLAIM.replace('PersistentVolumeClaim', 'Namespace')}"
        found = only("deploy/ledger.yaml", manifests, CLAIM)
        assert "`Namespace/ledger-data` is no longer described" in found.why
        assert "Kubernetes" in only("deploy/ledger.yaml", CLAIM, None).why
        assert findings("deploy/ledger.yaml", CLAIM, CLAIM.replace("other", "changed")) == ()

    def test_a_stack_that_drops_a_resource_or_its_protection(self) -> None:
        stack = "Resources:\n  Ledger:\n    Type: AWS::RDS::DBInstance\n    DeletionPolicy: Retain\n"
        assert "`AWS::RDS::DBInstance Ledger`" in only("stack.yaml", stack, None).why
        found = findings("stack.yaml", stack, stack.replace("Retain", "Delete"))
        assert len(found) == 2
        assert {one.tool for one in found} == {"CloudFormation"}
        as_json = '{"Resources": {"Ledger": {"Type": "AWS::S3::Bucket"}}}'
        assert "`AWS::S3::Bucket Ledger`" in only("stack.json", as_json, '{"Resources": {"X": "AWS::"}}').why

    @pytest.mark.parametrize(
        "command", ["terraform destroy -auto-approve", "kubectl delete ns shop", "helm uninstall x"]
    )
    def test_a_command_that_destroys_is_one_as_well(self, command: str) -> None:
        found = only("scripts/clean.sh", "set -e\n", f"set -e\n{command}\n")
        assert (found.kind, found.tool) == ("infrastructure-destroy", "Pipeline")


class TestPublicInterfaces:
    @pytest.mark.parametrize(
        ("path", "before", "remove", "said"),
        [
            ("api.yaml", OPENAPI, "    post:\n      responses: {}\n", "OpenAPI: `POST /orders` is removed"),
            ("api.yaml", OPENAPI, '  "/orders/{id}":\n    delete: {}\n', "OpenAPI: `DELETE /orders/{id}` is removed"),
            ("a.proto", PROTO, "string iban = 3;", "Protocol Buffers: `Order.iban = 3` is removed"),
            ("a.proto", PROTO, "PAID = 1;", "Protocol Buffers: `Order.State.PAID = 1` is removed"),
            ("a.proto", PROTO, "rpc Cancel(Order) returns (Order);", "Protocol Buffers: `Shop.Cancel` is removed"),
            ("a.graphql", GRAPHQL, "  id: ID!\n", "GraphQL: `Order.id` is removed"),
            ("a.graphql", GRAPHQL, "PAID ", "GraphQL: `State.PAID` is removed"),
            ("a.graphql", GRAPHQL, "union Found = Order | Line", "GraphQL: `Found` is removed"),
            ("index.ts", INDEX, "b as c, ", "TypeScript: `c` is removed"),
            ("src/index.ts", INDEX, 'export * from "./more";', 'TypeScript: `* from "./more"` is removed'),
            ("index.d.ts", INDEX, "export default function main() {}", "TypeScript: `main` is removed"),
            ("shop/__init__.py", "from .a import b, c as d\n", ", c as d", "Python: `d` is removed"),
            ("shop/__init__.py", "def a(): ...\ndef b(): ...\n", "def b(): ...\n", "Python: `b` is removed"),
            ("shop/__init__.py", '__all__ = ["a", "b"]\n', ', "b"', "Python: `b` is removed"),
        ],
    )
    def test_a_name_that_goes_is_named(self, path: str, before: str, remove: str, said: str) -> None:
        assert remove in before
        found = only(path, before, before.replace(remove, ""))
        assert (found.kind, found.path) == ("removed-public-api", path)
        assert found.why == f"{said}, and callers may rely on it."

    @pytest.mark.parametrize(
        ("path", "text"),
        [("api.yaml", OPENAPI), ("a.proto", PROTO), ("a.graphql", GRAPHQL), ("index.ts", INDEX)],
    )
    def test_a_comment_that_changes_removes_nothing(self, path: str, text: str) -> None:
        sign = "#" if path.endswith(("yaml", "graphql")) else "//"
        assert findings(path, text, f"{text}\n{sign} a remark\n") == ()
        assert findings(path, f"{text}\n{sign} a remark\n", text) == ()

    def test_names_that_begin_with_an_underscore_are_nobodys(self) -> None:
        assert findings("shop/__init__.py", "def _a(): ...\n", "") == ()

    def test_a_file_that_no_longer_can_be_read_removes_all_it_had(self) -> None:
        assert "can no longer be read" in only("shop/__init__.py", "def a(): ...\n", "def a(:\n").why
        for head in (b"\xff", None):
            found = examine([FileContent("a.proto", "modified", head, PROTO.encode())])
            assert "can no longer be read" in found[0].why

    def test_a_message_may_move_to_another_file_but_a_python_name_may_not(self) -> None:
        assert findings("a.proto", PROTO, None, content("b.proto", None, PROTO)) == ()
        moved = content("other/__init__.py", None, "def a(): ...\n")
        assert only("shop/__init__.py", "def a(): ...\n", "", moved).path == "shop/__init__.py"

    def test_json_is_read_as_well(self) -> None:
        api = '{"openapi": "3.1.0", "paths": {"/a": {"get": {}, "post": {}, "parameters": []}}}'
        assert "`POST /a`" in only("api.json", api, api.replace(' "post": {},', "")).why


class TestAll:
    def test_findings_are_sorted_and_each_stands_once(self) -> None:
        sql = content("db/b.sql", None, "DROP TABLE a;")
        found = findings("VERSION", "1.0.0", "2.0.0", sql, content("a.tf", TERRAFORM, None))
        assert [one.path for one in found] == ["VERSION", "a.tf", "db/b.sql"]
        assert len(set(found)) == len(found)

    def test_foreign_names_cannot_break_out_of_their_sentence(self) -> None:
        api = OPENAPI.replace("/orders:", "/a`\u202e**approved**:")
        assert "`GET /a'\\u{202e}**approved**`" in only("api.yaml", api, "openapi: 3.1.0\npaths:\n").why

    def test_an_unchanged_or_harmless_file_finds_nothing(self) -> None:
        assert findings("src/app.py", "a = 1\n", "a = 2\n") == ()
        assert findings("a.tf", TERRAFORM, TERRAFORM) == ()

    @pytest.mark.parametrize(
        "path", ["infra/db.tf", "api/v1.proto", "web/src/index.ts", "VERSION", "db/x.sql", "ci/go.sh"]
    )
    def test_what_is_examined_is_worth_reading(self, path: str) -> None:
        assert is_candidate(path)

    def test_code_in_general_is_not(self) -> None:
        assert not is_candidate("src/app/checkout.ts")
        assert not is_candidate("README.md")

    @pytest.mark.parametrize(
        ("path", "unit"),
        [
            ("a.tf", "resource x {\n"),
            ("a.tf", "\n"),
            ("a.tf", "moved {"),
            ("a.proto", "a"),
            ("a.proto", "message a {"),
            ("a.graphql", "type a "),
            ("a.graphql", "("),
            ("index.ts", "export {"),
            ("index.ts", "export  "),
            ("a.yaml", "metadata:\n   \n"),
            ("a.yaml", "openapi: 3\npaths:\n  /a:\n"),
            ("a.yaml", "AWS::\n  A:\n#\n"),
            ("pom.xml", "<parent>"),
            ("Makefile", "mvn "),
            ("shop/__init__.py", "("),
            ("package.json", "["),
        ],
    )
    def test_hostile_text_takes_no_time(self, path: str, unit: str) -> None:
        raw = (unit * (300_000 // len(unit))).encode()
        started = time.process_time()
        examine([FileContent(path, "modified", raw, b"x" + raw), FileContent(f"b/{path}", "added", raw)])
        assert time.process_time() - started < 5

    @settings(max_examples=150, deadline=None)
    @given(
        path=st.sampled_from(
            ["a.tf", "a.tf.json", "a.yaml", "a.json", "a.proto", "a.graphql", "index.ts", "a/__init__.py"]
        ),
        before=st.sampled_from(
            [TERRAFORM, CLAIM, OPENAPI, PROTO, GRAPHQL, INDEX, '{"resource": {"a": []}, "paths": 1}']
        ),
        text=st.text(alphabet="(){}[]'\"`#/*-\n\\ ;=>:,typeresourcmgkind", max_size=150),
    )
    def test_no_text_ever_breaks_the_reading(self, path: str, before: str, text: str) -> None:
        for found in findings(path, before, text) + findings(path, before, before[: len(text)] + text):
            assert found.why.endswith(".")

"""The description of the API: valid, complete, with examples that are true, and the service keeps to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_visitors import a_token, bearer
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import positive_data_acceptance

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as service:
        service.forge.a_pull()
        service.settle()
        yield service


@pytest.fixture(scope="module")
def app(service: Service) -> Any:
    return an_app(service)


@pytest.fixture(scope="module")
def document(app: Any) -> Any:
    return app.test_client().get("/openapi.json").get_json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


class TestTheDocument:
    def test_is_valid_openapi_3_1(self, document: Any) -> None:
        assert document["openapi"].startswith("3.1")
        validate(document)

    def test_lists_every_route_of_the_api(self, app: Any, document: Any) -> None:
        rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
        assert len(rules) == len([path for path in document["paths"] if path.startswith("/api/")])

    def test_says_of_every_operation_who_may_use_it(self, document: Any) -> None:
        for path, method, operation in operations(document):
            is_open = operation["security"] == []
            assert is_open or operation["x-roles"], f"{method} {path}"
            assert is_open == ("401" not in operation["responses"]), f"{method} {path}"

    def test_holds_no_markup_of_the_framework(self, app: Any, document: Any) -> None:
        assert "<br/>" not in str(document)
        page = app.test_client().get("/docs", headers=HTML).text
        assert "br/" not in page
        assert "\\u{" not in page

    def test_describes_every_problem_as_such(self, document: Any) -> None:
        for path, method, operation in operations(document):
            for code, answer in operation["responses"].items():
                if code >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {code}"

    def test_says_of_every_parameter_what_it_means(self, app: Any, document: Any) -> None:
        page = app.test_client().get("/docs", headers=HTML).text
        for path, method, operation in operations(document):
            for one in operation.get("parameters", ()):
                assert one.get("description"), f"{method} {path}: {one['name']}"
        assert "The pull request&#39;s number." in page

    def test_has_an_example_of_every_parameter_and_json_answer(self, document: Any) -> None:
        for path, method, operation in operations(document):
            for one in operation.get("parameters", ()):
                assert one["schema"].get("examples"), f"{method} {path}: {one['name']}"
            for code, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    assert "json" not in kind or "example" in content, f"{method} {path} {code}"

    def test_has_only_examples_that_fit_their_schema(self, document: Any) -> None:
        for _, _, operation in operations(document):
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    schema = {**content["schema"], "components": document["components"]}
                    if "example" in content:
                        jsonschema_rs.validate(schema, content["example"])
            for one in operation.get("parameters", ()):
                for example in one["schema"]["examples"]:
                    jsonschema_rs.validate(one["schema"], example)


class TestThePage:
    def test_has_the_navigation_of_the_site_for_whoever_is_logged_in(self, app: Any, service: Service) -> None:
        client = app.test_client()
        assert 'aria-label="Pages"' not in client.get("/docs", headers=HTML).text
        service.forge.world.browser_user = service.forge.alice
        log_in(client)
        page = client.get("/docs", headers=HTML).text
        assert 'aria-label="Pages"' in page
        assert ">alice</a>" in page

    def test_shows_every_operation_without_a_script(self, app: Any, document: Any) -> None:
        page = app.test_client().get("/docs", headers=HTML)
        assert page.status_code == 200
        assert "<script" not in page.text
        for path, method, _ in operations(document):
            assert f"<code>{method.upper()} {path}</code>" in page.text


class TestTheServiceKeepsToIt:
    @pytest.mark.parametrize("role", ["admin", "viewer", ""])
    def test_whatever_is_asked_the_answer_is_described(self, app: Any, service: Service, role: Any) -> None:
        headers = bearer(a_token(service, role=role)) if role else {}
        schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
        for result in schema.get_all_operations():
            operation = result.ok()

            @given(case=operation.as_strategy())
            @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            def holds(case: Any) -> None:
                # A cursor is a text that only the service can make, so that most texts are rightly refused.
                case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

            holds()

    @pytest.mark.parametrize("path", ["/api/v1/changes/acme/shop/1", "/api/v1/changes", "/api/v1/ledger/entries/0"])
    def test_what_is_there_is_answered_as_described(self, app: Any, service: Service, document: Any, path: str) -> None:
        answer = app.test_client().get(path, headers=bearer(a_token(service)))
        assert answer.status_code == 200
        described = {"/api/v1/changes/acme/shop/1": "Verdict", "/api/v1/changes": "ChangeList"}.get(path, "Entry")
        schema = {"$ref": f"#/components/schemas/{described}", "components": document["components"]}
        jsonschema_rs.validate(schema, answer.get_json())


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api/v1/nothing", 404),
            ("GET", "/api/v1/changes/acme/shop/none", 404),
            ("GET", "/api/v1/changes/acme/other/1", 404),
            ("GET", "/api/v1/changes?limit=0", 400),
            ("GET", "/api/v1/changes?after=zzz", 400),
            ("GET", "/api/v1/changes?nothing=1", 400),
            ("DELETE", "/api/v1/changes", 405),
            ("POST", "/ledger/checkpoint", 405),
            ("GET", "/webhooks/github", 405),
        ],
    )
    def test_are_problem_json_whatever_goes_wrong(
        self, app: Any, service: Service, method: str, path: str, status: int
    ) -> None:
        headers = {**bearer(a_token(service)), "Accept": "text/html"}
        answer = app.test_client().open(path, method=method, headers=headers)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        problem = answer.get_json()
        assert problem["status"] == status
        assert problem["title"]

    def test_never_echo_what_was_sent(self, app: Any, service: Service) -> None:
        answer = app.test_client().get("/api/v1/changes?state=canary-of-mine", headers=bearer(a_token(service)))
        assert answer.status_code == 400
        assert "canary" not in answer.text

    def test_an_unforeseen_error_is_one_too(self, service: Service, tmp_path: Path) -> None:
        def broken() -> bytes:
            raise RuntimeError(f"canary in {tmp_path}")

        answer = an_app(service, metrics=broken).test_client().get("/metrics", headers=bearer(a_token(service)))
        assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
        assert "canary" not in answer.text

    def test_an_address_with_slashes_in_a_row_is_not_sent_elsewhere(self, app: Any) -> None:
        assert app.test_client().get("/ledger/tile/35/%2Fopenapi.json").status_code == 404

"""The matrix of roles and routes: every route has a row, and every cell of it holds at the door."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders_login import HTML, an_app
from builders_service import Service, a_service
from builders_visitors import LONG_AGO, ROLES, a_token, bearer
from werkzeug.exceptions import Forbidden, Unauthorized

from gate.usecases.stored import Role
from gate.web.matrix import MATRIX
from gate.web.visitors import admit

GUARDED = sorted(endpoint for endpoint, roles in MATRIX.items() if roles is not None)
OPEN = sorted(endpoint for endpoint, roles in MATRIX.items() if roles is None)
CELLS = {
    "health.metrics": "auditor admin",
    "linking.show": "viewer owner auditor admin",
    "linking.confirm": "viewer owner auditor admin",
    "me.show": "viewer owner auditor admin",
    "me.name": "viewer owner auditor admin",
    "me.end": "viewer owner auditor admin",
    "me.take_back": "viewer owner auditor admin",
    "me.unlink": "viewer owner auditor admin",
    "api.changes": "viewer owner auditor admin",
    "api.change": "viewer owner auditor admin",
    "api.evaluate": "owner admin",
    "signoff_api.decide": "owner",
    "components.owners": "viewer owner auditor admin",
    "components.components": "viewer owner auditor admin",
    "components.component": "viewer owner auditor admin",
    "components.history": "viewer owner auditor admin",
    "components.suspects": "viewer owner auditor admin",
    "ownership.overview": "viewer owner auditor admin",
    "ownership.one": "viewer owner auditor admin",
    "own_reviews.confirm": "viewer owner auditor admin",
    "incidents.overview": "viewer owner auditor admin",
    "incidents.one": "viewer owner auditor admin",
    "incidents.close": "owner admin",
    "incidents.review": "owner admin",
    "ledger.bundle": "auditor admin",
    "ledger.entry": "auditor admin",
    "ledger.inclusion": "auditor admin",
    "ledger.consistency": "auditor admin",
    "calendar.page": "viewer owner auditor admin",
    "calendar.feed": "viewer owner auditor admin",
    "rollback.show": "viewer owner auditor admin",
    "escalations.show": "viewer owner auditor admin",
    "escalations.acknowledge": "viewer owner admin",
    "audit.page": "auditor admin",
    "audit.download": "auditor admin",
    "audit_api.export": "auditor admin",
    "pages.queue": "viewer owner auditor admin",
    "pages.change": "viewer owner auditor admin",
    "decisions.show": "viewer owner auditor admin",
    "decisions.review": "viewer owner auditor admin",
    "decisions.decide": "viewer owner auditor admin",
    "decisions.several": "viewer owner auditor admin",
    "decisions.decide_several": "viewer owner auditor admin",
}
"""Who may use each guarded route, cell by cell: written out here, so that no change of a named set goes unseen."""
NAMES: dict[str, Any] = {
    "owner": "acme",
    "repo": "shop",
    "number": 1,
    "index": 0,
    "filename": "gate.css",
    "component": "web",
}
WRITES_FOR_ANYBODY = {
    "hooks.github",
    "incident_hooks.receive",
    "entry.leave",
    "signoff.decide",
    "signoff.decide_by_token",
}
"""A webhook proves itself by its signature, whoever leaves needs no right to, and a link has a way of its own."""


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
def tokens(service: Service) -> dict[Role, str]:
    return {role: a_token(service, role=role) for role in ROLES}


def requests_of(app: Any, endpoint: str) -> list[tuple[str, str]]:
    """Method and path of every way to reach an endpoint."""
    found = []
    for rule in app.url_map.iter_rules(endpoint):
        with app.test_request_context():
            values = {name: NAMES.get(name, 1 if "int" in rule.rule else "x") for name in rule.arguments}
            path = app.url_map.bind("localhost").build(endpoint, values, append_unknown=False)
        found += [(method, path) for method in sorted((rule.methods or set()) - {"OPTIONS"})]
    return found


class TestEveryRoute:
    def test_has_a_row(self, app: Any) -> None:
        assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(MATRIX)

    def test_that_asks_who_comes_is_written_out_cell_by_cell(self) -> None:
        assert {name: frozenset(roles.split()) for name, roles in CELLS.items()} == {
            name: roles for name, roles in MATRIX.items() if roles is not None
        }

    def test_that_had_none_would_be_closed_to_all(self, service: Service) -> None:
        bare = an_app(service)
        bare.add_url_rule("/new", "new", lambda: "open")
        answer = bare.test_client().get("/new", headers=bearer(a_token(service)))
        assert answer.status_code == 403

    def test_that_writes_and_is_open_is_one_of_a_few(self, app: Any) -> None:
        writes = {endpoint for endpoint in OPEN for method, _ in requests_of(app, endpoint) if method == "POST"}
        assert writes == WRITES_FOR_ANYBODY


@pytest.mark.parametrize("endpoint", GUARDED)
class TestEveryCell:
    @pytest.mark.parametrize("role", ROLES)
    def test_lets_in_whom_it_names_and_nobody_else(
        self, app: Any, tokens: dict[Role, str], endpoint: str, role: Role
    ) -> None:
        for method, path in requests_of(app, endpoint):
            with app.test_request_context(path, method=method, headers=bearer(tokens[role])):
                if role in CELLS[endpoint].split():
                    assert admit() is None
                else:
                    with pytest.raises(Forbidden):
                        admit()

    @pytest.mark.parametrize("role", ROLES)
    def test_holds_at_the_door_too(self, app: Any, tokens: dict[Role, str], endpoint: str, role: Role) -> None:
        for method, path in requests_of(app, endpoint):
            answer = app.test_client().open(path, method=method, headers=bearer(tokens[role]))
            is_let_in = role in CELLS[endpoint].split()
            is_form = method == "POST" and not endpoint.startswith(("api.", "signoff_api.", "hooks."))
            assert is_form or (answer.status_code == 403) == (not is_let_in), f"{method} {path}: {answer.status}"
            assert answer.status_code < 500, f"{method} {path}: {answer.text}"

    def test_lets_nobody_in_who_is_unknown(self, app: Any, endpoint: str) -> None:
        for method, path in requests_of(app, endpoint):
            for headers in ({}, bearer("gate_never-made"), {"Authorization": "Basic eDp5"}):
                assert app.test_client().open(path, method=method, headers=headers).status_code == 401
            with (
                app.test_request_context(path, method=method, headers={"Cookie": "gate_session=made-up"}),
                pytest.raises(Unauthorized),
            ):
                admit()


@pytest.mark.parametrize("endpoint", OPEN)
def test_an_open_route_asks_nobody_who_they_are(app: Any, endpoint: str) -> None:
    for method, path in requests_of(app, endpoint):
        with app.test_request_context(path, method=method, headers=HTML):
            assert admit() is None


class TestAToken:
    @pytest.mark.parametrize("fields", [{"is_revoked": True}, {"expires_at": LONG_AGO}])
    def test_that_is_over_lets_nobody_in(self, app: Any, service: Service, fields: dict[str, Any]) -> None:
        secret = a_token(service, **fields)
        assert app.test_client().get("/api/v1/changes", headers=bearer(secret)).status_code == 401

    def test_of_other_repositories_sees_nothing_of_these(self, app: Any, service: Service) -> None:
        client, headers = app.test_client(), bearer(a_token(service, repositories=("acme/other",)))
        assert client.get("/api/v1/changes", headers=headers).get_json()["changes"] == []
        unseen = client.get("/api/v1/changes/acme/shop/1", headers=headers)
        missing = client.get("/api/v1/changes/acme/nothing/1", headers=headers)
        assert (unseen.status_code, unseen.data) == (missing.status_code, missing.data) == (404, missing.data)

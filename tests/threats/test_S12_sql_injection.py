"""S12: whatever stands in a parameter is a value: it selects nothing else, sorts nothing, and writes nothing."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from builders_login import HTML, an_app
from builders_service import Service, a_service
from builders_visitors import a_token, bearer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gate.adapters.db.tables import METADATA
from gate.usecases.stored import ChangeFilter

HOSTILE = [
    "' OR '1'='1", "'; DROP TABLE changes; --", "1; DELETE FROM changes", '" OR ""="', "\\'", "%", "_", "%%", "\\%",
    "\\", "' UNION SELECT secret_hash FROM api_tokens --", "acme/shop' --", "\x00", "\xed\xa0\x80",
    "${jndi:x}", "{{7*7}}", "a" * 5000,
]  # fmt: skip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as service:
        service.forge.a_pull(title="100% of _all_ 'amounts'")
        service.forge.a_pull({"web/page.html": "<p>\n"}, title="Nothing special")
        service.settle()
        yield service


def state(service: Service) -> dict[str, int]:
    """How many rows each table has."""
    with service.store._transactions.reading() as connection:
        count = select(func.count())
        tables = METADATA.tables.items()
        return {name: connection.execute(count.select_from(table)).scalar_one() for name, table in tables}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_parameter_of_any_route_selects_or_writes_anything_else(service: Service, hostile: str) -> None:
    client, headers = an_app(service).test_client(), bearer(a_token(service))
    before = state(service)
    text = quote(hostile.encode("utf-8", "surrogatepass"), safe="")
    for path in (
        *(f"/api/v1/changes?{name}={text}" for name in ("repository", "state", "verdict", "after", "limit", "sort")),
        f"/api/v1/changes/{text}/shop/1", f"/api/v1/changes/acme/{text}/1", f"/api/v1/changes/acme/shop/{text}",
        f"/api/v1/changes/acme/shop/1?facts={text}", f"/api/v1/ledger/entries/{text}",
    ):  # fmt: skip
        answer = client.get(path, headers=headers)
        assert answer.status_code in {200, 400, 404}, f"{path}: {answer.text}"
        assert answer.status_code != 200 or not answer.get_json()["changes"] or "sort=" in path
    for path in (f"/?after={text}", f"/changes/{text}/shop/1", f"/changes/acme/shop/1?facts={text}"):
        assert client.get(path, headers={**headers, **HTML}).status_code in {200, 400, 404}, path
    assert state(service) == before


@pytest.mark.parametrize("secret", HOSTILE[:11])
def test_no_token_or_cookie_is_more_than_a_value(service: Service, secret: str) -> None:
    client = an_app(service).test_client()
    plain = secret.replace("\x00", "")
    assert client.get("/api/v1/changes", headers=bearer(plain)).status_code == 401
    assert client.get("/api/v1/changes", headers={"Cookie": f"gate_session={quote(plain)}"}).status_code == 401


class TestSearching:
    @pytest.mark.parametrize(
        ("text", "titles"),
        [
            ("%", ["100% of _all_ 'amounts'"]),
            ("_", ["100% of _all_ 'amounts'"]),
            ("_all_", ["100% of _all_ 'amounts'"]),
            ("%all%", []),
            ("'amounts'", ["100% of _all_ 'amounts'"]),
            ("\\", []),
            ("' OR '1'='1", []),
        ],
    )
    def test_a_wildcard_is_a_letter(self, service: Service, text: str, titles: list[str]) -> None:
        with service.store.reading() as reading:
            assert [one.title for one in reading.changes(ChangeFilter(text=text)).changes] == titles

    @given(text=st.text(max_size=20))
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def test_whatever_is_searched_finds_only_what_holds_it(self, service: Service, text: str) -> None:
        with service.store.reading() as reading:
            found = [one.title for one in reading.changes(ChangeFilter(text=text)).changes]
        folded = "".join(letter.lower() if letter.isascii() else letter for letter in text)
        assert all(folded in title.lower() for title in found)


class TestACursor:
    @pytest.mark.parametrize(
        "values",
        [["'; DROP TABLE changes", 1, 1, 1], ["x", "1 OR 1=1", 1, 1], ["x", -1, 1, 1], ["x", 2**70, 1, 1], ["x"],
         [["x"], 1, 1, 1], {"a": 1}, ["x", True, 1, 1], ["x", 1.5, 1, 1], "x", None],
    )  # fmt: skip
    def test_that_somebody_made_is_refused_or_leads_nowhere(self, service: Service, values: Any) -> None:
        cursor = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
        answer = an_app(service).test_client().get(f"/api/v1/changes?after={cursor}", headers=bearer(a_token(service)))
        assert answer.status_code in {200, 400}
        assert answer.status_code == 400 or len(answer.get_json()["changes"]) <= 2

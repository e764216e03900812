"""The audit page and the export over HTTP: who gets what, streamed, and whole or not at all."""

import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_export import MadeExport, failing, key_of, merge_a_change, push_past_the_gate, unpacked
from builders_login import HTML, an_app
from builders_service import Service, a_service
from builders_store import a_signer
from builders_visitors import a_token, bearer

from gate.web.streaming import streamed

ONCE = "once-only-for-a-test"
PERIOD = "from=2026-01-01&to=2027-01-01"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as found:
        merge_a_change(found, 1)
        push_past_the_gate(found, is_explained=False)
        yield found


@pytest.fixture(scope="module")
def app(service: Service) -> Any:
    return an_app(service)


def export(app: Any, secret: str, more: str = "") -> Any:
    return app.test_client().get(f"/api/v1/audit/export?{PERIOD}{more}", headers=bearer(secret))


class TestTheApi:
    def test_an_auditor_gets_an_archive_that_verifies(self, app: Any, service: Service, tmp_path: Path) -> None:
        answer = export(app, a_token(service, role="auditor"), "&sample=1&seed=rain")
        assert (answer.status_code, answer.content_type) == (200, "application/zip")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-2026-01-01-2027-01-01.zip"'
        made = MadeExport(answer.data, None, key_of(a_signer()), tmp_path, "")  # type: ignore[arg-type]
        assert failing(unpacked(made.files(), tmp_path / "x"), made, clones=False) == {"consistency", "unexplained"}

    def test_a_token_for_other_repositories_gets_nothing(self, app: Any, service: Service) -> None:
        other = a_token(service, role="auditor", repositories=("acme/other",))
        assert export(app, other).status_code == 404
        assert export(app, other, "&repository=acme/shop").status_code == 404

    def test_a_token_for_some_repositories_gets_those_alone(self, app: Any, service: Service) -> None:
        answer = export(app, a_token(service, role="auditor", repositories=("acme/shop",)))
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert b'"is_everything":false' in archive.read("manifest.json")
            assert b"access-changed" not in archive.read("ledger/entries.jsonl")

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            (f"{PERIOD}&sample=2", 400),
            (f"{PERIOD}&sample=x", 400),
            (f"{PERIOD}&repository=acme/none", 404),
            ("from=2026-01-01&to=2020-01-01", 400),
            ("from=2026-13-01", 400),
            ("", 400),
        ],
    )
    def test_a_question_that_fits_nothing_is_refused_before_anything_is_sent(
        self, app: Any, service: Service, asked: str, status: int
    ) -> None:
        headers = bearer(a_token(service, role="auditor"))
        answer = app.test_client().get(f"/api/v1/audit/export?{asked}", headers=headers)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


class TestThePage:
    def test_it_shows_what_is_open_and_a_form_that_works_without_a_script(self, service: Service) -> None:
        app = an_app(service, has_login=False, trial_secret=ONCE)
        client = app.test_client()
        client.get(f"/enter/{ONCE}", headers=HTML)
        page = client.get("/audit", headers=HTML)
        assert page.status_code == 200, page.text
        assert "1 commit came past the gate" in page.text
        assert "direct-push" in page.text
        assert "<script" not in page.text
        token = page.text.partition('action="/audit/export"')[2].partition('value="')[2].partition('"')[0]
        form = {
            "csrf_token": token,
            "from": "2026-01-01",
            "to": "2027-01-01",
            "repository": "",
            "sample": "0",
            "seed": "",
        }
        answer = client.post("/audit/export", data=form, headers=HTML)
        assert answer.status_code == 200
        assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
        assert client.post("/audit/export", data={**form, "csrf_token": "x"}, headers=HTML).status_code == 403
        assert client.post("/audit/export", data={**form, "from": ""}, headers=HTML).status_code == 400


class TestStreaming:
    def test_what_fails_before_the_first_part_is_raised_before_anything_is_answered(self) -> None:
        def work(_: object) -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            streamed(work)

    def test_what_fails_later_ends_the_answer_without_its_end(self) -> None:
        def work(write: Any) -> None:
            write(b"x" * 70_000)
            raise ValueError("later")

        parts = streamed(work)
        assert len(next(parts)) == 70_000
        with pytest.raises(ValueError, match="later"):
            next(parts)

    def test_a_reader_that_goes_away_stops_the_work(self) -> None:
        stopped = threading.Event()

        def work(write: Any) -> None:
            try:
                while True:
                    write(b"x" * 70_000)
            finally:
                stopped.set()

        parts = streamed(work)
        next(parts)
        parts.close()  # type: ignore[attr-defined]
        assert stopped.wait(10)

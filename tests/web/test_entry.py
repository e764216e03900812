"""Entry: where GitHub sends whoever made the app."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from builders_login import HTML, an_app
from builders_service import a_service
from flask.testing import FlaskClient

from gate.adapters.github.manifest import app_manifest


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder: Path = tmp_path_factory.mktemp("service")
    with a_service(folder) as service:
        found: FlaskClient = an_app(service).test_client()
    return found


class TestTheAddressThatTheManifestNames:
    PLACE = urlsplit(app_manifest(name="gate", base_url="https://gate.example.com")["redirect_url"]).path

    def test_shows_the_command_that_takes_the_code(self, client: FlaskClient) -> None:
        answer = client.get(f"{self.PLACE}?code=a-code-of-github", headers=HTML)
        assert answer.status_code == 200
        assert "gate app install a-code-of-github" in answer.get_data(as_text=True)

    @pytest.mark.parametrize("query", ["", "?code=", "?code=a%20b", "?code=%3Bid", "?code=$(id)", f"?code={'a' * 201}"])
    def test_shows_nothing_that_a_shell_would_run_besides(self, client: FlaskClient, query: str) -> None:
        assert client.get(self.PLACE + query, headers=HTML).status_code == 404


class TestTheTrialsLink:
    ONCE = "once-only-for-a-test"

    def test_says_that_it_opens_once_and_how_to_get_another(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            app = an_app(service, has_login=False, trial_secret=self.ONCE)
            assert app.test_client().get(f"/enter/{self.ONCE}", headers=HTML).status_code == 303
            for secret in (self.ONCE, "another"):
                again = app.test_client().get(f"/enter/{secret}", headers=HTML)
                assert again.status_code == 404
                assert "opens once, in one browser. Start the service again" in again.text

"""L08: a link's token is in no address that stays, no page, no header, no log, and not in the database."""

import io
import re
from pathlib import Path

from builders_canaries import Canaries
from builders_link_pages import a_trial, decide
from builders_login import HTML
from builders_service import a_service
from builders_signoff import a_link

from gate.adapters.logs_structlog import clean


class TestTheToken:
    def test_is_gone_after_the_first_answer(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            client, canary = a_trial(service), a_link(service, pull, service.forge.alice)
            signature = canary.rpartition(".")[2]
            first = client.get(f"/signoff/{canary}", headers=HTML)
            page = client.get(first.headers["Location"], headers=HTML)
            after = decide(client, page, f"/signoff/{canary}")
            wrong = decide(client, page, f"/signoff/{canary}")
            for answer in (first, page, after, wrong):
                assert signature not in answer.text
                assert signature not in str(answer.headers)
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Cache-Control"] == "no-store, private"
            service.settle()
            assert not any(signature.encode() in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())

    def test_is_sent_to_nobody_else_by_the_page(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            client = a_trial(service)
            first = client.get(f"/signoff/{a_link(service, pull, service.forge.alice)}", headers=HTML)
            page = client.get(first.headers["Location"], headers=HTML)
            loaded = re.findall(r'(?:src|href|action)="([^"]+)"', page.text)
            assert all(address.startswith(("/", "#")) for address in loaded), loaded
            assert re.search(r"<title>([^<]*)</title>", page.text)[1].startswith("Sign-off for #1 ")  # type: ignore[index]

    def test_is_cut_out_of_whatever_is_logged(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            canary = a_link(service, pull, service.forge.alice)
        written = io.StringIO()
        for text in (f"GET /signoff/{canary} 303", f"https://gate.example/signoff/{canary}?x=1", canary):
            written.write(clean(text))
        assert canary.rpartition(".")[2] not in written.getvalue()
        assert canary[:40] not in written.getvalue()


class TestTheCanaries:
    """Every service of a test has a flock of them: this one shows that none dies unseen."""

    OWN = "http://127.0.0.1:8000"
    CANARY = "eyJhbGci.payload-of-a-link.signature-of-a-link"

    def flock(self) -> Canaries:
        return Canaries([self.CANARY])

    def request(self, url: str, headers: dict[str, str] | None = None, sent: str = "") -> list[str]:
        canaries = self.flock()
        canaries.look_at_request("a request", url, headers or {}, sent, own=self.OWN)
        return canaries.leaks

    def test_a_token_is_noticed_wherever_it_does_not_belong(self) -> None:
        assert self.request(f"{self.OWN}/me?from={self.CANARY}") != []
        assert self.request(f"https://elsewhere.example/signoff/{self.CANARY}") != []
        assert self.request(f"{self.OWN}/", {"referer": f"{self.OWN}/signoff/{self.CANARY}"}) != []
        assert self.request(f"{self.OWN}/", sent="comment=signature-of-a-link") != []
        canaries = self.flock()
        canaries.look("the log", f"request path=/signoff/{self.CANARY}")
        assert set(canaries.leaks) == {"the log"}

    def test_and_left_alone_where_a_link_is_opened(self) -> None:
        assert self.request(f"{self.OWN}/signoff/{self.CANARY}", {"accept": "text/html"}) == []

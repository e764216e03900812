"""Mail as owners get it: a real service hands it to a real SMTP server, once, however it is interrupted."""

import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from builders_notify import Mails, a_mail_server
from builders_processes import Running, a_service_of_processes, until


def links(mails: Mails) -> list[str]:
    """The approval links of all mails, in order."""
    texts = [mail.get_body(("plain",)).get_content() for mail in mails.taken]
    return [word for text in texts for word in text.split() if "/signoff/" in word]


def opened(link: str) -> str:
    """The page that a browser gets by a link, which takes the token out of its address by a cookie."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(link, timeout=10) as page:
        assert link.rpartition("/")[2] not in page.url
        text: str = page.read().decode()
    return text


def told(mails: Mails) -> dict[str, list[str]]:
    """The ids of the mails that each recipient got, each once."""
    found: dict[str, list[str]] = {}
    for recipient, mail in zip(mails.recipients, mails.taken, strict=True):
        identity = str(mail["Message-ID"])
        if identity not in found.setdefault(recipient, []):
            found[recipient].append(identity)
    return found


def is_settled(running: Running, mails: Mails, *, count: int) -> bool:
    ids = {str(mail["Message-ID"]) for mail in mails.taken}
    return len(ids) >= count and running.is_ready()


class TestMailToOwners:
    def test_arrives_with_a_link_of_the_gates_own_and_once_across_a_kill(self, tmp_path: Path) -> None:
        database = f"sqlite:///{tmp_path}/gate.db"
        with a_mail_server() as mails, a_service_of_processes(tmp_path, database, smtp_url=mails.url) as running:
            running.serve("--migrate")
            pull = running.forge.a_pull()
            mails.wait_for(1)
            running.kill("serve")
            running.serve()
            until(lambda: is_settled(running, mails, count=2), "mail to both owners")
            running.forge.shop.commit(pull.head_ref, {"web/page.html": "<p>x</p>\n"}, author=running.forge.dave)
            until(lambda: is_settled(running, mails, count=3), "mail to the other owner")
            assert {recipient: len(ids) for recipient, ids in told(mails).items()} == {
                "alice@example.com": 1, "bob@example.com": 1, "erin@example.com": 1,
            }  # fmt: skip
            assert {urlsplit(link).port for link in links(mails)} == {running.port}
            assert all(mail["Subject"] == f"Sign-off asked: acme/shop#{pull.number}" for mail in mails.taken)
            assert "Round amounts half to even" in opened(links(mails)[0])
            log = (tmp_path / "serve.log").read_text()
            assert not any(urlsplit(link).path.rpartition("/")[2] in log for link in links(mails))

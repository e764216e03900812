"""Calls and reminders as people get them: by mail through a real SMTP server, with a link that is used once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builders_calls import RECORDS, begin_call, ladder_now
from builders_link_pages import a_trial, decide, form_of, opened
from builders_login import HTML
from builders_notify import Mails, a_mail_server
from builders_service import Service, a_service

from gate.adapters.notify.channels import Channels
from gate.adapters.notify.mail_smtp import SmtpMail, parse_smtp_url
from gate.adapters.notify.services_apprise import AppriseServices
from gate.usecases.remind import remind


@contextmanager
def a_world(folder: Path, records: str = RECORDS) -> Iterator[tuple[Service, Mails]]:
    with a_mail_server() as mails:
        mail = SmtpMail(parse_smtp_url(mails.url, default_host="gate.example"))
        notifier = Channels(mail=mail, services=AppriseServices({}))
        with a_service(folder, files={".gate/ownership.yaml": records}, notifier=notifier) as service:
            service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
            service.settle()
            mails.wait_for(1)
            yield service, mails


class TestACall:
    def test_reaches_its_person_whose_link_acknowledges_once(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, mails):
            before = len(mails.taken)
            ladder = begin_call(service, cause="incident", matter="PD-1")
            service.work()
            mail = mails.wait_for(before + 1)[-1]
            assert (mail["Subject"], mails.recipients[-1]) == ("Incident of payments-api", "bob@example.com")
            text = mail.get_body(("plain",)).get_content()
            html = mail.get_body(("html",)).get_content()
            (link,) = [word for word in text.split() if "/signoff/" in word]
            assert link in html
            assert "The link is yours alone" in text
            client = a_trial(service)
            page = opened(client, link.rpartition("/")[2])
            assert decide(client, page, decision="acknowledge").status_code == 303
            assert decide(client, page, decision="acknowledge").status_code == 409
            assert ladder_now(service, ladder).acknowledged_by == "person:bob"
            assert service.errors == []


class TestAReminder:
    def test_is_one_mail_of_all_that_is_due_and_its_link_confirms_all_of_it(self, tmp_path: Path) -> None:
        due = "reviewed: 2026-01-01, review_every_days: 30"
        records = RECORDS.replace("owner: web, paths: [/web/]}", f"owner: web, paths: [/web/], {due}}}").replace(
            "components:\n", f"components:\n  - {{name: shop-window, owner: web, {due}}}\n"
        )
        with a_world(tmp_path, records) as (service, mails):
            before = len(mails.taken)
            assert remind(service.gate) == 1
            service.work()
            mail = mails.wait_for(before + 1)[-1]
            assert (mail["Subject"], mails.recipients[-1]) == (
                "Please confirm: ownership in acme/shop",
                "erin@example.com",
            )
            text = mail.get_body(("plain",)).get_content()
            assert "To be confirmed: shop-window, due 2026-01-31, storefront, due 2026-01-31" in text
            (link,) = [word for word in text.split() if "/signoff/" in word]
            client = a_trial(service)
            page = opened(client, link.rpartition("/")[2])
            wanted = [f"ownership-review:default/{name}" for name in ("shop-window", "storefront")]
            form = {**form_of(page, decision="confirm"), "review": wanted}
            assert client.post(page.request.path, data=form, headers=HTML).status_code == 303
            assert remind(service.gate) == 0

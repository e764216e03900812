"""Sign-off by link, from the browser's side: opened, looked at, decided once; without a login and with one."""

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import BODY, POLICY
from builders_link_pages import CSRF, a_trial, decide, opened
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_signoff import a_link, decide_by, entries


class TestThePage:
    def test_shows_all_that_a_decision_needs(self, service: Service) -> None:
        pull = service.forge.a_pull({"api/pay.py": "amount = 2\n", "web/page.html": "<p>2</p>\n"})
        service.settle()
        text = opened(a_trial(service), a_link(service, pull, service.forge.alice)).text
        for wanted in (
            "Alice Adams (alice)", "by possession of the link", "dave changes 2 files of payments-api and storefront",
            "api/pay.py", "amount = 2", "The way back", "Revert the merge commit.", "the error rate is back below",
            "Rehearsal", "Risk: ", "Who else signs", "Sign-off for storefront", "Tickets", "Freeze", "Ask someone else",
        ):  # fmt: skip
            assert wanted in text, wanted
        assert "&lt;p&gt;2&lt;/p&gt;" not in text  # erin's part is not hers

    def test_shows_one_of_several_ways_among_what_is_asked_of_them_and_not_of_others(self, tmp_path: Path) -> None:
        ways = '{name: Reviewed, require: {any_of: [{signoffs: {"role:dba": 1}}, {signoffs: {"role:sre": 1}}]}}'
        policy = f"{POLICY}roles: {{dba: [carol], sre: [erin]}}\nrules:\n  - {ways}\n"
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            pull = service.forge.a_pull({"api/pay.py": "amount = 2\n"})
            service.settle()
            text = opened(a_trial(service), a_link(service, pull, service.forge.carol)).text
            theirs, _, others = text.partition("Who else signs")
            assert '<p class="meta">Reviewed: one of 2 ways</p>' in theirs
            assert "Sign-off for payments-api" in others
            assert "one of 2 ways" not in others

    def test_makes_visible_what_hides_itself(self, service: Service) -> None:
        pull = service.forge.a_pull({"api/pay.py": "if admin:  # \u202e } \u2066 return\n"}, title="<b>x</b>")
        service.settle()
        text = opened(a_trial(service), a_link(service, pull, service.forge.alice)).text
        assert "<mark>\\u{202e}</mark>" in text
        assert "\u202e" not in text
        assert "<b>" not in text

    def test_says_what_has_changed_since_the_same_person_signed(self, service: Service) -> None:
        forge = service.forge
        pull = forge.a_pull({"api/pay.py": "amount = 2\n", "api/tax.py": "rate = 1\n"})
        service.settle()
        client = a_trial(service)
        decide(client, opened(client, a_link(service, pull, forge.alice)))
        service.settle()
        forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=forge.dave)
        pull.edit(body=BODY.replace("15 minutes", "10 minutes"), by=forge.dave)
        service.settle()
        text = opened(client, a_link(service, pull, forge.alice)).text
        assert "Since you signed off" in text
        assert "The rollback plan has changed." in text
        assert "<code>api/pay.py</code> has changed." in text
        assert text.count("changed since you signed") == 1


class TestDeciding:
    def test_shows_no_verdict_that_does_not_know_of_the_decision_yet(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client, token = a_trial(service), a_link(service, pull, service.forge.alice)
        answer = decide(client, opened(client, token), comment="Looks right.")
        shown = client.get(answer.headers["Location"], headers=HTML).text
        assert "You signed off" in shown
        assert "The change is judged anew with it" in shown
        assert "Waiting" not in shown
        service.settle()
        shown = client.get(answer.headers["Location"], headers=HTML).text
        assert "judged anew" not in shown
        assert "Approved" in shown

    def test_approves_once_and_shows_what_was_recorded(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client, token = a_trial(service), a_link(service, pull, service.forge.alice)
        page = opened(client, token)
        answer = decide(client, page, comment="Looks right.")
        assert answer.status_code == 303
        service.settle()
        assert service.check(pull) == "success"
        shown = client.get(answer.headers["Location"], headers=HTML)
        assert "You signed off" in shown.text
        assert "Approved" in shown.text
        again = decide(client, page, decision="reject", comment="No")
        assert again.status_code == 409
        assert "You signed off" in again.text
        assert len(entries(service, pull, "signoff-given", "signoff-rejected", "link-refused")) == 1

    def test_may_be_put_off_by_taking_care_which_calls_nobody_else_and_uses_nothing_up(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client = a_trial(service)
        page = opened(client, a_link(service, pull, service.forge.alice))
        assert "I take care of it" in page.text
        answer = decide(client, page, decision="acknowledge")
        assert answer.status_code == 303
        (entry,) = entries(service, pull, "acknowledged")
        assert (entry["actor"], entry["authenticated"]) == ("github:1001", "by possession of the link")
        again = client.get(answer.headers["Location"], headers=HTML)
        assert "I take care of it" not in again.text
        assert decide(client, again).status_code == 303

    def test_of_an_earlier_version_stops_no_ladder_of_the_present_one(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client = a_trial(service)
        page = opened(client, a_link(service, pull, service.forge.alice))
        service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
        service.settle()
        decide(client, page, decision="acknowledge")
        assert entries(service, pull, "acknowledged") == []

    def test_works_at_the_address_that_was_sent_too(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client, token = a_trial(service), a_link(service, pull, service.forge.alice)
        page = opened(client, token)
        assert decide(client, page, f"/signoff/{token}").status_code == 303
        assert decide(client, page, f"/signoff/{token}").status_code == 409

    def test_rejects_with_a_reason_only(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client = a_trial(service)
        page = opened(client, a_link(service, pull, service.forge.alice))
        refused = decide(client, page, decision="reject")
        assert refused.status_code == 400
        assert "A rejection needs a reason." in refused.text
        assert decide(client, refused, decision="reject", comment="Wrong way.").status_code == 303
        service.settle()
        assert service.check(pull) == "failure"

    def test_tells_what_has_changed_since_the_link_was_made(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client, token = a_trial(service), a_link(service, pull, service.forge.alice)
        page = opened(client, token)
        service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
        answer = decide(client, page)
        assert answer.status_code == 409
        assert "<code>api/pay.py</code> has changed." in answer.text
        service.settle()
        assert "made for an earlier version" in opened(client, token).text

    @pytest.mark.parametrize("decision", ["", "Approve", "withdraw", "approve;reject"])
    def test_takes_no_other_word(self, service: Service, decision: str) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client = a_trial(service)
        assert (
            decide(client, opened(client, a_link(service, pull, service.forge.alice)), decision=decision).status_code
            == 400
        )

    def test_asks_somebody_else_who_may_and_nobody_further(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client = a_trial(service)
        page = opened(client, a_link(service, pull, service.forge.alice))
        assert decide(client, page, decision="delegate", to="github:1005").status_code == 403
        assert decide(client, page, decision="delegate", to="github:1004").status_code == 403
        assert decide(client, page, decision="delegate", to="github:1002").status_code == 303
        assert "alice asked bob instead" in client.get(page.request.path, headers=HTML).text
        (entry,) = entries(service, pull, "signoff-delegated")
        assert (entry["actor"], entry["payload"]["to"]) == ("github:1001", "github:1002")
        bob = opened(client, a_link(service, pull, service.forge.bob))
        assert "goes no further" in decide(client, bob, decision="delegate", to="github:1001").text


class TestWithALogin:
    def test_the_addressee_decides_and_the_record_says_how_they_are_known(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client = an_app(service).test_client()
        service.forge.world.browser_user = service.forge.alice
        address = client.get(f"/signoff/{a_link(service, pull, service.forge.alice)}", headers=HTML).headers["Location"]
        sent = client.get(address, headers=HTML)
        assert sent.headers["Location"] == f"/login?next={address}"
        log_in(client, place=address)
        page = client.get(address, headers=HTML)
        assert "by possession" not in page.text
        assert decide(client, page).status_code == 303
        (entry,) = entries(service, pull, "signoff-given")
        assert entry["authenticated"].startswith("login at ")

    def test_somebody_else_sees_whom_it_was_for_and_decides_nothing(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        client = an_app(service).test_client()
        service.forge.world.browser_user = service.forge.bob
        log_in(client)
        page = opened(client, a_link(service, pull, service.forge.alice))
        assert page.status_code == 403
        assert "Alice Adams" in page.text
        assert "amount" not in page.text
        own = client.get("/changes/acme/shop/1/signoff", headers=HTML)
        assert decide(client, own, page.request.path).status_code == 403
        assert entries(service, pull, "signoff-given") == []


class TestWhoIsLoggedIn:
    @pytest.fixture
    def alice(self, service: Service) -> Any:
        client = an_app(service).test_client()
        service.forge.world.browser_user = service.forge.alice
        log_in(client)
        return client

    def test_decides_without_a_link_and_takes_it_back(self, service: Service, alice: Any) -> None:
        pull = service.forge.a_pull()
        service.settle()
        place = f"/changes/acme/shop/{pull.number}/signoff"
        page = alice.get(place, headers=HTML)
        hidden = dict(re.findall(r'name="(nonce|shown|scope)" value="([^"]+)"', page.text))
        assert decide(alice, page, **hidden).status_code == 303
        assert decide(alice, page, **hidden).status_code == 409
        service.settle()
        assert service.check(pull) == "success"
        page = alice.get(place, headers=HTML)
        nonce = re.findall(r'name="nonce" value="([^"]+)"', page.text)[-1]
        assert decide(alice, page, decision="withdraw", nonce=nonce).status_code == 303
        service.settle()
        assert service.check(pull) == "in_progress"

    def test_sees_what_waits_and_decides_on_several_at_once(self, service: Service, alice: Any) -> None:
        first, second, third = (service.forge.a_pull() for _ in range(3))
        service.settle()
        queue = alice.get("/", headers=HTML).text
        assert "Waiting for you" in queue
        page = alice.get("/signoff", headers=HTML)
        form: dict[str, Any] = {"csrf_token": CSRF.findall(page.text)[-1], "change": []}
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page.text):
            if name == "change":
                form["change"].append(value)
            elif name != "csrf_token":
                form[name] = value
        form[f"acme/shop/{first.number}:decision"] = "approve"
        form[f"acme/shop/{second.number}:decision"] = "reject"
        form[f"acme/shop/{third.number}:decision"] = "approve"
        service.forge.shop.commit(third.head_ref, {"api/pay.py": "amount = 33\n"}, author=service.forge.dave)
        answer = alice.post("/signoff", data=form, headers=HTML)
        assert answer.status_code == 200
        assert "Recorded: approve." in answer.text
        assert "A rejection needs a reason." in answer.text
        assert "no longer what would be merged" in answer.text
        service.settle()
        assert [service.check(one) for one in (first, second, third)] == ["success", "in_progress", "in_progress"]


class TestARejection:
    POLICY = "version: 1\ndefault_owner: platform\nroles: {veto-lift: [carol, erin]}\n"

    def page(self, service: Service, pull: Any, who: Any) -> tuple[Any, Any]:
        service.forge.world.browser_user = who
        client = an_app(service, new_secret=lambda: secrets.token_hex(16)).test_client()
        log_in(client)
        return client, client.get(f"/changes/acme/shop/{pull.number}/signoff", headers=HTML)

    def lift(self, service: Service, pull: Any, who: Any, reason: str = "It is urgent.") -> Any:
        client, page = self.page(service, pull, who)
        forms = re.findall(
            r'name="nonce" value="([0-9a-f]+l)">\s*<input type="hidden" name="shown" value="([^"]+)"', page.text
        )
        nonce, shown = forms[0] if forms else ("0l", "")
        answer = decide(client, page, decision="lift-veto", nonce=nonce, shown=shown, comment=reason)
        service.settle()
        return answer

    def test_is_lifted_on_the_page_by_two_of_the_role_each_with_a_reason(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/policy.yaml": self.POLICY}) as service:
            forge, pull = service.forge, service.forge.a_pull()
            service.settle()
            pull.review(forge.bob, "APPROVED")
            decide_by(service, a_link(service, pull, forge.alice), "reject", "Not today.")
            service.settle()
            assert "Lift the rejection" not in self.page(service, pull, forge.bob)[1].text
            assert self.lift(service, pull, forge.bob).status_code == 403
            assert "Not today." in self.page(service, pull, forge.carol)[1].text
            assert self.lift(service, pull, forge.carol, "").status_code == 400
            assert self.lift(service, pull, forge.carol).status_code == 303
            assert service.check(pull) == "failure"
            assert self.lift(service, pull, forge.erin).status_code == 303
            assert service.check(pull) == "success"

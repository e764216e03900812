"""S07: what others wrote is text on every page of a sign-off, and no page has a script that could be misused."""

import re
from pathlib import Path

from builders_forge_world import BODY
from builders_link_pages import a_trial, decide, opened
from builders_login import HTML, an_app, log_in
from builders_service import a_service
from builders_signoff import a_link

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>{{7*7}}"


class TestEveryPageOfASignoff:
    def test_shows_hostile_text_as_text(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            forge = service.forge
            forge.world.browser_user = forge.bob
            body = BODY.replace("Deploy main.", f"Deploy {EVIL}").replace("the error rate", f"{EVIL} the error rate")
            pull = forge.a_pull(
                {"api/<img src=x>.py": f"x = {EVIL!r}\n", "api/pay.py": f"{EVIL}\n"}, title=EVIL, body=body
            )
            service.settle()
            trial = a_trial(service)
            page = opened(trial, a_link(service, pull, forge.alice))
            refused = decide(trial, page, decision="reject")
            decided = decide(trial, page, decision="reject", comment=EVIL)
            logged_in = an_app(service).test_client()
            log_in(logged_in)
            service.settle()
            places = ("/", "/signoff", f"/changes/acme/shop/{pull.number}/signoff", f"/changes/acme/shop/{pull.number}")
            pages = [page, refused, trial.get(decided.headers["Location"], headers=HTML)]
            pages += [logged_in.get(place, headers=HTML) for place in places]
            for one in pages:
                assert one.status_code in {200, 400}
                assert "<script" not in one.text
                assert "<img" not in one.text
                assert "<svg" not in one.text
                assert "49" not in re.sub(r"[0-9a-f]{8,}", "", one.text.split("<main", 1)[1]) or "{{7*7}}" in one.text
                assert not re.search(r"<[a-z][^>]*\s(on[a-z]+|style)\s*=", one.text)

    def test_may_run_no_script_and_load_nothing_from_elsewhere(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            page = opened(a_trial(service), a_link(service, pull, service.forge.alice))
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "script-src" not in policy

"""L03: one link decides once, however often and however many at the same time use it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from builders_link_pages import form_of, opened
from builders_login import HTML, an_app
from builders_service import a_service
from builders_signoff import a_link, entries

TIMES = 200


class TestTwoHundredAtTheSameTime:
    def test_give_one_signoff_and_one_entry(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            app = an_app(service, has_login=False, providers=())
            first = app.test_client()
            token = a_link(service, pull, service.forge.alice)
            page = opened(first, token)
            jti = page.request.path.rpartition("/")[2]
            cookie = first.get_cookie(f"gate_link_{jti}", path="/signoff")
            together = threading.Barrier(20)

            def use(number: int) -> int:
                client = app.test_client()
                client.set_cookie(cookie.key, cookie.value, path="/signoff")
                if number < 20:
                    together.wait(30)
                wanted: Any = {"decision": "approve"} if number % 2 else {"decision": "reject", "comment": "No."}
                answer = client.post(page.request.path, data=form_of(page, **wanted), headers=HTML)
                return int(answer.status_code)

            with ThreadPoolExecutor(20) as pool:
                codes = Counter(pool.map(use, range(TIMES)))
            assert codes == {303: 1, 409: TIMES - 1}
            kinds = ("signoff-given", "signoff-rejected", "signoff-voided", "link-refused", "signoff-refused")
            assert len(entries(service, pull, *kinds)) == 1
            with service.store.reading() as reading:
                assert len(reading.signoffs(service.key(pull))) == 1

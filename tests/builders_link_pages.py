"""A browser before links: opens them, and answers the form that it is shown."""

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from builders_login import HTML, an_app
from builders_service import Service

CSRF = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


def a_trial(service: Service, **door: Any) -> Any:
    """A browser before a gate without login."""
    return an_app(service, has_login=False, providers=(), **door).test_client()


def opened(client: Any, token: str) -> Any:
    """The page that a link leads to."""
    answer = client.get(f"/signoff/{token}", headers=HTML)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["Location"], headers=HTML)


def form_of(page: Any, **fields: str) -> dict[str, str]:
    tokens = CSRF.findall(page.text)
    return {"decision": "approve", "comment": "", "csrf_token": tokens[-1] if tokens else "", **fields}


def decide(client: Any, page: Any, address: str = "", headers: Any = None, **fields: str) -> Any:
    """Send the form of a page."""
    return client.post(address or page.request.path, data=form_of(page, **fields), headers={**HTML, **(headers or {})})


def answers_at_once(
    service: Service, token: str, answers: Sequence[Mapping[str, str]], *, together: int
) -> Counter[int]:
    """Send all answers of one link, the first so many at the very same time; returns how often each status came."""
    app = an_app(service, has_login=False, providers=())
    first = app.test_client()
    page = opened(first, token)
    jti = page.request.path.rpartition("/")[2]
    cookie = first.get_cookie(f"gate_link_{jti}", path="/signoff")
    start = threading.Barrier(together)

    def use(number: int) -> int:
        client = app.test_client()
        client.set_cookie(cookie.key, cookie.value, path="/signoff")
        if number < together:
            start.wait(30)
        return int(client.post(page.request.path, data=form_of(page, **answers[number]), headers=HTML).status_code)

    with ThreadPoolExecutor(together) as pool:
        return Counter(pool.map(use, range(len(answers))))


def the_token_is_gone_after_the_first_answer(client: Any, folder: Path, token: str, **fields: str) -> None:
    """Open a link and answer it by its token: no further answer, header or file holds the token's signature."""
    signature = token.rpartition(".")[2]
    first = client.get(f"/signoff/{token}", headers=HTML)
    page = client.get(first.headers["Location"], headers=HTML)
    after = decide(client, page, f"/signoff/{token}", **fields)
    for answer in (first, page, after):
        assert signature not in answer.text + str(answer.headers)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store, private"
    assert not any(signature.encode() in file.read_bytes() for file in folder.iterdir() if file.is_file())

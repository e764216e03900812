import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from builders_github_forge import MakeShop, Shop
from doubles.github.objects import Symlink

from gate.adapters.github.client import GithubClient
from gate.adapters.github.refusals import Received
from gate.core.canonical import canonical_bytes
from gate.core.change.plain import plain_value
from gate.core.errors import GateError

ODD: tuple[Any, ...] = (None, "", "x", 0, -1, 10**30, True, [], {}, [None], {"a": None}, "\ud800", "a" * 40)


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    shop = a_shop({"a": "1\n", "b": "1\n", ".gitattributes": "*.x -diff\n"})
    pull = shop.pull({"a": "2\n", "c.x": "3\n", "l": Symlink("a"), "b": None, "d": "1\n"})
    shop.repository.commit("main", {"z": "1\n"}, author=shop.alice)
    shop.repository.commit("topic", {}, author=shop.alice, merge="main")
    pull.review(shop.bob, "CHANGES_REQUESTED").dismiss(shop.carol)
    pull.comment(shop.bob, "/signoff")
    pull.label("emergency", shop.bob)
    shop.repository.check_run(pull.head_sha, "gate", app_id=shop.app_id, conclusion="failure")
    shop.repository.protect("main", checks=[("gate", shop.app_id)])
    shop.repository.ruleset(checks=[("gate", shop.app_id)], uses_queue=True)
    return shop


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value in a JSON document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places_in(inner, (*path, key))


def spoilt(value: Any, chance: random.Random) -> Any:
    """Return a document with one value replaced by an odd one, or left out."""
    *way, last = chance.choice([path for path in places_in(value) if path] or [("",)])
    at = value
    for key in way:
        at = at[key]
    if isinstance(at, dict) and chance.random() < 0.3:
        at.pop(last, None)
    elif at:
        at[last] = chance.choice(ODD)
    return value


def questions(shop: Shop) -> list[Callable[[], object]]:
    """Return what the gate asks, of a forge that knows nothing yet."""
    access, head = shop.access(shop.new_forge()), shop.repository.tip("topic")
    return [
        lambda: canonical_bytes(plain_value(access.snapshot(1))),
        lambda: access.protection("main", "gate"),
        lambda: access.check_runs(head),
        lambda: access.our_checks(head, "gate"),
        lambda: access.team("acme", "payments"),
        lambda: access.open_changes_with_head(head),
        lambda: access.first_parents(head, count=5),
        access.repository,
    ]


def refusal_of(ask: Callable[[], object]) -> str:
    try:
        ask()
    except GateError as error:
        return str(error)
    return ""


class TestAnswersOfAnotherShape:
    @pytest.mark.parametrize("seed", range(4))
    def test_they_are_errors_that_people_can_read_and_never_a_crash(
        self, shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chance, send = random.Random(seed), GithubClient._exchange  # noqa: S311  # no secret

        def send_and_spoil(client: GithubClient, verb: str, path: str, *rest: Any) -> Received:
            received = send(client, verb, path, *rest)
            if received.status >= 300 or "access_tokens" in path or chance.random() < 0.75:
                return received
            return Received(received.status, received.headers, json.dumps(spoilt(json.loads(received.body), chance)))

        monkeypatch.setattr(GithubClient, "_exchange", send_and_spoil)
        refused = [why for _ in range(10) for ask in questions(shop) if (why := refusal_of(ask))]
        assert refused
        assert all(why.isprintable() for why in refused)

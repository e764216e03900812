"""Payloads of the double have the fields of GitHub's own example webhooks, and none that GitHub does not know."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import ForgeWorld, a_world

FIELDS = Path(__file__).parents[2] / "fixtures" / "github" / "webhook_fields.json.gz"
NEWER = re.compile(  # documented since, or absent from the few examples of an event
    r"(.*\.)?(has_discussions|network_count|subscribers_count|client_id|state_reason|permissions\.\w+|auto_merge\.\w+)"
    r"(\..*)?|pull_request\.requested_teams\[\]\.(description|organization_id|notification_setting|parent|type)"
    r"|requested_team(\..*)?|team\.(type|parent|notification_setting|organization_id)|changes(\..*)?|reason"
    r"|installation\.app_slug|issue\.pull_request(\..*)?|(member|sender|.*\.user)\.user_view_type"
)


@pytest.fixture
def told() -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Every payload of a world in which much happens, by event."""
    with a_world() as forge:
        forge.world.hooks.is_recording = True
        let_much_happen(forge)
        events: dict[str, list[dict[str, Any]]] = {}
        for delivery in forge.world.hooks.log:
            events.setdefault(delivery.event, []).append(delivery.payload)
        yield events


def let_much_happen(forge: ForgeWorld) -> None:
    forge.demand_the_gate()
    pull = forge.a_pull()
    pull.review(forge.alice).dismiss(forge.bob)
    comment = pull.comment(forge.bob, "one")
    comment.edit("two")
    comment.delete()
    pull.label("x", forge.bob)
    pull.unlabel("x", forge.bob)
    pull.edit(title="other", body="other", by=forge.bob)
    pull.draft()
    pull.ready()
    pull.request_review(forge.erin, forge.web, by=forge.bob)
    pull.auto_merge(forge.bob)
    forge.shop.commit(pull.head_ref, {"q": "1\n"}, author=forge.dave)
    forge.shop.issue("an incident", author=forge.bob).close(forge.bob)
    (group,) = forge.shop.queue([pull], by=forge.bob)
    forge.say(group.head_sha)
    group.merge()
    forge.shop.delete_branch(pull.head_ref, by=forge.bob)
    forge.payments.add(forge.erin)
    forge.payments.remove(forge.erin)
    forge.payments.rename("pay")
    forge.web.delete()
    forge.acme.remove_member(forge.erin)
    forge.shop.unprotect("main")
    forge.shop.rename("store")
    forge.installation.select([forge.shop])
    forge.installation.suspend()
    forge.installation.unsuspend()
    forge.installation.delete()


def fields_of(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{place}.{name}".lstrip(".")
            yield here
            yield from fields_of(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from fields_of(inner, f"{place}[]")


def is_known(name: str, known: list[str]) -> bool:
    """Whether GitHub has a field: by its examples, or within what no example fills, or among the newer ones."""
    parents = [name[: match.start()] for match in re.finditer(r"(\[\])?\.", name)]
    is_in_blank = any(
        parent in known and not any(one.startswith((f"{parent}.", f"{parent}[]")) for one in known)
        for parent in parents
    )
    is_everywhere = name.partition(".")[0] in {"organization", "installation"}
    return name in known or is_in_blank or is_everywhere or name.endswith("_url") or bool(NEWER.fullmatch(name))


class TestPayloads:
    def test_every_kind_of_event_is_told(self, told: dict[str, list[dict[str, Any]]]) -> None:
        assert told.keys() == json.loads(gzip.decompress(FIELDS.read_bytes())).keys()

    def test_no_field_is_made_up(self, told: dict[str, list[dict[str, Any]]]) -> None:
        known = json.loads(gzip.decompress(FIELDS.read_bytes()))
        strange = {
            f"{event}: {name}"
            for event, payloads in told.items()
            for payload in payloads
            for name in fields_of(payload)
            if not is_known(name, known[event]["known"])
        }
        assert strange == set()

    def test_no_field_is_missing_that_every_example_has(self, told: dict[str, list[dict[str, Any]]]) -> None:
        known = json.loads(gzip.decompress(FIELDS.read_bytes()))
        missing = {
            f"{event}: {name}"
            for event, payloads in told.items()
            for payload in payloads
            for name in known[event]["always"]
            if name not in payload
        }
        assert missing == set()

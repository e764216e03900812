"""Every tracker keeps the same promises: fetched as it is, shown exactly once whatever goes wrong, never guessed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import pytest
from builders_trackers import DRAFT, WORLDS, TrackerWorld, a_note, random_faults

from gate.usecases.tracker_ports import TrackerError

FAULTS_PER_TRACKER = 200
Found = TypeVar("Found")


@pytest.fixture(params=sorted(WORLDS), scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[TrackerWorld]:
    with WORLDS[request.param]() as made:
        yield made


@pytest.fixture(autouse=True)
def _calm(world: TrackerWorld) -> Iterator[None]:
    yield
    world.misbehave(lambda: None)


def insist(call: Callable[[], Found], *, most: int = 400) -> Found:
    """Do something again until it is done, as the job queue does."""
    for _ in range(most):
        try:
            return call()
        except TrackerError:
            continue
    raise AssertionError("it never ends")


class TestFetching:
    def test_tells_kind_state_and_title(self, world: TrackerWorld) -> None:
        found = world.tracker.fetch(world.a_ticket())
        assert found is not None
        assert (found.state, found.title, found.kind == found.kind.lower()) == ("open", "Payments fail", True)
        assert found.kind

    def test_tells_one_key_of_a_ticket_whichever_way_it_is_named(self, world: TrackerWorld) -> None:
        key = world.a_ticket()
        found, again = world.tracker.fetch(key), world.tracker.fetch(world.otherwise(key))
        other = world.tracker.fetch(world.a_ticket())
        assert found is not None
        assert again is not None
        assert other is not None
        assert found.key == again.key != other.key
        assert world.tracker.owns(found.key)

    def test_sees_it_closed(self, world: TrackerWorld) -> None:
        key = world.a_ticket()
        world.close(key)
        found = world.tracker.fetch(key)
        assert found is not None
        assert found.state == "closed"

    def test_tells_missing_from_unreadable(self, world: TrackerWorld) -> None:
        assert world.tracker.fetch(world.missing) is None
        key = world.a_ticket()
        world.misbehave(lambda: "500")
        with pytest.raises(TrackerError):
            world.tracker.fetch(key)

    @pytest.mark.parametrize("key", ["", "x y 1", "../../admin", "https://evil.example/browse/OPS-1"])
    def test_asks_for_no_key_that_is_not_its_own(self, world: TrackerWorld, key: str) -> None:
        assert world.tracker.owns(world.missing)
        assert not world.tracker.owns(key)
        with pytest.raises(TrackerError):
            world.tracker.fetch(key)


class TestLinking:
    def test_shows_owners_signoffs_rollback_and_evidence_once_however_often(self, world: TrackerWorld) -> None:
        key = world.a_ticket()
        first = world.tracker.link(key, a_note())
        assert world.tracker.link(key, a_note()) == first
        assert world.shown(key, "Signed off by alice. Rollback: revert.") == 1

    def test_a_later_edition_takes_its_place_or_stands_beside_it(self, world: TrackerWorld) -> None:
        key = world.a_ticket()
        merged = a_note(edition="merged", text="Merged: it is out.", markdown="Merged: it is out.")
        for note in (a_note(), merged, merged):
            world.tracker.link(key, note)
        assert world.shown(key, "Merged: it is out.") == 1
        assert world.shown(key, "Signed off by alice") == (0 if world.is_updated_in_place else 1)

    def test_two_changes_stand_beside_each_other(self, world: TrackerWorld) -> None:
        key = world.a_ticket()
        other = a_note(reference="change:500/1000/8", marker="gate-" + "8" * 32, text="Eight.", markdown="Eight.")
        if world.tracker.name == "jira":
            world.tracker.link(world.a_ticket(), other)
        else:
            world.tracker.link(key, other)
            world.tracker.link(key, a_note())
            assert (world.shown(key, "Eight."), world.shown(key, "Signed off by alice")) == (1, 1)

    def test_shows_exactly_one_effect_each_through_two_hundred_faults(self, world: TrackerWorld) -> None:
        injected = world.misbehave(lambda: None)
        begun, number = injected(), 0
        while injected() - begun < FAULTS_PER_TRACKER:
            number += 1
            key = world.a_ticket()
            text = f"Note number {number} of many."
            note = a_note(marker=f"gate-{number:032x}", reference=f"change:1/1/{number}", text=text, markdown=text)
            world.misbehave(random_faults(number))
            insist(lambda note=note, key=key: world.tracker.link(key, note))  # type: ignore[misc]
            insist(lambda note=note, key=key: world.tracker.link(key, note))  # type: ignore[misc]
            world.misbehave(lambda: None)
            assert world.shown(key, text) == 1
        assert injected() - begun >= FAULTS_PER_TRACKER


class TestCreating:
    def test_makes_one_ticket_of_each_draft_through_two_hundred_faults(self, world: TrackerWorld) -> None:
        assert (world.tracker.lacking_to_create() == "") is world.may_create
        if not world.may_create:
            with pytest.raises(TrackerError, match="No issue is opened"):
                world.tracker.create(DRAFT)
            return
        injected, before = world.misbehave(lambda: None), world.count()
        begun, made = injected(), []
        while injected() - begun < FAULTS_PER_TRACKER:
            draft = replace(DRAFT, reference=f"incident:{world.tracker.name}:{len(made)}")
            world.misbehave(random_faults(len(made)))
            first = insist(lambda draft=draft: world.tracker.create(draft))  # type: ignore[misc]
            world.misbehave(lambda: None)
            assert world.tracker.create(draft).key == first.key
            made.append(first.key)
            assert world.tracker.owns(first.key)
        assert world.count() - before == len(made) == len(set(made))

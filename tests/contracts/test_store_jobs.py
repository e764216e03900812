"""The store keeps jobs: each is run at least once, none by two workers at a time, whoever is killed."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from builders_facts import AT
from builders_store import a_job

NOW = AT
SOON = "2026-12-01T12:00:30Z"
LATER = "2026-12-01T13:00:00Z"


def enqueue(store: Any, *jobs: Any) -> None:
    with store.writing() as writing:
        for job in jobs:
            writing.enqueue(job)


def run_all(store: Any, now: Any = NOW) -> Any:
    """Claim and finish until nothing is due."""
    done = []
    while (claimed := store.claim(now, lease_seconds=60)) is not None:
        done.append(claimed.job)
        store.finish(claimed)
    return done


class TestTheOrder:
    def test_urgent_jobs_go_first_then_those_that_are_due_longest(self, store: Any) -> None:
        enqueue(
            store,
            a_job(payload={"n": 1}, run_at="2026-12-01T11:59:59Z"),
            a_job(payload={"n": 2}, run_at="2026-12-01T11:00:00Z"),
            a_job("withdraw", payload={"n": 3}, is_urgent=True),
            a_job(payload={"n": 4}, run_at=LATER),
            a_job("withdraw", payload={"n": 5}, run_at=LATER, is_urgent=True),
        )
        assert [job.payload["n"] for job in run_all(store)] == [3, 2, 1]
        assert [job.payload["n"] for job in run_all(store, LATER)] == [5, 4]

    def test_a_job_comes_back_as_it_was_left(self, store: Any) -> None:
        job = a_job("sweep", payload={"why": "é\0\ud800", "n": [1, {"a": None}]}, dedupe="d", lane="l", is_urgent=True)
        enqueue(store, job)
        assert run_all(store) == [job]

    def test_one_lane_runs_one_job_at_a_time(self, store: Any) -> None:
        enqueue(store, a_job(payload={"n": 1}, lane="x"), a_job(payload={"n": 2}, lane="x"), a_job(payload={"n": 3}))
        first = store.claim(NOW, lease_seconds=60)
        assert first.job.payload["n"] == 1
        assert store.claim(NOW, lease_seconds=60).job.payload["n"] == 3
        assert store.claim(NOW, lease_seconds=60) is None
        store.finish(first)
        assert store.claim(NOW, lease_seconds=60).job.payload["n"] == 2


class TestDoubles:
    def test_a_job_that_waits_is_not_doubled(self, store: Any) -> None:
        enqueue(store, a_job(dedupe="d"), a_job(dedupe="d"), a_job(dedupe="e"), a_job(), a_job())
        assert len(run_all(store)) == 4

    def test_a_job_that_is_asked_for_while_its_twin_runs_runs_again_afterwards(self, store: Any) -> None:
        enqueue(store, a_job(dedupe="d", lane="d"))
        running = store.claim(NOW, lease_seconds=60)
        enqueue(store, a_job(dedupe="d", lane="d"), a_job(dedupe="d", lane="d"))
        assert store.claim(NOW, lease_seconds=60) is None
        store.finish(running)
        assert len(run_all(store)) == 1

    def test_the_earlier_time_the_urgency_and_the_newer_payload_hold(self, store: Any) -> None:
        enqueue(store, a_job(dedupe="d", run_at=LATER, payload={"n": 1}))
        enqueue(store, a_job(dedupe="d", run_at=NOW, is_urgent=True, payload={"n": 2}))
        enqueue(store, a_job(dedupe="d", run_at=LATER, payload={"n": 3}))
        assert run_all(store) == [a_job(dedupe="d", run_at=NOW, is_urgent=True, payload={"n": 3})]

    def test_a_job_of_a_transaction_that_failed_was_never_there(self, store: Any) -> None:
        with pytest.raises(ZeroDivisionError):
            fail_after_enqueuing(store)
        assert run_all(store) == []


def fail_after_enqueuing(store: Any) -> None:
    with store.writing() as writing:
        writing.enqueue(a_job())
        _ = 1 / 0


class TestLeases:
    def test_a_job_of_a_killed_worker_runs_again_once_its_lease_is_over(self, store: Any) -> None:
        enqueue(store, a_job(dedupe="d", lane="d"))
        lost = store.claim(NOW, lease_seconds=60)
        assert (lost.attempts, lost.lease_until) == (1, "2026-12-01T12:01:00Z")
        assert store.claim(SOON, lease_seconds=60) is None
        again = store.claim(LATER, lease_seconds=60)
        assert (again.id, again.attempts) == (lost.id, 2)

    def test_where_its_twin_waits_that_one_is_enough(self, store: Any) -> None:
        enqueue(store, a_job(dedupe="d", lane="d"))
        store.claim(NOW, lease_seconds=60)
        enqueue(store, a_job(dedupe="d", lane="d", payload={"n": 2}))
        assert [job.payload for job in run_all(store, LATER)] == [{"n": 2}]

    def test_whoever_lost_the_lease_can_neither_finish_nor_renew_nor_give_back(self, store: Any) -> None:
        enqueue(store, a_job())
        lost = store.claim(NOW, lease_seconds=60)
        held = store.claim(LATER, lease_seconds=60)
        store.finish(lost)
        store.retry(lost, at=NOW, why="late")
        assert store.renew(lost, LATER, lease_seconds=60) is False
        assert store.renew(held, LATER, lease_seconds=60) is True
        store.finish(held)
        assert store.renew(held, LATER, lease_seconds=60) is False
        assert store.waiting_jobs() == {}

    def test_a_renewed_lease_holds(self, store: Any) -> None:
        enqueue(store, a_job())
        held = store.claim(NOW, lease_seconds=60)
        assert store.renew(held, SOON, lease_seconds=3600)
        assert store.claim("2026-12-01T12:59:00Z", lease_seconds=60) is None


class TestGivingBack:
    def test_a_job_comes_back_at_its_time_with_its_attempts_counted(self, store: Any) -> None:
        enqueue(store, a_job(dedupe="d", lane="d"))
        store.retry(store.claim(NOW, lease_seconds=60), at=SOON, why="the forge did not answer\0")
        assert store.claim(NOW, lease_seconds=60) is None
        again = store.claim(SOON, lease_seconds=60)
        assert (again.attempts, again.job) == (2, replace(a_job(dedupe="d", lane="d"), run_at=SOON))

    def test_where_its_twin_waits_one_is_left_and_knows_the_attempts(self, store: Any) -> None:
        enqueue(store, a_job(dedupe="d", lane="d"))
        claimed = store.claim(NOW, lease_seconds=60)
        enqueue(store, a_job(dedupe="d", lane="d", run_at=SOON))
        store.retry(claimed, at=LATER, why="no")
        again = store.claim(SOON, lease_seconds=60)
        assert again.attempts == 2
        store.finish(again)
        assert run_all(store, LATER) == []


class TestCounting:
    def test_due_and_leased_jobs_are_counted_by_kind_and_timers_are_not(self, store: Any) -> None:
        enqueue(store, a_job(), a_job(), a_job("sweep", run_at=LATER), a_job("publish"))
        store.claim(NOW, lease_seconds=60)
        assert store.waiting_jobs() == {"judge": 2, "publish": 1}


class TestManyWorkers:
    def test_no_job_is_given_to_two_and_no_lane_is_shared(self, world: Any) -> None:
        jobs = [a_job(payload={"n": number}, lane=f"lane-{number % 5}") for number in range(60)]
        enqueue(world.store, *jobs)
        stores = [world.store, world.opened_again()]
        done, busy, clashes, lock = [], set(), [], threading.Lock()

        def work(store: Any) -> None:
            while len(done) < len(jobs):
                claimed = store.claim(NOW, lease_seconds=600)
                if claimed is None:
                    continue
                with lock:
                    clashes.extend(busy & {claimed.job.lane})
                    busy.add(claimed.job.lane)
                with lock:
                    busy.remove(claimed.job.lane)
                    done.append(claimed.job.payload["n"])
                store.finish(claimed)

        workers = [threading.Thread(target=work, args=(stores[number % 2],)) for number in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert sorted(done) == list(range(60))
        assert clashes == []
        stores[1].close()

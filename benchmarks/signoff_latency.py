"""From the last sign-off's POST to the green check: over HTTP handlers, store, worker and the double of GitHub.

PYTHONPATH=tests python benchmarks/signoff_latency.py [open changes] [measured ones]
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from builders_link_pages import decide, opened
from builders_login import an_app
from builders_service import a_service
from builders_signoff import a_link

from gate.usecases.work import work_once


def main(count: int, measured: int) -> None:
    """Print median, p99 and maximum in seconds."""
    with a_service(Path(tempfile.mkdtemp())) as service:
        pulls = []
        for number in range(count):
            pulls.append(service.forge.a_pull())
            if number % 10 == 9:  # ten at a time
                service.settle()
        service.settle()
        is_over = threading.Event()

        def work() -> None:
            while not is_over.is_set():
                service.receive()
                if not work_once(service.gate):
                    is_over.wait(0.1)

        threading.Thread(target=work, daemon=True).start()
        client = an_app(service, has_login=False, providers=()).test_client()
        seconds = []
        for pull in pulls[:measured]:
            page = opened(client, a_link(service, pull, service.forge.alice))
            began = time.perf_counter()
            assert decide(client, page).status_code == 303  # noqa: S101  # a benchmark of refusals says nothing
            while service.check(pull) != "success":
                time.sleep(0.01)
            seconds.append(time.perf_counter() - began)
        is_over.set()
        seconds.sort()
        p99 = seconds[min(int(len(seconds) * 0.99), len(seconds) - 1)]
        print(f"{count} open changes, {measured} sign-offs: median {statistics.median(seconds):.2f} s, "
              f"p99 {p99:.2f} s, longest {seconds[-1]:.2f} s")  # fmt: skip


if __name__ == "__main__":
    main(*(int(one) for one in (*sys.argv[1:], *("100", "40")[len(sys.argv) - 1 :])))

"""`gate worker`: deliveries and timers in a process of its own."""

import signal
import threading
from types import FrameType

import click


@click.command("worker")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 16), help="Jobs done at the same time.")
def command(threads: int) -> None:
    """Work on deliveries, judgements and timers until told to stop; needs PostgreSQL beside `gate serve`.

    Example: gate worker --threads 4

    Exit codes: 0 told to stop, 2 wrong settings, 3 the database or the ledger could not be used.
    """
    from gate.bootstrap_service import start_service
    from gate.config import load_settings

    service = start_service(load_settings())
    ended = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    service.start_worker(threads=threads)
    click.echo("Working; stop with Ctrl-C.", err=True)
    ended.wait()
    service.stop()

"""`gate serve`: migrate if told, then serve; deliveries and timers are worked on within the same process."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gate.config import Settings

_VALUES = {
    "worker_class": "gthread",
    "threads": 8,
    "timeout": 60,
    "graceful_timeout": 20,
    "keepalive": 5,
    "loglevel": "warning",
    "control_socket_disable": True,
}


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes (PostgreSQL only)."
)
@click.option("--migrate", is_flag=True, help="Bring the database to this version's tables first.")
@click.option("--without-worker", is_flag=True, help="Leave deliveries and timers to `gate worker`.")
def command(host: str, port: int, workers: int, *, migrate: bool, without_worker: bool) -> None:
    """Serve webhooks, pages and the API; ready when /readyz answers 200.

    Example: gate serve --migrate

    Exit codes: 0 told to stop, 2 wrong settings, 3 the database or the ledger could not be used.
    """
    from gate.adapters.db.migrate import upgrade
    from gate.bootstrap_service import start_service
    from gate.config import load_settings
    from gate.core.errors import UsageError
    from gate.web.app import refuse_open_start

    settings = load_settings()
    refuse_open_start(host, has_login=settings.has_login, is_insecure_allowed=settings.insecure_no_login)
    if workers > 1 and settings.is_embedded:
        raise UsageError("SQLite serves one process only.", next_step="Use PostgreSQL for several workers.")
    if migrate:
        upgrade(settings.database_url)
    checked = start_service(settings)
    checked.close_store()
    if checked.trial_secret:
        click.echo(f"Enter once by http://{host}:{port}/enter/{checked.trial_secret}", err=True)
    _serve(
        settings, {"bind": f"{host}:{port}", "workers": workers}, checked.trial_secret, is_working=not without_worker
    )


def _serve(settings: "Settings", values: dict[str, Any], trial_secret: str, *, is_working: bool) -> None:
    """Run gunicorn; each of its processes opens the store and works on jobs for itself."""
    from gunicorn.app.base import BaseApplication

    from gate.adapters.logs_gunicorn import ServerLog
    from gate.bootstrap_service import Service
    from gate.web.serving import application_of

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        """The server of one process and, after the fork, its service."""

        service: Service

        def load_config(self) -> None:
            """Set what gunicorn is to do."""
            for name, value in {**_VALUES, **values, "logger_class": ServerLog, "worker_exit": self._stop}.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            """Return the application, in the process that serves it."""
            self.service = Service(settings, trial_secret=trial_secret)
            if is_working:
                self.service.start_worker(threads=1 if settings.is_embedded else 2)
            return application_of(self.service)

        def _stop(self, _server: Any, _worker: Any) -> None:
            self.service.stop()

    Server().run()

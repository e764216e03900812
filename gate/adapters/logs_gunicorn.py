"""The server's own log: what gunicorn writes becomes lines of the gate's log, and repeats nothing that was sent."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from gate.adapters.logs_structlog import log

_LEVELS = {logging.DEBUG: "debug", logging.INFO: "info", logging.WARNING: "warning"}
_REFUSED = "Invalid request"


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's logger with the gate's log behind it: one line an event, secrets redacted.

    SECURITY: gunicorn quotes a request line that it cannot read, and the address of a request that fails, where a
    link's token may stand (L08, S14).
    """

    def setup(self, cfg: Any) -> None:
        """Write to the gate's log instead of any place that gunicorn knows."""
        super().setup(cfg)
        for one in (self.error_log, self.access_log):
            for handler in list(one.handlers):
                one.removeHandler(handler)
                handler.close()
            one.addHandler(_ToOurLog())


class _ToOurLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as an event; of a request that cannot be read only why, and nothing of what it holds."""
        message = record.getMessage()
        if message.startswith(_REFUSED):
            message = message.partition("'")[0].partition('"')[0].rstrip(": ")
        error = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        values = {"message": message} | ({"error": error} if error else {})
        log("server", level=_LEVELS.get(record.levelno, "error"), **values)

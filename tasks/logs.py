"""What the processes behind the web say: an event a line, ids and counts, never a name or an address."""

import logging
import sys
import warnings
from typing import Final

import structlog

from workflow.clock import monotonic

# One line a task and hint would bury what matters; failures are told at a higher level.
_TALKATIVE: Final = ("celery.worker.strategy", "celery.app.trace", "celery.beat", "kombu")

_OURS: Final = "commendo"
_CONNECTED: Final = "Connected to"
_SILENCE_SECONDS: Final = 600.0


class OneLine(logging.Filter):
    """Lets a library say one thing in one line, and again after ten minutes, or once it was well between.

    Celery tells of every try to reach Redis, and of a missed tick with a hundred lines of stack. Tracebacks
    go: their last line is whatever a message held; the kind of error stays.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is worth a line, and make it one."""
        if record.name.startswith(_OURS):
            return True
        if record.levelno < logging.WARNING:
            if str(record.msg).startswith(_CONNECTED):
                self._told_at.clear()
            return True
        key, now = (record.name, str(record.msg)), monotonic()
        told_at = self._told_at.get(key)
        if told_at is not None and now - told_at < _SILENCE_SECONDS:
            return False
        self._told_at[key] = now
        first, *_ = record.getMessage().strip().splitlines() or [""]
        kind = record.exc_info[0] if record.exc_info else None
        record.msg, record.args = (f"{first} [{kind.__name__}]" if kind else first), ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def configure(*, as_json: bool) -> None:
    """Send every log line of this process to stderr, for machines as JSON or for people as text."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if not as_json:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(OneLine())
    warnings.filterwarnings("ignore", message=r"\s*In Celery 5.1 we introduced an optional breaking change")
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)

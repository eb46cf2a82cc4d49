"""What the edge writes about itself: one JSON object a line to standard error, in UTC.

Tracebacks come without the values of variables and without the words of errors: those are names, words
and tokens of people (PostgreSQL quotes the row that it refuses). Kind and place of an error stay. A value
that holds a line end cannot forge a line (OWASP ASVS 5.0.0, 16.4.1).
"""

import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog
from structlog.tracebacks import ExceptionDictTransformer


class Lossy:
    """Standard error, for lines that may be lost: no request fails because a disk has no room for its line.

    The next line that gets through says how many were (`lines_lost`).
    """

    lost_count = 0

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write a line, or count it as lost; the stream is flushed with it, or its error would come later."""
        try:
            self._stream.write(line)
            self._stream.flush()
        except (OSError, ValueError):
            self.lost_count += 1
        else:
            self.lost_count = 0

    def flush(self) -> None:
        """Do nothing more."""

    def say(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Add to a line how many before it were lost."""
        return {**event, "lines_lost": self.lost_count} if self.lost_count else event


def configure() -> None:
    """Set up the log of this process; again changes nothing."""
    out = Lossy(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            _without_words,
            out.say,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", out)),
    )


def _without_words(_logger: object, _method: str, event: Any) -> Any:  # noqa: ANN401 - structlog's own mapping
    """Empty what errors say, also those they came from and those of a group."""
    _empty(event.get("exception") or ())
    return event


def _empty(stacks: Any) -> None:  # noqa: ANN401 - nested lists and dicts of the library
    for stack in stacks:
        stack["exc_value"], stack["exc_notes"] = "", []
        for nested in stack.get("exceptions") or ():
            _empty(nested)

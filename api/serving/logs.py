"""What the edge writes about itself: one JSON object a line to standard error, in UTC.

Tracebacks come without the values of variables and without the words of errors: those are names, words
and tokens of people (PostgreSQL quotes the row that it refuses). Kind and place of an error stay. A value
that holds a line end cannot forge a line (OWASP ASVS 5.0.0, 16.4.1).
"""

import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def configure() -> None:
    """Set up the log of this process; again changes nothing."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            _without_words,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
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

"""What the edge writes about itself: one JSON object a line to standard error, in UTC.

Tracebacks come without the values of variables: those are names, words and tokens of people. A value that
holds a line end cannot forge a line (OWASP ASVS 5.0.0, 16.4.1).
"""

import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def configure() -> None:
    """Set up the log of this process; again changes nothing."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )

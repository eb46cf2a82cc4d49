"""A point that parts two things on a line goes to the next line with what follows it, never without it."""

from typing import Final

from jinja2.ext import Extension

POINT: Final = " ·\u00a0"
"""What parts two things: a line may break before it and not behind it."""


class PointsLead(Extension):
    """Keeps the points that templates write with what follows them, wherever they are written."""

    def preprocess(self, source: str, *_of_what: str | None) -> str:
        """Return the text of a template so."""
        return source.replace("· ", "·\u00a0")

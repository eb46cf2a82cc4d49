"""What a stay keeps of an outside office that was asked for its opinion, and how a row tells of it."""

from typing import Any, Final

from sqlalchemy import Row

from workflow.domain.facts import Opinion
from workflow.store.nominations import Visit

OPINION: Final = (Visit.opinion_office, Visit.opinion_asked_at, Visit.opinion_came_at)
"""What `opinion_of_row` asks of a row."""


def opinion_of_row(row: Row[Any]) -> Opinion | None:
    """Return the opinion that was asked for in the stay of a row with `OPINION`, None where none was."""
    if row.opinion_asked_at is None:
        return None
    return Opinion(row.opinion_office, row.opinion_asked_at, row.opinion_came_at)

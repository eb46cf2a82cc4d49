"""How much is in an inbox, counted so far and no further."""

from functools import cache

from sqlalchemy import func, select

from workflow.queries.inbox.looks import Look
from workflow.queries.inbox.reader import InboxReader
from workflow.queries.inbox.tabs import first_of_each
from workflow.store.statements import Statement


def count_of(reader: InboxReader, most: int) -> int:
    """Return how much a reader's tab holds of what the filters leave, at most so much."""
    count: int = _count(reader.look, most).fetch(reader.session, reader.values)[0][0]
    return count


@cache
def _count(look: Look, most: int) -> Statement:
    # Not merged: in whatever order they come, so many are so many, and no range is read once there are.
    found = first_of_each(most, look)
    return Statement(select(func.count()).select_from(select(found.c.id).limit(most).subquery()))

"""How much is in an inbox, counted from the most urgent on, so far and no further."""

from functools import cache

from sqlalchemy import func, select

from workflow.queries.inbox.looks import Look
from workflow.queries.inbox.reader import InboxReader
from workflow.queries.inbox.sources import BEGINNING
from workflow.queries.inbox.tabs import first_waiting
from workflow.store.statements import Statement


def count_of(reader: InboxReader, most: int) -> int:
    """Return how much a reader's tab holds of what the filters leave, at most so much."""
    values = {**reader.values, **BEGINNING}
    count: int = _count(reader.look, most).fetch(reader.session, values)[0][0]
    return count


@cache
def _count(look: Look, most: int) -> Statement:
    return Statement(select(func.count()).select_from(first_waiting(most, look=look)))

"""Places in an inbox by paper: lists and single things stand in one order; a cursor names one of either."""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from workflow.queries.inbox.filters import InboxFilters
from workflow.queries.inbox.looks import Tab
from workflow.queries.paging import (
    UnreadableCursor,
    decode_cursor,
    encode_cursor,
    instant_or_none,
    name_of,
    uuid,
    whole,
)

LISTS, SINGLES = 0, 1
_NAME: Final = "inbox-piles"
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class InboxPlace(NamedTuple):
    """Where a list, or one thing by itself, stands in the order: when it is due, and by its own key."""

    part: int
    due_at: datetime | None
    key: Any

    @property
    def in_order(self) -> tuple[datetime, int, Any]:
        """Return what places are compared by."""
        return self.due_at or _NEVER, self.part, self.key


def cursor_of(tab: Tab, filters: InboxFilters, place: InboxPlace) -> str:
    """Return the cursor that names a place in a tab, of what the filters leave of it."""
    return encode_cursor(name_of(_NAME, tab, filters, place.part), place.due_at, place.key)


def place_of(tab: Tab, filters: InboxFilters, cursor: str) -> InboxPlace:
    """Return the place that a cursor of a tab names: of a list by number, or of single work by id."""
    lists, singles = (name_of(_NAME, tab, filters, part) for part in (LISTS, SINGLES))
    try:
        return InboxPlace(LISTS, *decode_cursor(lists, cursor, instant_or_none, whole))
    except UnreadableCursor:
        return InboxPlace(SINGLES, *decode_cursor(singles, cursor, instant_or_none, uuid))

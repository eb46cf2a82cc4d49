"""Lists in pages: each cut at a limit, each going on exactly where the last one ended.

A cursor holds the place of the last row in the list's own order, so rows that come or go shift nothing. It is
opaque to whoever carries it and opens nothing: what a page shows is asked anew each time.

Where hardly anything may meet what is asked, a page looks down a stretch of the list and no further. One that
found too little by then is short, perhaps empty, and its cursor goes on where it stopped: nothing is left
out, and no page reads a million rows, however rare what is sought is (docs/adr/0106).
"""

import json
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, Refusal

T = TypeVar("T")
R = TypeVar("R")
Place = tuple[Any, ...]
"""Where a row stands in the order of its list: what a cursor holds."""

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
_LONGEST: Final = 512
BIGGEST_ID: Final = 2**63 - 1


class UnreadableCursor(Refusal):
    """A cursor that no page of this list gave out."""

    code: ClassVar[str] = "unreadable-cursor"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "No such place in the list"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and the cursor of the next one; None where the list ends."""

    items: tuple[T, ...]
    next: str | None

    def is_short_of(self, limit: int) -> bool:
        """Tell whether the page ended before it was full, and before the list did: the next looks on."""
        return self.next is not None and len(self.items) < limit


def name_of(name: str, *question: object) -> str:
    """Return the name of a list as a question narrows or orders it: its cursors go on with no other one.

    What is asked is frozen, of words, numbers, days and tuples: each process writes it in the same way.
    """
    return f"{name} {sha256(repr(question).encode()).hexdigest()[:16]}"


def encode_cursor(name: str, *places: object) -> str:
    """Return the cursor that names a place in the list of that name."""
    text = json.dumps([name, *map(_spell, places)], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(name: str, cursor: str, *kinds: Callable[[Any], object]) -> list[Any]:
    """Return the places a cursor of this list holds, read by the kinds given.

    Raises `UnreadableCursor` for any other text, another list's cursor included.
    """
    try:
        return [kind(place) for kind, place in zip(kinds, _places(name, cursor), strict=True)]
    except (ValueError, TypeError, NotBase64, RecursionError) as problem:
        raise unreadable() from problem


def unreadable() -> UnreadableCursor:
    """Return what is raised for a cursor that a list did not give."""
    message = "is not a cursor that this list gave; start again without one"
    return UnreadableCursor(f"cursor: {message}.", errors=[FieldError("cursor", message)])


def _places(name: str, cursor: str) -> list[object]:
    if len(cursor) > _LONGEST:
        raise ValueError(name)
    # The library passes over letters that belong to no cursor unless it is told to look.
    places = json.loads(b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    if not isinstance(places, list) or places[:1] != [name]:
        raise ValueError(name)
    return places[1:]


def whole(place: object) -> int:
    """Read a number of an id's size."""
    if not isinstance(place, int) or isinstance(place, bool) or abs(place) > BIGGEST_ID:
        raise ValueError(place)
    return place


def text(place: object) -> str:
    """Read a text that the database can hold."""
    if not isinstance(place, str) or "\0" in place:
        raise ValueError(place)
    place.encode()
    return place


def number(place: object) -> float:
    """Read a measured number."""
    if not isinstance(place, int | float) or isinstance(place, bool) or not abs(place) < BIGGEST_ID:
        raise ValueError(place)
    return float(place)


def truth(place: object) -> bool:
    """Read a yes or a no."""
    if not isinstance(place, bool):
        raise ValueError(place)  # noqa: TRY004 - as every other place that no page gave
    return place


def instant(place: object) -> datetime:
    """Read an instant with its zone."""
    at = datetime.fromisoformat(text(place))
    if at.tzinfo is None:
        raise ValueError(place)
    return at


def instant_or_none(place: object) -> datetime | None:
    """Read an instant, or the mark of rows that have none."""
    return None if place is None else instant(place)


def uuid(place: object) -> UUID:
    """Read a UUID."""
    return UUID(text(place))


def cut(rows: Sequence[R], limit: int, *, item: Callable[[R], T], cursor: Callable[[R], str]) -> Page[T]:
    """Return the first `limit` of rows of which one more was asked for, with the cursor of the rest."""
    kept = rows[:limit]
    return Page(tuple(item(row) for row in kept), cursor(kept[-1]) if len(rows) > limit else None)


def _spell(place: object) -> object:
    if isinstance(place, datetime):
        return place.isoformat()
    return str(place) if isinstance(place, UUID) else place


def end_of_stretch(
    session: Session, places: Select[*tuple[Any, ...]], values: Mapping[str, Any], *, most: int
) -> Row[*tuple[Any, ...]] | None:
    """Return the place of the last row that one page looks at, None where the list ends before.

    `places` are those of the list in its order, of which an index tells without a look at the rows.
    """
    return session.execute(places.offset(most - 1).limit(1), values).first()


def goes_on(page: Page[T], name: str, end: Place | None) -> Page[T]:
    """Return a page that was not filled before its stretch ended with the cursor of that place."""
    return replace(page, next=encode_cursor(name, *end)) if page.next is None and end is not None else page

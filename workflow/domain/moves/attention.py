"""Which names of a list may be agreed to as they come, and which want a look of their own first."""

from dataclasses import dataclass
from enum import StrEnum


class Look(StrEnum):
    """Why a name is not agreed to by default, gravest first."""

    HELD = "held"
    ASKED = "asked"
    CLOSED = "closed"
    FORM = "form"
    WAYS = "ways"
    PAPERS = "papers"
    RETURNED = "returned"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class NameFacts:
    """One name as it comes to somebody who decides on a list.

    `ways` counts the steps it could go on to by words alone; `asks_for_more`: the way on needs counts or a
    signed document. `is_asked`: who nominates owes an answer, and a move ends the question. `was_returned`
    whenever it ever was, `is_changed` since it came to where it stands.
    """

    is_held: bool
    is_asked: bool
    ways: int
    asks_for_more: bool
    lacks_papers: bool
    was_returned: bool
    is_changed: bool


def looks_for(name: NameFacts) -> tuple[Look, ...]:
    """Return everything about a name that wants a look; of one on hold nothing more."""
    if name.is_held:
        return (Look.HELD,)
    found = {
        Look.ASKED: name.is_asked,
        Look.CLOSED: name.ways == 0 and not name.asks_for_more,
        Look.FORM: name.asks_for_more,
        Look.WAYS: name.ways > 1,
        Look.PAPERS: name.lacks_papers,
        Look.RETURNED: name.was_returned,
        Look.CHANGED: name.is_changed,
    }
    return tuple(look for look, is_so in found.items() if is_so)

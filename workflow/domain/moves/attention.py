"""Which names of a list may be agreed to as they come, and which want a look of their own first."""

from dataclasses import dataclass
from enum import StrEnum


class Concern(StrEnum):
    """Why a name is not agreed to by default, gravest first."""

    HELD = "held"
    ASKED = "asked"
    UNRECOMMENDED = "unrecommended"
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
    whenever it ever was, `is_changed` since it came to where it stands. `is_unrecommended`: too few of the
    council's members were for it.
    """

    is_held: bool
    is_asked: bool
    ways: int
    asks_for_more: bool
    lacks_papers: bool
    was_returned: bool
    is_changed: bool
    is_unrecommended: bool


def looks_for(name: NameFacts) -> tuple[Concern, ...]:
    """Return everything about a name that wants a look; of one on hold nothing more."""
    if name.is_held:
        return (Concern.HELD,)
    found = {
        Concern.ASKED: name.is_asked,
        Concern.UNRECOMMENDED: name.is_unrecommended,
        Concern.CLOSED: name.ways == 0 and not name.asks_for_more,
        Concern.FORM: name.asks_for_more,
        Concern.WAYS: name.ways > 1,
        Concern.PAPERS: name.lacks_papers,
        Concern.RETURNED: name.was_returned,
        Concern.CHANGED: name.is_changed,
    }
    return tuple(look for look, is_so in found.items() if is_so)

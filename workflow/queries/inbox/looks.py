"""Ways of looking at an inbox: which tab of it, and whether it is narrowed; each has its own statements."""

from enum import StrEnum
from typing import Final, NamedTuple


class Tab(StrEnum):
    """Parts of an inbox, no work in two of them; `all` is what waits for the reader and is not aside.

    `mine` is what they have in hand, `groups` what waits in their seats, `substitute` what they do in
    somebody's place, `escalated` what was reported to them. `waiting` is what they sent on and others have
    now; `aside` is what waits for them and they set aside. `done` waits for nobody here: it is what they
    decided, the newest first.
    """

    ALL = "all"
    MINE = "mine"
    GROUPS = "groups"
    SUBSTITUTE = "substitute"
    ESCALATED = "escalated"
    WAITING = "waiting"
    ASIDE = "aside"
    DONE = "done"


class Look(NamedTuple):
    """What a statement of an inbox is written for; what it is narrowed to are values that it is told.

    `is_dated`: a filter by due date leaves a part of the order. `is_named`: what is sought names few
    nominations, by which what was done is looked up. `is_few`: little open work can be meant, which is looked
    up instead of walking the inbox.
    """

    tab: Tab = Tab.ALL
    is_narrowed: bool = False
    is_dated: bool = False
    is_named: bool = False
    is_few: bool = False


PLAIN: Final = Look()

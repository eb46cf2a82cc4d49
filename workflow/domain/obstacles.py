"""What keeps open work from going on, told before its date: who would be asked cannot, and why."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ObstacleReason(StrEnum):
    """Why open work cannot go on. Work on hold waits for nobody, so it has none."""

    ASSIGNEE_GONE = "assignee_gone"
    ROLE_LOST = "role_lost"
    AWAY = "away"
    CONFLICTED = "conflicted"
    GROUP_EMPTY = "group_empty"
    UNREACHABLE = "unreachable"
    NO_MOVE = "no_move"
    PAST_LAST_RUNG = "past_last_rung"
    NO_SESSION = "no_session"
    ASKED_OFTEN = "asked_often"


class Remedy(StrEnum):
    """What whoever watches over the work can do about it, each an operation of its own."""

    RELEASE = "release"
    REASSIGN = "reassign"
    GRANT = "grant"
    TRY_MAIL = "try_mail"
    NUDGE = "nudge"
    EXTEND = "extend"
    PLAN_SESSION = "plan_session"


REMEDIES: Final[Mapping[ObstacleReason, tuple[Remedy, ...]]] = {
    ObstacleReason.ASSIGNEE_GONE: (Remedy.RELEASE, Remedy.REASSIGN),
    ObstacleReason.ROLE_LOST: (Remedy.RELEASE, Remedy.REASSIGN),
    ObstacleReason.AWAY: (Remedy.REASSIGN, Remedy.RELEASE),
    ObstacleReason.CONFLICTED: (Remedy.REASSIGN, Remedy.GRANT),
    ObstacleReason.GROUP_EMPTY: (Remedy.REASSIGN, Remedy.GRANT),
    ObstacleReason.UNREACHABLE: (Remedy.TRY_MAIL, Remedy.REASSIGN),
    ObstacleReason.NO_MOVE: (Remedy.GRANT, Remedy.REASSIGN),
    ObstacleReason.PAST_LAST_RUNG: (Remedy.NUDGE, Remedy.EXTEND, Remedy.REASSIGN),
    ObstacleReason.NO_SESSION: (Remedy.PLAN_SESSION,),
    ObstacleReason.ASKED_OFTEN: (Remedy.NUDGE, Remedy.REASSIGN),
}
"""What helps against each, the nearest first."""

ASKED_OFTEN_FROM: Final = 3
"""How many questions in one stay of a nomination are so many that whoever watches over it hears of it."""


def reason_for_nobody(seated_count: int, there_count: int, free_count: int) -> ObstacleReason:
    """Return why no letter reaches anybody who could take work, asked where that is so.

    Of those `seated` some are not set aside (`there`), be they away or not; `free` are those who could act,
    themselves or for somebody who is away.
    """
    if seated_count == 0:
        return ObstacleReason.GROUP_EMPTY
    if free_count > 0:
        return ObstacleReason.UNREACHABLE
    return ObstacleReason.AWAY if there_count > 0 else ObstacleReason.CONFLICTED

"""Which mails an extension takes away, moves and adds: asked of what would send them, before and after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.time.round_dates import days_needed
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import NoticeKind, RoundDate
from workflow.operations.deadlines.replan import RungMove
from workflow.operations.foresight.coming import Coming
from workflow.operations.foresight.naming import MailReader, register_of
from workflow.operations.foresight.rungs import foresee_rungs
from workflow.operations.rounds.extension_plan import Moves
from workflow.store.database import local_day
from workflow.store.nominations import Rung

_MOST_SHOWN: Final = 30
"""Of so many units and nominations each mail is shown; of the others the promises are counted."""

_Root: TypeAlias = tuple[int | None, int | None, UUID]


@dataclass(frozen=True, slots=True)
class MovedMail:
    """A mail about one unit's paper or one nomination: when it would have come, and when it will.

    `was_at` is None where it is new, `at` where it does not come any more.
    """

    reader: MailReader
    notice: NoticeKind
    nomination_id: int | None
    unit_code: str
    was_at: datetime | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class UpperStanding:
    """Whether the date of the level above still holds: working days that are left until it, and needed."""

    upper_on: date
    days_left: int
    days_needed: int

    @property
    def holds(self) -> bool:
        """Whether the days that are left suffice for the work that is still to be done."""
        return self.days_left >= self.days_needed


def upper_standing(
    dates: Mapping[RoundDate, date], name: RoundDate, day: date, calendar: Calendar
) -> UpperStanding | None:
    """Return whether the upper date holds when another date moves to a day; None where there is none."""
    upper_on = dates.get(RoundDate.UPPER_DEADLINE)
    if upper_on is None or name is RoundDate.UPPER_DEADLINE:
        return None
    return UpperStanding(upper_on, _working_days(calendar, day, upper_on), days_needed(name))


def _working_days(calendar: Calendar, first: date, last: date) -> int:
    return calendar.working_days_left(calendar.closes_at(first), calendar.closes_at(last))


def moved_mails(
    session: Session, moves: Moves, *, actor: Actor | None, now: datetime
) -> tuple[MovedMail, ...]:
    """Return the mails of the first that move, in order of time; without those that come as before."""
    roots: list[tuple[_Root, Sequence[RungMove]]] = [
        ((None, one.return_id, one.work_item_id), one.rungs) for one in moves.returns if one.work_item_id
    ]
    roots += [
        ((one.nomination_id, None, one.locked.work_item_id), one.rungs)
        for one in moves.nominations
        if one.locked.work_item_id
    ]
    shown = list(islice(((root, rungs) for root, rungs in roots if rungs), _MOST_SHOWN))
    before = _told(session, [_rung(root, move, move.was_at) for root, each in shown for move in each], now)
    after = _told(session, [_rung(root, move, move.at) for root, each in shown for move in each], now)
    changed = [key for key in {**before, **after} if _at(before, key) != _at(after, key)]
    coming = [*before.values(), *after.values()]
    # As in a forecast: of their own nomination nobody reads whom it waits for.
    register = register_of(session, coming, actor=actor, mine=False, today=local_day(session, now))
    found = []
    for key in changed:
        one = after.get(key) or before[key]
        about = register.about(one)
        if one.account_id is not None and about is not None:
            reader = register.readers[one.account_id]
            found.append(
                MovedMail(
                    reader, one.notice, one.nomination_id, about.unit_code, _at(before, key), _at(after, key)
                )
            )
    return tuple(sorted(found, key=lambda one: (one.at or one.was_at or now, one.reader.name)))


_Key: TypeAlias = tuple[UUID | None, int]


def _told(session: Session, rungs: Iterable[Rung], now: datetime) -> dict[_Key, Coming]:
    """Return who is told by which promise; what should have fired by now is not theirs to move."""
    return {
        (one.rung_id, one.account_id): one
        for one in foresee_rungs(session, [rung for rung in rungs if rung.fire_at], now=now)
        if one.account_id is not None
    }


def _at(told: Mapping[_Key, Coming], key: _Key) -> datetime | None:
    one = told.get(key)
    return one.at if one is not None else None


def _rung(root: _Root, move: RungMove, at: datetime | None) -> Rung:
    """Return a promise as its row would be, in no session."""
    row = move.row or {}
    return Rung(
        id=move.rung_id or row.get("id"),
        nomination_id=root[0],
        expected_return_id=root[1],
        work_item_id=root[2],
        ordinal=row.get("ordinal") or move.ordinal,
        kind=move.kind,
        recipient=move.recipient,
        fire_at=at,
        warns=False,
    )

"""What an extension of a round would move, worked out in full before anything is written.

The preview and the operation ask the same function, so what was shown is what is then done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import SetAside, acting
from workflow.domain.time.ladder import LadderRung
from workflow.domain.vocabulary import Role, RoundDate
from workflow.operations.deadlines.moved import MovedStay, clock_again, moves_of_stay, people_of
from workflow.operations.deadlines.replan import RungMove, read_rungs, waiting_reminders
from workflow.operations.rounds.facts import dependent_steps
from workflow.operations.rounds.owed_ladder import ladder_of
from workflow.operations.rounds.returns import Owed, return_moves, round_calendar, unit_closes_at
from workflow.store.awards import Round
from workflow.store.calendars import calendar_of_seat, calendar_of_version
from workflow.store.conditions import is_open, open_visit_of_nomination
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked, read_nominations
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.people import load_holders

_NOBODY: Final = Actor(account_id=0, name="")


@dataclass(frozen=True, slots=True)
class MovedReturn:
    """What one unit owes: its day before and from now on, and its reminders, none where the work is done."""

    return_id: int
    unit_code: str
    was_on: date
    due_on: date
    is_done: bool
    work_item_id: UUID | None
    rungs: tuple[RungMove, ...]
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """Everything that moves, and how many promised reminders are not sent any more."""

    returns: tuple[MovedReturn, ...]
    nominations: tuple[MovedStay, ...]
    mails_cancelled: int

    @property
    def work_item_ids(self) -> tuple[UUID, ...]:
        """The work whose due date moves."""
        mine = [item.work_item_id for item in self.returns]
        theirs = [item.locked.work_item_id for item in self.nominations]
        return tuple(work for work in (*mine, *theirs) if work is not None)

    @property
    def people(self) -> frozenset[int]:
        """The accounts that are written to."""
        of_units = {account for item in self.returns for account in item.people}
        return frozenset(of_units | {account for item in self.nominations for account in item.people})

    @property
    def rungs(self) -> tuple[RungMove, ...]:
        """Every promise that moves."""
        of_units = [move for item in self.returns for move in item.rungs]
        return (*of_units, *(move for item in self.nominations for move in item.rungs))


def plan_extension(
    session: Session,
    round_: Round,
    *,
    name: RoundDate,
    day: date,
    returns: Sequence[Row[Any]],
    kept_unit_ids: Iterable[int],
    chosen_unit_ids: Iterable[int],
    now: datetime,
) -> Moves:
    """Return what moves when a date becomes `day` for the returns given.

    Nominations move in every unit but those kept, or where units are chosen in those alone.
    """
    moved_returns = _moved_returns(session, returns, day, ladder_of(session, round_.reminders_id), now)
    nominations = _moved_nominations(
        session, round_, name, day, kept=set(kept_unit_ids), chosen=set(chosen_unit_ids), now=now
    )
    moves = Moves(moved_returns, nominations, 0)
    return Moves(moved_returns, nominations, waiting_reminders(session, moves.work_item_ids))


def _moved_returns(
    session: Session, returns: Sequence[Row[Any]], day: date, ladder: tuple[LadderRung, ...], now: datetime
) -> tuple[MovedReturn, ...]:
    if not returns:
        return ()
    work = {
        row.expected_return_id: row
        for row in session.execute(
            select(WorkItem.id, WorkItem.expected_return_id, WorkItem.opened_at, WorkItem.assignee_id).where(
                WorkItem.expected_return_id.in_([row.id for row in returns]), is_open(WorkItem)
            )
        )
    }
    rungs = read_rungs(session, [one.id for one in work.values()])
    writers = load_holders(
        session, [f"{Role.NOMINATOR}@unit:{row.code}" for row in returns], today=local_day(session, now)
    )
    moved = []
    for row in returns:
        open_work = work.get(row.id)
        moves: tuple[RungMove, ...] = ()
        people: set[int] = set()
        if open_work is not None:
            moves = return_moves(
                Owed(row.id, row.code, open_work.id, unit_closes_at(session, row.code, day), ladder),
                round_calendar(session, row.code),
                rungs.get(open_work.id, ()),
                opened_at=open_work.opened_at,
                renews=True,
                now=now,
            )
            sitting = acting(writers.get(f"{Role.NOMINATOR}@unit:{row.code}", ()), SetAside())
            handed = [one for one in sitting if (one.absent or one).account_id == open_work.assignee_id]
            people = {holder.account_id for holder in handed or sitting}
            people |= {row.accountable_id} - {None}
        moved.append(
            MovedReturn(
                return_id=row.id,
                unit_code=row.code,
                was_on=row.due_on,
                due_on=day,
                is_done=row.done_at is not None,
                work_item_id=open_work.id if open_work else None,
                rungs=moves,
                people=tuple(sorted(people)),
            )
        )
    return tuple(moved)


def _moved_nominations(
    session: Session,
    round_: Round,
    name: RoundDate,
    day: date,
    *,
    kept: set[int],
    chosen: set[int],
    now: datetime,
) -> tuple[MovedStay, ...]:
    steps = dependent_steps(session, round_.id, name)
    if not steps:
        return ()
    rows = session.execute(
        select(
            Nomination.id, Nomination.unit_id, Nomination.definition_id, Visit.step, Visit.calendar_version
        )
        .join(Visit, open_visit_of_nomination())
        .where(
            Nomination.round_id == round_.id,
            Nomination.definition_id.in_(steps),
            is_open(Nomination),
            # Work on hold counts by the date as it is when the hold ends.
            Nomination.is_held.is_(False),
        )
        .order_by(Nomination.id)
    ).all()
    counted_by = {
        row.id: row.calendar_version
        for row in rows
        if row.step in steps[row.definition_id]
        and (row.unit_id in chosen if chosen else row.unit_id not in kept)
    }
    found = read_nominations(session, counted_by, actor=_NOBODY, now=now) if counted_by else {}
    # So does what waits for an answer.
    stays = [
        _counted(session, one, counted_by[key], name, day)
        for key, one in found.items()
        if not one.facts.is_asked
    ]
    moving = [one for one in stays if one.due_at != one.was_at]
    rungs = read_rungs(session, [one.locked.work_item_id for one in moving if one.locked.work_item_id])
    owners = [one.locked.facts.owner_key for one in moving if one.locked.facts.owner_key]
    holders = load_holders(session, owners, today=local_day(session, now)) if owners else {}
    return tuple(_promised(session, one, rungs, holders, now) for one in moving)


def _counted(session: Session, locked: Locked, version: str | None, name: RoundDate, day: date) -> MovedStay:
    """Return an open stay with the date at its new day, by the calendar in force: what ran before goes on."""
    definition = load_definition(session, locked.definition_id)
    calendar = calendar_of_seat(session, definition.calendar, locked.facts.owner_key)
    before = calendar_of_version(session, version, definition.calendar) if version else None
    clock = clock_again(definition, locked, before, calendar, {**locked.round_dates, name: day})
    return MovedStay(locked, clock, calendar.version, (), ())


def _promised(
    session: Session,
    one: MovedStay,
    rungs: Mapping[UUID, Sequence[Row[Any]]],
    holders: Mapping[str, Sequence[Any]],
    now: datetime,
) -> MovedStay:
    definition = load_definition(session, one.locked.definition_id)
    calendar = calendar_of_seat(session, definition.calendar, one.locked.facts.owner_key)
    there = rungs.get(one.locked.work_item_id, ()) if one.locked.work_item_id else ()
    moves = moves_of_stay(definition, one.locked, one.clock, calendar, there, renews=True, now=now)
    return replace(one, rungs=moves, people=people_of(one.locked, holders))

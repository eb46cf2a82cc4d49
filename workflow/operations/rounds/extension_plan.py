"""What an extension of a round would move, worked out in full before anything is written.

The preview and the operation ask the same function, so what was shown is what is then done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.time.clocks import VisitClock, resume_clock
from workflow.domain.time.return_ladder import RETURN_LADDER
from workflow.domain.time.workdays import CLOSES
from workflow.domain.vocabulary import Role, RoundDate
from workflow.operations.deadlines.clocks import rung_rows
from workflow.operations.deadlines.replan import RungMove, plan_moves, read_rungs, waiting_reminders
from workflow.operations.rounds.facts import dependent_steps
from workflow.operations.rounds.returns import Owed, return_rungs, round_calendar
from workflow.store.awards import Round
from workflow.store.calendars import calendar_of_seat
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
class MovedNomination:
    """One nomination whose open step is due by the date: its due time before and from now on."""

    nomination_id: int
    unit_code: str
    step: str
    was_at: datetime | None
    due_at: datetime | None
    locked: Locked
    clock: VisitClock
    calendar_version: str
    rungs: tuple[RungMove, ...]
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """Everything that moves, and how many promised reminders are not sent any more."""

    returns: tuple[MovedReturn, ...]
    nominations: tuple[MovedNomination, ...]
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
    moved_returns = _moved_returns(session, returns, day, now)
    nominations = _moved_nominations(
        session, round_, name, day, kept=set(kept_unit_ids), chosen=set(chosen_unit_ids), now=now
    )
    moves = Moves(moved_returns, nominations, 0)
    return Moves(moved_returns, nominations, waiting_reminders(session, moves.work_item_ids))


def _moved_returns(
    session: Session, returns: Sequence[Row[Any]], day: date, now: datetime
) -> tuple[MovedReturn, ...]:
    if not returns:
        return ()
    due_at = round_calendar(session).local(day, CLOSES)
    work = {
        row.expected_return_id: row.id
        for row in session.execute(
            select(WorkItem.id, WorkItem.expected_return_id).where(
                WorkItem.expected_return_id.in_([row.id for row in returns]), is_open(WorkItem)
            )
        )
    }
    rungs = read_rungs(session, work.values())
    writers = load_holders(
        session, [f"{Role.NOMINATOR}@unit:{row.code}" for row in returns], today=local_day(session, now)
    )
    moved = []
    for row in returns:
        work_item_id = work.get(row.id)
        moves: tuple[RungMove, ...] = ()
        people: set[int] = set()
        if work_item_id is not None:
            owed = Owed(row.id, row.code, work_item_id, due_at)
            planned = return_rungs(owed, round_calendar(session, row.code), at=now)
            moves = plan_moves(rungs.get(work_item_id, ()), planned, size=len(RETURN_LADDER), renews=True)
            people = {holder.account_id for holder in writers.get(f"{Role.NOMINATOR}@unit:{row.code}", ())}
            people |= {row.accountable_id} - {None}
        moved.append(
            MovedReturn(
                return_id=row.id,
                unit_code=row.code,
                was_on=row.due_on,
                due_on=day,
                is_done=row.done_at is not None,
                work_item_id=work_item_id,
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
) -> tuple[MovedNomination, ...]:
    steps = dependent_steps(session, round_.id, name)
    if not steps:
        return ()
    rows = session.execute(
        select(Nomination.id, Nomination.unit_id, Nomination.definition_id, Visit.step)
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
    ids = [
        row.id
        for row in rows
        if row.step in steps[row.definition_id]
        and (row.unit_id in chosen if chosen else row.unit_id not in kept)
    ]
    found = read_nominations(session, ids, actor=_NOBODY, now=now) if ids else {}
    clocks = {
        nomination_id: (definition := load_definition(session, locked.definition_id), locked,
                        _new_clock(session, definition, locked, name, day))
        for nomination_id, locked in found.items()
    }  # fmt: skip
    moving = {key: value for key, value in clocks.items() if value[2].due_at != value[1].due_at}
    rungs = read_rungs(session, [item.work_item_id for _, item, _ in moving.values() if item.work_item_id])
    owners = [item.facts.owner_key for _, item, _ in moving.values() if item.facts.owner_key]
    holders = load_holders(session, owners, today=local_day(session, now)) if owners else {}
    return tuple(_moved(session, item, rungs=rungs, holders=holders, now=now) for item in moving.values())


def _new_clock(
    session: Session, definition: Definition, locked: Locked, name: RoundDate, day: date
) -> VisitClock:
    """Return the clock of an open visit with the date at its new day: what ran before goes on."""
    entered_at = locked.visit_entered_at
    if entered_at is None:
        return VisitClock(due_at=locked.due_at)
    return resume_clock(
        definition.timing_of(locked.facts.state, locked.sent_from).due,
        calendar_of_seat(session, definition.calendar, locked.facts.owner_key),
        entered_at=entered_at,
        now=locked.clock_started_at or entered_at,
        budget_minutes=locked.budget_minutes,
        consumed_minutes=locked.consumed_minutes,
        round_dates={**locked.round_dates, name: day},
    )


def _moved(
    session: Session,
    found: tuple[Definition, Locked, VisitClock],
    *,
    rungs: Mapping[UUID, Sequence[Row[Any]]],
    holders: Mapping[str, Sequence[Any]],
    now: datetime,
) -> MovedNomination:
    definition, locked, clock = found
    facts, step = locked.facts, definition.timing_of(locked.facts.state, locked.sent_from)
    calendar = calendar_of_seat(session, definition.calendar, facts.owner_key)
    moves: tuple[RungMove, ...] = ()
    if locked.work_item_id is not None and step.ladder:
        planned = rung_rows(
            step,
            clock,
            calendar,
            entered_at=now,
            nomination_id=facts.nomination_id,
            work_item_id=locked.work_item_id,
            consumed_minutes=locked.consumed_minutes,
        )
        moves = plan_moves(rungs.get(locked.work_item_id, ()), planned, size=len(step.ladder), renews=True)
    group = tuple(holder.account_id for holder in holders.get(facts.owner_key or "", ()))
    return MovedNomination(
        nomination_id=facts.nomination_id,
        unit_code=facts.seats.unit,
        step=facts.state,
        was_at=locked.due_at,
        due_at=clock.due_at,
        locked=locked,
        clock=clock,
        calendar_version=calendar.version,
        rungs=moves,
        people=(facts.assignee_id,) if facts.assignee_id is not None else group,
    )

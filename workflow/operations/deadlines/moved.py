"""Due dates that move, by a calendar or by an extension: the stay counted again, its event, its letter.

Never commits. Lock order: the nominations are locked by the caller; then visit, work item, rung, outbox.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Row, Text, Uuid, update
from sqlalchemy.orm import Session

from workflow.domain.history.chain import ChainedEvent
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import in_charge
from workflow.domain.route.definition import Definition
from workflow.domain.time.clocks import RunningClock, VisitClock, count_again
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.promises import kept_promises
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import REPLAN, NoticeKind, Via
from workflow.operations.deadlines.clocks import rung_rows, timing_of_stay
from workflow.operations.deadlines.replan import RungMove, plan_moves
from workflow.operations.history.record import Recorded, in_whose_place
from workflow.operations.mail.notify import PromisedMail
from workflow.store.base import given, table_of
from workflow.store.locked import Locked
from workflow.store.nominations import Visit, WorkItem
from workflow.store.statements import Statement

_VISIT, _WORK = table_of(Visit), table_of(WorkItem)
_CLOCKS: Final = given(
    "counted",
    {
        "visits": ("id", Uuid()),
        "units": ("unit", Text()),
        "minutes": ("minutes", BigInteger()),
        "starts": ("started_at", DateTime(timezone=True)),
        "ends": ("due_at", DateTime(timezone=True)),
        "versions": ("version", Text()),
    },
)
_SET_CLOCKS: Final = Statement(
    update(_VISIT)
    .where(_VISIT.c.id == _CLOCKS.c.id)
    .values(
        clock_unit=_CLOCKS.c.unit,
        budget_minutes=_CLOCKS.c.minutes,
        clock_started_at=_CLOCKS.c.started_at,
        due_at=_CLOCKS.c.due_at,
        calendar_version=_CLOCKS.c.version,
    )
)
_DUES: Final = given("moved", {"work": ("id", Uuid()), "ends": ("due_at", DateTime(timezone=True))})
_SET_DUES: Final = Statement(update(_WORK).where(_WORK.c.id == _DUES.c.id).values(due_at=_DUES.c.due_at))


@dataclass(frozen=True, slots=True)
class MovedStay:
    """One nomination whose open stay is counted again: its clock, its promises, and who is to be told."""

    locked: Locked
    clock: VisitClock
    version: str
    rungs: tuple[RungMove, ...]
    people: tuple[int, ...]

    @property
    def nomination_id(self) -> int:
        """The number of the nomination."""
        return self.locked.facts.nomination_id

    @property
    def unit_code(self) -> str:
        """The unit that is nominated, or whose person is."""
        return self.locked.facts.seats.unit

    @property
    def step(self) -> str:
        """The step in which it stays."""
        return self.locked.facts.state

    @property
    def was_at(self) -> datetime | None:
        """When it was due before."""
        return self.locked.due_at

    @property
    def due_at(self) -> datetime | None:
        """When it is due from now on."""
        return self.clock.due_at

    @property
    def is_another_day(self) -> bool:
        """Whether it is due on another day, and not only at another hour."""
        was, now = self.was_at, self.due_at
        return was is None or now is None or was.astimezone(now.tzinfo).date() != now.date()


def clock_again(
    definition: Definition,
    locked: Locked,
    before: Calendar | None,
    calendar: Calendar,
    round_dates: Mapping[str, date],
) -> VisitClock:
    """Return the clock of an open stay by a calendar and dates; `before` is what it was counted by."""
    running = running_clock(locked, before)
    if running is None or not definition.has_step(locked.facts.state):
        return VisitClock(due_at=locked.due_at)
    return count_again(timing_of_stay(definition, locked).due, calendar, running, round_dates=round_dates)


def running_clock(locked: Locked, before: Calendar | None) -> RunningClock | None:
    """Return the clock of the open stay, None where it stands; `before` is what it was counted by."""
    if locked.visit_entered_at is None or locked.clock_started_at is None:
        return None
    return RunningClock(
        locked.visit_entered_at,
        locked.clock_started_at,
        TimeUnit(locked.clock_unit) if locked.clock_unit else None,
        locked.budget_minutes,
        locked.consumed_minutes,
        before,
        locked.has_more_time,
    )


def moves_of_stay(
    definition: Definition,
    locked: Locked,
    clock: VisitClock,
    calendar: Calendar,
    there: Sequence[Row[Any]],
    *,
    renews: bool,
    now: datetime,
    keeps_passed: bool = True,
) -> tuple[RungMove, ...]:
    """Return what becomes of the promises of a stay that is counted again; `there` are those it has.

    One that waited for a morning which has passed by the new count comes on the next, with `keeps_passed`.
    """
    step = timing_of_stay(definition, locked)
    if locked.work_item_id is None or locked.visit_entered_at is None:
        return ()
    if not step.ladder:
        # Another version of the route may promise nothing where the one before did.
        return plan_moves(there, (), size=1, renews=False)
    planned = rung_rows(
        step,
        clock,
        calendar,
        entered_at=locked.visit_entered_at,
        nomination_id=locked.facts.nomination_id,
        work_item_id=locked.work_item_id,
        consumed_minutes=locked.consumed_minutes,
    )
    if not keeps_passed:
        planned = [row for row in planned if row["fire_at"] >= now]  # type: ignore[operator]  # an instant
    size = len(step.ladder)
    kept = kept_promises(there, planned, size, calendar, renews=renews, now=now)
    return plan_moves(there, kept, size=size, renews=True)


def people_of(locked: Locked, holders: Mapping[str, Sequence[Any]]) -> tuple[int, ...]:
    """Return the accounts to tell that a stay is due at another time: who has the work in hand."""
    return in_charge(locked.facts, holders)


def write_clocks(session: Session, moved: Sequence[MovedStay]) -> None:
    """Write the clocks of stays, and the dates of their work."""
    if not moved:
        return
    _SET_CLOCKS.run(
        session,
        {
            "visits": [one.locked.visit_id for one in moved],
            "units": [one.clock.unit for one in moved],
            "minutes": [one.clock.budget_minutes for one in moved],
            "starts": [one.clock.started_at for one in moved],
            "ends": [one.clock.due_at for one in moved],
            "versions": [one.version for one in moved],
        },
    )
    write_dues(session, [(one.locked.work_item_id, one.due_at) for one in moved if one.due_at != one.was_at])


def write_dues(session: Session, dues: Iterable[tuple[UUID | None, datetime | None]]) -> None:
    """Write when work is due from now on."""
    known = [(work, due_at) for work, due_at in dues if work is not None]
    if known:
        _SET_DUES.run(session, {"work": [work for work, _ in known], "ends": [at for _, at in known]})


def moved_entry(
    one: MovedStay,
    data: Mapping[str, object],
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
    action: str = REPLAN,
) -> ChainedEvent:
    """Return the event of a nomination whose due date moved; its version stays, nothing was decided."""
    was_at, due_at = one.was_at, one.due_at
    entry = ChainedEvent.of(
        f"nomination:{one.nomination_id}",
        one.locked.last_seq + 1,
        action,
        via=via,
        at=now,
        actor_id=actor.account_id if actor else None,
        places=(one.step, one.step),
        data={**data, "was": was_at and was_at.isoformat(), "due": due_at and due_at.isoformat()},
    )
    return replace(entry, on_behalf_of=in_whose_place(actor))


def moved_notices(one: MovedStay, event: Recorded, slot: str, now: datetime) -> list[PromisedMail]:
    """Return the letters that tell of another due date; those of one `slot` and reader are one."""
    return [
        PromisedMail(
            kind=NoticeKind.DATES_MOVED,
            account_id=account_id,
            cause=event.event_id,
            nomination_id=one.nomination_id,
            at=now,
            work_item_id=one.locked.work_item_id,
            event_id=event.event_id,
            slot=slot,
        )
        for account_id in one.people
    ]

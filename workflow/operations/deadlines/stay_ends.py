"""Ending stays: the visit with all that an analysis will ask of it, its work, and the rungs that fall silent.

Never commits. Lock order: the nominations are locked by the caller; then visit, work item, rung.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, any_, bindparam, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.time.stays import ending_of, holds_of, measure_stay
from workflow.domain.vocabulary import Stage
from workflow.store.base import given, table_of
from workflow.store.calendars import calendar_in_force
from workflow.store.nominations import Rung, Visit, WorkItem
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class StayEnd:
    """A stay that ends, by which action and on the way to which stage; `calendar` is its definition's.

    `holds` are the instants at which it was held and released, in turn.
    """

    visit_id: UUID
    work_item_id: UUID | None
    entered_at: datetime
    claimed_at: datetime | None
    left_at: datetime
    action: str
    to: Stage
    calendar: str
    holds: tuple[datetime, ...] = ()


_DONE = given(
    "done",
    {"ids": ("id", Uuid()), "outcomes": ("outcome", Text()), "instants": ("at", DateTime(timezone=True))},
)
_LEFT = given(
    "stay",
    {
        "ids": ("id", Uuid()),
        "instants": ("at", DateTime(timezone=True)),
        "endings": ("ended", Text()),
        "claims": ("claimed_at", DateTime(timezone=True)),
        "working": ("working", BigInteger()),
        "waiting": ("waiting", BigInteger()),
        "service": ("service", BigInteger()),
    },
)
_VISIT, _WORK, _RUNG = table_of(Visit), table_of(WorkItem), table_of(Rung)
_LEAVE_VISITS = Statement(
    update(_VISIT)
    .where(_VISIT.c.id == _LEFT.c.id)
    .values(
        left_at=_LEFT.c.at,
        ended=_LEFT.c.ended,
        first_claimed_at=_LEFT.c.claimed_at,
        working_minutes=_LEFT.c.working,
        waiting_minutes=_LEFT.c.waiting,
        service_minutes=_LEFT.c.service,
    )
)
_CLOSE_WORK = Statement(
    update(_WORK).where(_WORK.c.id == _DONE.c.id).values(closed_at=_DONE.c.at, outcome=_DONE.c.outcome)
)
# A rung of work that is done keeps its row, but does not fire: the sweep's index forgets it.
_STOP_RUNGS = Statement(
    update(_RUNG)
    .where(_RUNG.c.work_item_id == any_(bindparam("ids", type_=ARRAY(Uuid))), _RUNG.c.fired_at.is_(None))
    .values(fire_at=None, promised_at=_RUNG.c.fire_at)
)


def end_stays(session: Session, ends: Sequence[StayEnd]) -> None:
    """Write the end of each stay, close its work and silence what its ladder still promised."""
    if not ends:
        return
    work, instants = [end.work_item_id for end in ends], [end.left_at for end in ends]
    _LEAVE_VISITS.run(session, _measured(session, ends))
    _CLOSE_WORK.run(session, {"ids": work, "outcomes": [end.action for end in ends], "instants": instants})
    _STOP_RUNGS.run(session, {"ids": work})


def _measured(session: Session, ends: Sequence[StayEnd]) -> dict[str, list[object]]:
    found = [
        measure_stay(
            calendar_in_force(session, end.calendar),
            end.entered_at,
            end.claimed_at,
            end.left_at,
            holds_of(end.holds),
        )
        for end in ends
    ]
    return {
        "ids": [end.visit_id for end in ends],
        "instants": [end.left_at for end in ends],
        "endings": [ending_of(end.action, end.to) for end in ends],
        "claims": [one.first_claimed_at for one in found],
        "working": [one.working_minutes for one in found],
        "waiting": [one.waiting_minutes for one in found],
        "service": [one.service_minutes for one in found],
    }

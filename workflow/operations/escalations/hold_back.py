"""Holding an escalation back for a working day or two, once, with a reason; and letting it go before.

Lock order: what the rung hangs on, then the rung.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, NotFound, Reason
from workflow.domain.history.chain import stream_of_work
from workflow.domain.rights.escalation_rights import LONGEST_HOLD, LateWork, refuse_own_escalation
from workflow.domain.rights.policy import Actor, demand
from workflow.domain.text import normalise
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import CourtesyAction, Via
from workflow.operations.deadlines.bounces import lock_roots
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.base import table_of
from workflow.store.calendars import calendar_of_seat
from workflow.store.nominations import EscalationHold, Nomination, Rung, WorkItem
from workflow.store.nominees import nominee_of_late_work
from workflow.store.offices import is_coming, is_of_office
from workflow.store.submissions import ExpectedReturn

_RUNG, _HOLD = table_of(Rung), table_of(EscalationHold)


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Which escalation to hold back, for how many working days, and why."""

    rung_id: UUID
    days: int
    reason: str


def hold_escalation(
    session: Session, *, actor: Actor, hold: HoldBack, via: Via, now: datetime, claim: Claim | None = None
) -> bool:
    """Hold an escalation back and commit; return whether the request had been answered before.

    It fires when the hold ends, unless the work is done by then. Raises `NotFound` for one that is not of the
    actor's office, or has gone out; `Forbidden` for whose own work is late; `Conflict` where it was held back
    before; `InvalidField` without a reason or for more days than `LONGEST_HOLD`.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    if not 1 <= hold.days <= LONGEST_HOLD:
        _refuse("days", f"between 1 and {LONGEST_HOLD} working days")
    reason = normalise(hold.reason, field="reason")
    if not reason:
        _refuse("reason", "say why it has to wait")
    row = _locked(session, actor, hold.rung_id, now)
    if row.held_at is not None:
        message = "It was held back before; an escalation waits once."
        raise Conflict(message, reasons=[Reason("held_before", message)])
    calendar = calendar_of_seat(session, CalendarName.LOCAL, row.owner_key)
    last = calendar.shift(calendar.local_day(max(row.fire_at, now)), hold.days)
    until_at = calendar.opens_at(last)
    session.execute(update(_RUNG).where(_RUNG.c.id == hold.rung_id).values(fire_at=until_at))
    data = {**_said(row), "was": row.fire_at.isoformat(), "until": until_at.isoformat()}
    event = append_event(
        session,
        stream_of_work(row.nomination_id, row.expected_return_id),
        CourtesyAction.HOLD_ESCALATION,
        actor=actor,
        via=via,
        now=now,
        data=data,
        words=reason,
    )
    held = {"was_at": row.fire_at, "until_at": until_at, "event_id": event.event_id}
    session.execute(insert(_HOLD).values(rung_id=hold.rung_id, **held))
    settle_key(session, claim, actor=actor, result={"rung": str(hold.rung_id)})
    session.commit()
    return False


def release_escalation(
    session: Session, *, actor: Actor, rung_id: UUID, via: Via, now: datetime, claim: Claim | None = None
) -> bool:
    """Let an escalation go that was held back, and commit; return whether the request was answered before.

    It fires when it would have without the hold, at once where that is over. Raises as `hold_escalation`, and
    `Conflict` where nothing holds it back.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    row = _locked(session, actor, rung_id, now)
    if row.held_at is None or row.released_at is not None:
        message = "Nothing holds it back."
        raise Conflict(message, reasons=[Reason("not_held_back", message)])
    # A date that moved meanwhile counts as it is now: only what waits for the end of the hold goes earlier.
    fire_at = max(row.held_at, now) if row.fire_at == row.until_at else row.fire_at
    session.execute(update(_HOLD).where(_HOLD.c.rung_id == rung_id).values(released_at=now))
    session.execute(update(_RUNG).where(_RUNG.c.id == rung_id).values(fire_at=fire_at))
    data = {**_said(row), "at": fire_at.isoformat()}
    append_event(
        session,
        stream_of_work(row.nomination_id, row.expected_return_id),
        CourtesyAction.RELEASE_ESCALATION,
        actor=actor,
        via=via,
        now=now,
        data=data,
    )
    settle_key(session, claim, actor=actor, result={"rung": str(rung_id)})
    session.commit()
    return False


def _locked(session: Session, actor: Actor, rung_id: UUID, now: datetime) -> Row[Any]:
    """Return an escalation that is the actor's office's, what it hangs on being locked."""
    lock_roots(session, [rung_id])
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Rung.fire_at,
            Rung.ordinal,
            Rung.work_item_id,
            Rung.nomination_id,
            Rung.expected_return_id,
            WorkItem.owner_key,
            WorkItem.assignee_id,
            nominee_of_late_work(actor).label("person_id"),
            EscalationHold.was_at.label("held_at"),
            EscalationHold.until_at,
            EscalationHold.released_at,
        )
        .join(WorkItem, WorkItem.id == Rung.work_item_id)
        .outerjoin(Nomination, Nomination.id == Rung.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .outerjoin(EscalationHold, EscalationHold.rung_id == Rung.id)
        .where(Rung.id == rung_id, is_coming(), is_of_office(session, actor, now))
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("There is no escalation to come of that name among those of your office.")
    demand(refuse_own_escalation(actor, LateWork(row.owner_key, row.assignee_id, row.person_id)))
    return row


def _said(row: Row[Any]) -> dict[str, object]:
    return {"work_item": str(row.work_item_id), "rung": row.ordinal}


def _refuse(field: str, message: str) -> None:
    raise InvalidField(f"{field}: {message}.", errors=[FieldError(field, message)])

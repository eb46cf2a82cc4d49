"""A telephone call about late work, noted in the ledger: with whom, what was promised, when to ask again.

Lock order: the nomination or the expected return, then the rungs.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from workflow.domain.callers import CALLS_FROM, Caller
from workflow.domain.errors import FieldError, InvalidField, NotFound
from workflow.domain.history.chain import stream_of_work
from workflow.domain.rights.calls import calling_key, nothing_waits, refuse_call
from workflow.domain.rights.escalation_rights import office_keys
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.domain.text import normalise
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import CourtesyAction, Recipient, RungKind, Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.base import table_of
from workflow.store.calendars import calendar_of_seat
from workflow.store.codes import is_named
from workflow.store.conditions import open_work_of
from workflow.store.definitions import load_definition
from workflow.store.ids import uuid7
from workflow.store.locked import lock_nominations
from workflow.store.nominations import Rung, WorkItem
from workflow.store.offices import owed_to_office
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn

_RUNG = table_of(Rung)
_LONGEST_AGO: Final = 30


@dataclass(frozen=True, slots=True)
class Call:
    """A call: about a nomination, or about what a unit owes a round; its day, with whom, what was promised.

    On `follow_up_on` whoever telephoned is reminded, unless the work is done by then.
    """

    called_on: date
    spoke_with: str
    promised: str
    follow_up_on: date | None = None
    nomination_id: int | None = None
    round_code: str = ""
    unit_code: str = ""


@dataclass(frozen=True, slots=True)
class _Work:
    """The open work a call was about; `due_at` is when it is due, `key` by which its caller may ask."""

    id: UUID
    owner_key: str
    due_at: datetime | None
    key: str
    nomination_id: int | None = None
    expected_return_id: int | None = None

    @property
    def stream(self) -> str:
        """The history it is written to."""
        return stream_of_work(self.nomination_id, self.expected_return_id)


def note_call(
    session: Session, *, actor: Actor, call: Call, via: Via, now: datetime, claim: Claim | None = None
) -> bool:
    """Note a call and commit; return whether the request had been answered before.

    Raises `NotFound` for what the actor may not see, `Forbidden` where it is not theirs to ask for or their
    own, `MoveNotOpen` when nothing waits, `InvalidField` for a day to come, without words, and for a day to
    ask again that is none to come or lies after the due date.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    spoke_with = _said(call.spoke_with, "spoke_with", single_line=True)
    promised = _said(call.promised, "promised")
    work = (
        _of_nomination(session, actor, call, now)
        if call.nomination_id
        else _of_return(session, actor, call, now)
    )
    calendar = calendar_of_seat(session, CalendarName.LOCAL, work.owner_key)
    _demand_days(call, work, calendar, now)
    place = (
        CALLS_FROM
        + session.scalars(
            select(func.count()).where(
                _RUNG.c.work_item_id == work.id, _RUNG.c.kind == CourtesyAction.TELEPHONE
            )
        ).one()
    )
    root = {
        "work_item_id": work.id,
        "nomination_id": work.nomination_id,
        "expected_return_id": work.expected_return_id,
        "ordinal": place,
    }
    told = {"kind": CourtesyAction.TELEPHONE, "recipient": Recipient.HOLDER, "fire_at": now, "fired_at": now}
    session.execute(insert(_RUNG).values(id=uuid7(now), **root, **told))
    if call.follow_up_on is not None:
        again = {
            "kind": RungKind.REMIND,
            "recipient": str(Caller(actor.account_id, work.key)),
            "fire_at": calendar.opens_at(call.follow_up_on),
        }
        session.execute(insert(_RUNG).values(id=uuid7(now), **root, **again))
    follow_up = {"follow_up_on": call.follow_up_on.isoformat()} if call.follow_up_on else {}
    append_event(
        session,
        work.stream,
        CourtesyAction.TELEPHONE,
        actor=actor,
        via=via,
        now=now,
        data={"work_item": str(work.id), "called_on": call.called_on.isoformat(), **follow_up},
        words=f"{spoke_with}: {promised}",
    )
    settle_key(session, claim, actor=actor, result={"work_item": str(work.id)})
    session.commit()
    return False


def _of_nomination(session: Session, actor: Actor, call: Call, now: datetime) -> _Work:
    number = call.nomination_id or 0
    locked = lock_nominations(session, [number], actor=actor, now=now).get(number)
    if locked is None:
        raise NotFound(f"There is no nomination {number} among those you may see.")
    demand_sight(actor, locked.facts)
    locked = locked.in_front()
    # With what they hold now that it is locked, as whoever nudges.
    actor = replace(actor, keys=actor.keys & locked.actor_keys)
    starter = str(load_definition(session, locked.definition_id).starter)
    refusal = refuse_call(actor, locked.facts, starter=starter)
    if refusal is not None:
        raise refusal
    if locked.work_item_id is None or locked.facts.owner_key is None:
        raise nothing_waits()
    key = calling_key(actor, locked.facts, starter=starter)
    return _Work(locked.work_item_id, locked.facts.owner_key, locked.due_at, key, nomination_id=number)


def _of_return(session: Session, actor: Actor, call: Call, now: datetime) -> _Work:
    mine = owed_to_office(session, actor, now, round_code=call.round_code)
    number = session.scalar(mine.where(is_named(session, Unit.code, call.unit_code)))
    if number is None:
        raise NotFound(
            f"Round '{call.round_code}' expects nothing of '{call.unit_code}' that is yours to ask for."
        )
    session.execute(
        select(ExpectedReturn.id).where(ExpectedReturn.id == number).with_for_update(key_share=True)
    )
    row = session.execute(
        select(WorkItem.id, WorkItem.owner_key, WorkItem.due_at)
        .join(ExpectedReturn, open_work_of(ExpectedReturn))
        .where(ExpectedReturn.id == number)
    ).one_or_none()
    if row is None:
        raise nothing_waits()
    return _Work(row.id, row.owner_key, row.due_at, min(office_keys(actor)), expected_return_id=number)


def _demand_days(call: Call, work: _Work, calendar: Calendar, now: datetime) -> None:
    today = calendar.local_day(now)
    if call.called_on > today or (today - call.called_on).days > _LONGEST_AGO:
        raise _invalid("called_on", f"a day of the last {_LONGEST_AGO} that is not to come")
    again = call.follow_up_on
    if again is None:
        return
    if again <= today or not calendar.is_working(again):
        raise _invalid("follow_up_on", "choose a working day to come")
    if (
        work.due_at is not None
        and calendar.local_day(work.due_at) > today
        and again > calendar.local_day(work.due_at)
    ):
        raise _invalid("follow_up_on", "choose a day before the due date, or that day")


def _said(words: str, field: str, *, single_line: bool = False) -> str:
    said = normalise(words, field=field, single_line=single_line)
    if not said:
        raise _invalid(field, "is required")
    return said


def _invalid(field: str, message: str) -> InvalidField:
    return InvalidField(f"{field}: {message}.", errors=[FieldError(field, message)])

"""What an extension writes, set-wise: days, clocks, work, reminders, history, mails. Never commits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from workflow.domain.history.chain import ChainedEvent
from workflow.domain.rights.policy import Actor
from workflow.domain.time.workdays import CLOSES
from workflow.domain.vocabulary import REPLAN, NoticeKind, RoundDate, Via
from workflow.operations.deadlines.replan import silence_reminders, write_moves
from workflow.operations.history.record import Deed, append_events
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.rounds.extension_plan import MovedNomination, MovedReturn, Moves
from workflow.operations.rounds.returns import return_stream, round_calendar
from workflow.store.awards import Round
from workflow.store.base import table_of
from workflow.store.nominations import Visit, WorkItem
from workflow.store.submissions import ExpectedReturn

_VISIT, _WORK, _RETURN = table_of(Visit), table_of(WorkItem), table_of(ExpectedReturn)
_SET_CLOCK = (
    update(_VISIT)
    .where(_VISIT.c.id == bindparam("visit_id"))
    .values(
        clock_unit=bindparam("unit"),
        budget_minutes=bindparam("minutes"),
        clock_started_at=bindparam("started_at"),
        due_at=bindparam("ends_at"),
        calendar_version=bindparam("counted_by"),
    )
)
_SET_DUE = update(_WORK).where(_WORK.c.id == bindparam("work_id")).values(due_at=bindparam("ends_at"))


@dataclass(frozen=True, slots=True)
class NewDay:
    """A date of a round on its new day: what it was, why it moves, and for which units where not for all."""

    name: RoundDate
    day: date
    was: date | None
    reason: str
    unit_codes: tuple[str, ...] = ()


def write_extension(
    session: Session,
    round_: Round,
    moves: Moves,
    new: NewDay,
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
) -> None:
    """Write the moves of one extension; the round, its nominations and returns are locked."""
    if not new.unit_codes:
        dates = {**round_.dates, new.name.value: new.day.isoformat()}
        session.execute(update(Round).where(Round.id == round_.id).values(dates=dates))
    data = {"date": new.name.value, "was": new.was and new.was.isoformat(), "day": new.day.isoformat()}
    extended = append_event(
        session,
        f"round:{round_.id}",
        "extend",
        actor=actor,
        via=via,
        now=now,
        data={**data, "units": sorted(new.unit_codes)},
        words=new.reason,
    )
    slot = str(extended.event_id)
    _write_days(session, moves, new.day)
    notices = [
        *_tell_units(session, moves, new.reason, slot, actor=actor, via=via, now=now),
        *_tell_holders(session, moves, new, slot, actor=actor, via=via, now=now),
    ]
    write_moves(session, moves.rungs)
    silence_reminders(session, moves.work_item_ids)
    write_notices(session, notices)


def _write_days(session: Session, moves: Moves, day: date) -> None:
    if moves.returns:
        ids = [item.return_id for item in moves.returns]
        session.execute(update(_RETURN).where(_RETURN.c.id.in_(ids)).values(due_on=day))
    due_at = round_calendar(session).local(day, CLOSES)
    work: list[dict[str, object]] = [
        {"work_id": item.work_item_id, "ends_at": due_at} for item in moves.returns if item.work_item_id
    ]
    work += [
        {"work_id": item.locked.work_item_id, "ends_at": item.due_at}
        for item in moves.nominations
        if item.locked.work_item_id
    ]
    if moves.nominations:
        session.connection().execute(_SET_CLOCK, [_clock(item) for item in moves.nominations])
    if work:
        session.connection().execute(_SET_DUE, work)


def _clock(item: MovedNomination) -> dict[str, object]:
    return {
        "visit_id": item.locked.visit_id,
        "unit": item.clock.unit,
        "minutes": item.clock.budget_minutes,
        "started_at": item.clock.started_at,
        "ends_at": item.due_at,
        "counted_by": item.calendar_version,
    }


def _tell_units(
    session: Session,
    moves: Moves,
    reason: str,
    slot: str,
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
) -> Iterator[PromisedMail]:
    calendar = round_calendar(session)
    for item in moves.returns:
        was_at = calendar.local(item.was_on, CLOSES)
        data = {"was": was_at.isoformat(), "due_on": item.due_on.isoformat()}
        stream = return_stream(item.return_id)
        event = append_event(
            session, stream, "extend", actor=actor, via=via, now=now, data=data, words=reason
        )
        for account_id in item.people:
            yield _notice(item, account_id, event.event_id, slot, now)


def _tell_holders(
    session: Session,
    moves: Moves,
    new: NewDay,
    slot: str,
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
) -> Iterator[PromisedMail]:
    entries = [
        Deed(_replanned(item, new.name, actor, via, now), item.locked.last_hash, new.reason)
        for item in moves.nominations
    ]
    if not entries:
        return
    for item, event in zip(moves.nominations, append_events(session, entries), strict=True):
        for account_id in item.people:
            yield _notice(item, account_id, event.event_id, slot, now)


def _replanned(
    item: MovedNomination, name: RoundDate, actor: Actor | None, via: Via, now: datetime
) -> ChainedEvent:
    """Return the event of a nomination whose due date moved; its version stays, nothing was decided."""
    state = item.locked.facts.state
    return ChainedEvent.of(
        f"nomination:{item.nomination_id}",
        item.locked.last_seq + 1,
        REPLAN,
        via=via,
        at=now,
        actor_id=actor.account_id if actor else None,
        places=(state, state),
        data={
            "date": name.value,
            "was": item.was_at and item.was_at.isoformat(),
            "due": item.due_at and item.due_at.isoformat(),
        },
    )


def _notice(
    item: MovedReturn | MovedNomination, account_id: int, event_id: UUID, slot: str, now: datetime
) -> PromisedMail:
    notice = PromisedMail(
        kind=NoticeKind.DATES_MOVED,
        account_id=account_id,
        cause=event_id,
        nomination_id=None,
        at=now,
        event_id=event_id,
        slot=slot,
    )
    if isinstance(item, MovedReturn):
        return replace(notice, expected_return_id=item.return_id, work_item_id=item.work_item_id)
    return replace(notice, nomination_id=item.nomination_id, work_item_id=item.locked.work_item_id)

"""What an extension writes, set-wise: days, clocks, work, reminders, history, mails. Never commits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.history.chain import return_stream
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import NoticeKind, RoundDate, Via
from workflow.operations.deadlines.moved import moved_entry, moved_notices, write_clocks, write_dues
from workflow.operations.deadlines.proposals import answer_proposals
from workflow.operations.deadlines.replan import silence_reminders, write_moves
from workflow.operations.history.record import Deed, append_events
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.rounds.extension_plan import MovedReturn, Moves
from workflow.operations.rounds.returns import unit_closes_at
from workflow.store.awards import Round
from workflow.store.base import table_of
from workflow.store.submissions import ExpectedReturn

_RETURN = table_of(ExpectedReturn)


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
    asked = [one.work_item_id for one in moves.returns if one.work_item_id is not None]
    answer_proposals(session, dict.fromkeys(asked, new.day), now=now)
    write_moves(session, moves.rungs)
    silence_reminders(session, moves.work_item_ids)
    write_notices(session, notices)


def _write_days(session: Session, moves: Moves, day: date) -> None:
    if moves.returns:
        ids = [item.return_id for item in moves.returns]
        session.execute(update(_RETURN).where(_RETURN.c.id.in_(ids)).values(due_on=day))
    write_dues(
        session,
        [(item.work_item_id, unit_closes_at(session, item.unit_code, day)) for item in moves.returns],
    )
    write_clocks(session, moves.nominations)


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
    for item in moves.returns:
        was_at = unit_closes_at(session, item.unit_code, item.was_on)
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
    data = {"date": new.name.value}
    entries = [
        Deed(moved_entry(one, data, actor=actor, via=via, now=now), one.locked.last_hash, new.reason)
        for one in moves.nominations
    ]
    if not entries:
        return
    for one, event in zip(moves.nominations, append_events(session, entries), strict=True):
        yield from moved_notices(one, event, slot, now)


def _notice(item: MovedReturn, account_id: int, event_id: UUID, slot: str, now: datetime) -> PromisedMail:
    return PromisedMail(
        kind=NoticeKind.DATES_MOVED,
        account_id=account_id,
        cause=event_id,
        nomination_id=None,
        at=now,
        work_item_id=item.work_item_id,
        event_id=event_id,
        slot=slot,
        expected_return_id=item.return_id,
    )

"""Handing on what a unit owes a round: from whoever writes for it to one of them, and back to all.

Whoever writes for the unit hands it, its head, or the office of the round. Its promises stay as they are:
whom they mean is asked when they fire. Lock order: expected returns, work items, outbox.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import AlreadyClaimed, FieldError, Forbidden, InvalidField, MoveNotOpen, Reason
from workflow.domain.history.chain import return_stream
from workflow.domain.rights.policy import Actor, demand, in_place_of
from workflow.domain.rights.round_rights import refuse_own_unit, runs_round
from workflow.domain.rights.routing import Holder, SetAside, acting
from workflow.domain.text import normalise
from workflow.domain.vocabulary import BuiltIn, NoticeKind, Role, Via
from workflow.operations.history.record import Recorded
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.rounds.returns import find_return, lock_returns
from workflow.store.awards import Round
from workflow.store.codes import stored_code
from workflow.store.conditions import is_open, open_work_of
from workflow.store.database import local_day
from workflow.store.nominations import WorkItem
from workflow.store.nominees import nominates, units_of_nominee
from workflow.store.organisation import Unit
from workflow.store.people import load_holders
from workflow.store.submissions import ExpectedReturn

_MOST_ROUNDS: Final = 100


@dataclass(frozen=True, slots=True)
class HandOver:
    """Whose what a unit owes a round is from now on, and why; nobody's in particular without an account.

    With `all_rounds` that of every other open round as well in which the actor may hand it on.
    """

    round_code: str
    unit_code: str
    assignee_id: int | None
    reason: str
    all_rounds: bool = False


def hand_over_return(
    session: Session, *, actor: Actor, wanted: HandOver, via: Via, now: datetime, claim: Claim | None = None
) -> bool:
    """Hand on what a unit owes, or give it back to all who write for it, and commit; whether done before.

    Who gets it is written to, and so is who had it; of a seat that has it back everybody. Raises `NotFound`
    where nothing is expected, as for who may not see what is, `Forbidden` for who neither writes for the unit
    nor heads it nor runs the round, or is nominated there and runs it, `MoveNotOpen` once it owes nothing,
    `AlreadyClaimed` where they have all of it, `InvalidField` without a reason or for who does not write for
    the unit, or is away.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    reason = _demand_reason(wanted.reason)
    unit = stored_code(session, Unit.code, wanted.unit_code)
    asker = in_place_of(actor, _speaking(unit))
    speaks = not asker.keys.isdisjoint(_speaking(unit))
    found = find_return(session, wanted.round_code, unit, seen_by=None if speaks else actor)
    rows = _lock(session, found.id, unit if wanted.all_rounds else None, actor)
    theirs = [row for row in rows if speaks or (runs_round(actor, row.owner_unit_id) and not row.is_own)]
    _demand_theirs(session, actor, found, theirs, speaks=speaks)
    seat = f"{Role.NOMINATOR}@unit:{unit}"
    holders = acting(load_holders(session, [seat], today=local_day(session, now)).get(seat, ()), SetAside())
    _demand_writes(wanted, holders)
    moved = [row for row in theirs if row.assignee_id != wanted.assignee_id]
    if not moved:
        raise AlreadyClaimed("It is in their hands already.")
    events = _write(session, moved, wanted, asker, reason=reason, via=via, now=now)
    told = {wanted.assignee_id} if wanted.assignee_id is not None else {one.account_id for one in holders}
    _tell(session, moved, events, told - {asker.account_id, None}, actor=asker, now=now)
    settle_key(session, claim, actor=actor, result={"unit": unit})
    session.commit()
    return False


def _speaking(unit: str) -> set[str]:
    return {f"{role}@unit:{unit}" for role in (Role.NOMINATOR, Role.HEAD)}


def _demand_reason(text: str) -> str:
    reason = normalise(text, field="reason")
    if not reason:
        message = "say why it is handed on"
        raise InvalidField(f"reason: {message}.", errors=[FieldError("reason", message)])
    return reason


def _lock(session: Session, return_id: int, unit: str | None, actor: Actor) -> Sequence[Row[Any]]:
    """Lock what is asked for, and of a unit all else it owes; return it with its open work.

    `is_own`: the unit has nominated the actor in that round.
    """
    open_owed = (
        select(ExpectedReturn.id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .join(Round, Round.id == ExpectedReturn.round_id)
        .where(Unit.code == unit, ExpectedReturn.sent_at.is_(None), ExpectedReturn.answered_at.is_(None))
        .where(is_open(Round))
        .order_by(ExpectedReturn.id)
        .limit(_MOST_ROUNDS)
    )
    others = session.scalars(open_owed).all() if unit is not None else ()
    ids = lock_returns(session, {return_id, *others})
    owed: Select[*tuple[Any, ...]] = (
        select(
            ExpectedReturn.id,
            Round.owner_unit_id,
            WorkItem.id.label("work_item_id"),
            WorkItem.assignee_id,
            nominates(actor).label("is_own"),
        )
        .join(Round, Round.id == ExpectedReturn.round_id)
        .join(WorkItem, open_work_of(ExpectedReturn))
        .where(ExpectedReturn.id.in_(ids))
        .order_by(ExpectedReturn.id)
    )
    return session.execute(owed).all()


def _demand_theirs(
    session: Session, actor: Actor, found: Row[Any], theirs: Sequence[Row[Any]], *, speaks: bool
) -> None:
    if not speaks:
        if not runs_round(actor, found.owner_unit_id):
            message = "Only who writes for a unit, its head and the office of the round hand it on."
            raise Forbidden(message, reasons=[Reason("owed_not_yours", message)])
        demand(refuse_own_unit(found.unit_id, units_of_nominee(session, actor, found.round_id)))
    if not any(row.id == found.id for row in theirs):
        message = "Nothing waits there any more."
        raise MoveNotOpen(message, reasons=[Reason("closed", message)])


def _demand_writes(wanted: HandOver, holders: Sequence[Holder]) -> None:
    """Raise `InvalidField` unless the account writes for the unit itself and is there today."""
    if wanted.assignee_id is None:
        return
    if not any(one.account_id == wanted.assignee_id and one.absent is None for one in holders):
        message = f"account {wanted.assignee_id} does not write for this unit, or is away"
        raise InvalidField("They cannot take this over.", errors=[FieldError("assignee_id", message)])


def _write(
    session: Session,
    rows: Sequence[Row[Any]],
    wanted: HandOver,
    actor: Actor,
    *,
    reason: str,
    via: Via,
    now: datetime,
) -> Mapping[int, Recorded]:
    action = BuiltIn.RELEASE if wanted.assignee_id is None else BuiltIn.REASSIGN
    work = [row.work_item_id for row in rows]
    session.execute(
        update(WorkItem)
        .where(WorkItem.id.in_(work))
        .values(assignee_id=wanted.assignee_id, taken_at=now if wanted.assignee_id is not None else None)
    )
    return {
        row.id: append_event(
            session,
            return_stream(row.id),
            action,
            actor=actor,
            via=via,
            now=now,
            data={
                "work_item": str(row.work_item_id),
                "assignee": wanted.assignee_id,
                "was": row.assignee_id,
            },
            words=reason,
        )
        for row in rows
    }


def _tell(
    session: Session,
    rows: Sequence[Row[Any]],
    events: Mapping[int, Recorded],
    told: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Promise those who have it now what they owe, and who had it that they do not any more."""
    slot = f"handed:{next(iter(events.values())).event_id}"
    mails = []
    for row in rows:
        before = {row.assignee_id} - {None, actor.account_id}
        # Of a seat that has it back who had it knows, unless somebody else gave it back.
        kinds = ((NoticeKind.RETURN_EXPECTED, {*told} - before), (NoticeKind.WORK_GONE, before))
        mails += [
            PromisedMail(
                kind=kind,
                account_id=account_id,
                cause=events[row.id].event_id,
                nomination_id=None,
                at=now,
                work_item_id=row.work_item_id,
                event_id=events[row.id].event_id,
                slot=slot,
                expected_return_id=row.id,
            )
            for kind, accounts in kinds
            for account_id in sorted(accounts)
        ]
    write_notices(session, mails)

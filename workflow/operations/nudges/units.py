"""Pressing units that owe a round their submission: each answers for itself, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound, Reason
from workflow.domain.rights.nudges import NOT_YOURS, nobody_else, read_words, refuse_nudge_of_unit
from workflow.domain.rights.policy import Actor
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import NUDGE, Recipient, Via
from workflow.operations.deadlines.recipients import OwedWork, resolve_return_recipients
from workflow.operations.history.record import Recorded
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nudges.ledger import Pressed, counted_on, enter, promise_letters, told_data
from workflow.store.awards import Round
from workflow.store.base import among, table_of
from workflow.store.codes import is_named
from workflow.store.conditions import open_work_of
from workflow.store.database import local_day
from workflow.store.nominations import WorkItem
from workflow.store.organisation import Council, Unit
from workflow.store.submissions import ExpectedReturn

MOST_UNITS = 2_000
_RETURN = table_of(ExpectedReturn)


@dataclass(frozen=True, slots=True)
class UnitNudged:
    """What became of one unit: how many were told, or the one rule that said no."""

    unit: str
    told_count: int
    refused: Reason | None = None


@dataclass(frozen=True, slots=True)
class UnitsNudged:
    """One result a unit, in the order asked; `was_answered_before` for a request that came again."""

    results: tuple[UnitNudged, ...]
    was_answered_before: bool = False

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the outcome a request key remembered."""
        return cls(_read_results(result), was_answered_before=True)


def nudge_units(
    session: Session,
    *,
    actor: Actor,
    round_code: str,
    units: Sequence[str],
    words: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> UnitsNudged:
    """Press the units named for what they owe a round, and commit; each that may not be pressed says why.

    Raises `NotFound` for an unknown round, `Forbidden` where none of them is the actor's to press,
    `InvalidField` without a unit, for one of which nothing is expected, and for words that cannot be taken.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return UnitsNudged.again(answered)
    said = read_words(words)
    found = session.execute(select(Round).where(is_named(session, Round.code, round_code))).scalar()
    if found is None:
        raise NotFound(f"There is no round '{round_code}'.")
    rows = _owed(session, found.id, units)
    results, entered = list[UnitNudged](), list[tuple[Pressed, Any, Recorded]]()
    for row in rows:
        result, pressed = _press(session, row, actor=actor, said=said, via=via, now=now)
        results.append(result)
        entered += [pressed] if pressed is not None else []
    if all(one.refused is not None and one.refused.code == NOT_YOURS for one in results):
        [reason, *_] = [one.refused for one in results if one.refused is not None]
        raise Forbidden(reason.message, reasons=[reason])
    promise_letters(session, entered, actor=actor, now=now)
    order = {code: place for place, code in enumerate(dict.fromkeys(units))}
    answer = UnitsNudged(tuple(sorted(results, key=lambda one: order.get(one.unit, len(order)))))
    settle_key(session, claim, actor=actor, result={"results": [asdict(one) for one in answer.results]})
    session.commit()
    return answer


def _owed(session: Session, round_id: int, units: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Lock what the units owe, in the order of ids, and return it with its open work."""
    wanted = list(dict.fromkeys(units))
    if not wanted or len(wanted) > MOST_UNITS:
        message = f"name one unit at least, and {MOST_UNITS} at most"
        raise InvalidField(f"units: {message}.", errors=[FieldError("units", message)])
    named = select(Unit.id).where(among(Unit.code, wanted)).scalar_subquery()
    session.execute(
        select(_RETURN.c.id)
        .where(_RETURN.c.round_id == round_id, _RETURN.c.unit_id.in_(named))
        .order_by(_RETURN.c.id)
        .with_for_update(key_share=True)
    )
    owner, adviser = aliased(Unit), aliased(Unit)
    rows = session.execute(
        select(
            ExpectedReturn.id,
            ExpectedReturn.unit_id,
            ExpectedReturn.accountable_id,
            Unit.code.label("unit"),
            owner.id.label("owner_unit_id"),
            owner.code.label("owner"),
            adviser.code.label("council"),
            WorkItem.id.label("work_item_id"),
            WorkItem.owner_key,
            WorkItem.assignee_id,
        )
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .join(Round, Round.id == ExpectedReturn.round_id)
        .join(owner, owner.id == Round.owner_unit_id)
        .outerjoin(Council, Council.id == Round.council_id)
        .outerjoin(adviser, adviser.id == Council.unit_id)
        .outerjoin(WorkItem, open_work_of(ExpectedReturn))
        .where(ExpectedReturn.round_id == round_id, among(Unit.code, wanted))
        .order_by(ExpectedReturn.id)
    ).all()
    if missing := sorted(set(wanted) - {row.unit for row in rows}):
        errors = [FieldError("units", f"nothing is expected of '{code}'") for code in missing]
        raise InvalidField(f"Nothing is expected of {', '.join(missing)} in this round.", errors=errors)
    return rows


def _press(
    session: Session, row: Row[*tuple[Any, ...]], *, actor: Actor, said: str, via: Via, now: datetime
) -> tuple[UnitNudged, tuple[Pressed, Any, Recorded] | None]:
    try:
        pressed = _pressed_of(session, actor, row, now=now)
        day = counted_on(session, CalendarName.LOCAL, pressed.owner_key, now)
        rung_id, place = enter(session, pressed, day=day, now=now)
    except Conflict as refused:
        return UnitNudged(row.unit, 0, refused.reasons[0]), None
    event = append_event(
        session,
        pressed.stream,
        NUDGE,
        actor=actor,
        via=via,
        now=now,
        data=told_data(pressed, place),
        words=said,
    )
    return UnitNudged(row.unit, len(pressed.told)), (pressed, rung_id, event)


def _pressed_of(session: Session, actor: Actor, row: Row[*tuple[Any, ...]], *, now: datetime) -> Pressed:
    reason = refuse_nudge_of_unit(
        actor,
        unit_id=row.unit_id,
        round_owner=row.owner,
        owner_unit_id=row.owner_unit_id,
        council=row.council,
    )
    if reason is None and row.work_item_id is None:
        reason = Reason("owes_nothing", f"Unit {row.unit} owes nothing any more.", {"unit": row.unit})
    if reason is not None:
        raise Conflict(reason.message, reasons=[reason])
    owed = OwedWork(row.work_item_id, row.owner_key, row.accountable_id, row.assignee_id)
    [people] = resolve_return_recipients(
        session, {row.id: (owed, {Recipient.HOLDER})}, today=local_day(session, now)
    ).values()
    recipients = people[Recipient.HOLDER]
    reason = nobody_else(recipients.account_ids, actor)
    if reason is not None:
        raise Conflict(reason.message, reasons=[reason])
    told = tuple(one for one in recipients.account_ids if one != actor.account_id)
    return Pressed(row.work_item_id, row.owner_key, recipients, told, expected_return_id=row.id)


def _read_results(answered: Mapping[str, Any]) -> tuple[UnitNudged, ...]:
    return tuple(
        UnitNudged(one["unit"], one["told_count"], Reason(**one["refused"]) if one["refused"] else None)
        for one in answered["results"]
    )

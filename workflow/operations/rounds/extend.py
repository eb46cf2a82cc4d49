"""Extending a round: first what would move, then the same written in one transaction.

Lock order: the round, its open nominations (by id), expected returns, visits, work, rungs, outbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, NotFound, Reason
from workflow.domain.rights.policy import Actor, demand
from workflow.domain.rights.round_rights import refuse_own_unit
from workflow.domain.text import normalise
from workflow.domain.time.calendar_doubts import calendar_doubts
from workflow.domain.time.round_dates import out_of_order, read_dates
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.rounds.extend_write import NewDay, write_extension
from workflow.operations.rounds.extension import Extension, ExtensionOutcome, Warned, extension_view
from workflow.operations.rounds.extension_mails import moved_mails, upper_standing
from workflow.operations.rounds.extension_plan import plan_extension
from workflow.operations.rounds.extension_seen import demand_as_seen
from workflow.operations.rounds.facts import dependent_steps, returns_of
from workflow.operations.rounds.returns import lock_returns, round_calendar
from workflow.operations.rounds.rounds import demand_right, lock_round
from workflow.store.awards import Round
from workflow.store.base import table_of
from workflow.store.codes import is_named
from workflow.store.conditions import is_open
from workflow.store.database import local_day
from workflow.store.nominations import Nomination
from workflow.store.nominees import units_of_nominee

_NOMINATION = table_of(Nomination)


@dataclass(frozen=True, slots=True)
class Extend:
    """A date of a round to move to another day, and why.

    Units can be named for `unit_deadline` alone; without any it moves for all. A unit whose own day is later
    than the new one keeps it. `seen` is the token of what was shown of it: nothing else is moved.
    """

    round_code: str
    name: RoundDate
    day: date
    reason: str
    unit_codes: tuple[str, ...] = ()
    seen: str | None = None


def preview_extension(session: Session, *, actor: Actor | None, extend: Extend, now: datetime) -> Extension:
    """Return what `extend_round` would do now and which mails that changes; raises the same.

    Nothing is locked or written.
    """
    found = session.scalar(select(Round).where(is_named(session, Round.code, extend.round_code)))
    if found is None:
        raise NotFound(f"There is no round '{extend.round_code}'.")
    demand_right(actor, found.owner_unit_id)
    shown = _plan(session, found, extend, actor, now)
    return replace(shown, mails=moved_mails(session, shown.moves, actor=actor, now=now))


def extend_round(
    session: Session,
    *,
    actor: Actor | None,
    extend: Extend,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> ExtensionOutcome:
    """Move a date of a round, and every due date, reminder and mail that hangs on it; commit.

    Raises `NotFound` for an unknown round, `Forbidden` unless the actor runs its owner, `Conflict` when it is
    closed or the day is that already, `InvalidField` without a reason, for a unit of which nothing is
    expected and for units with another date than `unit_deadline`. A named unit that nominates the actor is
    passed over with a warning, and `Forbidden` where it is the only one. Past the upper date, or out of
    order, it goes with a warning: whoever extends answers for it. `PreviewStale` where something else would
    move than was shown.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return ExtensionOutcome.again(answered)
    found = _lock(session, extend, actor)
    extension = _plan(session, found, extend, actor, now)
    demand_as_seen(extension.moves, extend.seen)
    write_extension(
        session,
        found,
        extension.moves,
        NewDay(
            name=extend.name,
            day=extend.day,
            was=extension.was,
            reason=normalise(extend.reason, field="reason"),
            unit_codes=extension.unit_codes,
        ),
        actor=actor,
        via=via,
        now=now,
    )
    outcome = ExtensionOutcome(extension_view(extension, is_preview=False), extension)
    settle_key(session, claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome


def _lock(session: Session, extend: Extend, actor: Actor | None) -> Round:
    """Lock a round that is the actor's to extend, and what its moves will be read from."""
    found = lock_round(session, extend.round_code)
    demand_right(actor, found.owner_unit_id)
    if steps := dependent_steps(session, found.id, extend.name):
        # Whoever moves one of them meanwhile read the old date: wait for them, and look again after that.
        session.execute(
            select(_NOMINATION.c.id)
            .where(
                _NOMINATION.c.round_id == found.id,
                is_open(_NOMINATION.c),
                _NOMINATION.c.definition_id.in_(steps),
            )
            .order_by(_NOMINATION.c.id)
            .with_for_update(key_share=True)
        )
    if extend.name is RoundDate.UNIT_DEADLINE:
        lock_returns(session, [row.id for row in returns_of(session, found.id)])
    return found


def _plan(session: Session, found: Round, extend: Extend, actor: Actor | None, now: datetime) -> Extension:
    if found.closed_at is not None:
        closed = Reason("round_closed", f"Round '{found.code}' is closed.", {"round": found.code})
        raise Conflict(closed.message, reasons=[closed])
    if not normalise(extend.reason, field="reason"):
        message = "say why the date moves"
        said = Reason("extension_without_reason", f"reason: {message}.")
        raise InvalidField(said.message, reasons=[said], errors=[FieldError("reason", message)])
    dates = read_dates(found.dates)
    every = returns_of(session, found.id) if extend.name is RoundDate.UNIT_DEADLINE else []
    named = _chosen(every, extend)
    chosen = _without_own(session, found.id, named, actor)
    extend = replace(extend, unit_codes=tuple(row.code for row in chosen))
    was = dates.get(extend.name)
    if chosen:
        moving = [row for row in chosen if row.due_on != extend.day]
    else:
        moving = [
            row
            for row in every
            if row.due_on != extend.day and (row.due_on == was or row.due_on < extend.day)
        ]
    if not moving and (chosen or was == extend.day):
        words = f"In round '{found.code}' {extend.name} is {extend.day} already."
        raise Conflict(words, reasons=[Reason("date_already", words, {"day": extend.day.isoformat()})])
    ids = {row.id for row in moving}
    moves = plan_extension(
        session,
        found,
        name=extend.name,
        day=extend.day,
        returns=moving,
        kept_unit_ids=[row.unit_id for row in every if row.id not in ids],
        chosen_unit_ids=[row.unit_id for row in chosen],
        now=now,
    )
    today, calendar = local_day(session, now), round_calendar(session)
    kept = tuple(_kept(row.code) for row in named if row not in chosen)
    warnings = (*kept, *_warnings(extend, dates, moving, was, today=today, calendar=calendar))
    upper = upper_standing(dates, extend.name, extend.day, calendar)
    return Extension(found.code, extend.name, was, extend.day, extend.unit_codes, moves, warnings, upper)


def _chosen(every: Sequence[Row[Any]], extend: Extend) -> list[Row[Any]]:
    if not extend.unit_codes:
        return []
    if extend.name is not RoundDate.UNIT_DEADLINE:
        message = f"{extend.name} is one for all: only {RoundDate.UNIT_DEADLINE} can move for single units"
        raise InvalidField(f"{message}.", errors=[FieldError("units", message)])
    by_code = {row.code: row for row in every}
    if missing := [code for code in extend.unit_codes if code not in by_code]:
        errors = [FieldError("units", f"nothing is expected of '{code}'") for code in missing]
        raise InvalidField(f"Nothing is expected of {', '.join(missing)} in this round.", errors=errors)
    return [by_code[code] for code in dict.fromkeys(extend.unit_codes)]


def _without_own(
    session: Session, round_id: int, named: Sequence[Row[Any]], actor: Actor | None
) -> list[Row[Any]]:
    """Return the named units without those that nominate the actor. Raises `Forbidden` where none is left.

    A date that moves for all is one for all, and theirs among them: named units alone are steered.
    """
    own = units_of_nominee(session, actor, round_id) if named else frozenset()
    others = [row for row in named if row.unit_id not in own]
    if named and not others:
        demand(refuse_own_unit(named[0].unit_id, own))
    return others


def _kept(unit_code: str) -> Warned:
    message = f"Unit {unit_code} nominates you; somebody else has to move its date."
    return Warned("own_unit", message, {"unit": unit_code})


def _warnings(
    extend: Extend,
    dates: dict[RoundDate, date],
    moving: Sequence[Row[Any]],
    was: date | None,
    *,
    today: date,
    calendar: Calendar,
) -> tuple[Warned, ...]:
    warnings = []
    upper = dates.get(RoundDate.UPPER_DEADLINE)
    if extend.name is not RoundDate.UPPER_DEADLINE and upper is not None and extend.day > upper:
        warnings.append(
            Warned("passes_upper", f"{extend.name} {extend.day} lies after the upper date {upper}.")
        )
    warnings += [
        Warned("out_of_order", f"{pair}.")
        for pair in out_of_order({**dates, extend.name: extend.day})
        if pair.later is not RoundDate.UPPER_DEADLINE or extend.name is RoundDate.UPPER_DEADLINE
    ]
    before = [row.due_on for row in moving] or ([was] if was else [])
    if before and extend.day < max(before):
        warnings.append(
            Warned("earlier", f"{extend.day} is earlier than the {max(before)} that stood before.")
        )
    if extend.day < today:
        warnings.append(Warned("in_the_past", f"{extend.day} is past already."))
    if extend.unit_codes:
        warnings += [
            Warned("already_done", f"Unit {row.code} has sent or answered already.")
            for row in moving
            if row.done_at is not None
        ]
    doubts = calendar_doubts(calendar, (was or today, extend.day))
    warnings += [Warned(doubt.code, doubt.message, doubt.params) for doubt in doubts]
    return tuple(warnings)

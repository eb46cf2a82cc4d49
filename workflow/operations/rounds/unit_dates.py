"""Another day for what a unit owes a round: its head asks for it, whoever may extend the round answers.

Granting it is extending the round for that one unit. Lock order: expected return, proposal, outbox.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Forbidden, MoveNotOpen, Reason
from workflow.domain.rights.policy import Actor, demand, in_place_of
from workflow.domain.rights.round_rights import refuse_own_unit
from workflow.domain.rights.routing import SetAside, acting, first_staffed
from workflow.domain.text import normalise
from workflow.domain.time.new_day import demand_new_day
from workflow.domain.time.round_dates import read_dates
from workflow.domain.vocabulary import Role, RoundDate, Via
from workflow.operations.deadlines.proposals import (
    AskedDate,
    DatedWork,
    ask_for_date,
    dated_work,
    demand_asked_once,
    demand_others,
    demand_waiting,
    demand_why_not,
    refuse_proposal,
    standing_proposal,
)
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.rounds.returns import find_return, lock_returns, round_calendar
from workflow.operations.rounds.rounds import demand_right
from workflow.store.awards import Round
from workflow.store.codes import stored_code
from workflow.store.conditions import open_work_of
from workflow.store.database import local_day
from workflow.store.nominations import WorkItem
from workflow.store.nominees import units_of_nominee
from workflow.store.organisation import Unit
from workflow.store.people import load_ancestors, load_holders
from workflow.store.submissions import ExpectedReturn


@dataclass(frozen=True, slots=True)
class ProposeUnitDate:
    """Until which day a unit can send what it owes a round, and why not before."""

    round_code: str
    unit_code: str
    day: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefuseUnitDate:
    """Which date that a unit asked for is not given, and why."""

    round_code: str
    unit_code: str
    proposal_id: UUID
    reason: str


def propose_unit_date(
    session: Session,
    *,
    actor: Actor,
    wanted: ProposeUnitDate,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> bool:
    """Ask the office of a round for another day for what a unit owes, and commit; whether answered before.

    One that waits for an answer is replaced. Raises `Forbidden` unless the actor heads the unit or stands in
    for its head, `NotFound` where nothing is expected of it, `MoveNotOpen` once it owes nothing or the round
    is closed, `Conflict` when that very day was asked for or nobody could answer, `InvalidField` for a day
    that cannot be given.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    reason = normalise(wanted.reason, field="reason")
    unit = stored_code(session, Unit.code, wanted.unit_code)
    head = f"{Role.HEAD}@unit:{unit}"
    asker = in_place_of(actor, {head})
    if head not in asker.keys:
        refused = Reason("unit_date_not_yours", "Only the head of a unit may ask for another day for it.")
        raise Forbidden(refused.message, reasons=[refused])
    row = _lock(session, wanted.round_code, unit)
    calendar = round_calendar(session, unit)
    demand_asked_once(standing_proposal(session, row.work_item_id, now=now), wanted.day)
    demand_new_day(
        wanted.day,
        due_on=row.due_on,
        upper_on=read_dates(row.dates).get(RoundDate.UPPER_DEADLINE),
        calendar=calendar,
        today=calendar.local_day(now),
    )
    key, told = _office(session, row.owner, asker, now)
    asked = AskedDate(wanted.day, calendar.closes_at(wanted.day), key, told)
    ask_for_date(session, _work(row), asked, actor=asker, reason=reason, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"unit": unit})
    session.commit()
    return False


def refuse_unit_date(
    session: Session,
    *,
    actor: Actor,
    wanted: RefuseUnitDate,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> bool:
    """Refuse a unit the day that it asked for, with a reason, and commit; whether it was answered before.

    Raises `NotFound`, `Forbidden` for who may not extend the round, asked themselves or is nominated there,
    `MoveNotOpen`, `Conflict` when it does not wait any more, `InvalidField` without a reason.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    reason = demand_why_not(wanted.reason)
    row = _lock(session, wanted.round_code, stored_code(session, Unit.code, wanted.unit_code), actor=actor)
    found = standing_proposal(session, row.work_item_id, now=now)
    demand_others(found, actor)
    proposal = demand_waiting(found, wanted.proposal_id)
    refuse_proposal(session, _work(row), proposal, actor=actor, reason=reason, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"unit": wanted.unit_code})
    session.commit()
    return False


def _lock(session: Session, round_code: str, unit_code: str, *, actor: Actor | None = None) -> Row[Any]:
    """Lock what a unit owes and return it with its open work; with an actor only where they may extend it."""
    found = find_return(session, round_code, unit_code, seen_by=actor)
    if actor is not None:
        demand_right(actor, found.owner_unit_id)
        demand(refuse_own_unit(found.unit_id, units_of_nominee(session, actor, found.round_id)))
    lock_returns(session, [found.id])
    wanted: Select[*tuple[Any, ...]] = (
        select(
            ExpectedReturn.id,
            ExpectedReturn.due_on,
            Round.dates,
            Unit.code.label("owner"),
            WorkItem.id.label("work_item_id"),
            WorkItem.due_at,
        )
        .join(Round, Round.id == ExpectedReturn.round_id)
        .join(Unit, Unit.id == Round.owner_unit_id)
        .join(WorkItem, open_work_of(ExpectedReturn))
        .where(ExpectedReturn.id == found.id)
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        message = "Nothing waits there any more."
        raise MoveNotOpen(message, reasons=[Reason("closed", message)])
    return row


def _work(row: Row[Any]) -> DatedWork:
    return dated_work(row.work_item_id, row.due_at, expected_return_id=row.id)


def _office(session: Session, owner: str, asker: Actor, now: datetime) -> tuple[str | None, tuple[int, ...]]:
    """Return who may extend the round, nearest first, without whoever asks: their seat and accounts."""
    today = local_day(session, now)
    units = load_ancestors(session, {owner}, today=today).get(owner, (owner,))
    keys = [f"{role}@unit:{code}" for code in units for role in (Role.SUPERVISOR, Role.ADMIN)]
    keys += [f"{Role.SUPERVISOR}@all", f"{Role.ADMIN}@all"]
    holders = {
        key: acting(people, SetAside()) for key, people in load_holders(session, keys, today=today).items()
    }
    absent = {asker.acts_for.absent.account_id} if asker.acts_for else set()
    found = first_staffed(keys, holders, told_already=frozenset({asker.account_id, *absent}))
    if found is None:
        return None, ()
    return found[0], tuple(sorted({one.account_id for one in found[1]}))

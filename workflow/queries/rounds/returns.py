"""What units owe a round and how far each is: the silent ones first, with whom to telephone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, Text, and_, case, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.facts import SignedDocument
from workflow.domain.owed import ReturnStatus
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.round_rights import own_units, sees_all_owed, units_owing
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import Role, Stage
from workflow.queries.escalations.proposed_dates import (
    AnsweredDate,
    ProposedDate,
    answered_date,
    proposed_date,
    with_proposed_date,
)
from workflow.queries.shapes import Named, Who
from workflow.store.access import Account, Grant
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.calendars import calendar_in_force
from workflow.store.codes import is_named
from workflow.store.conditions import is_active, is_away, is_in_force, named_edition, open_work_of
from workflow.store.database import local_day
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn, Submission

MOST_RETURNS: Final = 2000
_ORDER: Final = (ReturnStatus.NOT_STARTED, ReturnStatus.DRAFTING, ReturnStatus.NOTHING, ReturnStatus.SENT)
_NOT_LIVE: Final = (Stage.REJECTED, Stage.WITHDRAWN)
_LIVE: Final = exists().where(
    Nomination.round_id == ExpectedReturn.round_id,
    Nomination.unit_id == ExpectedReturn.unit_id,
    Nomination.stage.not_in(_NOT_LIVE),
)
_LISTED: Final = exists().where(
    Submission.round_id == ExpectedReturn.round_id, Submission.unit_id == ExpectedReturn.unit_id
)
_STATUS: Final = case(
    (ExpectedReturn.answered_at.is_not(None), ReturnStatus.NOTHING.value),
    (ExpectedReturn.sent_at.is_not(None), ReturnStatus.SENT.value),
    (or_(_LIVE, _LISTED), ReturnStatus.DRAFTING.value),
    else_=ReturnStatus.NOT_STARTED.value,
)


@dataclass(frozen=True, slots=True)
class ReturnView:
    """What one unit owes a round. `working_days_left` is 0 on the day, negative when late, null when done.

    `admitted_until` is until when the office takes what comes late of it, by exception; `assignee` to whom
    it was handed, of `writers`, to whom it can be: who write for the unit and are there today.
    """

    unit: Named
    status: ReturnStatus
    due_on: date
    working_days_left: int | None
    accountable: Who | None
    officer_name: str
    officer_telephone: str
    sent_at: datetime | None
    answer: SignedDocument | None
    proposed_date: ProposedDate | None
    answered_date: AnsweredDate | None
    admitted_until: date | None
    assignee: Who | None
    writers: tuple[Who, ...]

    @property
    def is_silent(self) -> bool:
        """Whether the unit still owes its submission."""
        return self.status in {ReturnStatus.NOT_STARTED, ReturnStatus.DRAFTING}


def list_returns(
    session: Session, *, actor: Actor, round_code: str, now: datetime, unit_code: str | None = None
) -> list[ReturnView]:
    """Return what units owe a round, the silent ones first, then by day and code; at most MOST_RETURNS.

    Of `unit_code` alone where it is given. Who runs the round and who is above see every unit, everybody else
    the units they count or belong to. Raises `NotFound` for an unknown round.
    """
    owner = session.execute(
        select(Round.id, Round.owner_unit_id, Unit.code)
        .join(Unit, Unit.id == Round.owner_unit_id)
        .where(is_named(session, Round.code, round_code))
    ).one_or_none()
    if owner is None:
        raise NotFound(f"There is no round '{round_code}'.")
    statement = _statement(owner.id, local_day(session, now))
    if not sees_all_owed(actor, owner.owner_unit_id, owner.code):
        seen, own = units_owing(actor), own_units(actor)
        statement = statement.where(or_(among(ExpectedReturn.unit_id, seen), among(Unit.code, own)))
    if unit_code is not None:
        statement = statement.where(is_named(session, Unit.code, unit_code))
    return [_view(row, _days_left(session, row, now)) for row in session.execute(statement).all()]


def count_returns(session: Session, round_ids: list[int]) -> Mapping[int, Mapping[str, int]]:
    """Return for each round how many units are how far, in the order of the work."""
    rows = session.execute(
        select(ExpectedReturn.round_id, _STATUS.label("status"), func.count().label("found"))
        .where(among(ExpectedReturn.round_id, round_ids))
        .group_by(ExpectedReturn.round_id, _STATUS)
    )
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        counts[row.round_id][row.status] = row.found
    ordered = {
        key: {status.value: found[status] for status in ReturnStatus if status in found}
        for key, found in counts.items()
    }
    return defaultdict(dict, ordered)


def _statement(round_id: int, today: date) -> Select[*tuple[Any, ...]]:
    accountable, assignee = aliased(Account), aliased(Account)
    place = case({status.value: number for number, status in enumerate(_ORDER)}, value=_STATUS)
    owed: Select[*tuple[Any, ...]] = (
        select(
            Unit.code,
            UnitEdition.name,
            UnitEdition.officer_name,
            UnitEdition.officer_telephone,
            _STATUS.label("status"),
            ExpectedReturn.due_on,
            ExpectedReturn.admitted_until,
            ExpectedReturn.sent_at,
            ExpectedReturn.nothing_number,
            ExpectedReturn.nothing_on,
            ExpectedReturn.nothing_signer,
            accountable.id.label("accountable_id"),
            accountable.name.label("accountable_name"),
            assignee.id.label("assignee_id"),
            assignee.name.label("assignee_name"),
            _writers(today).label("writers"),
        )
        .select_from(ExpectedReturn)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .outerjoin(
            accountable,
            and_(accountable.id == ExpectedReturn.accountable_id, is_active(accountable)),
        )
        .outerjoin(WorkItem, open_work_of(ExpectedReturn))
        .outerjoin(assignee, assignee.id == WorkItem.assignee_id)
        .where(ExpectedReturn.round_id == round_id)
        .order_by(place, ExpectedReturn.due_on, UnitEdition.name_sort, Unit.code_sort)
        .limit(MOST_RETURNS)
    )
    return with_proposed_date(owed, today=today)


def _writers(today: date) -> ColumnElement[Any]:
    """Return who sits where a unit's paper is written and is there today, each with id and name."""
    writer = aliased(Account)
    seat = literal(f"{Role.NOMINATOR}@unit:", Text()) + Unit.code
    named = func.jsonb_build_array(writer.id, writer.name)
    is_there = ~is_away(writer.id, Grant.key, today)
    return (
        select(func.jsonb_agg(aggregate_order_by(named, writer.id)))
        .select_from(Grant)
        .join(writer, writer.id == Grant.account_id)
        .where(Grant.key == seat, is_in_force(Grant, today), is_active(writer), is_there)
        .correlate(Unit)
        .scalar_subquery()
    )


def _days_left(session: Session, row: Row[Any], now: datetime) -> int:
    calendar = calendar_in_force(session, CalendarName.LOCAL, unit=row.code)
    return calendar.working_days_left(now, calendar.closes_at(row.due_on))


def _view(row: Row[Any], days_left: int) -> ReturnView:
    status = ReturnStatus(row.status)
    is_done = status in {ReturnStatus.SENT, ReturnStatus.NOTHING}
    answer = SignedDocument(row.nothing_number, row.nothing_on, row.nothing_signer)
    return ReturnView(
        unit=Named(row.code, row.name or row.code),
        status=status,
        due_on=row.due_on,
        working_days_left=None if is_done else days_left,
        accountable=Who(row.accountable_id, row.accountable_name) if row.accountable_id else None,
        officer_name=row.officer_name or "",
        officer_telephone=row.officer_telephone or "",
        sent_at=row.sent_at,
        answer=answer if status is ReturnStatus.NOTHING else None,
        proposed_date=proposed_date(row, is_withheld=False),
        answered_date=answered_date(row),
        admitted_until=row.admitted_until,
        assignee=Who(row.assignee_id, row.assignee_name) if row.assignee_id else None,
        writers=tuple(Who(*one) for one in row.writers or ()),
    )

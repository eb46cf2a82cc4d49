"""What units owe a round: rows, work and reminders made when it opens, closed when the first name is sent.

Nothing here commits. Lock order: nominations, expected return, work item, rung, outbox.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.round_rights import own_units, sees_all_owed, units_owing
from workflow.domain.rights.routing import SetAside, acting
from workflow.domain.time.counting import clock_start
from workflow.domain.time.ladder import LadderRung, plan_rungs
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.promises import kept_promises
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import NoticeKind, Role, Via, WorkKind
from workflow.operations.deadlines.empty_seats import tell_of_unstaffed_returns
from workflow.operations.deadlines.replan import RungMove, plan_moves
from workflow.operations.history.streams import begin_streams
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.rounds.owed_ladder import ladder_of
from workflow.store.awards import Round
from workflow.store.base import table_of
from workflow.store.calendars import calendar_in_force
from workflow.store.codes import is_named
from workflow.store.conditions import is_open
from workflow.store.database import local_day
from workflow.store.ids import uuid7
from workflow.store.nominations import Rung, WorkItem
from workflow.store.organisation import Unit
from workflow.store.people import load_holders, load_seated
from workflow.store.submissions import ExpectedReturn

SENT: Final = "sent"
"""What its event and its work are called when a unit's first name has left it."""
_RETURN, _WORK, _RUNG = table_of(ExpectedReturn), table_of(WorkItem), table_of(Rung)


@dataclass(frozen=True, slots=True)
class Owed:
    """What one unit is asked for: its return's id, the unit's code, the work, who is reminded of it when."""

    return_id: int
    unit_code: str
    work_item_id: UUID
    due_at: datetime
    ladder: tuple[LadderRung, ...]


def round_calendar(session: Session, unit: str | None = None) -> Calendar:
    """Return the calendar the dates of rounds are counted by, the installation's own; or a unit's of them."""
    return calendar_in_force(session, CalendarName.LOCAL, unit=unit)


def unit_closes_at(session: Session, unit: str, day: date) -> datetime:
    """Return the instant at which what a unit owes by a day is due: when its office closes."""
    return round_calendar(session, unit).closes_at(day)


def expect_returns(
    session: Session,
    *,
    round_: Round,
    units: Mapping[str, int],
    due_on: date,
    actor: Actor | None,
    via: Via,
    now: datetime,
) -> list[Owed]:
    """Ask each unit (id by code) for its paper by the end of a day: its return, work, reminders and mails."""
    if not units:
        return []
    people = _people(session, units, now)
    rows = [
        {
            "round_id": round_.id,
            "unit_id": unit_id,
            "due_on": due_on,
            "accountable_id": people[code].accountable_id,
        }
        for code, unit_id in units.items()
    ]
    session.execute(insert(ExpectedReturn), rows)
    found = session.execute(
        select(_RETURN.c.id, _RETURN.c.unit_id).where(_RETURN.c.round_id == round_.id).order_by(_RETURN.c.id)
    )
    ids = {row.unit_id: row.id for row in found}
    ladder = ladder_of(session, round_.reminders_id)
    owed = [
        Owed(ids[unit_id], code, uuid7(now), unit_closes_at(session, code, due_on), ladder)
        for code, unit_id in units.items()
    ]
    _open_work(session, owed, now)
    told = {item.return_id: {"due_on": due_on.isoformat(), "unit": item.unit_code} for item in owed}
    events = begin_streams(session, "expected_return", told, action="expect", actor=actor, via=via, now=now)
    slot = f"round:{round_.id}"
    asked = zip(owed, events, strict=True)
    notices = [
        notice
        for item, event in asked
        for notice in _asking(item, people[item.unit_code], event.event_id, slot, now)
    ]
    write_notices(session, notices)
    unwritten = {item.return_id for item in owed if not people[item.unit_code].nominators}
    tell_of_unstaffed_returns(session, unwritten, slot=slot, now=now)
    return owed


@dataclass(frozen=True, slots=True)
class _People:
    """Who writes a unit's paper, and who answers for it: its head, None where the chair is empty.

    `answering` are the accounts that act as that head today: itself, or who stands in for it.
    """

    nominators: tuple[int, ...]
    accountable_id: int | None
    answering: frozenset[int]

    @property
    def everybody(self) -> frozenset[int]:
        """Whom a mail about the unit's paper is for."""
        return self.answering | frozenset(self.nominators)


def _people(session: Session, units: Iterable[str], now: datetime) -> dict[str, _People]:
    keys = [f"{role}@unit:{code}" for code in units for role in (Role.NOMINATOR, Role.HEAD)]
    today, people = local_day(session, now), {}
    # Who answers for it stays so while they are away; the letters go to who acts.
    seated, holders = load_seated(session, keys, today=today), load_holders(session, keys, today=today)
    for code in units:
        nominator, head = f"{Role.NOMINATOR}@unit:{code}", f"{Role.HEAD}@unit:{code}"
        accountable_id = min(seated.get(head, ()), default=None)
        heads = acting(holders.get(head, ()), SetAside())
        people[code] = _People(
            tuple(dict.fromkeys(one.account_id for one in acting(holders.get(nominator, ()), SetAside()))),
            accountable_id,
            frozenset(one.account_id for one in heads if (one.absent or one).account_id == accountable_id),
        )
    return people


def _asking(item: Owed, people: _People, event_id: UUID, slot: str, now: datetime) -> Iterator[PromisedMail]:
    for account_id in sorted(people.everybody):
        yield PromisedMail(
            kind=NoticeKind.RETURN_EXPECTED,
            account_id=account_id,
            cause=event_id,
            nomination_id=None,
            at=now,
            work_item_id=item.work_item_id,
            event_id=event_id,
            slot=slot,
            expected_return_id=item.return_id,
        )


def return_rungs(item: Owed, calendar: Calendar, *, at: datetime) -> list[dict[str, Any]]:
    """Return the rows of the reminders that an expected return promises from `at` on."""
    started_at = clock_start(at, calendar, TimeUnit.WORKING_DAYS)
    minutes = calendar.minutes_between(started_at, item.due_at, TimeUnit.WORKING_DAYS)
    planned = plan_rungs(
        item.ladder,
        entered_at=at,
        clock_started_at=started_at,
        due_at=item.due_at,
        budget_minutes=max(0, minutes),
        unit=TimeUnit.WORKING_DAYS,
        calendar=calendar,
    )
    return [
        {
            "id": uuid7(at),
            "work_item_id": item.work_item_id,
            "expected_return_id": item.return_id,
            "ordinal": rung.ordinal,
            "kind": rung.do,
            "recipient": rung.to,
            "fire_at": rung.fire_at,
            "warns": rung.warns,
        }
        for rung in planned
    ]


def return_moves(
    item: Owed,
    calendar: Calendar,
    there: Sequence[Row[Any]],
    *,
    opened_at: datetime,
    renews: bool,
    now: datetime,
) -> tuple[RungMove, ...]:
    """Return what becomes of the promises about what a unit owes when its day or the calendar moved.

    `there` are those it has; its work was opened at `opened_at`.
    """
    size = len(item.ladder)
    planned = return_rungs(item, calendar, at=opened_at)
    kept = kept_promises(there, planned, size, calendar, renews=renews, now=now)
    return plan_moves(there, kept, size=size, renews=True)


def close_work(session: Session, return_ids: Iterable[int], *, outcome: str, now: datetime) -> None:
    """Close the open work of expected returns and silence what reminds of it; their rows are locked."""
    ids = sorted(set(return_ids))
    work = session.scalars(
        update(_WORK)
        .where(_WORK.c.expected_return_id.in_(ids), is_open(_WORK.c))
        .values(closed_at=now, outcome=outcome)
        .returning(_WORK.c.id)
    ).all()
    if work:
        session.execute(
            update(_RUNG)
            .where(_RUNG.c.work_item_id.in_(work), _RUNG.c.fired_at.is_(None))
            .values(fire_at=None, promised_at=_RUNG.c.fire_at)
        )


def reopen_work(session: Session, return_id: int, unit_code: str, due_on: date, *, now: datetime) -> Owed:
    """Open the work of an expected return afresh, with the reminders that still lie ahead."""
    reminders = select(Round.reminders_id).join(ExpectedReturn, ExpectedReturn.round_id == Round.id)
    ladder = ladder_of(session, session.scalar(reminders.where(ExpectedReturn.id == return_id)))
    item = Owed(return_id, unit_code, uuid7(now), unit_closes_at(session, unit_code, due_on), ladder)
    # Who had it when it was closed has it again, if they still write for the unit.
    last = select(_WORK.c.assignee_id).where(_WORK.c.expected_return_id == return_id)
    had_it = session.scalar(last.order_by(_WORK.c.opened_at.desc(), _WORK.c.id.desc()).limit(1))
    _open_work(session, [item], now, assignee_id=had_it)
    return item


def find_return(
    session: Session, round_code: str, unit_code: str, *, seen_by: Actor | None = None
) -> Row[Any]:
    """Return what a unit owes a round, not locked: its id, those of round and unit, the round's owner.

    The round by any spelling of its code, the unit by its stored one. Raises `NotFound` where nothing is
    expected of it, and for an actor who may not see that anything is.
    """
    owner = aliased(Unit)
    owed: Select[*tuple[Any, ...]] = (
        select(
            ExpectedReturn.id,
            ExpectedReturn.round_id,
            ExpectedReturn.unit_id,
            Round.owner_unit_id,
            owner.code.label("owner_code"),
        )
        .join(Round, Round.id == ExpectedReturn.round_id)
        .join(owner, owner.id == Round.owner_unit_id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(is_named(session, Round.code, round_code), Unit.code == unit_code)
    )
    found = session.execute(owed).one_or_none()
    if found is None or (seen_by is not None and not _is_seen(seen_by, found, unit_code)):
        raise NotFound(f"Nothing is expected of unit '{unit_code}' in a round '{round_code}'.")
    return found


def _is_seen(actor: Actor, found: Row[Any], unit_code: str) -> bool:
    sees_all = sees_all_owed(actor, found.owner_unit_id, found.owner_code)
    return sees_all or found.unit_id in units_owing(actor) or unit_code in own_units(actor)


def lock_returns(session: Session, return_ids: Iterable[int]) -> list[int]:
    """Lock expected returns in order of id and return those there are."""
    statement = select(_RETURN.c.id).where(_RETURN.c.id.in_(sorted(set(return_ids)))).order_by(_RETURN.c.id)
    return list(session.scalars(statement.with_for_update(key_share=True)))


def _open_work(
    session: Session, owed: Sequence[Owed], now: datetime, *, assignee_id: int | None = None
) -> None:
    work = [
        {
            "id": item.work_item_id,
            "expected_return_id": item.return_id,
            "kind": WorkKind.PREPARE,
            "owner_key": f"{Role.NOMINATOR}@unit:{item.unit_code}",
            "assignee_id": assignee_id,
            "taken_at": now if assignee_id is not None else None,
            "opened_at": now,
            "due_at": item.due_at,
        }
        for item in owed
    ]
    session.execute(insert(_WORK), work)
    calendars = {item.unit_code: round_calendar(session, item.unit_code) for item in owed}
    if rungs := [row for item in owed for row in return_rungs(item, calendars[item.unit_code], at=now)]:
        session.execute(insert(_RUNG), rungs)

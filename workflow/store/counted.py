"""What the due dates of open work were counted from, and the reason that each of them has."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID
from weakref import ref

from sqlalchemy import ColumnElement, Row, Text, Uuid, and_, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from workflow.domain.time.due import Due
from workflow.domain.time.periods import Budget
from workflow.domain.time.reasons import (
    CountedStay,
    DueBasis,
    DueReason,
    closing_hour,
    reason_of,
    reason_of_date,
)
from workflow.domain.time.round_dates import read_dates
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import RoundDate, WorkKind
from workflow.store.awards import Round
from workflow.store.calendars import calendar_of_seat, calendar_of_version, note_revision
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked_rows import CALENDAR_REVISION
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.opinions import OPINION, opinion_of_row
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn

# Reasons that a process remembers, about a kilobyte each; and rounds, whose dates it does.
_KEPT: Final = 8192
_ROUNDS_KEPT: Final = 512

_By: TypeAlias = ref[Calendar]
_of_unit = aliased(ExpectedReturn)
COUNTED: Final = (
    WorkItem.due_at,
    WorkItem.nomination_id,
    WorkItem.owner_key,
    WorkItem.kind.label("work_kind"),
    Nomination.definition_id,
    Visit.step,
    Visit.sent_from,
    Visit.entered_at,
    Visit.clock_started_at,
    Visit.budget_minutes,
    Visit.consumed_minutes,
    Visit.calendar_version,
    Visit.has_more_time,
    Visit.first_due_at,
    *OPINION,
    cast(Round.dates, Text).label("dates_as_kept"),
    func.coalesce(ExpectedReturn.due_on, _of_unit.due_on).label("due_on"),
    CALENDAR_REVISION.label("calendar_revision"),
)
"""What `reason_of_row` asks of a row; its statement joins `promised_by_unit` beside the tables named here."""


def promised_by_unit() -> tuple[type[ExpectedReturn], ColumnElement[bool]]:
    """Return, to be joined, what a nomination's unit owes its round, and when."""
    return _of_unit, and_(_of_unit.round_id == Nomination.round_id, _of_unit.unit_id == Nomination.unit_id)


_BY_IDS: Final = Statement(
    select(WorkItem.id, *COUNTED)
    .outerjoin(Visit, Visit.id == WorkItem.visit_id)
    .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
    .outerjoin(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
    .outerjoin(*promised_by_unit())
    .join(Round, Round.id == func.coalesce(Nomination.round_id, ExpectedReturn.round_id))
    .where(WorkItem.id == any_(bindparam("ids", type_=ARRAY(Uuid))), WorkItem.due_at.is_not(None))
)


def due_reasons(session: Session, work_item_ids: Iterable[UUID]) -> Mapping[UUID, DueReason]:
    """Return why each work item is due when it is; those without a due date are left out."""
    ids = sorted(set(work_item_ids))
    rows = _BY_IDS.fetch(session, {"ids": ids}) if ids else []
    if rows:
        note_revision(session, rows[0].calendar_revision)
    return {row.id: reason_of_row(session, row) for row in rows}


def reason_of_row(session: Session, row: Row[Any]) -> DueReason:
    """Return why the work item that a row with `COUNTED` tells of is due when it is; it has a due date.

    The calendars' revision of the row has been noted before.
    """
    if row.nomination_id is None:
        calendar_now = calendar_of_seat(session, CalendarName.LOCAL, row.owner_key)
        return _of_paper(row.due_at, row.due_on, ref(calendar_now), row.dates_as_kept)
    if row.work_kind == WorkKind.ANSWER:
        return DueReason(DueBasis.ASKED, local_day(session, row.due_at))
    definition = shown_definition(session, row.definition_id)
    calendar = calendar_of_version(
        session, row.calendar_version, definition.calendar, owner_key=row.owner_key
    )
    if calendar is None or not definition.has_step(row.step):
        return DueReason(DueBasis.UNTOLD, local_day(session, row.due_at))
    opinion = opinion_of_row(row)
    timing = definition.timing_of(row.step, row.sent_from, is_asked=opinion is not None)
    stay = CountedStay(
        row.entered_at,
        row.clock_started_at,
        row.budget_minutes,
        row.consumed_minutes,
        row.due_at,
        row.has_more_time,
        opinion if timing.doubled_when is not None else None,
    )
    first_due_at = row.first_due_at if row.has_more_time else None
    return _of_stay(timing.due, ref(calendar), stay, _RoundDays(row.dates_as_kept, row.due_on), first_due_at)


class _RoundDays(NamedTuple):
    """The dates of a round as they are kept, and the day that a unit of it has for itself."""

    as_kept: str
    own: date | None

    def general(self) -> Mapping[RoundDate, date]:
        return _dates(self.as_kept)

    def of_unit(self) -> dict[str, date]:
        dates: dict[str, date] = dict(self.general().items())
        return dates if self.own is None else {**dates, RoundDate.UNIT_DEADLINE: self.own}


# Nothing is in either but what it is asked with: the same facts give the same reason, to whoever looks and
# whenever. A list is looked at again and again, and its names have come together. What is remembered keeps no
# calendar: those of revisions that are over, of each unit with days of its own, would pile up with the years.
@lru_cache(maxsize=_KEPT)
def _of_paper(due_at: datetime, due_on: date, by: _By, dates: str) -> DueReason:
    """Return why the paper that a unit owes its round is due by the unit's day."""
    reason = _own_date(reason_of_date(RoundDate.UNIT_DEADLINE, due_on), _dates(dates))
    return replace(reason, closing=closing_hour(_there(by), due_at))


@lru_cache(maxsize=_KEPT)
def _of_stay(
    due: Budget | Due | None,
    by: _By,
    stay: CountedStay,
    days: _RoundDays,
    first_due_at: datetime | None,
) -> DueReason:
    """Return why a stay is due when it is; `first_due_at`: when it was before somebody gave it more time."""
    calendar = _there(by)
    reason = reason_of(due, calendar, stay, days.of_unit())
    if first_due_at is not None:
        return replace(reason, first_due_on=calendar.local_day(first_due_at))
    return _own_date(reason, days.general())


def _there(by: _By) -> Calendar:
    calendar = by()
    if calendar is None:
        message = "whoever asks has the calendar in hand"
        raise ReferenceError(message)
    return calendar


@lru_cache(maxsize=_ROUNDS_KEPT)
def _dates(as_kept: str) -> Mapping[RoundDate, date]:
    return MappingProxyType(read_dates(json.loads(as_kept)))


def _own_date(reason: DueReason, general: Mapping[RoundDate, date]) -> DueReason:
    """Return the reason of what is due by a unit's own day with the day of all, where that came before."""
    day = general.get(RoundDate.UNIT_DEADLINE)
    is_own = reason.basis is DueBasis.ROUND_DATE and reason.round_date is RoundDate.UNIT_DEADLINE
    return replace(reason, first_due_on=day) if is_own and day is not None and day < reason.due_on else reason

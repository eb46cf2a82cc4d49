"""Rounds as others read them: whose, for which time and awards, with which dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, Text, cast, func, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound, Reason
from workflow.domain.time.calendar_doubts import calendar_doubts
from workflow.domain.time.round_dates import read_dates
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, whole
from workflow.queries.shapes import Named, Words
from workflow.store.awards import Award, Campaign, Round, RoundAward, WorkflowDefinition
from workflow.store.calendars import calendar_in_force
from workflow.store.codes import is_named
from workflow.store.conditions import named_edition
from workflow.store.database import local_day
from workflow.store.organisation import Council, Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class RoundView:
    """One consideration: whose, for which year, whether drafts are still taken (`closed_at` is null).

    `dates` are the round's by name, in the order of the work; a unit may have a later `unit_deadline` of its
    own. `campaign` and `previous` are codes, as are `awards`, none where the round covers every award.
    `reminders` is the version of the route by whose ladder units are reminded, null for the usual one,
    `reminders_title` what that route is called.
    `warnings` say what the calendar does not know of the time between its dates.
    """

    code: str
    title: str
    year: int
    owner: Named
    council: str | None
    campaign: str | None
    campaign_title: str | None
    previous: str | None
    previous_title: str | None
    reminders: str | None
    reminders_title: Words | None
    period_from: date | None
    period_to: date | None
    dates: Mapping[str, date]
    awards: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    warnings: tuple[Reason, ...]


def list_rounds(session: Session, *, now: datetime, limit: int, cursor: str | None) -> Page[RoundView]:
    """Return one page of the rounds, newest first."""
    statement = _statement(local_day(session, now))
    if cursor is not None:
        statement = statement.where(Round.id < decode_cursor("rounds", cursor, whole)[0])
    rows = session.execute(statement.order_by(Round.id.desc()).limit(limit + 1)).all()
    calendar = calendar_in_force(session, CalendarName.LOCAL)
    return cut(
        rows,
        limit,
        item=lambda row: _view(row, calendar),
        cursor=lambda row: encode_cursor("rounds", row.Round.id),
    )


def get_round(session: Session, *, code: str, now: datetime) -> RoundView:
    """Return the round of that code, or raise `NotFound`."""
    statement = _statement(local_day(session, now)).where(is_named(session, Round.code, code))
    row = session.execute(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(f"There is no round '{code}'.")
    return _view(row, calendar_in_force(session, CalendarName.LOCAL))


def _statement(today: date) -> Select[*tuple[Any, ...]]:
    council_unit, previous = aliased(Unit), aliased(Round)
    awards = (
        select(func.array_agg(Award.code))
        .join(RoundAward, RoundAward.award_id == Award.id)
        .where(RoundAward.round_id == Round.id)
        .scalar_subquery()
    )
    return (
        select(
            Round,
            Unit.code,
            UnitEdition.name,
            council_unit.code.label("council"),
            Campaign.code.label("campaign"),
            Campaign.title.label("campaign_title"),
            previous.code.label("previous"),
            previous.title.label("previous_title"),
            awards.label("awards"),
            (WorkflowDefinition.key + "@" + cast(WorkflowDefinition.version, Text)).label("reminders"),
            WorkflowDefinition.content["title"].label("reminders_title"),
        )
        .join(Unit, Unit.id == Round.owner_unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .outerjoin(Council, Council.id == Round.council_id)
        .outerjoin(council_unit, council_unit.id == Council.unit_id)
        .outerjoin(Campaign, Campaign.id == Round.campaign_id)
        .outerjoin(previous, previous.id == Round.previous_id)
        .outerjoin(WorkflowDefinition, WorkflowDefinition.id == Round.reminders_id)
    )


def _view(row: Row[Any], calendar: Calendar) -> RoundView:
    found: Round = row.Round
    dates = read_dates(found.dates)
    return RoundView(
        code=found.code,
        title=found.title,
        year=found.year,
        owner=Named(row.code, row.name or row.code),
        council=row.council,
        campaign=row.campaign,
        campaign_title=row.campaign_title,
        previous=row.previous,
        previous_title=row.previous_title,
        reminders=row.reminders,
        reminders_title=Words(**row.reminders_title) if row.reminders_title else None,
        period_from=found.period_from,
        period_to=found.period_to,
        dates={name.value: day for name, day in dates.items()},
        awards=tuple(sorted(row.awards or ())),
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        warnings=calendar_doubts(calendar, dates.values()),
    )

"""Next year's round, proposed from this one's: the same, a year later, with everything that changed said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound, Reason
from workflow.domain.time.calendar_doubts import calendar_doubts
from workflow.domain.time.next_year import a_year_later, named_a_year_later
from workflow.domain.time.round_dates import read_dates
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import RoundDate
from workflow.operations.rounds.facts import returns_of
from workflow.operations.rounds.returns import round_calendar
from workflow.operations.rounds.rounds import NewRound
from workflow.store.awards import Award, AwardEdition, Round, RoundAward
from workflow.store.codes import is_named
from workflow.store.conditions import holds_on, is_in_force
from workflow.store.database import local_day
from workflow.store.organisation import Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date of the round before, and the working day proposed for it a year later."""

    name: RoundDate
    was: date
    day: date


@dataclass(frozen=True, slots=True)
class RoundProposal:
    """A round to open, and what is not as it was: dates, awards gone and new, units gone and new, by code.

    `warnings` say what the calendar does not know of the time between its dates.
    """

    new: NewRound
    dates: tuple[MovedDate, ...]
    awards_gone: tuple[str, ...]
    awards_new: tuple[str, ...]
    units_gone: tuple[str, ...]
    units_new: tuple[str, ...]
    warnings: tuple[Reason, ...]


def propose_next_round(session: Session, *, code: str, now: datetime) -> RoundProposal:
    """Return the round that would follow one a year later; nothing is written. Raises `NotFound`.

    Awards without an edition in force today are left out and new ones taken in; so are units that are no more
    and those that came under the owner since. A campaign is of its year and does not go on by itself.
    """
    row = session.execute(
        select(Round, Unit.code.label("owner"))
        .join(Unit, Unit.id == Round.owner_unit_id)
        .where(is_named(session, Round.code, code))
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no round '{code}'.")
    last: Round = row.Round
    today, calendar = local_day(session, now), round_calendar(session)
    dates = tuple(
        MovedDate(name, day, _working(a_year_later(day), calendar))
        for name, day in read_dates(last.dates).items()
    )
    awards_gone, awards_new, awards = _awards(session, last, today)
    units_gone, units_new, units = _units(session, last, today)
    new = NewRound(
        code=named_a_year_later(last.code, last.year),
        title=named_a_year_later(last.title, last.year),
        year=last.year + 1,
        owner_unit_code=row.owner,
        period_from=a_year_later(last.period_from) if last.period_from else None,
        period_to=a_year_later(last.period_to) if last.period_to else None,
        dates={moved.name: moved.day for moved in dates},
        award_codes=awards,
        unit_codes=units,
        previous_code=last.code,
    )
    doubts = calendar_doubts(calendar, new.dates.values())
    return RoundProposal(new, dates, awards_gone, awards_new, units_gone, units_new, doubts)


def _awards(session: Session, last: Round, today: date) -> tuple[tuple[str, ...], ...]:
    """Return the awards gone, those new, and those the next round names (none where it covers every one)."""
    before = local_day(session, last.opened_at)
    rows = session.execute(
        select(Award.code, AwardEdition.valid_from, AwardEdition.valid_to).join(
            AwardEdition, AwardEdition.award_id == Award.id
        )
    ).all()

    def in_force(day: date) -> set[str]:
        return {row.code for row in rows if holds_on(day, row.valid_from, row.valid_to)}

    named = set(
        session.scalars(
            select(Award.code)
            .join(RoundAward, RoundAward.award_id == Award.id)
            .where(RoundAward.round_id == last.id)
        )
    )
    then, today_in_force = in_force(before), in_force(today)
    gone = (named or then) - today_in_force
    new = today_in_force - then - named
    return _sorted(gone), _sorted(new), _sorted((named - gone) | new) if named else ()


def _units(
    session: Session, last: Round, today: date
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the units gone, those new under the owner, and those the next round asks."""
    asked = {row.code for row in returns_of(session, last.id)}
    rows = session.execute(
        select(Unit.code, UnitEdition.parent_id)
        .join(UnitEdition, UnitEdition.unit_id == Unit.id)
        .where(is_in_force(UnitEdition, today))
    ).all()
    there = {row.code for row in rows}
    children = {row.code for row in rows if row.parent_id == last.owner_unit_id}
    if not asked:
        return (), (), ()
    gone, new = asked - there, children - asked
    return _sorted(gone), _sorted(new), _sorted((asked - gone) | new)


def _working(day: date, calendar: Calendar) -> date:
    """Return the day, or the last working day before it: a deadline is not put off by a holiday."""
    return day if calendar.is_working(day) else calendar.shift(day, -1)


def _sorted(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(codes))

"""Simulating a season from nothing, or the next one on a simulated database."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.clock import Clock, FixedClock, monotonic
from workflow.domain.errors import NotYours
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import BuiltIn, InstallationKind, RungKind
from workflow.operations.setup.installation import is_untouched, mark_installation
from workflow.operations.setup.publish import publish_shipped
from workflow.simulate.awards import keep_awards_in_force
from workflow.simulate.cast import assemble
from workflow.simulate.folder import OneSheetFolder
from workflow.simulate.habits import draw_habits
from workflow.simulate.opening import begin
from workflow.simulate.play import end, play
from workflow.simulate.season import Season, SeasonPlan
from workflow.simulate.sector import TOP, Sector, lay_out
from workflow.simulate.stage import Scenery
from workflow.store.awards import Round
from workflow.store.calendars import calendar_in_force
from workflow.store.database import Sessions
from workflow.store.history import Event
from workflow.store.installation import Installation
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit
from workflow.store.paper_files import PaperFolder

FIRST_DAY: Final = date(2025, 10, 6)
"""The Monday on which the first season opens in every simulation, so that two can be compared."""
FEWEST_UNITS: Final = 12
_NAMES_PER_UNIT: Final = 20 / 3
_HOUR: Final = timedelta(hours=1)

Progress = Callable[[int, int], None]
Sweep = Callable[[Clock], None]


@dataclass(frozen=True, slots=True)
class SeasonRequest:
    """What to simulate: calendar days, the seed, and how many names in all."""

    days: int
    seed: int
    nominations: int


@dataclass(frozen=True, slots=True)
class SeasonReport:
    """What a season came to. `nominations` counts by state; `refused` what the rules said no to."""

    round: str
    first_day: date
    last_day: date
    units: int
    people: int
    submissions: int
    nominations: dict[str, int]
    decisions: int
    returns: int
    answers: int
    questions: int
    reminders: int
    escalations: int
    refused: dict[str, int]
    seconds: float
    decisions_per_second: float

    def as_dict(self) -> dict[str, object]:
        """Return the report as JSON can hold it."""
        days = {"first_day": self.first_day.isoformat(), "last_day": self.last_day.isoformat()}
        return asdict(self) | days


def simulate(
    sessions: Sessions, wish: SeasonRequest, *, folder: PaperFolder, sweep: Sweep, progress: Progress
) -> SeasonReport:
    """Play one season through the real operations, each committing its own, and report what it came to.

    The same wish on an empty database gives the same history. On a database that a simulation made, the next
    season follows a year after the last: its round is made from the last one, which is closed first if need
    be. Raises `NotYours` when the database holds anybody else's work, before anything is written.
    """
    started = monotonic()
    with sessions() as session:
        calendar = calendar_in_force(session, CalendarName.LOCAL)
        opens_on = _claim(session, calendar, wish)
        session.commit()
    clock = FixedClock(calendar.opens_at(opens_on).astimezone(UTC))
    pace = Random(f"pace:{wish.seed}")  # noqa: S311 - a play
    stage = Scenery(sessions, clock, calendar, OneSheetFolder(folder.root), sweep, pace)
    season = _season(stage, wish)
    days = _working_days(calendar, opens_on, wish.days)
    for done in play(season, days=days):
        progress(done + 1, days)
    progress(days, days)
    stage.sweep(stage.clock)
    return _report(season, opens_on, monotonic() - started)


def unit_count(nominations: int) -> int:
    """Return how many units a sector needs for so many names."""
    return max(FEWEST_UNITS, round(nominations / _NAMES_PER_UNIT))


def _claim(session: Session, calendar: Calendar, wish: SeasonRequest) -> date:
    """Mark and furnish an empty database, and return the day on which the season opens.

    On a simulated one that is the same day a year after its last season. Raises `NotYours`.
    """
    kind = session.scalar(select(Installation.kind))
    last = session.scalar(select(func.max(Round.opened_at)))
    if kind == InstallationKind.SIMULATION and last is not None:
        a_year_later = calendar.local_day(last) + timedelta(days=364)
        return a_year_later if calendar.is_working(a_year_later) else calendar.next_working_day(a_year_later)
    if not is_untouched(session):
        raise NotYours(
            f"This database is in use ({kind or InstallationKind.LIVE}); a simulation needs an empty one. "
            "Set COMMENDO_DATA_DIR to a new folder, or COMMENDO_DATABASE_URL to an empty database."
        )
    now = (calendar.opens_at(FIRST_DAY) - _HOUR).astimezone(UTC)
    mark_installation(session, InstallationKind.SIMULATION, now=now)
    furnish(session, lay_out(unit_count(wish.nominations), seed=wish.seed), now=now, today=FIRST_DAY)
    return FIRST_DAY


def furnish(session: Session, sector: Sector, *, now: datetime, today: date) -> None:
    """Publish what ships, awards without an end, and set everybody up; commits what it publishes."""
    publish_shipped(session, now=now)
    keep_awards_in_force(session)
    assemble(session, sector, now=now, today=today)


def _season(stage: Scenery, wish: SeasonRequest) -> Season:
    """Begin the season of the clock's year, behind the last one where there was one."""
    with stage.sessions() as session:
        last = session.execute(
            select(Round.code, Round.closed_at).order_by(Round.opened_at.desc()).limit(1)
        ).one_or_none()
        units = session.scalar(select(func.count()).select_from(Unit)) or 0
    year = stage.today.year
    sector = lay_out(units - 1, seed=wish.seed)
    seed = f"{wish.seed}:{year}"
    plan = SeasonPlan(
        year=year,
        round_code=f"{TOP}-{year}",
        title=f"Đợt xét thi đua, khen thưởng năm {year}",
        habits=draw_habits(sector.unit_numbers, names=wish.nominations, seed=f"habits:{seed}"),
        seed=seed,
        previous_code=last.code if last else None,
    )
    if last is not None and last.closed_at is None:
        stage.meet()
        end(stage, last.code)
    return begin(stage, sector, plan)


def _working_days(calendar: Calendar, first: date, days: int) -> int:
    return sum(calendar.is_working(first + timedelta(days=number)) for number in range(days))


def _report(season: Season, opens_on: date, seconds: float) -> SeasonReport:
    stage = season.stage
    since = stage.calendar.local(opens_on, time(0)).astimezone(UTC)
    with stage.sessions() as session:
        states = dict(_states(session, season.round_id))
        actions = _actions(session, since)
        units = session.scalar(select(func.count()).select_from(Unit)) or 0
        people = session.scalar(select(func.count()).select_from(Person)) or 0
    decisions = sum(
        stage.counts[action] for action in ("submit", "approve", "not_passed", "reject", "return")
    )
    return SeasonReport(
        round=season.plan.round_code,
        first_day=opens_on,
        last_day=stage.today,
        units=units,
        people=people,
        submissions=stage.counts["submissions"],
        nominations=states,
        decisions=decisions,
        returns=stage.counts["return"],
        answers=stage.counts["answers"],
        questions=stage.counts[BuiltIn.REQUEST_INFO],
        reminders=actions.get(RungKind.REMIND, 0),
        escalations=actions.get(RungKind.ESCALATE, 0),
        refused=dict(sorted(stage.refusals.items())),
        seconds=round(seconds, 3),
        decisions_per_second=round(decisions / seconds, 1) if seconds else 0.0,
    )


def _states(session: Session, round_id: int) -> Iterator[tuple[str, int]]:
    rows = session.execute(
        select(Nomination.state, func.count().label("found"))
        .where(Nomination.round_id == round_id)
        .group_by(Nomination.state)
        .order_by(Nomination.state)
    )
    for row in rows:
        yield row.state, row.found


def _actions(session: Session, since: datetime) -> dict[str, int]:
    rows = session.execute(
        select(Event.action, func.count().label("found"))
        .where(Event.recorded_at >= since, Event.action.in_(list(RungKind)))
        .group_by(Event.action)
    )
    return {row.action: row.found for row in rows}

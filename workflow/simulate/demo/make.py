"""Making the demo in an empty database, whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from workflow.clock import Clock, FixedClock
from workflow.domain.errors import Conflict
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import InstallationKind
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.mailbox import Mailbox
from workflow.operations.mail.post import Post
from workflow.operations.setup.installation import mark_installation
from workflow.operations.sweep.escalate import fire_due
from workflow.simulate.demo.script import LAST_DAY, SEED, UNITS, last_years, this_years
from workflow.simulate.folder import OneSheetFolder
from workflow.simulate.opening import begin
from workflow.simulate.play import play
from workflow.simulate.run import furnish
from workflow.simulate.season import CLOSES_ON, SeasonPlan
from workflow.simulate.sector import Sector, lay_out
from workflow.simulate.stage import Scenery
from workflow.store.calendars import load_calendar
from workflow.store.database import Sessions, make_sessions
from workflow.store.installation import Installation
from workflow.store.organisation import Unit
from workflow.store.paper_files import PaperFolder

_PLANNED_EVERY: Final = 3
_A_YEAR: Final = timedelta(days=364)
_BEFORE: Final = timedelta(hours=1)
# Older mails are born cancelled: writing letters that nobody scrolls back to would double the time it takes.
_MAILS_SINCE: Final = timedelta(days=14)

Progress = Callable[[int, int], None]


def make_demo(
    engine: Engine,
    *,
    timezone: str,
    now: datetime,
    mail_from: str,
    base_url: str,
    folder: PaperFolder,
    progress: Progress,
) -> None:
    """Fill an empty database with the demo and commit once: it is whole, or nothing of it is there.

    The mails of its last two weeks are kept for `/mailbox`, from `mail_from` and with links to `base_url`,
    and never reach a server. Papers go into `folder`. `progress` hears how many days of how many are played.
    Raises `Conflict` when the database holds anything.
    """
    papers = OneSheetFolder(folder.root)
    try:
        with engine.connect() as connection, connection.begin():
            quiet, loud = (
                make_sessions(engine, timezone=timezone, sends_mail=sends) for sends in (False, True)
            )
            for sessions in (quiet, loud):
                # Every operation commits; here that ends a savepoint, and the one commit is ours.
                sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
            post = Post(Mailbox(loud), mail_from, base_url, is_demo=True)
            _Making(timezone, now, quiet, loud, post, papers, progress).run()
    except BaseException:
        papers.take_back()
        raise


@dataclass(slots=True)
class _Making:
    """The making of one demo: two seasons, the last of which ends now."""

    timezone: str
    now: datetime
    quiet: Sessions
    loud: Sessions
    post: Post
    folder: OneSheetFolder
    progress: Progress
    done: int = 0

    def run(self) -> None:
        """Furnish the database and play last year's season, then this year's as far as today."""
        calendar = load_calendar(CalendarName.VN, self.timezone)
        today = calendar.local_day(self.now)
        opens_on = calendar.shift(today, -LAST_DAY - 1)
        opened_on = _working(calendar, opens_on - _A_YEAR)
        sector = lay_out(UNITS, seed=SEED)
        start = (calendar.opens_at(opened_on) - _BEFORE).astimezone(UTC)
        with self.quiet() as session:
            _demand_empty(session)
            mark_installation(session, InstallationKind.DEMO, now=start)
            furnish(session, sector, now=start, today=opened_on)
            session.commit()
        pace = Random(SEED)  # noqa: S311 - the same minutes in every demo
        stage = Scenery(self.quiet, FixedClock(start), calendar, self.folder, self._sweep, pace)
        last = last_years(opened_on, year=opens_on.year - 1)
        self._play(stage, sector, last, opened_on, CLOSES_ON + 1)
        self._play(stage, sector, this_years(sector, opens_on), opens_on, LAST_DAY + 1)
        self._come_to_now(stage, today)

    def _play(self, stage: Scenery, sector: Sector, plan: SeasonPlan, opens_on: date, days: int) -> None:
        stage.go_to(opens_on, stage.calendar.hours_on(opens_on).opens)
        season = begin(stage, sector, plan)
        for _ in play(season, days=days):
            # What a day's deeds have promised goes out before it ends.
            stage.go_to(stage.today, stage.calendar.hours_on(stage.today).closes)
            self._settle(stage)
            self._plan_afresh()
            self.done += 1
            self.progress(self.done, CLOSES_ON + LAST_DAY + 2)

    def _plan_afresh(self) -> None:
        """Have the server plan its statements anew from time to time.

        Nobody gathers statistics inside a transaction, so plans made for empty tables would stay for good.
        """
        if self.done % _PLANNED_EVERY == 0:
            with self.quiet() as session:
                session.execute(text("DISCARD PLANS"))

    def _come_to_now(self, stage: Scenery, today: date) -> None:
        """Do what today's morning has made due, and stand at the present."""
        if stage.calendar.is_working(today) and stage.calendar.opens_at(today) <= self.now:
            stage.start_day(today)
        stage.clock.advance(max(self.now - stage.now, timedelta(0)))
        self._settle(stage)

    def _settle(self, stage: Scenery) -> None:
        """Send what waits, and let mails be sent from two weeks before the present on."""
        self._sweep(stage.clock)
        if stage.now >= self.now - _MAILS_SINCE:
            stage.sessions = self.loud

    def _sweep(self, clock: Clock) -> None:
        """Do what a worker would do at the clock's instant."""
        is_loud = clock.now(None) >= self.now - _MAILS_SINCE  # type: ignore[arg-type]  # a clock of the play asks no database
        fire_due(self.loud if is_loud else self.quiet, clock=clock)
        if is_loud:
            deliver(self.loud, clock=clock, post=self.post)


def _demand_empty(session: Session) -> None:
    if session.scalar(select(Installation.kind)) or session.scalar(select(Unit.id).limit(1)):
        raise Conflict("The database holds something already; a demo needs an empty one.")


def _working(calendar: Calendar, day: date) -> date:
    return day if calendar.is_working(day) else calendar.next_working_day(day)

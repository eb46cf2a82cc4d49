"""None early, none doubled, none missed, whatever happens in whatever order: against a count by hand.

The oracle knows the route's ladder and a set of days off, and steps from day to day; of the planner it uses
nothing. What is due when it takes from the work itself: that date has an oracle of its own.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.definitions import text_of
from tests.support.office import ROUND, TOP, Office, furnish
from tests.support.recount import count_anew, import_days
from tests.support.waiting import events, is_chained
from workflow.clock import FixedClock
from workflow.domain.errors import Refusal
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.escalations.hold_back import HoldBack, hold_escalation, release_escalation
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.setup.publish import publish_definition
from workflow.operations.sweep.escalate import fire_due
from workflow.store.awards import AwardEdition
from workflow.store.calendars import load_calendar
from workflow.store.nominations import EscalationHold, Rung, WorkItem

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
BASE = load_calendar("vn", "Asia/Ho_Chi_Minh")
# The ladder of the unit's review, by hand: two days before, on the day, a day and three days after; the
# warning of the last one has its place and comes the working day before it.
PLACES: Final = {
    ("remind", 1): -2,
    ("remind", 2): 0,
    ("escalate", 3): 1,
    ("remind", 4): 2,
    ("escalate", 4): 3,
}
SIZE: Final = 4

STEPS: Final = {
    "wait": 8,
    "stand_still": 9,
    "pause": 1,
    "storm": 8,
    "hold_back": 2,
    "let_go": 1,
    "more_time": 8,
    "extend": 8,
}
"""What happens, with the largest number it takes."""


@dataclass(frozen=True)
class Regime:
    """From when on which date stands (None: paused), and whether what had fired was promised anew for it."""

    since: datetime
    due_on: date | None
    off: frozenset[date]
    renews: bool


@dataclass
class World:
    """One nomination under way, what was done to it, and the days off as the test counts them."""

    office: Office
    database: Database
    clock: FixedClock
    number: int
    round_code: str
    off: set[date] = field(default_factory=set)
    regimes: list[Regime] = field(default_factory=list)
    held_until: dict[int, datetime] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        self.office.session.rollback()
        return self.office.session

    def today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()

    def works(self, day: date, off: frozenset[date] | None = None) -> bool:
        if day in (self.off if off is None else off) or day in BASE.off:
            return False
        return day.weekday() < 5 or day in BASE.made_up

    def step(self, day: date, count: int, off: frozenset[date] | None = None) -> date:
        while count:
            day += timedelta(days=1 if count > 0 else -1)
            if self.works(day, off):
                count += -1 if count > 0 else 1
        return day

    def instant(self, place: tuple[str, int], due_on: date, off: frozenset[date]) -> datetime:
        day = self.step(due_on, PLACES[place], off)
        return datetime.combine(day, time(7 if place[0] == "remind" else 8), ZONE)

    def note(self, *, renews: bool = False) -> None:
        due_at = self.session.scalar(
            select(WorkItem.due_at).where(WorkItem.nomination_id == self.number, WorkItem.closed_at.is_(None))
        )
        due_on = due_at.astimezone(ZONE).date() if due_at is not None else None
        self.regimes.append(Regime(self.clock.now(), due_on, frozenset(self.off), renews))

    def renew_if_later(self, was: date | None) -> None:
        now = self.regimes[-1]
        is_later = was is not None and now.due_on is not None and now.due_on > was
        self.regimes[-1] = replace(now, renews=is_later)

    def sweep(self) -> None:
        self.office.session.rollback()
        fire_due(self.database.sessions, clock=self.clock)

    def wait(self, days: int) -> None:
        for _ in range(days * 4):
            self.clock.advance(timedelta(hours=6))
            self.sweep()

    def stand_still(self, days: int) -> None:
        self.clock.advance(timedelta(days=days, hours=3))
        self.sweep()

    def pause(self, _: int) -> None:
        is_paused = self.regimes[-1].due_on is None
        action, words = ("release_hold", {}) if is_paused else ("hold", {"comment": "Chờ xác minh"})
        self.session.rollback()
        self.office.act("reviewer", self.number, action, self.clock.now(), **words)
        self.note()

    def storm(self, ahead: int) -> None:
        day = self.today() + timedelta(days=ahead)
        if self.works(day):
            was = self.regimes[-1].due_on
            self.off.add(day)
            import_days(self.session, self.clock, f"day,kind,name\n{day.isoformat()},off,Bão\n")
            count_anew(self.database, self.clock)
            self.note()
            self.renew_if_later(was)

    def hold_back(self, days: int) -> None:
        wanted = (
            select(Rung.id, Rung.ordinal)
            .where(Rung.nomination_id == self.number, Rung.kind == "escalate", Rung.fired_at.is_(None))
            .order_by(Rung.fire_at)
        )
        row = self.session.execute(wanted).first()
        if row is None or self.regimes[-1].due_on is None:
            return
        actor = self.office.actor("supervisor", self.clock.now())
        try:
            hold = HoldBack(row.id, days, "Bận họp")
            hold_escalation(self.office.session, actor=actor, hold=hold, via=Via.WEB, now=self.clock.now())
        except Refusal:
            return
        until = self.session.scalar(select(EscalationHold.until_at).where(EscalationHold.rung_id == row.id))
        assert until is not None
        self.held_until[row.ordinal] = until

    def let_go(self, _: int) -> None:
        wanted = (
            select(Rung.id, Rung.ordinal)
            .join(EscalationHold, EscalationHold.rung_id == Rung.id)
            .where(Rung.nomination_id == self.number, EscalationHold.released_at.is_(None))
        )
        for row in self.session.execute(wanted).all():
            actor, now = self.office.actor("supervisor", self.clock.now()), self.clock.now()
            try:
                release_escalation(self.office.session, actor=actor, rung_id=row.id, via=Via.WEB, now=now)
            except Refusal:
                self.office.session.rollback()
            else:
                del self.held_until[row.ordinal]

    def more_time(self, days: int) -> None:
        now = self.clock.now()
        wanted = MoreTime(self.number, self.step(self.today(), days), "Chờ kết luận")
        actor = self.office.actor("supervisor", now)
        try:
            give_more_time(self.session, actor=actor, wanted=wanted, via=Via.WEB, now=now)
        except Refusal:
            self.office.session.rollback()
        else:
            self.note(renews=True)

    def extend(self, days: int) -> None:
        was, now = self.regimes[-1].due_on, self.clock.now()
        day = self.step(self.today(), days)
        wanted = Extend(self.round_code, RoundDate.UNIT_DEADLINE, day, "Bão số 3")
        actor = self.office.actor("supervisor", now)
        try:
            extend_round(self.session, actor=actor, extend=wanted, via=Via.WEB, now=now)
        except Refusal:
            self.office.session.rollback()
            return
        self.note()
        self.renew_if_later(was)

    def check(self) -> None:
        told = [one for one in events(self.session, self.number) if one.action in {"remind", "escalate"}]
        assert is_chained(events(self.session, self.number))
        seen = [
            ((one.action, (int(str(one.data["rung"])) - 1) % SIZE + 1), int(str(one.data["rung"])), one)
            for one in told
            if "rung" in one.data
        ]
        goes_out = dict[tuple[tuple[str, int], date], int]()
        for place, ordinal, one in seen:
            standing = self.regime_at(one.recorded_at)
            assert standing.due_on is not None, f"{place} fired while it was paused"
            # A date that a calendar would move into the past stays, with its reminders as they were planned.
            known = [
                regime.off
                for regime in self.regimes
                if regime.due_on == standing.due_on and regime.since <= one.recorded_at
            ]
            earliest = min(self.instant(place, standing.due_on, off) for off in known)
            assert one.recorded_at >= earliest, f"{place} fired early: {one.recorded_at} before {earliest}"
            if place[0] == "escalate" and ordinal in self.held_until:
                assert one.recorded_at >= self.held_until[ordinal], f"{place} fired though it was held back"
            if one.data["accounts"]:
                key = (place, standing.due_on)
                goes_out[key] = goes_out.get(key, 0) + 1
        assert all(count == 1 for count in goes_out.values()), f"doubled: {goes_out}"
        last = self.regimes[-1]
        began = next(
            regime
            for at, regime in enumerate(self.regimes)
            if all(later.due_on == last.due_on for later in self.regimes[at:])
        )
        assert last.due_on is not None
        for place in PLACES:
            if self.instant(place, last.due_on, last.off) <= last.since:
                continue
            since = began.since if began.renews else datetime.min.replace(tzinfo=ZONE)
            fired = [one for found, _, one in seen if found == place and one.recorded_at >= since]
            assert fired, f"{place} was missed for {last.due_on}"

    def regime_at(self, instant: datetime) -> Regime:
        return [regime for regime in self.regimes if regime.since <= instant][-1]


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def due_by_its_round(office: Office, now: datetime) -> str:
    """Have the unit's review be due by the unit's deadline, and return the round that sets it."""
    text = text_of("standard").replace("key: standard", "key: dated", 1)
    text = text.replace("due: 5 working_days", "due: round.unit_deadline", 2)
    publish_definition(office.session, text=text, filename="d.yaml", actor=None, via=Via.CLI, now=now)
    office.session.execute(update(AwardEdition).values(workflow_key="dated"))
    office.session.commit()
    new = NewRound("2026-D", "Đợt có hạn", 2026, TOP, dates={RoundDate.UNIT_DEADLINE: date(2026, 3, 9)})
    open_round(office.session, actor=None, new=new, via=Via.CLI, now=now)
    return new.code


@pytest.mark.parametrize("is_dated", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_no_reminder_is_early_doubled_or_missed_whatever_happens(
    office: Office, clock: FixedClock, database: Database, seed: int, *, is_dated: bool
) -> None:
    chance = Random(seed)
    code = due_by_its_round(office, clock.now()) if is_dated else ROUND
    number = office.draft(clock.now(), round_code=code).nomination_id
    office.act("nominator", number, "submit", clock.now())
    world = World(office, database, clock, number, code)
    world.note()
    for _ in range(chance.randint(3, 12)):
        name = chance.choice(list(STEPS))
        # No two things at one instant: which came first could not be told from the record.
        clock.advance(timedelta(seconds=1))
        getattr(world, name)(chance.randint(1, STEPS[name]))
    clock.advance(timedelta(seconds=1))
    if world.regimes[-1].due_on is None:
        world.pause(0)
    for _ in range(60):
        clock.advance(timedelta(hours=12))
        world.sweep()
    world.check()

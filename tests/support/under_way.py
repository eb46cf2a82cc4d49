"""One nomination under way: what may be done to it in any order, and the days as a test counts them by hand.

Of the planner nothing is used. What is due when is taken from the work: that date has an oracle of its own.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office
from tests.support.opinions import ASKED
from tests.support.recount import count_anew, import_days
from workflow.clock import FixedClock
from workflow.domain.errors import MoveNotOpen, NominationHeld, Refusal
from workflow.domain.vocabulary import RoundDate, Via, WorkKind
from workflow.operations.escalations.hold_back import HoldBack, hold_escalation, release_escalation
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.sweep.escalate import fire_due
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
# Where the date has become a day off, the day before the first escalation is before it: a warning of its own.
WARNS_ALONE: Final = ("remind", 3)
SIZE: Final = 4
# That of a question: who nominates is reminded as of a correction, and whoever asked hears the morning after.
UNANSWERED: Final = ("remind", 2_000_000)
QUESTION_PLACES: Final = {("remind", 1): -2, ("remind", 2): 0, ("escalate", 3): 1, UNANSWERED: 1}

STEPS: Final = {
    "wait": 8,
    "stand_still": 9,
    "pause": 1,
    "storm": 8,
    "hold_back": 2,
    "let_go": 1,
    "more_time": 8,
    "extend": 8,
    "ask": 6,
    "answer": 2,
}
"""What happens, with the largest number it takes."""


@dataclass(frozen=True)
class Regime:
    """From when on which date stands (None: paused), and whether what had fired was promised anew for it."""

    since: datetime
    due_on: date | None
    off: frozenset[date]
    renews: bool


@dataclass(frozen=True)
class Question:
    """What was asked when and until which day, by the days off known then, and when that ended."""

    work_id: UUID
    asked_at: datetime
    due_on: date
    off: frozenset[date]
    closed_at: datetime | None = None


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
    questions: list[Question] = field(default_factory=list)
    held_until: dict[tuple[UUID, int], datetime] = field(default_factory=dict)
    swept: list[datetime] = field(default_factory=list)
    opinions: int = 0

    @property
    def session(self) -> Session:
        self.office.session.rollback()
        return self.office.session

    def today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()

    @property
    def is_asked(self) -> bool:
        """Whether a question waits."""
        return bool(self.questions) and self.questions[-1].closed_at is None

    @property
    def is_held(self) -> bool:
        """Whether the clock stands, and not for a question."""
        return self.regimes[-1].due_on is None and not self.is_asked

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

    def instant(self, place: tuple[str, int], due_on: date, off: frozenset[date], *days: int) -> datetime:
        """Return from when on a place of a ladder may fire: so many working days from its date, in turn."""
        day = due_on
        for count in days:
            day = self.step(day, count, off)
        return datetime.combine(day, time(7 if place[0] == "remind" else 8), ZONE)

    def note(self, *, renews: bool = False) -> None:
        own = (WorkItem.nomination_id == self.number, WorkItem.kind == WorkKind.STAGE)
        due_at = self.session.scalar(select(WorkItem.due_at).where(*own, WorkItem.closed_at.is_(None)))
        due_on = due_at.astimezone(ZONE).date() if due_at is not None else None
        self.regimes.append(Regime(self.clock.now(), due_on, frozenset(self.off), renews))

    def renew_if_later(self, was: date | None) -> None:
        now = self.regimes[-1]
        is_later = was is not None and now.due_on is not None and now.due_on > was
        self.regimes[-1] = replace(now, renews=is_later)

    def sweep(self) -> None:
        self.office.session.rollback()
        fire_due(self.database.sessions, clock=self.clock)
        self.swept.append(self.clock.now())

    def wait(self, days: int) -> None:
        for _ in range(days * 4):
            self.clock.advance(timedelta(hours=6))
            self.sweep()

    def stand_still(self, days: int) -> None:
        self.clock.advance(timedelta(days=days, hours=3))
        self.sweep()

    def pause(self, _: int) -> None:
        action, words = ("release_hold", {}) if self.is_held else ("hold", {"comment": "Chờ xác minh"})
        self.session.rollback()
        if self.is_asked:
            with pytest.raises(MoveNotOpen):
                self.office.act("reviewer", self.number, action, self.clock.now(), **words)
            self.session.rollback()
            return
        self.office.act("reviewer", self.number, action, self.clock.now(), **words)
        self.note()

    def ask(self, days: int) -> None:
        """Ask who nominates, by a day that is said or by the usual one; or answer what waits."""
        if self.is_asked:
            self.answer(days)
            return
        words: dict[str, object] = {"comment": "Theo quyết định nào?"}
        if days % 2:
            words["answer_by"] = self.step(self.today(), days)
        self.session.rollback()
        if self.is_held:
            with pytest.raises(NominationHeld):
                self.office.act("reviewer", self.number, "request_info", self.clock.now(), **words)
            self.session.rollback()
            return
        self.office.act("reviewer", self.number, "request_info", self.clock.now(), **words)
        own = (WorkItem.nomination_id == self.number, WorkItem.kind == WorkKind.ANSWER)
        work = self.session.execute(
            select(WorkItem.id, WorkItem.due_at).where(*own, WorkItem.closed_at.is_(None))
        ).one()
        assert work.due_at > self.clock.now(), "nobody can answer by a day that has passed"
        due_on = work.due_at.astimezone(ZONE).date()
        self.questions.append(Question(work.id, self.clock.now(), due_on, frozenset(self.off)))
        self.note()

    def answer(self, way: int) -> None:
        """Have who nominates answer, or the reviewer take the question back."""
        if not self.is_asked:
            return
        self.session.rollback()
        part = "reviewer" if way == 1 else "nominator"
        self.office.act(part, self.number, "answer_info", self.clock.now(), comment="Quyết định số 12.")
        self.questions[-1] = replace(self.questions[-1], closed_at=self.clock.now())
        self.note()

    def opinion(self, _: int) -> None:
        """Have an outside office asked, or its answer come; refused the second time, on hold, when late."""
        was, now = self.regimes[-1].due_on, self.clock.now()
        self.session.rollback()
        try:
            self.office.act("reviewer", self.number, "ask_opinion", now, **ASKED)
        except Refusal:
            self.session.rollback()
            self.hear()
            return
        self.opinions += 1
        self.note()
        self.renew_if_later(was)

    def hear(self) -> None:
        try:
            self.office.act("reviewer", self.number, "receive_opinion", self.clock.now())
        except Refusal:
            self.session.rollback()

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
            select(Rung.id, Rung.work_item_id, Rung.ordinal)
            .where(Rung.nomination_id == self.number, Rung.kind == "escalate", Rung.fired_at.is_(None))
            .where(Rung.fire_at.is_not(None))
            .order_by(Rung.fire_at)
        )
        row = self.session.execute(wanted).first()
        if row is None:
            return
        actor = self.office.actor("supervisor", self.clock.now())
        try:
            hold = HoldBack(row.id, days, "Bận họp")
            hold_escalation(self.office.session, actor=actor, hold=hold, via=Via.WEB, now=self.clock.now())
        except Refusal:
            return
        until = self.session.scalar(select(EscalationHold.until_at).where(EscalationHold.rung_id == row.id))
        assert until is not None
        self.held_until[row.work_item_id, row.ordinal] = until

    def let_go(self, _: int) -> None:
        wanted = (
            select(Rung.id, Rung.work_item_id, Rung.ordinal)
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
                del self.held_until[row.work_item_id, row.ordinal]

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

    def regime_at(self, instant: datetime) -> Regime:
        return [regime for regime in self.regimes if regime.since <= instant][-1]

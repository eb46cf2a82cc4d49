"""The stage a season is played on: a virtual clock, the people by their keys, and the work that waits."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock import FixedClock
from workflow.domain.facts import MoveRequest
from workflow.domain.mails.preferences import EARLIEST, USUAL
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.rights.policy import Actor
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import PaperKind, Via, WorkKind
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_list
from workflow.operations.papers.attach import Archive, NewPaper, attach
from workflow.simulate.folder import OneSheetFolder, sheet
from workflow.store.access import Account, Grant
from workflow.store.awards import Award, AwardEdition
from workflow.store.conditions import is_in_force, is_open
from workflow.store.database import Sessions
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Person, Unit
from workflow.store.people import load_actor
from workflow.store.reads import reading

_PACE: Final = (1, 6)
"""How many minutes people need from one deed to the next, from and to."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One nomination in somebody's hands: what those who play need to know of it."""

    nomination_id: int
    state: str
    owner_key: str
    opened_at: datetime
    submission_id: int | None
    unit: str
    person: str | None
    award: str
    vote_percent: int | None
    decider: str
    recommendation: str | None
    version: int
    is_asked: bool


@dataclass(slots=True)
class Scenery:
    """Everything a season is played with. `sweep` does what a worker does at the clock's instant."""

    sessions: Sessions
    clock: FixedClock
    calendar: Calendar
    folder: OneSheetFolder
    sweep: Callable[[FixedClock], None]
    pace: Random
    people: dict[str, list[int]] = field(default_factory=dict)
    actors: dict[int, Actor] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> datetime:
        """Give the virtual present."""
        return self.clock.now()

    @property
    def today(self) -> date:
        """Give the local day of the virtual present."""
        return self.calendar.local_day(self.now)

    def go_to(self, day: date, at: time) -> None:
        """Move the clock forward to a local time of a day; where it is past that already it stays."""
        there = self.calendar.local(day, at).astimezone(UTC)
        self.clock.advance(max(there - self.now, timedelta(0)))

    def next_minute(self) -> datetime:
        """Move the clock by the few minutes that a deed takes, and give the new instant."""
        return self.clock.advance(timedelta(minutes=self.pace.randint(*_PACE)))

    def start_day(self, day: date) -> None:
        """Begin a day with what its morning makes due: reminders, the letter that tells them, escalations."""
        for at in (EARLIEST, USUAL.digest_at, self.calendar.hours_on(day).opens):
            self.go_to(day, at)
            self.sweep(self.clock)

    def meet(self) -> None:
        """Read who holds which key today: after new officers or a new year."""
        with reading(self.sessions) as session:
            rows = session.execute(
                select(Grant.key, Account.id)
                .join(Account, Account.id == Grant.account_id)
                .where(is_in_force(Grant, self.today))
                .order_by(Grant.key, Account.id)
            ).all()
        found: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            found[row.key].append(row.id)
        self.people, self.actors = dict(found), {}

    def actor(self, key: str, turn: int = 0) -> Actor:
        """Return who sits in a seat; where several do, they take turns."""
        holders = self.people[key]
        account_id = holders[turn % len(holders)]
        if account_id not in self.actors:
            with reading(self.sessions) as session:
                found = load_actor(session, account_id, today=self.today)
            if found is None:
                message = f"nobody plays {key}"
                raise LookupError(message)
            self.actors[account_id] = found
        return self.actors[account_id]

    def waiting(self, round_id: int) -> list[Waiting]:
        """Return what waits in a round and is not on hold, in order of the nominations."""
        with reading(self.sessions) as session:
            return list(_read_waiting(session, round_id))

    def age(self, item: Waiting) -> int:
        """Count the working days since an item came to where it is."""
        return self.calendar.working_days_left(item.opened_at, self.now)

    def decide(self, actor: Actor, orders: Sequence[tuple[int, MoveRequest]]) -> list[int]:
        """Have somebody decide a list at once, and return the nominations that were carried out."""
        now = self.next_minute()
        items = [Command(nomination_id, None, request, Via.WEB) for nomination_id, request in orders]
        with self.sessions() as session:
            results = decide_list(session, actor=actor, commands=items, now=now)
            session.commit()
        done = [result.nomination_id for result in results if result.refused is None]
        for result, item in zip(results, items, strict=True):
            if result.refused is None:
                self.counts[item.request.action] += 1
            else:
                reasons = ",".join(reason.code for reason in result.refused.reasons)
                self.refusals[f"{item.request.action}: {result.refused.code} {reasons}".strip()] += 1
        return done

    def put_paper(self, actor: Actor, root: PaperRoot, root_id: int, kind: PaperKind) -> UUID:
        """Have somebody put a paper to a nomination or a submission, and return its id."""
        with (
            self.folder.receive(sheet()) as incoming,
            self.sessions() as session,
        ):
            filed = attach(
                session,
                actor=actor,
                target=Target(root, root_id),
                paper=NewPaper(kind, f"{kind}.pdf", confirms_not_secret=True, file=incoming),
                archive=Archive(self.folder, PaperQuota()),
                via=Via.WEB,
                now=self.now,
            )
        self.counts["papers"] += 1
        return filed.attachment_id

    @contextmanager
    def deed(self) -> Iterator[tuple[Session, datetime]]:
        """Give a session and the instant for one deed of another kind, after the minutes it takes."""
        now = self.next_minute()
        with self.sessions() as session:
            yield session, now


def _read_waiting(session: Session, round_id: int) -> Iterator[Waiting]:
    rows = session.execute(
        select(
            Nomination.id,
            Nomination.state,
            WorkItem.owner_key,
            WorkItem.opened_at,
            Nomination.submission_id,
            Unit.code.label("unit"),
            Person.code.label("person"),
            Award.code.label("award"),
            AwardEdition.vote_percent,
            Nomination.decider,
            Nomination.recommendation,
            Nomination.version,
            WorkItem.kind == WorkKind.ANSWER,
        )
        .join(WorkItem, WorkItem.nomination_id == Nomination.id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .outerjoin(Person, Person.id == Nomination.person_id)
        .where(
            Nomination.round_id == round_id,
            Nomination.is_held.is_(False),
            is_open(WorkItem),
        )
        .order_by(Nomination.id)
    )
    for row in rows:
        values: tuple[Any, ...] = tuple(row)
        yield Waiting(*values)

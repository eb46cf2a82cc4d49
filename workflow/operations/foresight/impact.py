"""What another version of a route would change: for the open work on it, and for the stays of last season.

Nothing is written. Open work is counted by the functions that count it anew after a calendar changed; a stay
that is over, as if it had begun on the other version.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock import Clock
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.time.clocks import start_clock
from workflow.domain.time.round_dates import read_dates
from workflow.operations.deadlines.clocks import rung_rows
from workflow.operations.deadlines.moved import clock_again
from workflow.operations.deadlines.replan import read_rungs
from workflow.store.awards import Round, WorkflowDefinition
from workflow.store.calendars import calendar_in_force, calendar_of_seat, calendar_of_version
from workflow.store.conditions import is_open, open_visit_of_nomination
from workflow.store.database import Sessions
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked, read_nominations
from workflow.store.nominations import Nomination, Visit
from workflow.store.reads import reading

SEASON: Final = timedelta(days=365)
_NOBODY: Final = Actor(account_id=0, name="")
_AT_ONCE: Final = 200
_STAYS_AT_ONCE: Final = 2000
_EXAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class MovedWork:
    """One nomination whose due date would be another, as an example of them."""

    nomination_id: int
    step: str
    was_at: datetime | None
    due_at: datetime | None


@dataclass(slots=True)
class StepImpact:
    """What changes in one step: of open work, and how many stays of last season are or would be late.

    `overdue` would be due in the past by now. `unclear` are stays that a hold interrupted, or of rounds
    without the date that the step is due by: nothing is claimed of them.
    """

    step: str
    open: int = 0
    later: int = 0
    earlier: int = 0
    overdue: int = 0
    held: int = 0
    is_gone: bool = False
    rungs_gone: int = 0
    rungs_new: int = 0
    stays: int = 0
    were_late: int = 0
    would_be_late: int = 0
    unclear: int = 0


@dataclass(slots=True)
class Impact:
    """What another version would change, step by step, with a few examples."""

    steps: dict[str, StepImpact] = field(default_factory=dict)
    examples: list[MovedWork] = field(default_factory=list)

    def of(self, step: str) -> StepImpact:
        """Return what changes in a step."""
        return self.steps.setdefault(step, StepImpact(step))

    @property
    def stranded(self) -> int:
        """How many open nominations stand in a step that has no counterpart."""
        return sum(one.open for one in self.steps.values() if one.is_gone)


@dataclass(frozen=True, slots=True)
class Versions:
    """A published version, the one that would take its place, and steps that are called otherwise there."""

    before_id: int
    after: Definition
    renamed: Mapping[str, str] = field(default_factory=dict)

    def step_of(self, step: str) -> str:
        """Return what a step is called in the version after."""
        return self.renamed.get(step, step)


def impact_of(
    sessions: Sessions, versions: Versions, *, clock: Clock, on_step: Callable[[int], None] = lambda _n: None
) -> Impact:
    """Return what the version after would change if open work went over to it now."""
    found = Impact()
    with reading(sessions) as session:
        now, before = clock.now(session), load_definition(session, versions.before_id)
    for ids in _open_on(sessions, versions.before_id):
        with reading(sessions) as session:
            _count_open(session, versions, found, ids, now)
        on_step(len(ids))
    for rows in _stays_of(sessions, before.key, since=now - SEASON):
        with reading(sessions) as session:
            _count_stays(session, versions, found, rows)
        on_step(len(rows))
    return found


def _open_on(sessions: Sessions, definition_id: int) -> Iterator[Sequence[int]]:
    after = 0
    while True:
        with reading(sessions) as session:
            ids = session.scalars(
                select(Nomination.id)
                .where(Nomination.definition_id == definition_id, is_open(Nomination), Nomination.id > after)
                .order_by(Nomination.id)
                .limit(_AT_ONCE)
            ).all()
        if ids:
            yield ids
            after = ids[-1]
        if len(ids) < _AT_ONCE:
            return


def _count_open(
    session: Session, versions: Versions, found: Impact, ids: Sequence[int], now: datetime
) -> None:
    rows = session.execute(
        select(Nomination.id, Visit.calendar_version)
        .join(Visit, open_visit_of_nomination())
        .where(Nomination.id.in_(ids))
    )
    counted_by = {row.id: row.calendar_version for row in rows}
    locked = read_nominations(session, ids, actor=_NOBODY, now=now)
    rungs = read_rungs(session, [one.work_item_id for one in locked.values() if one.work_item_id])
    for number, one in locked.items():
        step = found.of(one.facts.state)
        step.open += 1
        if one.facts.is_held:
            step.held += 1
        elif not versions.after.has_step(versions.step_of(one.facts.state)):
            step.is_gone = True
        else:
            there = rungs.get(one.work_item_id, ()) if one.work_item_id else ()
            version = counted_by.get(number)
            _compare(session, versions, found, one, counted_by=version, there=there, now=now)


def _compare(
    session: Session,
    versions: Versions,
    found: Impact,
    one: Locked,
    *,
    counted_by: str | None,
    there: Sequence[Any],
    now: datetime,
) -> None:
    after, step = versions.after, found.of(one.facts.state)
    there_now = replace(one, facts=replace(one.facts, state=versions.step_of(one.facts.state)))
    calendar = calendar_of_seat(session, after.calendar, one.facts.owner_key)
    known = load_definition(session, one.definition_id).calendar
    before = calendar_of_version(session, counted_by, known) if counted_by else None
    clock = clock_again(after, there_now, before, calendar, one.round_dates)
    if clock.due_at != one.due_at:
        step.later += clock.due_at is None or (one.due_at is not None and clock.due_at > one.due_at)
        step.earlier += clock.due_at is not None and (one.due_at is None or clock.due_at < one.due_at)
        step.overdue += clock.due_at is not None and clock.due_at < now
        if len(found.examples) < _EXAMPLES:
            moved = MovedWork(one.facts.nomination_id, one.facts.state, one.due_at, clock.due_at)
            found.examples.append(moved)
    if one.work_item_id is None or one.visit_entered_at is None:
        return
    planned = rung_rows(
        after.timing_of(there_now.facts.state, one.sent_from),
        clock,
        calendar,
        entered_at=one.visit_entered_at,
        nomination_id=one.facts.nomination_id,
        work_item_id=one.work_item_id,
        consumed_minutes=one.consumed_minutes,
    )
    ahead = Counter(
        (str(row["kind"]), str(row["recipient"]), row["fire_at"])
        for row in planned
        if row["fire_at"] >= now  # type: ignore[operator]  # an instant
    )
    waits = [row for row in there if row.fire_at and row.fire_at >= now and not (row.fired_at or row.dead_at)]
    waiting = Counter((str(row.kind), str(row.recipient), row.fire_at) for row in waits)
    step.rungs_gone += (waiting - ahead).total()
    step.rungs_new += (ahead - waiting).total()


def _stays_of(sessions: Sessions, key: str, *, since: datetime) -> Iterator[Sequence[Any]]:
    after = UUID(int=0)
    while True:
        with reading(sessions) as session:
            rows = session.execute(
                select(
                    Visit.id,
                    Visit.step,
                    Visit.sent_from,
                    Visit.entered_at,
                    Visit.left_at,
                    Visit.due_at,
                    Visit.consumed_minutes,
                    Round.dates,
                )
                .join(Nomination, Nomination.id == Visit.nomination_id)
                .join(WorkflowDefinition, WorkflowDefinition.id == Nomination.definition_id)
                .join(Round, Round.id == Nomination.round_id)
                .where(
                    WorkflowDefinition.key == key,
                    Visit.left_at >= since,
                    Visit.id > after,
                )
                .order_by(Visit.id)
                .limit(_STAYS_AT_ONCE)
            ).all()
        if rows:
            yield rows
            after = rows[-1].id
        if len(rows) < _STAYS_AT_ONCE:
            return


def _count_stays(session: Session, versions: Versions, found: Impact, rows: Sequence[Any]) -> None:
    after = versions.after
    calendar = calendar_in_force(session, after.calendar)
    for row in rows:
        step, name = found.of(row.step), versions.step_of(row.step)
        step.stays += 1
        step.were_late += row.due_at is not None and row.left_at > row.due_at
        if not after.has_step(name) or row.consumed_minutes:
            step.unclear += 1
            continue
        due = after.timing_of(name, row.sent_from).due
        dates = {str(date): day for date, day in read_dates(row.dates).items()}
        clock = start_clock(due, calendar, entered_at=row.entered_at, round_dates=dates)
        if due is not None and clock.due_at is None:
            step.unclear += 1
        elif clock.due_at is not None:
            step.would_be_late += row.left_at > clock.due_at

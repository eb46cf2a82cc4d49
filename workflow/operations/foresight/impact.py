"""What another version of a route would change: for the open work on it, and for the stays of last season.

Nothing is written. Open work is counted by the functions that count it anew after a calendar changed; a stay
that began in the last 365 days and is over, as if it had begun on the other version. Counted in parts: a
million stays are more than one statement may take.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from workflow.clock import Clock
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.time.clocks import start_clock
from workflow.domain.time.round_dates import read_dates
from workflow.operations.deadlines.clocks import rung_rows, timing_of_stay
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
MOST_EXAMPLES: Final = 20
_NOBODY: Final = Actor(account_id=0, name="")
_AT_ONCE: Final = 200
# What a nomination under way costs is that of so many stays that are over.
_STAYS_EACH: Final = 10


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

    `overdue` would be due in the past by now. `unclear` are stays that a hold interrupted, or somebody above
    gave more time, or of rounds without the date that the step is due by: nothing is claimed of them.
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
    """What another version would change, step by step, with examples; `looked_at` counts rows."""

    steps: dict[str, StepImpact] = field(default_factory=dict)
    examples: list[MovedWork] = field(default_factory=list)
    looked_at: int = 0

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


@dataclass(frozen=True, slots=True)
class ImpactPlace:
    """Where a part ended: after which open nomination (None: after all), and after which stay."""

    nomination_id: int | None = 0
    stay: tuple[datetime, UUID] | None = None


def impact_of(
    sessions: Sessions, versions: Versions, *, clock: Clock, on_step: Callable[[int], None] = lambda _n: None
) -> Impact:
    """Return what the version after would change if open work went over to it now, a part a transaction."""
    found = Impact()
    place: ImpactPlace | None = ImpactPlace()
    with reading(sessions) as session:
        now = clock.now(session)
    while place is not None:
        before = found.looked_at
        with reading(sessions) as session:
            place = count_part(session, versions, found, place, actor=_NOBODY, now=now, limit=_AT_ONCE)
        on_step(found.looked_at - before)
    return found


def count_part(
    session: Session,
    versions: Versions,
    found: Impact,
    place: ImpactPlace,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
) -> ImpactPlace | None:
    """Add the next part to what was found, and return where it ended; None where nothing is left.

    `limit` open nominations are counted, or ten times as many stays. The actor's own nomination is counted
    and never an example.
    """
    if place.nomination_id is not None:
        ids = _open_after(session, versions.before_id, place.nomination_id, limit)
        for first in range(0, len(ids), _AT_ONCE):
            _count_open(session, versions, found, ids[first : first + _AT_ONCE], actor=actor, now=now)
        if len(ids) == limit:
            return ImpactPlace(ids[-1])
        limit -= len(ids)
    key = load_definition(session, versions.before_id).key
    rows = _stays_after(session, place.stay, since=now - SEASON, limit=limit * _STAYS_EACH)
    _count_stays(
        session, versions, found, [row for row in rows if row.key == key and row.left_at is not None]
    )
    found.looked_at += len(rows)
    if len(rows) < limit * _STAYS_EACH:
        return None
    return ImpactPlace(None, (rows[-1].entered_at, rows[-1].id))


def open_on(definition_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of the open nominations that are pinned to a version."""
    return Nomination.definition_id == definition_id, is_open(Nomination)


def _open_after(session: Session, definition_id: int, after: int, limit: int) -> Sequence[int]:
    return session.scalars(
        select(Nomination.id)
        .where(*open_on(definition_id), Nomination.id > after)
        .order_by(Nomination.id)
        .limit(limit)
    ).all()


def _count_open(
    session: Session, versions: Versions, found: Impact, ids: Sequence[int], *, actor: Actor, now: datetime
) -> None:
    rows = session.execute(
        select(Nomination.id, Visit.calendar_version)
        .join(Visit, open_visit_of_nomination())
        .where(Nomination.id.in_(ids))
    )
    counted_by = {row.id: row.calendar_version for row in rows}
    locked = read_nominations(session, ids, actor=actor, now=now)
    rungs = read_rungs(session, [one.work_item_id for one in locked.values() if one.work_item_id])
    found.looked_at += len(locked)
    for number, one in locked.items():
        step = found.of(one.facts.state)
        step.open += 1
        stands = one.facts.is_held or one.facts.is_asked
        step.held += stands
        if not versions.after.has_step(versions.step_of(one.facts.state)):
            step.is_gone = True
        elif not stands:
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
    state, sent_from = versions.step_of(one.facts.state), one.sent_from and versions.step_of(one.sent_from)
    there_now = replace(one, facts=replace(one.facts, state=state), sent_from=sent_from)
    calendar = calendar_of_seat(session, after.calendar, one.facts.owner_key)
    known = load_definition(session, one.definition_id).calendar
    before = calendar_of_version(session, counted_by, known) if counted_by else None
    clock = clock_again(after, there_now, before, calendar, one.round_dates)
    if clock.due_at != one.due_at:
        step.later += clock.due_at is None or (one.due_at is not None and clock.due_at > one.due_at)
        step.earlier += clock.due_at is not None and (one.due_at is None or clock.due_at < one.due_at)
        step.overdue += clock.due_at is not None and clock.due_at < now
        if len(found.examples) < MOST_EXAMPLES and not one.facts.actor_is_subject:
            moved = MovedWork(one.facts.nomination_id, one.facts.state, one.due_at, clock.due_at)
            found.examples.append(moved)
    if one.work_item_id is None or one.visit_entered_at is None:
        return
    planned = rung_rows(
        timing_of_stay(after, there_now),
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


def _stays_after(
    session: Session, after: tuple[datetime, UUID] | None, *, since: datetime, limit: int
) -> Sequence[Any]:
    """Return stays of every route by their beginning: to find those of one, all would be asked for theirs."""
    window = select(Visit).where(Visit.entered_at >= since, Visit.voided_at.is_(None))
    if after is not None:
        window = window.where(tuple_(Visit.entered_at, Visit.id) > tuple_(*after))
    stay = window.order_by(Visit.entered_at, Visit.id).limit(limit).subquery("stay")
    return session.execute(
        select(
            stay.c.id,
            stay.c.step,
            stay.c.sent_from,
            stay.c.entered_at,
            stay.c.left_at,
            stay.c.due_at,
            stay.c.consumed_minutes,
            stay.c.has_more_time,
            stay.c.opinion_asked_at,
            Round.dates,
            WorkflowDefinition.key,
        )
        .join(Nomination, Nomination.id == stay.c.nomination_id)
        .join(WorkflowDefinition, WorkflowDefinition.id == Nomination.definition_id)
        .join(Round, Round.id == Nomination.round_id)
        .order_by(stay.c.entered_at, stay.c.id)
    ).all()


def _count_stays(session: Session, versions: Versions, found: Impact, rows: Sequence[Any]) -> None:
    after = versions.after
    calendar = calendar_in_force(session, after.calendar)
    for row in rows:
        step, name = found.of(row.step), versions.step_of(row.step)
        step.stays += 1
        step.were_late += row.due_at is not None and row.left_at > row.due_at
        if not after.has_step(name) or row.consumed_minutes or row.has_more_time:
            step.unclear += 1
            continue
        sent_from, is_asked = row.sent_from and versions.step_of(row.sent_from), bool(row.opinion_asked_at)
        due = after.timing_of(name, sent_from, is_asked=is_asked).due
        dates = {str(date): day for date, day in read_dates(row.dates).items()}
        clock = start_clock(due, calendar, entered_at=row.entered_at, round_dates=dates)
        if due is not None and clock.due_at is None:
            step.unclear += 1
        elif clock.due_at is not None:
            step.would_be_late += row.left_at > clock.due_at

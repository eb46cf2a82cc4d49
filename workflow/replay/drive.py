"""Driving a log's events through policy, engine and writes, chunk by chunk, on the log's own clock."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.clock import monotonic
from workflow.domain.errors import InvalidLog, Refusal
from workflow.domain.facts import MoveRequest
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.route.states import WITHDRAWN_STATE
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import BuiltIn, Via
from workflow.operations.nominations.apply import apply_moves
from workflow.operations.nominations.commands import Attempt, Command
from workflow.operations.nominations.nominate import insert_drafts
from workflow.operations.nominations.plans import MovePlan, plan_attempt
from workflow.replay.log import LogEvent
from workflow.replay.mapping import MappedMove, Mapping, check_mapping
from workflow.replay.world import World, build_world, claim_database
from workflow.store.calendars import calendar_in_force
from workflow.store.database import Sessions
from workflow.store.definitions import latest_definition_id, load_definition
from workflow.store.locked import Locked, lock_for_each

_CHUNK = 1000

Progress = Callable[[int, int], None]
Sweep = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Illegal:
    """A case's first event that the workflow refused; `event` is its line in the log."""

    case: str
    event: int
    activity: str
    state: str
    reason: str


@dataclass(slots=True)
class ReplayReport:
    """What a replay did, in the names of the contract."""

    cases: int = 0
    conforming: int = 0
    open: int = 0
    illegal: list[Illegal] = field(default_factory=list)
    open_cases: list[str] = field(default_factory=list)
    events_driven: int = 0
    events_ignored: int = 0
    events_dropped: int = 0
    decisions: int = 0
    seconds: float = 0.0
    decisions_per_second: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """Return the report as JSON can hold it."""
        return asdict(self)


@dataclass(slots=True)
class _Replay:
    """One run: where each case stands, and what was counted on the way."""

    mapping: Mapping
    definition: Definition
    world: World
    report: ReplayReport
    nominations: dict[str, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


def replay_log(
    sessions: Sessions,
    events: Sequence[LogEvent],
    mapping: Mapping,
    *,
    log_name: str = "log",
    progress: Progress = lambda _done, _total: None,
    sweep: Sweep | None = None,
) -> ReplayReport:
    """Drive every event of a log in order of time and commit chunk by chunk.

    A case is kept up to its first refused event, which is reported, and then closed as `abandoned`. With
    `sweep` the log stops at 08:00 of every day, when rungs fire, and calls it with that instant. `log_name`
    is how problems name the log. Raises
    `InvalidLog` before anything is written when mapping, definition and log do not fit, and `NotYours` when
    the database holds anybody else's work.
    """
    started = monotonic()
    run = _prepare(sessions, events, mapping, log_name)
    done = 0
    for chunk, sweep_at in _chunks(events, _mornings(sessions, run.definition) if sweep else None):
        if sweep is not None and sweep_at is not None:
            sweep(sweep_at)
        with sessions() as session:
            for wave in _waves(chunk):
                _drive(session, run, wave)
            session.commit()
        done += len(chunk)
        progress(done, len(events))
    return _finish(run, monotonic() - started)


def _prepare(sessions: Sessions, events: Sequence[LogEvent], mapping: Mapping, log_name: str) -> _Replay:
    with sessions() as session:
        definition = load_definition(session, latest_definition_id(session, mapping.workflow))
        if definition.starter is None:
            raise InvalidLog(f"'{definition.key}' says nobody who drafts; the first step needs an owner.")
        check_mapping(mapping, definition, events, log_name=log_name)
        claim_database(session, now=events[0].at)
        world = build_world(session, events, mapping, definition)
        session.commit()
    return _Replay(mapping, definition, world, ReplayReport(cases=len(world.units)))


def _mornings(sessions: Sessions, definition: Definition) -> Calendar:
    with sessions() as session:
        return calendar_in_force(session, definition.calendar)


def _chunks(
    events: Sequence[LogEvent], calendar: Calendar | None
) -> Iterator[tuple[list[LogEvent], datetime | None]]:
    """Cut the log into chunks; with a calendar also at 08:00 of each day, saying when to sweep first."""
    chunk: list[LogEvent] = []
    morning = sweep_at = None
    for event in events:
        today = _last_morning(calendar, event.at) if calendar else None
        if chunk and (len(chunk) >= _CHUNK or today != morning):
            yield chunk, sweep_at
            chunk = []
        sweep_at = today if not chunk and today != morning else (sweep_at if chunk else None)
        morning = today
        chunk.append(event)
    if chunk:
        yield chunk, sweep_at


def _last_morning(calendar: Calendar, at: datetime) -> datetime:
    """Return the latest 08:00 local at or before an instant: the last time rungs can have fired."""
    morning = calendar.opens_at(calendar.local_day(at))
    return morning if morning <= at else calendar.opens_at(calendar.shift(calendar.local_day(at), -1))


def _waves(chunk: Sequence[LogEvent]) -> Iterator[list[LogEvent]]:
    """Split a chunk so that no wave has two events of one case, and each case keeps its order."""
    waves: dict[int, list[LogEvent]] = defaultdict(list)
    seen: dict[str, int] = defaultdict(int)
    for event in chunk:
        waves[seen[event.case]].append(event)
        seen[event.case] += 1
    yield from (waves[number] for number in sorted(waves))


def _drive(session: Session, run: _Replay, wave: Sequence[LogEvent]) -> None:
    """Drive one event each of several cases: begin the new, plan all, write the legal, close the rest."""
    _begin(session, run, [event for event in wave if event.case not in run.nominations])
    turns = []
    for event in wave:
        meant = run.mapping.move_of(event)
        if event.case in run.refused:
            run.report.events_dropped += 1
        elif meant is None:
            run.report.events_ignored += 1
        else:
            turns.append((event, meant))
    if not turns:
        return
    actors = {run.nominations[event.case]: run.world.actors[event.case, meant.by] for event, meant in turns}
    locked = lock_for_each(session, actors, now=wave[0].at)
    plans = [
        plan
        for event, meant in turns
        if (plan := _plan(run, event, meant, locked[run.nominations[event.case]])) is not None
    ]
    if plans:
        apply_moves(session, plans)


def _begin(session: Session, run: _Replay, events: Sequence[LogEvent]) -> None:
    starter = run.definition.starter
    if not events or starter is None:
        return
    rows = []
    for event in events:
        author = run.world.actors[event.case, starter.role]
        rows.append((run.world.draft_row(event.case, run.definition, author, event.at), author))
    outcomes = insert_drafts(session, rows, run.definition, via=Via.IMPORT)
    for event, outcome in zip(events, outcomes, strict=True):
        run.nominations[event.case] = outcome.nomination_id
        run.states[event.case] = run.definition.initial


def _plan(run: _Replay, event: LogEvent, meant: MappedMove, locked: Locked) -> MovePlan | None:
    """Plan an event's move, or the end of its case when the workflow refuses it."""
    actor = run.world.actors[event.case, meant.by]
    command = Command(
        locked.facts.nomination_id, locked.facts.version, MoveRequest(action=meant.move), Via.IMPORT
    )
    try:
        plan = plan_attempt(Attempt.of(locked, run.definition, actor, command), at=event.at)
    except Refusal as refusal:
        run.report.illegal.append(
            Illegal(event.case, event.line, event.activity, locked.facts.state, refusal.detail)
        )
        run.refused.add(event.case)
        return _abandonment(run, locked, actor, event)
    run.report.events_driven += 1
    run.states[event.case] = plan.dest
    return plan


def _abandonment(run: _Replay, locked: Locked, actor: Actor, event: LogEvent) -> MovePlan | None:
    if locked.facts.is_closed:
        return None
    return MovePlan(
        locked=locked,
        definition=run.definition,
        actor=actor,
        request=MoveRequest(action=BuiltIn.ABANDON),
        via=Via.IMPORT,
        at=event.at,
        dest=WITHDRAWN_STATE,
    )


def _finish(run: _Replay, seconds: float) -> ReplayReport:
    report = run.report
    report.open_cases = [
        case
        for case, state in run.states.items()
        if case not in run.refused and not run.definition.is_final(state)
    ]
    report.open = len(report.open_cases)
    report.conforming = report.cases - len(run.refused)
    report.decisions = report.events_driven
    report.seconds = round(seconds, 3)
    report.decisions_per_second = round(report.decisions / seconds, 1) if seconds else 0.0
    return report

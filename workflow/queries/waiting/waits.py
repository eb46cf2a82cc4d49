"""How long it takes from one action to the next, from history alone, in calendar seconds."""

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Over, Select, extract, func, not_, select
from sqlalchemy.orm import Session

from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.vocabulary import UNDONE, BuiltIn
from workflow.store.history import Event, was_undone


@dataclass(frozen=True, slots=True)
class TransitionWait:
    """One move directly after another in the same nomination: how often, and the median time between."""

    action_from: str
    action_to: str
    count: int
    median_seconds: float

    def as_dict(self) -> dict[str, object]:
        """Return the wait as JSON can hold it."""
        return asdict(self)


def transition_waits(session: Session, *, without: tuple[str, ...] = ()) -> list[TransitionWait]:
    """Return the waits of every pair of moves of nominations, the longest total first.

    `without` names nominations' streams to leave out, such as those a replay could not follow to their end.
    """
    rows = session.execute(_statement(Event.stream.not_in(without) if without else None))
    return [TransitionWait(row.action_from, row.action_to, row.times, float(row.median)) for row in rows]


def _statement(condition: ColumnElement[bool] | None) -> Select[str, str, int, float]:
    # A move changes the state; claims, reminders and edits do not. A replay's closing of a case that left
    # its route is nobody's work, nor is that a step is called otherwise.
    moves = (
        Event.stream.startswith("nomination:"),
        Event.source != Event.dest,
        Event.action.not_in((BuiltIn.ABANDON, UNDONE, MIGRATE)),
        not_(was_undone()),
    )
    before = Over(func.lag(Event.action), partition_by=Event.stream, order_by=Event.seq)
    since = Over(func.lag(Event.recorded_at), partition_by=Event.stream, order_by=Event.seq)
    steps = (
        select(
            before.label("action_from"),
            Event.action.label("action_to"),
            extract("epoch", Event.recorded_at - since).label("wait"),
        )
        .where(*moves, *((condition,) if condition is not None else ()))
        .subquery()
    )
    median = func.percentile_cont(0.5).within_group(steps.c.wait)
    return (
        select(steps.c.action_from, steps.c.action_to, func.count().label("times"), median.label("median"))
        .where(steps.c.action_from.is_not(None))
        .group_by(steps.c.action_from, steps.c.action_to)
        .order_by(func.sum(steps.c.wait).desc(), steps.c.action_from, steps.c.action_to)
    )

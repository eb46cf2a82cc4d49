"""Why nominations came back last: what their units have to mend."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, not_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import UNDONE, BuiltIn
from workflow.queries.shapes import Words, reason_words
from workflow.store.base import among
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, EventText, was_undone
from workflow.store.nominations import Nomination


@dataclass(frozen=True, slots=True)
class LastReturn:
    """Why a name came back last: the reason's name and the words, and when."""

    reason: Words | None
    comment: str
    at: datetime


def last_returns(session: Session, definitions: Mapping[int, int]) -> Mapping[int, LastReturn]:
    """Return why each nomination came back, of those that stand in their step by a return.

    What was sent on and taken back stands there as before. `definitions` are the ids of their definitions by
    the id of the nomination.
    """
    latest = _moves(definitions).ext(distinct_on(Nomination.id)).where(Event.dest == Nomination.state)
    events = session.execute(latest)
    return _returns_among(session, definitions, events)


def returns_before(session: Session, definitions: Mapping[int, int]) -> Mapping[int, LastReturn]:
    """Return why each nomination came back last, wherever it stands by now, of those that ever did."""
    return _returns_among(session, definitions, session.execute(_moves(definitions)))


def _moves(definitions: Mapping[int, int]) -> Select[*tuple[Any, ...]]:
    """Return the statement of the events by which nominations changed their step, the latest first."""
    return (
        select(
            Nomination.id,
            Event.source,
            Event.dest,
            Event.reason_code,
            Event.recorded_at,
            EventText.text,
        )
        .select_from(Nomination)
        .join(Event, Event.stream == func.concat("nomination:", Nomination.id))
        .outerjoin(EventText, EventText.event_id == Event.id)
        .where(
            among(Nomination.id, definitions),
            Event.source != Event.dest,
            Event.action.not_in((BuiltIn.RECALL, UNDONE)),
            not_(was_undone()),
        )
        .order_by(Nomination.id, Event.seq.desc())
    )


def _returns_among(
    session: Session, definitions: Mapping[int, int], events: Iterable[Row[Any]]
) -> Mapping[int, LastReturn]:
    found = dict[int, LastReturn]()
    for event in events:
        definition = shown_definition(session, definitions[event.id])
        if event.id not in found and definition.came_back(event.dest, event.source):
            reason = reason_words(definition, event.reason_code)
            found[event.id] = LastReturn(reason, event.text or "", event.recorded_at)
    return found

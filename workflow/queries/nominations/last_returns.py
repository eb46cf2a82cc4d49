"""Why nominations came back last: what their units have to mend."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, not_, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.route.definition import Step
from workflow.domain.vocabulary import UNDONE, BuiltIn
from workflow.queries.shapes import Words, reason_words
from workflow.store.base import among
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, EventText, was_undone
from workflow.store.nominations import Nomination
from workflow.store.routes_told import route_at, routes_of


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
    latest = _moves(definitions).ext(distinct_on(Nomination.id))
    latest = latest.where(or_(Event.dest == Nomination.state, _leads_there(session, definitions)))
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
            Event.seq,
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
            Event.action.not_in((BuiltIn.RECALL, UNDONE, MIGRATE)),
            not_(was_undone()),
        )
        .order_by(Nomination.id, Event.seq.desc())
    )


def _leads_there(session: Session, definitions: Mapping[int, int]) -> ColumnElement[bool]:
    """Return the condition of moves to the present step by a name that its route does not know any more."""
    known = [(one, step.name) for one in set(definitions.values()) for step in _steps(session, one)]
    later = aliased(Event, name="later")
    renamed = exists().where(
        later.stream == Event.stream,
        later.seq > Event.seq,
        later.action == MIGRATE,
        later.source == Event.dest,
        later.dest == Nomination.state,
    )
    return and_(tuple_(Nomination.definition_id, Event.dest).not_in(known), renamed)


def _steps(session: Session, definition_id: int) -> Iterable[Step]:
    return shown_definition(session, definition_id).steps


def _returns_among(
    session: Session, definitions: Mapping[int, int], events: Iterable[Row[Any]]
) -> Mapping[int, LastReturn]:
    found = dict[int, LastReturn]()
    rows = list(events)
    # On another version than it is on now, a step may have had another name.
    told = routes_of(
        session, [f"nomination:{one.id}" for one in rows if _is_strange(session, definitions, one)]
    )
    for event in rows:
        routes = told.get(f"nomination:{event.id}")
        definition = shown_definition(session, route_at(routes, event.seq, definitions[event.id]))
        if event.id not in found and definition.came_back(event.dest, event.source):
            reason = reason_words(definition, event.reason_code)
            found[event.id] = LastReturn(reason, event.text or "", event.recorded_at)
    return found


def _is_strange(session: Session, definitions: Mapping[int, int], event: Row[Any]) -> bool:
    definition = shown_definition(session, definitions[event.id])
    return not (definition.has_step(event.source) and definition.has_step(event.dest))

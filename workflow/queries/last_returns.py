"""Why nominations came back last: what their units have to mend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.engine import Direction, direction_of
from workflow.queries.shapes import Words, reason_words
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, EventText


@dataclass(frozen=True, slots=True)
class LastReturn:
    """Why a name came back last: the reason's name and the words, and when."""

    reason: Words | None
    comment: str
    at: datetime


def last_returns(session: Session, definitions: Mapping[int, int]) -> Mapping[int, LastReturn]:
    """Return why each nomination came back, of those whose last move was a return.

    `definitions` are the ids of their definitions by the id of the nomination.
    """
    streams = {f"nomination:{nomination_id}": nomination_id for nomination_id in definitions}
    events = session.execute(
        select(
            Event.stream,
            Event.source,
            Event.dest,
            Event.reason_code,
            Event.recorded_at,
            EventText.text,
        )
        .ext(distinct_on(Event.stream))
        .outerjoin(EventText, EventText.event_id == Event.id)
        .where(
            Event.stream.in_(sorted(streams)),
            Event.source.is_not(None),
            Event.dest.is_not(None),
            Event.source != Event.dest,
        )
        .order_by(Event.stream, Event.seq.desc())
    )
    found = {}
    for event in events:
        nomination_id = streams[event.stream]
        definition = shown_definition(session, definitions[nomination_id])
        if direction_of(definition, event.source, event.dest) is Direction.RETURN:
            reason = reason_words(definition, event.reason_code)
            found[nomination_id] = LastReturn(reason, event.text or "", event.recorded_at)
    return found

"""What the history of one nomination tells of its row, up to one of its entries."""

from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflow.domain.history.attested import StreamFacts, fold
from workflow.domain.history.chain import ChainedEvent
from workflow.store.history import Event

_ENTRY: Final = tuple(getattr(Event, one.name) for one in fields(ChainedEvent))


def told_until(session: Session, nomination_id: int, seq: int) -> StreamFacts:
    """Return the facts that history told of a nomination up to an entry and with it."""
    told, stream = StreamFacts(), f"nomination:{nomination_id}"
    entries: Select[*tuple[Any, ...]] = select(*_ENTRY).where(Event.stream == stream, Event.seq <= seq)
    for row in session.execute(entries.order_by(Event.seq)):
        fold(told, ChainedEvent(*row), None)
    return told

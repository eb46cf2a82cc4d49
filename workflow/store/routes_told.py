"""On which version of its route a nomination was at each entry of its history: it may go over to another.

A step or a move of then may be called otherwise by now, or mean something else.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.history.attested import FACTS
from workflow.store.base import among
from workflow.store.history import Event

_telling = aliased(Event, name="telling")
_DEFINITION: Final[ColumnElement[Any]] = _telling.data[FACTS]["definition"]


def routes_told(stream: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return, as one value, from which entry of a stream on which definition counted."""
    pairs = func.jsonb_build_array(_telling.seq, cast(_DEFINITION.astext, Integer))
    told = select(func.jsonb_agg(pairs)).where(_telling.stream == stream, _DEFINITION.is_not(None))
    return told.scalar_subquery()


def routes_of(session: Session, streams: Collection[str]) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Return of each stream from which entry on which definition counted, in their order."""
    told: dict[str, list[tuple[int, int]]] = {}
    if not streams:
        return told
    for stream, seq, definition_id in session.execute(
        select(_telling.stream, _telling.seq, cast(_DEFINITION.astext, Integer))
        .where(among(_telling.stream, streams), _DEFINITION.is_not(None))
        .order_by(_telling.stream, _telling.seq)
    ):
        told.setdefault(stream, []).append((seq, definition_id))
    return told


def route_at(told: Sequence[Sequence[int]] | None, seq: int, otherwise: int) -> int:
    """Return the definition that counted at an entry; before the first that tells one it is that one."""
    pairs = sorted((one[0], one[1]) for one in told or ())
    passed = [definition_id for since, definition_id in pairs if since <= seq]
    return passed[-1] if passed else pairs[0][1] if pairs else otherwise

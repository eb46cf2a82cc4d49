"""Which papers are scans of steps that were done with ink."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import Via
from workflow.store.base import among
from workflow.store.history import Event
from workflow.store.nominations import Nomination


def scanned_papers(
    session: Session, *, nomination_ids: Iterable[int] = (), submission_id: int | None = None
) -> Collection[str]:
    """Return the ids of the papers on which steps of these nominations, or of a whole list, were done."""
    ids = frozenset(nomination_ids)
    is_listed: ColumnElement[bool] = false()
    if submission_id is not None:
        is_listed = Nomination.submission_id == submission_id
    names = select(func.concat("nomination:", Nomination.id)).where(or_(is_listed, among(Nomination.id, ids)))
    scan = Event.data["paper"]["scan"].astext
    return frozenset(
        session.scalars(
            select(scan).where(Event.via == Via.PAPER, Event.stream.in_(names), scan.is_not(None))
        )
    )

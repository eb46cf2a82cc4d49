"""Where every nomination stands, compared with the end of its history."""

from collections.abc import Iterator

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from workflow.domain.history.wrong import Fault, Wrong
from workflow.store.history import Event, versioned
from workflow.store.nominations import Nomination


def compare_standings(session: Session, *, limit: int) -> Iterator[tuple[str, Fault]]:
    """Compare every nomination with the end of its history: a state nobody decided, a tail that is gone.

    Gives the stream and what is wrong with it, at most `limit` times.
    """
    stream = func.concat("nomination:", Nomination.id)
    # Every event moved the version by one, but for a timer's and one that only moved a due date: so a version
    # says how many there must be.
    last_seq = select(func.count()).where(Event.stream == stream, versioned()).scalar_subquery()
    last_state = (
        select(Event.dest)
        .where(Event.stream == stream, Event.dest.is_not(None))
        .order_by(Event.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    differs = or_(last_state.is_distinct_from(Nomination.state), last_seq != Nomination.version)
    lost = case((last_seq != Nomination.version, True), else_=False)
    rows = session.execute(
        select(Nomination.id, Nomination.state, Nomination.version, last_seq.label("seq"), lost.label("lost"))
        .add_columns(last_state.label("last_state"))
        .where(differs)
        .order_by(Nomination.id)
        .limit(limit)
    )
    for row in rows:
        if row.lost:
            fault = Fault(Wrong.VERSION, {"version": row.version, "told": row.seq})
        else:
            fault = Fault(Wrong.STATE, {"state": row.state, "told": row.last_state})
        yield f"nomination:{row.id}", fault

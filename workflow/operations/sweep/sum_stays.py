"""Adding stays that are over to the sums that stand for them where millions are meant.

See docs/adr/0042-sums-of-what-is-over.md. What is summed never changes again: keys of a nomination are frozen
with its draft, and a stay that was left is not written any more.
"""

from typing import Final

from sqlalchemy import case, func, not_, select, update
from sqlalchemy.orm import Session

from workflow.clock import monotonic
from workflow.domain.vocabulary import Ending
from workflow.store.database import Sessions, timezone_of
from workflow.store.nominations import Nomination, Visit
from workflow.store.stay_sums import ADD_STAYS
from workflow.store.worktime import calendars_of_routes, working_minutes

BATCH: Final = 2_000
_TURN: Final = 7263_1110


def sum_stays(sessions: Sessions, *, seconds: float = 0.0, batch: int = BATCH) -> int:
    """Add stays that are over to their sums, a batch each transaction, and return how many.

    One batch at least, then more for about so many seconds while there are. Where another process does the
    same, that one does it.
    """
    began, total = monotonic(), 0
    while True:
        with sessions() as session:
            added = sum_batch(session, batch=batch)
        total += added
        if added < batch or monotonic() - began >= seconds:
            return total


def sum_batch(session: Session, *, batch: int) -> int:
    """Add one batch to the sums, commit, and return how many: none while another process does the same."""
    added = 0
    if session.scalar(select(func.pg_try_advisory_xact_lock(_TURN))):
        _count_minutes(session, batch)
        values = {"most": batch, "zone": timezone_of(session), "moved": str(Ending.MOVED)}
        added = session.execute(ADD_STAYS, values).scalar_one()
    session.commit()
    return added


def _count_minutes(session: Session, batch: int) -> None:
    """Write the working minutes of stays that ended before an upgrade, when nobody did."""
    unknown = (
        select(Visit.id)
        .where(Visit.left_at.is_not(None), not_(Visit.is_summed), Visit.working_minutes.is_(None))
        .order_by(Visit.left_at)
    )
    if session.scalar(unknown.limit(1)) is None:
        return
    calendars = calendars_of_routes(session)
    route, claimed = Nomination.definition_id, Visit.first_claimed_at
    entered, left = Visit.entered_at, Visit.left_at
    waiting, service = (
        case((claimed.is_not(None), working_minutes(calendars, route, start, end)))
        for start, end in ((entered, claimed), (claimed, left))
    )
    session.execute(
        update(Visit)
        .where(Visit.id.in_(unknown.limit(batch)), Nomination.id == Visit.nomination_id)
        .values(
            working_minutes=working_minutes(calendars, route, entered, left),
            waiting_minutes=waiting,
            service_minutes=service,
        )
        .execution_options(synchronize_session=False)
    )

"""Adding stays that are over to the sums that stand for them where millions are meant.

See docs/adr/0042-sums-of-what-is-over.md. What is summed never changes again: keys of a nomination are frozen
with its draft, and a stay that was left is not written any more.
"""

from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from workflow.clock import Clock, DatabaseClock, monotonic
from workflow.store.database import Sessions, timezone_of, undo_window
from workflow.store.stay_adding import add_stays
from workflow.store.worktime import calendars_of_routes

BATCH: Final = 2_000
"""How many stays the first batch adds; the next ones are as large as two seconds allow."""

_REAL_CLOCK: Final = DatabaseClock()
_AIM_SECONDS: Final = 2.0
_MOST_TIMES: Final = 4
_TURN: Final = 7263_1110
_MEMORY: Final = text("SET LOCAL work_mem = '64MB'")


def sum_stays(
    sessions: Sessions, *, seconds: float = 0.0, batch: int = BATCH, clock: Clock = _REAL_CLOCK
) -> int:
    """Add stays that are over to their sums, a batch each transaction, and return how many.

    One batch at least, then more for about so many seconds while there are. Where another process does the
    same, that one does it.
    """
    began, total, least = monotonic(), 0, batch
    while True:
        before = monotonic()
        with sessions() as session:
            added = sum_batch(session, batch=batch, clock=clock)
        now = monotonic()
        total += added
        if added < batch or now - began >= seconds:
            return total
        # Half of the work is one for each sum that is touched, whether by one stay or by a hundred: a batch
        # that shrank on a busy machine would do less and less in hardly less time.
        batch = max(least, int(batch * min(_MOST_TIMES, _AIM_SECONDS / max(now - before, 0.001))))


def sum_batch(session: Session, *, batch: int, clock: Clock) -> int:
    """Add one batch to the sums, commit, and return how many: none while another process does the same.

    What may still be undone waits.
    """
    added = 0
    if session.scalar(select(func.pg_try_advisory_xact_lock(_TURN))):
        session.execute(_MEMORY)
        window = undo_window(session)
        statement = add_stays(
            calendars_of_routes(session),
            most=batch,
            zone=timezone_of(session),
            settled_until=clock.now(session) - window if window else None,
        )
        added = session.execute(statement).scalar_one()
    session.commit()
    return added

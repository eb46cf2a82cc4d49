"""Mails that are promised already and wait for their hour, as far as they will still hold then."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import literal_column, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import NoticeKind
from workflow.operations.foresight.coming import Cause, Coming, WhyTold
from workflow.operations.mail.meant import reason_to_cancel
from workflow.store.correspondence import read_promises
from workflow.store.database import local_day
from workflow.store.mail import Outbox

_AT_ONCE: Final = 1000


def foresee_waiting(
    session: Session, *, window: tuple[datetime, datetime], account_id: int | None, now: datetime, limit: int
) -> Iterator[Coming]:
    """Yield at most `limit` mails that leave in a window, the next first; none that will be cancelled.

    Of one reader where an account is named. What should have left before now leaves now.
    """
    since, until = window
    # Spelt out, so that the planner sees that the partial index serves.
    waits = [literal_column("outbox.state IN ('new', 'sending')"), Outbox.not_before < until]
    waits += [Outbox.not_before >= since] if since > now else []
    waits += [Outbox.account_id == account_id] if account_id is not None else []
    rows = session.execute(
        select(Outbox.id, Outbox.not_before, Outbox.fold_key, Outbox.message_id)
        .where(*waits)
        .order_by(Outbox.not_before, Outbox.id)
        .limit(limit)
    ).all()
    yield from _coming(session, rows, now)


def foresee_all_waiting(session: Session, *, until: datetime, now: datetime) -> Iterator[Coming]:
    """Yield all mails that wait and leave before an instant, of any number, read some at a time."""
    place: tuple[datetime, UUID] | None = None
    while True:
        page = select(Outbox.id, Outbox.not_before, Outbox.fold_key, Outbox.message_id)
        if place is not None:
            page = page.where(tuple_(Outbox.not_before, Outbox.id) > place)
        rows = session.execute(
            page.where(literal_column("outbox.state IN ('new', 'sending')"), Outbox.not_before < until)
            .order_by(Outbox.not_before, Outbox.id)
            .limit(_AT_ONCE)
        ).all()
        yield from _coming(session, rows, now)
        if len(rows) < _AT_ONCE:
            return
        place = (rows[-1].not_before, rows[-1].id)


def _coming(session: Session, rows: Sequence[Any], now: datetime) -> Iterator[Coming]:
    for at in sorted({max(row.not_before, now) for row in rows}):
        together = {row.id: row for row in rows if max(row.not_before, now) == at}
        for promise in read_promises(session, together, today=local_day(session, at)):
            if reason_to_cancel(promise) is not None:
                continue
            row = together[promise.id]
            yield Coming(
                at=at,
                notice=NoticeKind(promise.notice),
                account_id=promise.account_id,
                fold=row.message_id or row.fold_key,
                nomination_id=promise.nomination_id,
                expected_return_id=promise.expected_return_id,
                work_item_id=promise.work_item_id,
                why=WhyTold(Cause.WAITING, seat=promise.owner_key),
                promised_at=promise.created_at,
            )

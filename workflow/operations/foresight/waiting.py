"""Mails that are promised already and wait for their hour, as far as they will still hold then."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import NoticeKind
from workflow.operations.foresight.coming import Cause, Coming, WhyTold
from workflow.operations.mail.meant import reason_to_cancel
from workflow.store.correspondence import read_promises
from workflow.store.database import local_day
from workflow.store.mail import Outbox


def foresee_waiting(session: Session, *, until: datetime, now: datetime, limit: int) -> Iterator[Coming]:
    """Yield at most `limit` mails that wait, the next first, without those that will be cancelled."""
    rows = session.execute(
        select(Outbox.id, Outbox.not_before, Outbox.fold_key, Outbox.message_id)
        # Spelt out, so that the planner sees that the partial index serves.
        .where(literal_column("outbox.state IN ('new', 'sending')"), Outbox.not_before < until)
        .order_by(Outbox.not_before, Outbox.id)
        .limit(limit)
    ).all()
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

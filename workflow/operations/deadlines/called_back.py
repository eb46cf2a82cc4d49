"""The mails of what was undone or taken back: what has not left does not leave, what has is counted.

Never commits. Lock order: outbox comes last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import not_, or_, select, update
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import UNDONE, MailState, NoticeKind
from workflow.operations.mail import fate
from workflow.operations.mail.meant import AWARD_ANNULLED
from workflow.store.last_acts import HAS_LEFT
from workflow.store.mail import Outbox
from workflow.store.outbox_results import MAYBE_SENT, promise_again

WORK_DONE = "work_done"
"""Why a mail about work that is over is not sent (`meant.py`)."""

_TOLD_AGAIN = (NoticeKind.WORK_OPENED, NoticeKind.RETURNED, NoticeKind.ANNULLED)
"""Whoever got such a letter is told that it is so no more."""


@dataclass(frozen=True, slots=True)
class CalledBack:
    """What became of the mails of what was undone: how many never leave, how many had left.

    `readers` are the accounts that were told of work which is gone again, or of an award that stands again.
    """

    cancelled: int
    left: int
    readers: tuple[int, ...]


def call_back(
    session: Session, nomination_id: int, event_id: UUID, work: Sequence[UUID], *, now: datetime
) -> CalledBack:
    """End every mail of an event and about work that is gone, but what has left or is leaving.

    A sender that has one in hand finds it gone before its message begins: it asks for its row first.
    """
    is_of_it = (
        Outbox.nomination_id == nomination_id,
        or_(Outbox.event_id == event_id, Outbox.work_item_id.in_(work)),
    )
    cancelled = session.execute(
        update(Outbox)
        .where(
            *is_of_it,
            Outbox.state.in_((MailState.NEW, MailState.SENDING)),
            not_(HAS_LEFT) | Outbox.state_reason.is_(None),
        )
        .values(state=MailState.CANCELLED, state_reason=UNDONE, lease_until=None)
        .returning(Outbox.id)
    ).all()
    session.execute(
        update(Outbox)
        .where(*is_of_it, Outbox.state == MailState.NEW, HAS_LEFT)
        .values(state=MailState.SENT, state_reason=fate.not_repeated(UNDONE), sent_at=now)
    )
    left = session.execute(select(Outbox.account_id, Outbox.notice).where(*is_of_it, HAS_LEFT)).all()
    readers = {row.account_id for row in left if row.notice in _TOLD_AGAIN}
    return CalledBack(len(cancelled), len(left), tuple(sorted(readers)))


def tell_of_award_after_all(session: Session, nomination_id: int, *, now: datetime) -> None:
    """Promise anew what was not sent of an award because it was annulled: it stands."""
    held_back = [AWARD_ANNULLED, fate.not_repeated(AWARD_ANNULLED)]
    reason = f"{MAYBE_SENT}: promised again"
    promise_again(session, nomination_id, None, held_back, reason=reason, now=now)


def tell_of_work_again(session: Session, nomination_id: int, work: Sequence[UUID], *, now: datetime) -> None:
    """Promise anew what was not sent about work because it seemed over."""
    for one in work:
        promise_again(
            session,
            nomination_id,
            one,
            [WORK_DONE, fate.not_repeated(WORK_DONE)],
            reason=f"{MAYBE_SENT}: promised again",
            now=now,
        )

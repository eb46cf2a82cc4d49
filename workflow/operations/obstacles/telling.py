"""Word of work that cannot go on, to whoever watches over it and can help: once, in a letter of a morning."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflow.domain.mails.mornings import morning_of_word
from workflow.domain.rights.policy import MENDERS
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import MailState, NoticeKind
from workflow.operations.mail.notify import PromisedMail, dedupe_key_of, write_notices
from workflow.store.access import Account, Grant
from workflow.store.base import among, table_of
from workflow.store.calendars import calendar_in_force
from workflow.store.conditions import is_active, is_away, is_in_force, is_open
from workflow.store.database import Sessions, local_day
from workflow.store.mail import Outbox
from workflow.store.menders import load_mender
from workflow.store.obstacles import Obstacle
from workflow.store.obstacles_watched import STANDING, joined_obstacles, watched_values
from workflow.store.reads import reading
from workflow.store.statements import Statement

_UNTOLD: Final = (is_open(table_of(Obstacle).c), Obstacle.told_at.is_(None))
_UNTOLD_BEFORE: Final = Statement(joined_obstacles(select(Obstacle.id)).where(*STANDING, *_UNTOLD))


def tell_of_obstacles(
    sessions: Sessions, *, now: datetime, on_part: Callable[[], None] = lambda: None
) -> int:
    """Promise a letter to everybody who can help against what nobody was told of yet; return how many.

    What nobody who is there watches over stays untold, and is asked about again by the next look.
    """
    told, readers = set[int](), list[int]()
    with reading(sessions) as session:
        if session.scalar(select(Obstacle.id).where(*_UNTOLD).limit(1)) is None:
            return 0
        at = morning_of_word(now, calendar_in_force(session, CalendarName.LOCAL))
        for account_id in _helpers(session, now):
            on_part()
            if mine := _untold_before(session, account_id, now):
                readers.append(account_id)
                told |= mine
    if not readers:
        return 0
    with sessions() as session:
        return promise_word(session, readers, told, at=at)


def promise_word(session: Session, readers: Sequence[int], told: Collection[int], *, at: datetime) -> int:
    """Promise these readers word for a morning, note of what, and commit; again it is the same letter.

    Where a letter of that morning has left meanwhile, nothing is noted: it is told the morning after.
    """
    cause = uuid5(NAMESPACE_URL, f"commendo:obstacles:{at.isoformat()}")
    mails = [PromisedMail(NoticeKind.OBSTACLES, one, cause, nomination_id=None, at=at) for one in readers]
    # Under a lock, so that none leaves before what it is to say is noted.
    there = select(Outbox.state).where(among(Outbox.dedupe_key, [dedupe_key_of(one) for one in mails]))
    if any(state != MailState.NEW for state in session.scalars(there.with_for_update(key_share=True))):
        return 0
    count = write_notices(session, mails)
    session.execute(update(Obstacle).where(among(Obstacle.id, told), *_UNTOLD).values(told_at=at))
    session.commit()
    return count


def _helpers(session: Session, now: datetime) -> Sequence[int]:
    """Return the accounts that supervise or administer anything today and are not away from it."""
    today = local_day(session, now)
    return session.scalars(
        select(Account.id)
        .join(Grant, Grant.account_id == Account.id)
        .where(
            func.split_part(Grant.key, "@", 1).in_([str(role) for role in MENDERS]),
            is_in_force(Grant, today),
            is_active(Account),
            ~is_away(Account.id, Grant.key, today),
        )
        .distinct()
        .order_by(Account.id)
    ).all()


def _untold_before(session: Session, account_id: int, now: datetime) -> set[int]:
    today = local_day(session, now)
    mender = load_mender(session, account_id, today=today)
    if mender is None:
        return set()
    rows = _UNTOLD_BEFORE.fetch(session, watched_values(mender, now=now, today=today))
    return {row.id for row in rows}

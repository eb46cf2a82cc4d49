"""Letters held back for a reason that passes or another reader: judged under the lock of their root.

Work on hold goes on, and work that somebody took is given back. Whoever was not told because of it is told
then. What somebody away would have got is promised to whoever acts by now. The other reasons to hold
a letter back stay: work that is done opens anew as other work with letters of its own, and who comes (back)
to a seat finds its work in the list, as everybody new there.

What waits for the morning of somebody who is away that day is handed on before the letters of it: at its own
hour it would come behind the day's one letter of whoever acts, and wait for the next day's.
"""

from collections.abc import Sequence
from datetime import datetime
from math import inf
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.domain.mails.mornings import handed_on_until
from workflow.domain.vocabulary import MailState
from workflow.operations.mail import fate
from workflow.operations.mail.meant import AWAY, ON_HOLD, TAKEN, is_handed_on, reason_to_cancel
from workflow.store.correspondence import Promise, read_promises
from workflow.store.database import Sessions, is_out_of_reach, local_day, timezone_of
from workflow.store.handing_on import end_unsent, promise_another, waiting_for_absent
from workflow.store.locked import Locked
from workflow.store.outbox import ClaimedMail
from workflow.store.outbox_results import MAYBE_SENT, MailFate, lock_root, promise_again
from workflow.store.reads import reading

PASSES: Final = (ON_HOLD, TAKEN)
ASKED_AGAIN: Final = (*PASSES, AWAY)
"""The reasons that are looked at once more with the root locked."""
_BATCH: Final = 200
_log = structlog.get_logger("commendo.mail")


def judge(session: Session, row: ClaimedMail, why: str, now: datetime) -> MailFate:
    """Return what becomes of one outbox row that must not go out because of `why`.

    Where that can pass it is asked again with the nomination locked until the verdict is written: what ends
    the reason either finds the row held back, or has ended it already. Of a reader who is away whoever acts
    for them is promised the same, unless they were told of it themselves.
    """
    if why in ASKED_AGAIN:
        [row_id] = [each.id for each in row.rows]
        lock_root(session, row_id)
        [promise] = read_promises(session, [row_id], now=now)
        # Whether anything stands that can be helped is asked again where it goes out after all.
        still = reason_to_cancel(promise, is_stuck=True)
        if still is None:
            reason = row.rows[0].state_reason
            return MailFate(MailState.NEW, reason, is_excused=True)
        why = still
        if promise.acting_id is not None and is_handed_on(promise, why):
            promise_another(session, row_id, promise.acting_id, now=now)
    return fate.no_longer_holds(row, why, now)


def tell_again(session: Session, locked: Locked, *, now: datetime) -> int:
    """Promise anew, under their old keys, the letters about its open work that a passing reason held back.

    Call it last in the transaction that ended the reason: it locks outbox rows. Return how many; each is
    asked again before it goes out, so that who is not meant any more gets none.
    """
    held_back = [*PASSES, *(fate.not_repeated(why) for why in PASSES)]
    return promise_again(
        session,
        locked.facts.nomination_id,
        locked.work_item_id,
        held_back,
        reason=f"{MAYBE_SENT}: promised again",
        now=now,
    )


def hand_on_waiting(sessions: Sessions, *, clock: Clock, seconds: float | None = None) -> int:
    """Promise to whoever acts what would leave today and whose reader is away; return how many mails.

    A mail a transaction. What cannot be read is left to who sends it, and so is what a sender has in hand.
    After about `seconds` the rest is left for the next pass.
    """
    ends_at = inf if seconds is None else monotonic() + seconds
    handed_on, after = 0, UUID(int=0)
    while True:
        with reading(sessions) as session:
            now = clock.now(session)
            until = handed_on_until(now, ZoneInfo(timezone_of(session)))
            today = local_day(session, now)
            found = waiting_for_absent(session, until=until, today=today, after=after, limit=_BATCH)
        for row_id in _of_others(sessions, clock, found):
            if monotonic() >= ends_at:
                return handed_on
            handed_on += _surely_handed_on(sessions, clock, row_id)
        if len(found) < _BATCH:
            return handed_on
        after = found[-1]


def _of_others(sessions: Sessions, clock: Clock, found: Sequence[UUID]) -> Sequence[UUID]:
    """Return those that somebody else is to read; nothing is asked of none."""
    if not found:
        return ()
    try:
        with reading(sessions) as session:
            promises = read_promises(session, found, now=clock.now(session))
            return [one.id for one in promises if _is_others(one)]
    except Exception as error:
        # One row that cannot be read must not stop all mails.
        if is_out_of_reach(error):
            raise
        _log.info("mails_not_handed_on", error=type(error).__name__, mails=len(found))
        return ()


def _surely_handed_on(sessions: Sessions, clock: Clock, row_id: UUID) -> bool:
    """Hand one mail on, unless its nomination is held too long by somebody: then it is left to its sender."""
    try:
        with sessions() as session:
            is_done = _hand_on(session, clock, row_id)
            session.commit()
    except OperationalError as error:
        if is_out_of_reach(error):
            raise
        _log.info("mail_not_handed_on", error=type(error.orig).__name__)
        return False
    return is_done


def _hand_on(session: Session, clock: Clock, row_id: UUID) -> bool:
    """Hand one mail on with its nomination locked: it still waits, and for somebody who is away."""
    lock_root(session, row_id)
    now = clock.now(session)
    [promise] = read_promises(session, [row_id], now=now)
    acting_id = promise.acting_id
    if acting_id is None or not _is_others(promise) or not end_unsent(session, row_id, AWAY):
        return False
    return promise_another(session, row_id, acting_id, now=now)


def _is_others(promise: Promise) -> bool:
    return is_handed_on(promise, reason_to_cancel(promise, is_stuck=True))

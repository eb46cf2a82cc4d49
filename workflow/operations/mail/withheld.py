"""Letters held back for a reason that passes or another reader: judged under the lock of their root.

Work on hold goes on, and work that somebody took is given back. Whoever was not told because of it is told
then. What somebody away would have got is promised to whoever acts by now. The other reasons to hold
a letter back stay: work that is done opens anew as other work with letters of its own, and who comes (back)
to a seat finds its work in the list, as everybody new there.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.vocabulary import MailState
from workflow.operations.mail import fate
from workflow.operations.mail.meant import AWAY, ON_HOLD, TAKEN, reason_to_cancel
from workflow.store.correspondence import read_promises
from workflow.store.handing_on import promise_another
from workflow.store.locked import Locked
from workflow.store.outbox import ClaimedMail
from workflow.store.outbox_results import MAYBE_SENT, MailFate, lock_root, promise_again

PASSES: Final = (ON_HOLD, TAKEN)
ASKED_AGAIN: Final = (*PASSES, AWAY)
"""The reasons that are looked at once more with the root locked."""


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
        if why == AWAY and promise.acting_id is not None:
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

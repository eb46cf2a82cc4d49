"""What is written of open work that was counted anew, set-wise. Never commits.

Lock order: the nominations are locked by the caller; then visit, work item, rung, outbox.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.calendars.anew import CountedAnew
from workflow.operations.deadlines.moved import moved_entry, moved_notices, write_clocks
from workflow.operations.deadlines.replan import silence_reminders, write_moves
from workflow.operations.history.record import Deed, append_events
from workflow.operations.mail.notify import write_notices


def write_counted(
    session: Session,
    counted: Sequence[CountedAnew],
    *,
    actor: Actor | None,
    via: Via,
    reason: str,
    slot: str,
    now: datetime,
) -> int:
    """Write clocks and promises of locked nominations, their history and letters.

    Only what is due on another day is told, in one letter a reader (`slot`). Return how many reminders that
    waited to be sent were cancelled.
    """
    anew = [one for one in counted if not one.is_kept]
    if not anew:
        return 0
    write_clocks(session, anew)
    moved = [one for one in anew if one.has_moved]
    write_moves(session, (move for one in anew for move in one.rungs))
    # What waits to be sent of a date that came nearer still holds: it is the sooner reminder.
    silenced = silence_reminders(session, [one.locked.work_item_id for one in moved if one.is_later])
    deeds = [
        Deed(
            moved_entry(
                one,
                {"calendar": one.version, "was_calendar": one.was_version},
                actor=actor,
                via=via,
                now=now,
            ),
            one.locked.last_hash,
            reason,
        )
        for one in moved
    ]
    recorded = append_events(session, deeds) if deeds else []
    notices = [(one, event) for one, event in zip(moved, recorded, strict=True) if one.is_told]
    write_notices(session, [mail for one, event in notices for mail in moved_notices(one, event, slot, now)])
    return silenced

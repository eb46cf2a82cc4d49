"""Hold and release: while discipline or verification is pending nothing moves and no clock runs.

Source: Decree 152/2025, principles of consideration (no award and no proposal while pending).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, RequirementsMissing
from workflow.operations.deadlines.pauses import pause, resume
from workflow.operations.history.record import Recorded
from workflow.operations.mail.withheld import tell_again
from workflow.operations.nominations.commands import Attempt, write_attempt


def hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Stop the nomination where it is, with a reason; the clock and the reminders pause.

    Raises `MoveNotOpen` when it is on hold already, `RequirementsMissing` without a comment.
    """
    if not attempt.command.request.comment:
        reason = Reason("comment_missing", "Say why it has to wait.")
        raise RequirementsMissing(reason.message, reasons=[reason])
    recorded = write_attempt(session, attempt, now=now, is_held=True)
    pause(session, attempt.locked, attempt.definition, now=now)
    return recorded


def release_hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Let the nomination go on; the remaining minutes give the new due date and the reminders left.

    Who was not told of the work because it was on hold is told now.
    """
    recorded = write_attempt(session, attempt, now=now, is_held=False)
    resume(session, attempt.locked, attempt.definition, now=now)
    tell_again(session, attempt.locked, now=now)
    return recorded

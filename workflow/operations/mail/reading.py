"""Reading what claimed mails say and whether that still holds: those of one claim together, or one alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.operations.mail.deeds import void_codes
from workflow.operations.mail.departures import late_mails
from workflow.operations.mail.digest import stuck_before
from workflow.operations.mail.fate import ReadyMail
from workflow.operations.mail.letters import LetterDesk, desk_for, letter_facts
from workflow.operations.mail.meant import reason_to_cancel
from workflow.operations.mail.post import Post
from workflow.store.correspondence import Promise, read_promises
from workflow.store.database import is_out_of_reach
from workflow.store.departures import PutOff
from workflow.store.outbox import ClaimedMail

_log = structlog.get_logger("commendo.mail")


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a mail still holds, as one letter, and each other row with the reason why it does not.

    `late`: it may not leave yet; then nothing of it is written or ended.
    """

    ready: ReadyMail | None
    ended: Sequence[tuple[ClaimedMail, str]]
    late: Sequence[PutOff] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every row still holds."""
        return self.ready is not None and not self.ended


def read_mail(session: Session, mail: ClaimedMail, *, clock: Clock, post: Post) -> Reading:
    """Read one mail; raises whatever its rows raise."""
    [found] = _read(session, [mail], clock, post).values()
    return found()


def read_mails(
    session: Session, mails: Sequence[ClaimedMail], *, clock: Clock, post: Post
) -> dict[str, Reading]:
    """Read mails together and return them by Message-ID; those that cannot be read so are left out.

    Nothing is held against a mail that is read here: its hand-over has not begun.
    """
    readings: dict[str, Reading] = {}
    try:
        unread = _read(session, mails, clock, post)
    except Exception as error:
        # One row that cannot be read, or too much for one statement: each mail is read again by itself.
        if is_out_of_reach(error):
            raise
        _log.info("mails_read_alone", error=type(error).__name__, mails=len(mails))
        return readings
    for message_id, read in unread.items():
        try:
            readings[message_id] = read()
        except Exception as error:
            if is_out_of_reach(error):
                raise
            _log.info("mail_read_alone", error=type(error).__name__)
    return readings


def still_holds(session: Session, ready: ReadyMail, *, clock: Clock) -> bool:
    """Return whether all that a letter says is still to be said to its reader."""
    now = clock.now(session)
    promises = read_promises(session, [row.id for row in ready.mail.rows], now=now)
    stuck = stuck_before(session, promises, now=now)
    return len(promises) == len(ready.promises) and not any(
        reason_to_cancel(promise, is_stuck=promise.account_id in stuck) for promise in promises
    )


def _read(
    session: Session, mails: Sequence[ClaimedMail], clock: Clock, post: Post
) -> dict[str, Callable[[], Reading]]:
    """Read what mails need, each thing once, and return for each by Message-ID what makes a letter of it."""
    now, read_at = clock.now(session), monotonic()
    mail_of = {row.id: mail.message_id for mail in mails for row in mail.rows}
    promises = read_promises(session, mail_of, now=now)
    stuck = stuck_before(session, promises, base_url=post.base_url, now=now)
    reasons = {
        promise.id: reason_to_cancel(promise, is_stuck=promise.account_id in stuck) for promise in promises
    }
    reasons |= void_codes(session, promises, post, now)
    kept: dict[str, list[Promise]] = {}
    for promise in promises:
        if reasons[promise.id] is None:
            kept.setdefault(mail_of[promise.id], []).append(promise)
    late = late_mails(session, mails, kept, office=post.preferences, now=now)
    leaving = [told for name, told in kept.items() if name not in late]
    desk = desk_for(session, leaving, stuck, post=post, now=now)

    def make(mail: ClaimedMail) -> Callable[[], Reading]:
        if put_off := late.get(mail.message_id):
            return lambda: Reading(None, (), put_off)
        ended = [(mail.only([row.id]), why) for row in mail.rows if (why := reasons.get(row.id)) is not None]
        return lambda: _reading(desk, mail, kept.get(mail.message_id, ()), ended, read_at)

    return {mail.message_id: make(mail) for mail in mails}


def _reading(
    desk: LetterDesk,
    mail: ClaimedMail,
    kept: Sequence[Promise],
    ended: Sequence[tuple[ClaimedMail, str]],
    read_at: float,
) -> Reading:
    if not kept:
        return Reading(None, ended)
    ready = mail.only(promise.id for promise in kept)
    return Reading(ReadyMail(ready, kept, letter_facts(desk, kept), desk.now, read_at), ended)

"""Reading what claimed mails say and whether that still holds: those of one claim together, or one alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.operations.mail.fate import ReadyMail
from workflow.operations.mail.letters import LetterDesk, desk_for, letter_facts, reason_to_cancel
from workflow.operations.mail.post import Post
from workflow.store.correspondence import Promise, read_promises
from workflow.store.database import local_day
from workflow.store.outbox import ClaimedMail

_log = structlog.get_logger("commendo.mail")


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a mail still holds, as one letter, and each other row with the reason why it does not."""

    ready: ReadyMail | None
    ended: Sequence[tuple[ClaimedMail, str]]

    @property
    def is_whole(self) -> bool:
        """Whether every row still holds."""
        return self.ready is not None and not self.ended


def read_mail(session: Session, mail: ClaimedMail, *, clock: Clock, post: Post) -> Reading:
    """Read one mail; raises whatever its rows raise."""
    desk, promises, read_at = _read(session, [mail], clock, post)
    return _reading(desk, mail, promises, read_at)


def read_mails(
    session: Session, mails: Sequence[ClaimedMail], *, clock: Clock, post: Post
) -> dict[str, Reading]:
    """Read mails together and return them by Message-ID; those that cannot be read so are left out.

    Nothing is held against a mail that is read here: its hand-over has not begun.
    """
    readings: dict[str, Reading] = {}
    try:
        desk, promises, read_at = _read(session, mails, clock, post)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - one row that cannot be read: each mail is read again by itself
        _log.info("mails_read_alone", error=type(error).__name__, mails=len(mails))
        return readings
    for mail in mails:
        ids = {row.id for row in mail.rows}
        own = [promise for promise in promises if promise.id in ids]
        try:
            readings[mail.message_id] = _reading(desk, mail, own, read_at)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - as above, and then it is told
            _log.info("mail_read_alone", error=type(error).__name__)
    return readings


def still_holds(session: Session, ready: ReadyMail, *, clock: Clock) -> bool:
    """Return whether all that a letter says is still to be said to its reader."""
    promises = read_promises(
        session, [row.id for row in ready.mail.rows], today=local_day(session, clock.now(session))
    )
    return len(promises) == len(ready.promises) and not any(map(reason_to_cancel, promises))


def _read(
    session: Session, mails: Sequence[ClaimedMail], clock: Clock, post: Post
) -> tuple[LetterDesk, list[Promise], float]:
    now, read_at = clock.now(session), monotonic()
    ids = [row.id for mail in mails for row in mail.rows]
    promises = read_promises(session, ids, today=local_day(session, now))
    kept = [promise for promise in promises if reason_to_cancel(promise) is None]
    return desk_for(session, kept, post=post, now=now), promises, read_at


def _reading(desk: LetterDesk, mail: ClaimedMail, promises: Sequence[Promise], read_at: float) -> Reading:
    reasons = {promise.id: reason_to_cancel(promise) for promise in promises}
    kept = [promise for promise in promises if reasons[promise.id] is None]
    ended = [(mail.only([row_id]), why) for row_id, why in reasons.items() if why is not None]
    if not kept:
        return Reading(None, ended)
    ready = mail.only(promise.id for promise in kept)
    return Reading(ReadyMail(ready, kept, letter_facts(desk, kept), desk.now, read_at), ended)

"""What became of one sender's mails: written with the beginning of the next, and counted.

It is written again while the database is away, because what was sent must not go out twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from workflow.clock import wait_for
from workflow.domain.vocabulary import MailState
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.hands import MailsInHand
from workflow.store.database import Sessions
from workflow.store.outbox import ClaimedMail
from workflow.store.outbox_results import MailFate, Verdict, Written, write_results

# What a server took is noted as sent even if the database restarts meanwhile: within the lease.
_SETTLE_SECONDS: Final = 45.0
_COUNTED: Final = {
    MailState.SENT: Delivered(sent=1),
    MailState.NEW: Delivered(later=1),
    MailState.DEAD: Delivered(dead=1),
}


@dataclass(frozen=True, slots=True)
class _Ended:
    """A verdict that is not written yet, and what to count when it is, or when the mail was no more ours."""

    verdict: Verdict
    counted: Delivered
    outrun: Delivered


class Results:
    """`note` what became of a mail; it is written when the next one begins, or by `write`."""

    def __init__(self, sessions: Sessions, hands: MailsInHand) -> None:
        self._sessions = sessions
        self._hands = hands
        self._ended: list[_Ended] = []
        self.done = Delivered()

    def note(self, mail: ClaimedMail, fate: MailFate) -> None:
        """Note what became of a whole mail."""
        self._ended.append(_Ended(Verdict(mail, fate), _COUNTED[fate.state], Delivered(outrun=1)))

    def note_cancelled(self, row: ClaimedMail, fate: MailFate) -> None:
        """Note that one row must not go out."""
        self._ended.append(_Ended(Verdict(row, fate), Delivered(cancelled=1), Delivered()))

    def begin(self, mail: ClaimedMail) -> bool:
        """Count a try of a mail, whose hand-over begins. False when it is not this sender's any more."""
        is_ours = bool(self._write([mail]).begun)
        self._hands.begin(mail)
        if not is_ours:
            self.outrun()
        return is_ours

    def outrun(self) -> None:
        """Count a mail that another sender has taken over."""
        self._hands.end()
        self.done += Delivered(outrun=1)

    def write(self) -> None:
        """Write what was noted: no mail is in hand any more."""
        self.write_noted()
        self._hands.end()

    def write_noted(self) -> None:
        """Write what was noted, while the hand-over of a mail goes on."""
        if self._ended:
            self._write(())

    def judge(self, row: ClaimedMail, judge: Callable[[Session], MailFate]) -> None:
        """Write at once what becomes of one row by what is asked under a lock that ends with the writing."""
        verdicts = list[Verdict]()

        def judged(session: Session) -> Sequence[Verdict]:
            verdicts[:] = [Verdict(row, judge(session))]
            return verdicts

        if _surely(self._sessions, judged).ended:
            is_new = verdicts[0].fate.state == MailState.NEW
            self.done += Delivered(later=1) if is_new else Delivered(cancelled=1)

    def _write(self, begun: Sequence[ClaimedMail]) -> Written:
        ended, self._ended = self._ended, []
        verdicts = [each.verdict for each in ended]
        written = _surely(self._sessions, lambda _: verdicts, begun)
        ours = {id(verdict) for verdict in written.ended}
        for each in ended:
            self.done += each.counted if id(each.verdict) in ours else each.outrun
        return written


def _surely(
    sessions: Sessions, judge: Callable[[Session], Sequence[Verdict]], begun: Sequence[ClaimedMail] = ()
) -> Written:
    """Write verdicts and begin mails in one transaction; a verdict is worth waiting for, a beginning is not.

    Raises OperationalError when the database stays away. A commit whose answer was lost has changed the rows
    already, and the second time finds them so: then all verdicts count as written.
    """
    written, failures = Written((), ()), list[OperationalError]()

    def is_written() -> bool:
        nonlocal written
        try:
            with sessions() as session:
                verdicts = judge(session)
                written = write_results(session, verdicts, () if failures else begun)
                session.commit()
        except OperationalError as error:
            failures.append(error)
            return False
        if failures:
            written = Written(verdicts, ())
        return True

    if not wait_for(is_written, seconds=_SETTLE_SECONDS, every=0.5):
        raise failures[-1]
    if failures and begun:
        # By itself, now that the database is there: it may have begun before, and has a try more against it.
        with sessions() as session:
            written = Written(written.ended, write_results(session, (), begun).begun)
            session.commit()
    return written

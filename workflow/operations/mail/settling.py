"""What became of one sender's mails: written with the beginning of the next, and counted.

It is written again while the database is away, because what was sent must not go out twice.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from workflow.clock import monotonic, wait_for
from workflow.domain.vocabulary import MailState
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.hands import MailsInHand
from workflow.store.database import Sessions, is_alone, singly
from workflow.store.departures import PutOff, put_off
from workflow.store.outbox import ClaimedMail
from workflow.store.outbox_results import MailFate, Verdict, Written, write_results

# What a server took is noted as sent even if the database restarts meanwhile: within the lease.
_SETTLE_SECONDS: Final = 45.0
# A link that rested for longer is asked first whether it is there, as each that comes from the pool.
_WARM_SECONDS: Final = 1.0
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
    """`note` what became of a mail; it is written when the next one begins, or by `write`.

    `close` gives back the link to the database that is kept from one letter to the next.
    """

    def __init__(self, sessions: Sessions, hands: MailsInHand) -> None:
        self._sessions = sessions
        self._link = _KeptLink(sessions)
        self._hands = hands
        self._ended: list[_Ended] = []
        self.done = Delivered()

    def note(self, mail: ClaimedMail, fate: MailFate) -> None:
        """Note what became of a whole mail."""
        self._ended.append(_Ended(Verdict(mail, fate), _COUNTED[fate.state], Delivered(outrun=1)))

    def note_cancelled(self, row: ClaimedMail, fate: MailFate) -> None:
        """Note that one row must not go out."""
        self._ended.append(_Ended(Verdict(row, fate), Delivered(cancelled=1), Delivered()))

    def begin(self, mail: ClaimedMail, *, on_its_way: bool = False) -> bool:
        """Count a try of a mail, whose hand-over begins. False when it is not this sender's any more.

        With `on_its_way` note as well that the server is about to get it.
        """
        is_ours = bool(self._write([mail], on_its_way=on_its_way).begun)
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
        self.close()

    def close(self) -> None:
        """Give the kept link back."""
        self._link.close()

    def write_noted(self) -> None:
        """Write what was noted, while the hand-over of a mail goes on."""
        if self._ended:
            self._write(())

    def put_off(self, late: Sequence[PutOff], mails: Sequence[ClaimedMail] = ()) -> None:
        """Let mails wait that may not leave yet: those of a claim, or else the one whose hand-over began."""
        with self._sessions() as session:
            put_off(session, late, has_begun=not mails)
            session.commit()
        self._hands.let_go(mails)
        if not mails:
            self._hands.end()
        self.done += Delivered(waiting=len(late))

    def judge(self, row: ClaimedMail, judge: Callable[[Session], MailFate]) -> None:
        """Write at once what becomes of one row by what is asked under a lock that ends with the writing."""
        verdicts = list[Verdict]()

        def judged(session: Session) -> Sequence[Verdict]:
            verdicts[:] = [Verdict(row, judge(session))]
            return verdicts

        if _surely(lambda: _committed(self._sessions), _Turn(judged)).ended:
            is_new = verdicts[0].fate.state == MailState.NEW
            self.done += Delivered(later=1) if is_new else Delivered(cancelled=1)

    def _write(self, begun: Sequence[ClaimedMail], *, on_its_way: bool = False) -> Written:
        ended, self._ended = self._ended, []
        verdicts = [each.verdict for each in ended]
        # Of several rows all or none are written, which may need a rollback; a refusal is noted beside them.
        is_simple = all(len(mail.rows) == 1 for mail in (*begun, *(verdict.mail for verdict in verdicts)))
        is_simple = is_simple and not any(verdict.fate.refusal for verdict in verdicts)
        written = _surely(
            self._link.use if is_simple else lambda: _committed(self._sessions),
            _Turn(lambda _: verdicts, begun, on_its_way),
        )
        ours = {id(verdict) for verdict in written.ended}
        for each in ended:
            self.done += each.counted if id(each.verdict) in ours else each.outrun
        return written


class _KeptLink:
    """Sessions of single statements over one link, kept while letters follow each other.

    To fetch a link from the pool for each statement costs as much again as the statement.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._singly = singly(sessions)
        self._session: Session | None = None
        self._used_at = 0.0

    @contextmanager
    def use(self) -> Iterator[Session]:
        """Open the session of one statement, which is a transaction; a link that fails is not used again."""
        if is_alone(self._sessions):
            with _committed(self._sessions) as session:
                yield session
            return
        if self._session is not None and monotonic() - self._used_at >= _WARM_SECONDS:
            self.close()
        self._session = self._session or self._singly()
        try:
            yield self._session
        except BaseException:
            session, self._session = self._session, None
            session.close()
            raise
        self._used_at = monotonic()

    def close(self) -> None:
        """Let the pool have it, as what committed: a rollback would forget what was prepared."""
        session, self._session = self._session, None
        if session is not None:
            session.commit()
            session.close()


@contextmanager
def _committed(sessions: Sessions) -> Iterator[Session]:
    """Open a session and commit what the block wrote."""
    with sessions() as session:
        yield session
        session.commit()


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is written together: verdicts, as they are judged in the transaction, and mails that begin."""

    judge: Callable[[Session], Sequence[Verdict]]
    begun: Sequence[ClaimedMail] = ()
    on_its_way: bool = False


def _surely(opened: Callable[[], AbstractContextManager[Session]], turn: _Turn) -> Written:
    """Write verdicts and begin mails in one transaction; a verdict is worth waiting for, a beginning is not.

    Raises OperationalError when the database stays away. A commit whose answer was lost has changed the rows
    already, and the second time finds them so: then all verdicts count as written.
    """
    written, failures = Written((), ()), list[OperationalError]()

    def is_written() -> bool:
        nonlocal written
        begun = () if failures else turn.begun
        try:
            with opened() as session:
                verdicts = turn.judge(session)
                written = write_results(session, verdicts, begun, on_its_way=turn.on_its_way)
        except OperationalError as error:
            failures.append(error)
            return False
        if failures:
            written = Written(verdicts, ())
        return True

    if not wait_for(is_written, seconds=_SETTLE_SECONDS, every=0.5):
        raise failures[-1]
    if failures and turn.begun:
        # By itself, now that the database is there: it may have begun before, and has a try more against it.
        with opened() as session:
            begun = write_results(session, (), turn.begun, on_its_way=turn.on_its_way).begun
        written = Written(written.ended, begun)
    return written

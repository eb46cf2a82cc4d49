"""The mails in a sender's hands: leases are kept while it waits, and what it has not begun is given back."""

from collections.abc import Callable, Iterable
from datetime import datetime
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Final, Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from workflow.clock import monotonic
from workflow.store.database import Sessions, is_alone
from workflow.store.outbox import ClaimedMail
from workflow.store.outbox_results import give_back, renew_leases

RENEW_SECONDS: Final = 15.0
"""A lease lasts four times as long: a sender that is there keeps its mails, one that died soon loses them."""

LONGEST_SECONDS: Final = 900.0
"""No letter takes longer than its bounds at the mail server; a sender that does hangs, and keeps nothing."""

_log = structlog.get_logger("commendo.mail")


class MailsInHand:
    """Use as a context: `take` what was claimed, say what has `begun`, and let go of what is `done`."""

    def __init__(self, sessions: Sessions, *, on_wait: Callable[[], None]) -> None:
        self._sessions = sessions
        self._on_wait = on_wait
        self._lock = Lock()
        self._waiting: dict[str, ClaimedMail] = {}
        self._begun: ClaimedMail | None = None
        self._moved_at = monotonic()
        self._over = Event()
        self._keeper: Thread | None = None

    def __enter__(self) -> Self:
        """Begin to keep leases."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Give back what has not begun, whatever ended the block; what has begun keeps its lease."""
        self._over.set()
        if not self._waiting:
            return
        try:
            self.give_back()
        except SQLAlchemyError:
            # The leases run out by themselves; the error that brought us here is the one to tell.
            if error is None:
                raise

    def take(self, mails: Iterable[ClaimedMail]) -> None:
        """Note what was claimed."""
        with self._lock:
            self._waiting = {mail.message_id: mail for mail in mails}
            self._moved_at = monotonic()
        if self._waiting and self._keeper is None and not is_alone(self._sessions):
            self._keeper = Thread(target=self._keep, name="leases", daemon=True)
            self._keeper.start()

    def begin(self, mail: ClaimedMail) -> None:
        """Note that a mail is being handed over."""
        with self._lock:
            self._waiting.pop(mail.message_id, None)
            self._begun, self._moved_at = mail, monotonic()

    def let_go(self, mails: Iterable[ClaimedMail]) -> None:
        """Note that mails wait for another time and are nobody's."""
        with self._lock:
            for mail in mails:
                self._waiting.pop(mail.message_id, None)
            self._moved_at = monotonic()

    def end(self) -> None:
        """Note that what became of it is written."""
        with self._lock:
            self._begun, self._moved_at = None, monotonic()

    def give_back(self, *, reason: str | None = None, again_at: datetime | None = None) -> int:
        """Let others have what has not begun, and return how many mails."""
        with self._lock:
            mails, self._waiting = list(self._waiting.values()), {}
        if mails:
            with self._sessions() as session:
                give_back(session, mails, reason=reason, again_at=again_at)
                session.commit()
        return len(mails)

    def _keep(self) -> None:
        while not self._over.wait(RENEW_SECONDS):
            with self._lock:
                held = [*self._waiting.values(), *([self._begun] if self._begun else [])]
                hangs = monotonic() - self._moved_at > LONGEST_SECONDS
            if not held or hangs:
                continue
            try:
                with self._sessions() as session:
                    renew_leases(session, held)
                    session.commit()
                self._on_wait()
            except SQLAlchemyError as error:
                _log.warning("leases not kept", mails=len(held), error=type(error).__name__)

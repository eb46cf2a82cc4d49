"""Delivering mails: claim, begin, check again, send with no transaction open, settle.

A mail is handed over at least once. A second copy, always under the same Message-ID, can go out only if this
process or its link to the mail server dies between the end of the message and the commit of `sent`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic, wait_for
from workflow.domain.vocabulary import MailState
from workflow.messages.addresses import UnusableAddress
from workflow.messages.envelope import domain_of
from workflow.operations.mail import fate, withheld
from workflow.operations.mail.fate import Delivered, ReadyMail
from workflow.operations.mail.hands import MailsInHand
from workflow.operations.mail.letters import letter_facts, reason_to_cancel
from workflow.operations.mail.parcels import write_parcel
from workflow.operations.mail.post import MailDelayedError, MailRefusedError, MailServerAwayError, Post
from workflow.store.correspondence import read_promises
from workflow.store.database import Sessions, local_day
from workflow.store.outbox import ClaimedMail, claim_mails
from workflow.store.outbox_results import (
    SERVER_AWAY,
    MailFate,
    begin_mail,
    note_on_its_way,
    settle_mail,
    wake_mails,
)

_BATCH: Final = 20
# A slow letter must not keep those behind it from other senders, nor from what is more urgent by now.
_BATCH_SECONDS: Final = 1.0
# What a server took is noted as sent even if the database restarts meanwhile: within the lease.
_SETTLE_SECONDS: Final = 45.0
_QUIET_SECONDS: Final = 60.0
# A server that listened sooner than this after the check is told what was true a moment ago.
_STALE_SECONDS: Final = 1.0


class LeaseLostError(Exception):
    """Somebody else has taken the mail in hand meanwhile: this sender must not send it."""


class OutdatedError(Exception):
    """What the mail says holds no longer: it was written before, and the server was slow to listen."""


@dataclass(slots=True)
class ServerMemory:
    """What the senders of one process know of the mail server: when it last took a letter."""

    taken_at: float | None = None

    def took(self) -> bool:
        """Note that it took one, and return whether it is the first after a minute without."""
        before, self.taken_at = self.taken_at, monotonic()
        return before is None or self.taken_at - before >= _QUIET_SECONDS


def deliver(
    sessions: Sessions,
    *,
    clock: Clock,
    post: Post,
    seconds: float | None = None,
    is_ended: Callable[[], bool] = lambda: False,
    on_wait: Callable[[], None] = lambda: None,
    mood: ServerMemory | None = None,
) -> Delivered:
    """Send every mail that is due, as long as the server takes them and at most about `seconds`.

    No letter is begun after that, nor once `is_ended` says so; the one in hand is finished, which may take
    minutes with a slow server, and meanwhile `on_wait` is called every few seconds. What was claimed and not
    begun is given back on any exit and not held against the mails. `mood` is what several senders share.
    """
    started = monotonic()

    def is_over() -> bool:
        return is_ended() or (seconds is not None and monotonic() - started >= seconds)

    with MailsInHand(sessions, on_wait=on_wait) as hands:
        try:
            return _Pass(sessions, clock, post, hands, mood or ServerMemory()).run(is_over)
        finally:
            post.transport.close()


@dataclass(slots=True)
class _Pass:
    """One sender's pass: what it works with, and whether the server has taken a letter in it."""

    sessions: Sessions
    clock: Clock
    post: Post
    hands: MailsInHand
    mood: ServerMemory
    has_sent: bool = False

    def run(self, is_over: Callable[[], bool]) -> Delivered:
        total = Delivered()
        while mails := self._claim():
            claimed_at = monotonic()
            for mail in mails:
                if is_over():
                    return total + Delivered(later=self.hands.give_back(reason="out_of_time"))
                if monotonic() - claimed_at >= _BATCH_SECONDS:
                    self.hands.give_back()
                    break
                done, away_until = self._deliver_one(mail)
                total += done
                if away_until is not None:
                    rest = self.hands.give_back(reason=SERVER_AWAY, again_at=away_until)
                    return total + Delivered(later=rest)
        return total

    def _claim(self) -> list[ClaimedMail]:
        with self.sessions() as session:
            now, domain = self.clock.now(session), domain_of(self.post.mail_from)
            mails = claim_mails(session, now=now, domain=domain, limit=_BATCH)
            session.commit()
        self.hands.take(mails)
        return mails

    def _deliver_one(self, mail: ClaimedMail) -> tuple[Delivered, datetime | None]:
        """Carry one mail to its end and say what became of it, and until when the server is away."""
        with self.sessions() as session:
            is_ours = begin_mail(session, mail)
            session.commit()
        self.hands.begin(mail)
        try:
            if not is_ours:
                return Delivered(outrun=1), None
            ready, done = self._check(mail)
            if ready is None:
                return done, None
            verdict, is_away = self._hand_over(ready)
            return done + self._settle(ready, verdict), verdict.not_before if is_away else None
        except LeaseLostError:
            return Delivered(outrun=1), None
        finally:
            self.hands.end()

    def _check(self, mail: ClaimedMail) -> tuple[ReadyMail | None, Delivered]:
        """Read what is true now, cancel what no longer holds, and return the rest."""
        try:
            ready, ended = self._read(mail)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one row that cannot be read must not stop the others
            return self._check_singly(mail, error)
        done = Delivered()
        for row, why in ended:
            done += self._cancel(row, why)
        return ready, done

    def _cancel(self, row: ClaimedMail, why: str) -> Delivered:
        """Settle a row that must not go out, or leave it new where it may by now."""
        verdicts = list[MailFate]()

        def judged(session: Session) -> MailFate:
            verdicts.append(withheld.judge(session, row, why, self.clock.now(session)))
            return verdicts[-1]

        if not self._settle_surely(row, judged):
            return Delivered()
        return Delivered(later=1) if verdicts[-1].state == MailState.NEW else Delivered(cancelled=1)

    def _read(self, mail: ClaimedMail) -> tuple[ReadyMail | None, list[tuple[ClaimedMail, str]]]:
        """Return the rows that still hold as one mail, and each other with the reason why it does not."""
        with self.sessions() as session:
            now = self.clock.now(session)
            promises = read_promises(session, [row.id for row in mail.rows], today=local_day(session, now))
            reasons = {promise.id: reason_to_cancel(promise) for promise in promises}
            kept = [promise for promise in promises if reasons[promise.id] is None]
            facts = letter_facts(session, kept, post=self.post, now=now) if kept else None
        ended = [(mail.only([row_id]), why) for row_id, why in reasons.items() if why is not None]
        if facts is None:
            return None, ended
        return ReadyMail(mail.only(promise.id for promise in kept), kept, facts, now), ended

    def _check_singly(self, mail: ClaimedMail, error: Exception) -> tuple[ReadyMail | None, Delivered]:
        """Settle the rows that cannot be read, each by itself, and go on with the others as one mail."""
        done, readable = Delivered(), list[UUID]()
        for row in mail.rows if len(mail.rows) > 1 else ():
            try:
                self._read(mail.only([row.id]))
                readable.append(row.id)
            except OperationalError:
                raise
            except Exception as why:  # noqa: BLE001 - as above
                done += self._settle_unreadable(mail.only([row.id]), why)
        if len(readable) == len(mail.rows) or done == Delivered():
            # One row, or rows that can be read one by one and not together.
            return None, self._settle_unreadable(mail, error)
        ready, more = self._check(mail.only(readable)) if readable else (None, Delivered())
        return ready, done + more

    def _hand_over(self, ready: ReadyMail) -> tuple[MailFate, bool]:
        """Write the mail and hand it over, with no transaction open. Say too whether nobody takes any."""
        began_at = monotonic()
        try:
            parcel = write_parcel(ready, self.post)
        except UnusableAddress as error:
            return MailFate(MailState.DEAD, fate.with_reason(ready, f"unusable_address: {error}")), False
        except Exception as error:  # noqa: BLE001 - a letter that cannot be written must not hold up all others
            return fate.unwritable(ready.mail, "unwritable", error, ready.now), False
        try:
            self.post.transport.send(
                replace(parcel, before_message=lambda: self._note_on_its_way(ready, since=began_at))
            )
        except OutdatedError:
            # Given back untold: the next to claim it cancels it, or writes it as things stand by then.
            return fate.given_back(ready), False
        except (MailServerAwayError, MailDelayedError, MailRefusedError) as error:
            return fate.failed(ready, error), isinstance(error, MailServerAwayError)
        return fate.sent(ready), False

    def _note_on_its_way(self, ready: ReadyMail, *, since: float) -> None:
        """Note that the message itself begins now, unless it is no longer ours, or no longer true."""
        with self.sessions() as session:
            if monotonic() - since >= _STALE_SECONDS and not self._still_holds(session, ready):
                raise OutdatedError
            is_ours = note_on_its_way(session, ready.mail)
            session.commit()
        if not is_ours:
            raise LeaseLostError

    def _still_holds(self, session: Session, ready: ReadyMail) -> bool:
        today = local_day(session, self.clock.now(session))
        promises = read_promises(session, [row.id for row in ready.mail.rows], today=today)
        return len(promises) == len(ready.promises) and not any(map(reason_to_cancel, promises))

    def _settle(self, ready: ReadyMail, verdict: MailFate) -> Delivered:
        is_ours = self._settle_surely(ready.mail, lambda _: verdict)
        if verdict.state == MailState.SENT:
            self._wake_others(ready.now)
        return Delivered.by(verdict) if is_ours else Delivered(outrun=1)

    def _settle_unreadable(self, mail: ClaimedMail, error: Exception) -> Delivered:
        with self.sessions() as session:
            now = self.clock.now(session)
        verdict = fate.unwritable(mail, "unreadable", error, now)
        return Delivered.by(verdict) if self._settle_surely(mail, lambda _: verdict) else Delivered(outrun=1)

    def _settle_surely(self, mail: ClaimedMail, judge: Callable[[Session], MailFate]) -> bool:
        """Write what became of a mail, again while the database is away: what was sent must not go twice."""
        settled, failures = False, list[OperationalError]()

        def is_written() -> bool:
            nonlocal settled
            try:
                with self.sessions() as session:
                    settled = settle_mail(session, mail, judge(session))
                    session.commit()
            except OperationalError as error:
                failures.append(error)
                return False
            return True

        if not wait_for(is_written, seconds=_SETTLE_SECONDS, every=0.5):
            raise failures[-1]
        # A commit whose answer was lost has changed the row already, and the second time finds it so.
        return settled or bool(failures)

    def _wake_others(self, now: datetime) -> None:
        """Let what rested because of the server go on, at the first letter of a pass that it takes."""
        is_first = self.mood.took()
        if self.has_sent:
            return
        self.has_sent = True
        with self.sessions() as session:
            wake_mails(session, now=now, delayed_too=is_first)
            session.commit()

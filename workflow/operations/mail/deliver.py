"""Delivering mails: claim, read, begin, send with no transaction open, settle.

The mails of one claim are read together; what became of one is written with the beginning of the next.
A mail is handed over at least once. A second copy, always under the same Message-ID, can go out only if this
process or its link to the mail server dies between the end of the message and the commit of `sent`.
"""

from collections.abc import Callable, Mapping, Sequence
from ctypes import c_double, sizeof
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from mmap import mmap
from typing import Final
from uuid import UUID

from workflow.clock import Clock, monotonic
from workflow.domain.vocabulary import MailState
from workflow.messages.addresses import UnusableAddress
from workflow.messages.envelope import domain_of
from workflow.operations.mail import fate, withheld
from workflow.operations.mail.fate import Delivered, ReadyMail
from workflow.operations.mail.hands import MailsInHand
from workflow.operations.mail.parcels import LettersAhead
from workflow.operations.mail.post import MailDelayedError, MailRefusedError, MailServerAwayError, Post
from workflow.operations.mail.reading import Reading, read_mail, read_mails, still_holds
from workflow.operations.mail.settling import Results
from workflow.store.database import Sessions, is_out_of_reach, took_too_long
from workflow.store.outbox import ClaimedMail, claim_mails
from workflow.store.outbox_results import SERVER_AWAY, MailFate, note_on_its_way, wake_mails
from workflow.store.reads import reading

# Read together they cost less each; the more, the faster the last ones left.
_BATCH, _FAST_BATCH = 20, 50
# A slow letter must not keep those behind it from other senders, nor from what is more urgent by now.
_BATCH_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 60.0
# A server that listens sooner than this after the reading is told what was true a moment ago.
_STALE_SECONDS: Final = 1.0


class LeaseLostError(Exception):
    """Somebody else has taken the mail in hand meanwhile: this sender must not send it."""


class OutdatedError(Exception):
    """What the mail says holds no longer: it was written before, and the server was slow to listen."""


class ServerMemory:
    """What all senders of a worker know of the mail server: when it last took a letter.

    Made before their processes are, which share it. Known to each alone it would let letters go on that a
    server put off, whenever one of several senders had nothing to do for a minute.
    """

    def __init__(self) -> None:
        self._taken_at = c_double.from_buffer(mmap(-1, sizeof(c_double)))
        self._taken_at.value = -inf

    def took(self) -> bool:
        """Note that it took one, and return whether it is the first after a minute without."""
        before, self._taken_at.value = self._taken_at.value, monotonic()
        return bool(self._taken_at.value - before >= _QUIET_SECONDS)


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

    What waits for somebody who is away is handed on first.

    No letter is begun after that, nor once `is_ended` says so; the one in hand is finished, which may take
    minutes with a slow server, and meanwhile `on_wait` is called every few seconds. What was claimed and not
    begun is given back on any exit and not held against the mails. `mood` is what several senders share.
    """
    started = monotonic()
    withheld.hand_on_waiting(sessions, clock=clock, seconds=None if seconds is None else seconds / 4)

    def is_over() -> bool:
        return is_ended() or (seconds is not None and monotonic() - started >= seconds)

    with MailsInHand(sessions, on_wait=on_wait) as hands:
        results = Results(sessions, hands)
        try:
            return _Pass(sessions, clock, post, hands, results, mood or ServerMemory()).run(is_over)
        finally:
            results.close()
            post.transport.close()


@dataclass(slots=True)
class _Pass:
    """One sender's pass: what it works with, and when the server took a letter in it last."""

    sessions: Sessions
    clock: Clock
    post: Post
    hands: MailsInHand
    results: Results
    mood: ServerMemory
    taken_at: float | None = None
    most: int = _BATCH
    ahead: LettersAhead = field(init=False)

    def run(self, is_over: Callable[[], bool]) -> Delivered:
        later = None
        while later is None and (mails := self._claim()):
            later = self._deliver_all(mails, is_over)
        return self.results.done + Delivered(later=later or 0)

    def _claim(self) -> list[ClaimedMail]:
        with self.sessions() as session:
            now, domain = self.clock.now(session), domain_of(self.post.mail_from)
            mails = claim_mails(session, now=now, domain=domain, limit=self.most)
            session.commit()
        self.hands.take(mails)
        return mails

    def _deliver_all(self, mails: Sequence[ClaimedMail], is_over: Callable[[], bool]) -> int | None:
        """Carry the mails of one claim to their end; where the pass ends return how many wait for another."""
        claimed_at, readings = monotonic(), self._read_together(mails)
        # Where the reading took so long, fewer are read next; and what was read begins to leave in any case.
        read_at = monotonic()
        fewer = max(1, len(mails) // 4) if read_at - claimed_at >= _BATCH_SECONDS else None
        expected = [found.ready for mail in mails if (found := readings.get(mail.message_id))]
        self.ahead = LettersAhead(self.post, [ready for ready in expected if ready is not None])
        for mail in self._put_off(mails, readings):
            if is_over():
                self.results.write()
                return self.hands.give_back(reason="out_of_time")
            if monotonic() - read_at >= _BATCH_SECONDS:
                self.results.write()
                self.hands.give_back()
                self.most = fewer or _BATCH
                return None
            away_until = self._deliver_one(mail, readings)
            if away_until is not None:
                self.results.write()
                return self.hands.give_back(reason=SERVER_AWAY, again_at=away_until)
        self.results.write()
        self.most = fewer or _as_many_as_leave(len(mails), monotonic() - claimed_at)
        return None

    def _put_off(
        self, mails: Sequence[ClaimedMail], readings: Mapping[str, Reading]
    ) -> Sequence[ClaimedMail]:
        """Let those of a claim wait that may not leave yet, in one transaction, and return the others."""
        late = {name: found.late for name, found in readings.items() if found.late}
        if late:
            waiting = [mail for mail in mails if mail.message_id in late]
            self.results.put_off([row for rows in late.values() for row in rows], waiting)
        return [mail for mail in mails if mail.message_id not in late]

    def _read_together(self, mails: Sequence[ClaimedMail]) -> dict[str, Reading]:
        """Read those that no sender left without a word; that one is read alone, once a try counts."""
        trusted = [mail for mail in mails if not mail.was_abandoned]
        if not trusted:
            return {}
        with reading(self.sessions) as session:
            return read_mails(session, trusted, clock=self.clock, post=self.post)

    def _deliver_one(self, mail: ClaimedMail, readings: Mapping[str, Reading]) -> datetime | None:
        """Carry one mail to its end; return until when the server is away, where it is."""
        found = readings.get(mail.message_id)
        # It is noted as on its way already here where that is a matter of milliseconds: one turn for both.
        noted_at = monotonic() if found and found.is_whole and self._server_listens() else None
        if not self.results.begin(mail, on_its_way=noted_at is not None):
            return None
        found = found or self._read(mail)
        if found.late:
            self.results.put_off(found.late)
            return None
        ready = found.ready
        for row, why in found.ended:
            self._withhold(row, why)
        if ready is None:
            return None
        if found.ended:
            self.results.write_noted()
        try:
            verdict, is_away = self._hand_over(ready, noted_at)
        except LeaseLostError:
            self.results.outrun()
            return None
        self.results.note(ready.mail, verdict)
        if verdict.state == MailState.SENT:
            self._wake_others(ready.now)
        return verdict.not_before if is_away else None

    def _withhold(self, row: ClaimedMail, why: str) -> None:
        """End a row that must not go out, or leave it new where it may by now."""
        if why in withheld.ASKED_AGAIN:
            self.results.judge(
                row, lambda session: withheld.judge(session, row, why, self.clock.now(session))
            )
        else:
            with reading(self.sessions) as session:
                now = self.clock.now(session)
            self.results.note_cancelled(row, fate.no_longer_holds(row, why, now))

    def _read(self, mail: ClaimedMail) -> Reading:
        """Read one mail by itself; rows that cannot be read come to their end, each by itself."""
        try:
            with reading(self.sessions) as session:
                return read_mail(session, mail, clock=self.clock, post=self.post)
        except Exception as error:
            if is_out_of_reach(error):
                raise
            return self._let_rest([(mail, error)]) if took_too_long(error) else self._read_singly(mail, error)

    def _let_rest(self, unreadable: Sequence[tuple[ClaimedMail, Exception]]) -> Reading:
        """Let what cannot be read rest, so that nothing of it is left to send: it must stop no other."""
        with reading(self.sessions) as session:
            now = self.clock.now(session)
        for mail, why in unreadable:
            self.results.note(mail, fate.unwritable(mail, "unreadable", why, now))
        self.results.write_noted()
        return Reading(None, ())

    def _read_singly(self, mail: ClaimedMail, error: Exception) -> Reading:
        """End the rows that cannot be read, each by itself, and read the others as one mail."""
        readable, unreadable = list[UUID](), list[tuple[ClaimedMail, Exception]]()
        for row in mail.rows if len(mail.rows) > 1 else ():
            alone = mail.only([row.id])
            try:
                with reading(self.sessions) as session:
                    read_mail(session, alone, clock=self.clock, post=self.post)
                readable.append(row.id)
            except Exception as why:
                if is_out_of_reach(why):
                    raise
                unreadable.append((alone, why))
        if not unreadable:
            # One row, or rows that can be read one by one and not together.
            readable, unreadable = [], [(mail, error)]
        rest = self._let_rest(unreadable)
        return self._read(mail.only(readable)) if readable else rest

    def _server_listens(self) -> bool:
        return self.taken_at is not None and monotonic() - self.taken_at < _STALE_SECONDS

    def _hand_over(self, ready: ReadyMail, noted_at: float | None) -> tuple[MailFate, bool]:
        """Write the mail and hand it over, with no transaction open. Say too whether nobody takes any."""

        def note() -> None:
            if noted_at is None or monotonic() - min(noted_at, ready.read_at) >= _STALE_SECONDS:
                self._note_on_its_way(ready)

        try:
            parcel = self.ahead.parcel_of(ready, is_fast=self._server_listens())
        except UnusableAddress as error:
            return fate.refused(ready, f"unusable_address: {error}"), False
        except Exception as error:  # noqa: BLE001 - a letter that cannot be written must not hold up all others
            return fate.unwritable(ready.mail, "unwritable", error, ready.now), False
        try:
            self.post.transport.send(replace(parcel, before_message=note))
        except OutdatedError:
            # Given back untold: the next to claim it cancels it, or writes it as things stand by then.
            return fate.given_back(ready), False
        except (MailServerAwayError, MailDelayedError, MailRefusedError) as error:
            return fate.failed(ready, error), isinstance(error, MailServerAwayError)
        return fate.sent(ready), False

    def _note_on_its_way(self, ready: ReadyMail) -> None:
        """Note that the message itself begins now, unless it is no longer ours, or no longer true."""
        with self.sessions() as session:
            is_stale = monotonic() - ready.read_at >= _STALE_SECONDS
            if is_stale and not still_holds(session, ready, clock=self.clock):
                raise OutdatedError
            is_ours = note_on_its_way(session, ready.mail)
            session.commit()
        if not is_ours:
            raise LeaseLostError

    def _wake_others(self, now: datetime) -> None:
        """Let what rested because of the server go on, at the first letter of a pass that it takes."""
        is_first, before = self.mood.took(), self.taken_at
        self.taken_at = monotonic()
        if before is not None:
            return
        self.results.write()
        with self.sessions() as session:
            wake_mails(session, now=now, delayed_too=is_first)
            session.commit()


def _as_many_as_leave(letters: int, seconds: float) -> int:
    """Return how many to claim next, where so many took so long: what a claim's seconds are enough for."""
    pace = letters / max(seconds, 1e-3)
    return max(_BATCH, min(_FAST_BATCH, int(pace * _BATCH_SECONDS)))

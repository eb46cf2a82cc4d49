"""Delivering mails: claim, check again, send with no transaction open, settle.

A mail is handed over at least once. A second copy, always under the same Message-ID, can go out only if this
process or its link to the mail server dies between the end of the message and the commit of `sent`.
"""

import random
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from workflow.clock import Clock, monotonic
from workflow.domain.vocabulary import MailClass, MailState, NoticeKind
from workflow.messages.addresses import UnusableAddress
from workflow.messages.compose import LetterFacts, compose
from workflow.messages.envelope import build, domain_of, thread_id_for
from workflow.operations.letters import letter_facts, locale_of, reason_to_cancel
from workflow.operations.post import MailDelayedError, MailRefusedError, MailServerAwayError, Parcel, Post
from workflow.store.correspondence import Promise, read_promises
from workflow.store.database import Sessions, local_day
from workflow.store.outbox import MAX_ATTEMPTS, ClaimedMail, Verdict, claim_mails, settle_mail

_BATCH: Final = 20
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_DOUBLINGS: Final = 10
# RFC 5321, section 4.5.4.1: a sender gives up after at least four or five days without a server.
_PATIENCE: Final = timedelta(days=5)
_REASON_LENGTH: Final = 300
_MAYBE_SENT: Final = "maybe_sent"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a pass did, in mails (`cancelled` in outbox rows).

    `later` will be tried again; `outrun` were settled by another sender because our lease had run out.
    """

    sent: int = 0
    cancelled: int = 0
    later: int = 0
    dead: int = 0
    outrun: int = 0

    def __add__(self, other: Self) -> "Delivered":
        """Return both counts together."""
        return Delivered(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A claimed mail that still holds, read and about to be written."""

    mail: ClaimedMail
    promises: Sequence[Promise]
    facts: LetterFacts
    now: datetime


def deliver(sessions: Sessions, *, clock: Clock, post: Post, seconds: float | None = None) -> Delivered:
    """Send every mail that is due, as long as the server takes them and at most about `seconds`.

    What is left over when time is up or the server is away is given back and not held against the mails.
    """
    total, started = Delivered(), monotonic()
    try:
        while mails := _claim(sessions, clock, post):
            for place, mail in enumerate(mails):
                if seconds is not None and monotonic() - started >= seconds:
                    return total + _give_back(sessions, mails[place:], "out_of_time", None)
                done, is_away = _deliver_one(sessions, mail, clock=clock, post=post)
                total += done
                if is_away:
                    again_at = _now(sessions, clock) + pause_after(mail.attempt)
                    return total + _give_back(sessions, mails[place + 1 :], "server_away", again_at)
    finally:
        post.transport.close()
    return total


def pause_after(attempt: int) -> timedelta:
    """Return how long a mail rests after its n-th attempt: doubling from a minute to an hour, with jitter."""
    pause: timedelta = min(_FIRST_PAUSE * 2 ** min(attempt, _DOUBLINGS), _LONGEST_PAUSE)
    spread = 0.5 + random.random()  # noqa: S311 - spreads attempts, keeps no secret
    return pause * spread


def _claim(sessions: Sessions, clock: Clock, post: Post) -> list[ClaimedMail]:
    with sessions() as session:
        mails = claim_mails(session, now=clock.now(session), domain=domain_of(post.mail_from), limit=_BATCH)
        session.commit()
    return mails


def _deliver_one(
    sessions: Sessions, mail: ClaimedMail, *, clock: Clock, post: Post
) -> tuple[Delivered, bool]:
    """Carry one mail to its end and say what became of it, and whether the server is away."""
    ready, done = _check(sessions, mail, clock=clock, post=post)
    if ready is None:
        return done, False
    verdict, is_away = _hand_over(ready, post)
    with sessions() as session:
        is_ours = settle_mail(session, ready.mail, verdict)
        session.commit()
    if not is_ours:
        return done + Delivered(outrun=1), is_away
    counted = {
        MailState.SENT: Delivered(sent=1),
        MailState.NEW: Delivered(later=1),
        MailState.DEAD: Delivered(dead=1),
    }
    return done + counted[verdict.state], is_away


def _check(
    sessions: Sessions, mail: ClaimedMail, *, clock: Clock, post: Post
) -> tuple[_Ready | None, Delivered]:
    """Read what is true now, cancel what no longer holds, and return the rest."""
    with sessions() as session:
        now = clock.now(session)
        promises = read_promises(session, [row.id for row in mail.rows], today=local_day(session, now))
        reasons = {promise.id: reason_to_cancel(promise) for promise in promises}
        cancelled = 0
        for reason in sorted({reason for reason in reasons.values() if reason}):
            gone = mail.only(row_id for row_id, why in reasons.items() if why == reason)
            if settle_mail(session, gone, Verdict(MailState.CANCELLED, reason)):
                cancelled += len(gone.rows)
        kept = [promise for promise in promises if reasons[promise.id] is None]
        facts = letter_facts(session, kept, post=post, now=now) if kept else None
        session.commit()
    done = Delivered(cancelled=cancelled)
    if facts is None:
        return None, done
    return _Ready(mail.only(promise.id for promise in kept), kept, facts, now), done


def _hand_over(ready: _Ready, post: Post) -> tuple[Verdict, bool]:
    """Write the mail and hand it to the transport; no transaction is open."""
    try:
        parcel = _write(ready, post)
    except UnusableAddress as error:
        return Verdict(MailState.DEAD, _short(f"unusable_address: {error}")), False
    except Exception as error:  # noqa: BLE001 - a letter that cannot be written must not hold up all others
        return _tried(ready, f"unwritable: {type(error).__name__}: {error}"), False
    try:
        post.transport.send(parcel)
    except MailServerAwayError as error:
        return _outlasted(ready, f"server_away: {error}"), True
    except MailDelayedError as error:
        return _put_off(ready, error), False
    except MailRefusedError as error:
        return Verdict(MailState.DEAD, _short(f"refused: {error}")), False
    was_maybe_sent = any((row.state_reason or "").startswith(_MAYBE_SENT) for row in ready.mail.rows)
    return Verdict(MailState.SENT, "maybe_sent_twice" if was_maybe_sent else None, sent_at=ready.now), False


def _write(ready: _Ready, post: Post) -> Parcel:
    first = ready.promises[0]
    domain = domain_of(post.mail_from)
    nominations = {promise.nomination_id for promise in ready.promises}
    is_one = len(nominations) == 1 and first.nomination_id is not None
    letter = compose(NoticeKind(first.notice), locale_of(first), ready.facts)
    message = build(
        letter,
        sender=post.mail_from,
        recipient_name=first.reader_name,
        recipient_address=first.email,
        message_id=ready.mail.message_id,
        thread_id=thread_id_for(first.nomination_id or 0, domain) if is_one else None,
        date=first.created_at,
        mail_class=MailClass(first.mail_class),
        list_id=f"commendo.{domain}",
    )
    return Parcel(
        message_id=ready.mail.message_id,
        account_id=first.account_id,
        mail_class=MailClass(first.mail_class),
        recipient=first.email,
        letter=letter,
        message=message,
        written_at=ready.now,
    )


def _put_off(ready: _Ready, error: MailDelayedError) -> Verdict:
    if error.is_excused:
        return _outlasted(ready, f"barred: {error}")
    return _tried(ready, f"{_MAYBE_SENT if error.maybe_sent else 'delayed'}: {error}")


def _tried(ready: _Ready, reason: str) -> Verdict:
    """Judge a mail that was not taken: another time, until it has had its tries."""
    if ready.mail.tries >= MAX_ATTEMPTS:
        return Verdict(MailState.DEAD, _short(reason))
    return Verdict(MailState.NEW, _short(reason), not_before=ready.now + pause_after(ready.mail.attempt))


def _outlasted(ready: _Ready, reason: str) -> Verdict:
    """Judge a mail that met no server: it is not at fault, but nobody waits for ever."""
    if ready.now - ready.promises[0].created_at >= _PATIENCE:
        return Verdict(MailState.DEAD, _short(reason))
    again_at = ready.now + pause_after(ready.mail.attempt)
    return Verdict(MailState.NEW, _short(reason), not_before=again_at, is_excused=True)


def _give_back(
    sessions: Sessions, mails: Sequence[ClaimedMail], reason: str, again_at: datetime | None
) -> Delivered:
    with sessions() as session:
        for mail in mails:
            verdict = Verdict(MailState.NEW, reason, not_before=again_at, is_excused=True)
            settle_mail(session, mail, verdict)
        session.commit()
    return Delivered(later=len(mails))


def _now(sessions: Sessions, clock: Clock) -> datetime:
    with sessions() as session:
        return clock.now(session)


def _short(reason: str) -> str:
    """Keep a reason to one printable line: what a server says may hold anything."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in reason).split())
    return line[:_REASON_LENGTH]

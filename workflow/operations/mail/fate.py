"""What becomes of a letter by what the mail server said: sent, another time and when, or dead and why."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from workflow.domain.bounces import class_of, status_in
from workflow.domain.vocabulary import MailState
from workflow.messages.compose import LetterFacts
from workflow.operations.mail.post import MailDelayedError, MailRefusedError, MailServerAwayError
from workflow.store.correspondence import Promise
from workflow.store.delivery import AddressRefusal
from workflow.store.outbox import MAX_ATTEMPTS, ClaimedMail
from workflow.store.outbox_results import DELAYED, MAYBE_SENT, SERVER_AWAY, MailFate

# RFC 5321, section 4.5.4.1: a sender gives up after at least four or five days.
PATIENCE: Final = timedelta(days=5)
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_DOUBLINGS: Final = 10
# A server that may have the letter gets a copy seldom: five in five days at most.
_FIRST_COPY: Final = timedelta(minutes=15)
_COPY_FACTOR: Final = 6
_COPIES: Final = 4
_REASON_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class ReadyMail:
    """A claimed mail that still held when it was read, at `read_at` by the clock that never jumps."""

    mail: ClaimedMail
    promises: Sequence[Promise]
    facts: LetterFacts
    now: datetime
    read_at: float

    @property
    def was_maybe_sent(self) -> bool:
        """Whether a server may have taken it before."""
        return was_maybe_sent(self.mail)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a pass did, in mails (`cancelled` and `waiting` in outbox rows).

    `later` will be tried again; `outrun` were settled by another sender because our lease had run out;
    `waiting` wait for the hour at which they may leave.
    """

    sent: int = 0
    cancelled: int = 0
    later: int = 0
    dead: int = 0
    outrun: int = 0
    waiting: int = 0

    def __add__(self, other: Self) -> "Delivered":
        """Return both counts together."""
        return Delivered(
            self.sent + other.sent,
            self.cancelled + other.cancelled,
            self.later + other.later,
            self.dead + other.dead,
            self.outrun + other.outrun,
            self.waiting + other.waiting,
        )


def was_maybe_sent(mail: ClaimedMail) -> bool:
    """Return whether a server may have taken a mail before this claim."""
    return any((row.state_reason or "").startswith(MAYBE_SENT) for row in mail.rows)


def pause_after(attempt: int) -> timedelta:
    """Return how long a mail rests after its n-th try: doubling from a minute to an hour, with jitter."""
    pause: timedelta = min(_FIRST_PAUSE * 2 ** min(attempt, _DOUBLINGS), _LONGEST_PAUSE)
    return _spread(pause)


def sent(ready: ReadyMail) -> MailFate:
    """Judge a letter that the server took."""
    reason = f"{MAYBE_SENT}_twice" if ready.was_maybe_sent else None
    return MailFate(MailState.SENT, reason, sent_at=ready.now)


def failed(ready: ReadyMail, error: MailServerAwayError | MailDelayedError | MailRefusedError) -> MailFate:
    """Judge a letter that the server did not take, or may have taken without saying so."""
    match error:
        case MailServerAwayError():
            # No fault of the letter: it is asked for again soon, and the pauses of its own do not grow.
            return _again(ready, f"{SERVER_AWAY}: {error}", _spread(_FIRST_PAUSE), is_excused=True)
        case MailRefusedError():
            return refused(ready, f"refused: {error}")
        case _ if error.is_excused:
            return _again(ready, f"barred: {error}", pause_after(ready.mail.attempt), is_excused=True)
        case _ if error.maybe_sent:
            copies = min(ready.mail.tries - 1, _COPIES)
            return _again(ready, f"{MAYBE_SENT}: {error}", _spread(_FIRST_COPY * _COPY_FACTOR**copies))
        case _:
            later = _again(ready, f"{DELAYED}: {error}", pause_after(ready.mail.tries))
            return later if later.state is not MailState.DEAD else refused(ready, f"{DELAYED}: {error}")


def refused(ready: ReadyMail, reason: str) -> MailFate:
    """Judge a letter that its reader's address does not take, at once or after days: it bounced."""
    refusal = AddressRefusal(class_of(status_in(reason), reason), status_in(reason), short(reason), ready.now)
    return MailFate(MailState.DEAD, with_reason(ready, reason), refusal=refusal)


def given_back(ready: ReadyMail) -> MailFate:
    """Judge a letter that held when it was read and no longer when the server listened: no try of its own."""
    reason = with_reason(ready, "looked at again: its work changed while the server listened")
    return MailFate(MailState.NEW, reason, not_before=ready.now, is_excused=True)


def unwritable(mail: ClaimedMail, what: str, error: Exception, now: datetime) -> MailFate:
    """Judge a letter that cannot be read or written here: a few tries, because a release may mend it."""
    reason = short(f"{what}: {type(error).__name__}: {error}")
    if mail.tries >= MAX_ATTEMPTS:
        return MailFate(MailState.DEAD, reason)
    return MailFate(MailState.NEW, reason, not_before=now + pause_after(mail.tries))


def no_longer_holds(mail: ClaimedMail, why: str, now: datetime) -> MailFate:
    """Judge a letter that must not go out any more: what a server may have taken is not called cancelled."""
    if was_maybe_sent(mail):
        return MailFate(MailState.SENT, not_repeated(why), sent_at=now, is_excused=True)
    return MailFate(MailState.CANCELLED, why, is_excused=True)


def not_repeated(why: str) -> str:
    """Return the reason of a letter that a server may have taken and that must not go out any more."""
    return f"{MAYBE_SENT}, not repeated: {why}"


def with_reason(ready: ReadyMail, reason: str) -> str:
    """Return a reason that does not forget that a server may have taken the letter before."""
    forgets = ready.was_maybe_sent and not reason.startswith(MAYBE_SENT)
    return short(f"{MAYBE_SENT}, then {reason}" if forgets else reason)


def short(reason: str) -> str:
    """Keep a reason to one printable line: what a server says may hold anything."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in reason).split())
    return line[:_REASON_LENGTH]


def _again(ready: ReadyMail, reason: str, pause: timedelta, *, is_excused: bool = False) -> MailFate:
    """Give a letter another time, until nobody waits for it any more."""
    # Days for which it waited for its reader's morning, as over Tết, are none in which it was tried.
    if ready.now - min(each.due_to_leave_at for each in ready.promises) >= PATIENCE:
        return MailFate(MailState.DEAD, with_reason(ready, reason))
    return MailFate(
        MailState.NEW, with_reason(ready, reason), not_before=ready.now + pause, is_excused=is_excused
    )


def _spread(pause: timedelta) -> timedelta:
    jitter = 0.5 + random.random()  # noqa: S311 - spreads attempts, keeps no secret
    return pause * jitter

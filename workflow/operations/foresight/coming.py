"""A mail that will go out if nobody acts: when, to whom, of what and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from workflow.domain.vocabulary import NoticeKind, Recipient
from workflow.operations.mail.notify import PromisedMail, fold_key_of


class Cause(StrEnum):
    """What a coming mail rests on.

    A rung of a ladder; a seat whose last term ends; work given back because whoever took it leaves the seat;
    a fact that is asked of who follows, because nobody who was asked is there any more; or a mail that is
    promised already and waits for its hour.
    """

    RUNG = "rung"
    SEAT_EMPTY = "seat_empty"
    GIVEN_BACK = "given_back"
    ASKED_ANEW = "asked_anew"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class WhyTold:
    """WhyTold a mail comes: what it rests on; the ladder's word and the seat that it means then.

    `is_around`: told in the place of whoever holds the work, because no letter reaches them. `unreached` are
    the accounts that were meant.
    """

    cause: Cause
    to: Recipient | None = None
    seat: str | None = None
    is_around: bool = False
    unreached: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Coming:
    """One promise to one account; those of one instant and `fold` go out as one mail.

    `promised_at` is when a mail that waits was promised, None of one that is still to be; `held_until` is
    until when it waits whatever its reader prefers, as for what may be undone. `is_ahead`: a reminder, which
    the letter of its morning may tell before the instant that it is promised for. `seats` are the keys in
    which its reader is told: whoever sits in none of them any more when the letter leaves is not meant.
    Without an account nobody would be told: no seat that is meant has anybody in it.
    """

    at: datetime
    notice: NoticeKind
    account_id: int | None
    fold: str
    nomination_id: int | None
    expected_return_id: int | None
    work_item_id: UUID | None
    why: WhyTold
    rung_id: UUID | None = None
    promised_at: datetime | None = None
    held_until: datetime | None = None
    fact_question_id: int | None = None
    is_ahead: bool = False
    seats: frozenset[str] = frozenset()


def coming_of(mail: PromisedMail, why: WhyTold) -> Coming:
    """Return a mail as it would be promised, with why."""
    return Coming(
        at=mail.at,
        notice=mail.kind,
        account_id=mail.account_id,
        fold=fold_key_of(mail) or f"{mail.kind}:{mail.cause}:{mail.account_id}",
        nomination_id=mail.nomination_id,
        expected_return_id=mail.expected_return_id,
        work_item_id=mail.work_item_id,
        why=why,
        rung_id=mail.cause if why.cause is Cause.RUNG else None,
        held_until=mail.held_until,
        fact_question_id=mail.fact_question_id,
        seats=frozenset() if why.seat is None else frozenset({why.seat}),
    )

"""Letters about a fact that a unit is asked for: to whoever says it until its day, then to whoever asked.

All are promised when it is asked, and read again when they leave: once it is said nothing more goes out, and
what is said first is told to whoever asked.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.eligibility.rights import saying_keys
from workflow.domain.rights.routing import Holder, SetAside, acting, first_staffed
from workflow.domain.time.mornings import told_from
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import NoticeKind
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.base import among
from workflow.store.database import local_day
from workflow.store.ids import uuid7
from workflow.store.records import FactQuestion


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that was asked just now: its number and event, its day, and which account asked."""

    id: int
    event_id: UUID
    due_on: date
    asked_by: int


@dataclass(frozen=True, slots=True)
class Sayers:
    """Who is written to: the accounts of one seat, None and nobody where no seat has anybody in it."""

    key: str | None
    account_ids: tuple[int, ...]


def able_to_say(
    unit: str, holders: Mapping[str, Sequence[Holder]], person_id: int
) -> dict[str, list[Holder]]:
    """Return by seat who says facts of somebody of a unit: not they themselves, nor who stands in for them.

    `holders` are those of the unit's seats on the day.
    """
    about = SetAside(person_id=person_id)
    return {
        key: [one for one in acting(holders.get(key, ()), about) if one.person_id != person_id]
        for key in saying_keys(unit)
    }


def sayers_of(able: Mapping[str, Sequence[Holder]], *, asked_by: int) -> Sayers:
    """Return who is asked of those able: whoever nominates for the unit, else the next who may say it.

    Not whoever asks. Of a seat whom letters reach, where they reach anybody at all.
    """
    keys = list(able)
    lost = {one.account_id for people in able.values() for one in people if not one.is_reachable}
    asking = frozenset({asked_by})
    found = first_staffed(keys, able, told_already=asking | lost)
    found = found or first_staffed(keys, able, told_already=asking)
    return (
        Sayers(found[0], tuple(sorted({one.account_id for one in found[1]}))) if found else Sayers(None, ())
    )


def tell_of_question(
    session: Session, question: AskedQuestion, told: Sayers, calendar: Calendar, *, now: datetime
) -> None:
    """Promise the letter that asks, reminders of its last days, and that whoever asked hears of no answer.

    All but the first wait for the morning of their day.
    """
    after = _morning(calendar, calendar.next_working_day(question.due_on))
    lapsed, asker = NoticeKind.FACT_LAPSED, question.asked_by
    write_notices(
        session,
        [
            *mails_to(session, question, told, calendar, now=now),
            _mail(session, question, lapsed, asker, question.event_id, at=now, held_until=after),
        ],
    )


def mails_to(
    session: Session, question: AskedQuestion, told: Sayers, calendar: Calendar, *, now: datetime
) -> Iterator[PromisedMail]:
    """Yield what each who is asked now is promised: the letter that asks, and the reminders still to come."""
    asked, reminder = NoticeKind.FACT_ASKED, NoticeKind.FACT_REMINDER
    for one in told.account_ids:
        yield _mail(session, question, asked, one, question.event_id, at=now)
    for morning in reminder_mornings(question.due_on, calendar, now=now):
        cause = uuid7(now)
        for one in told.account_ids:
            yield _mail(session, question, reminder, one, cause, at=now, held_until=morning)


def tell_askers(
    session: Session, question_ids: Collection[int], *, said_by: int | None, now: datetime
) -> None:
    """Tell whoever asked that it was said, but for who said it themselves.

    Of what was asked before letters told of it nobody is told.
    """
    if not question_ids:
        return
    asked = select(FactQuestion.id, FactQuestion.event_id, FactQuestion.due_on, FactQuestion.asked_by)
    rows = session.execute(
        asked.where(among(FactQuestion.id, question_ids), FactQuestion.event_id.is_not(None))
    )
    questions = [AskedQuestion(row.id, row.event_id, row.due_on, row.asked_by) for row in rows]
    write_notices(
        session,
        [
            _mail(session, one, NoticeKind.FACT_ANSWERED, one.asked_by, one.event_id, at=now)
            for one in questions
            if one.asked_by != said_by
        ],
    )


def reminder_mornings(due_on: date, calendar: Calendar, *, now: datetime) -> Iterator[datetime]:
    """Yield when reminders go out: the last working day up to the due day, and the one before it.

    Not on the day of asking, whose letter says it.
    """
    last = due_on if calendar.is_working(due_on) else calendar.shift(due_on, -1)
    for day in (calendar.shift(last, -1), last):
        if day > calendar.local_day(now):
            yield _morning(calendar, day)


def _morning(calendar: Calendar, day: date) -> datetime:
    """Return the hour from which the letter of a morning may tell of that day."""
    return told_from(calendar.opens_at(day), calendar.timezone)


def _mail(
    session: Session,
    question: AskedQuestion,
    kind: NoticeKind,
    account_id: int,
    cause: UUID,
    *,
    at: datetime,
    held_until: datetime | None = None,
) -> PromisedMail:
    # What one reader hears of on one day goes out as one mail.
    slot = local_day(session, held_until or at).isoformat()
    return PromisedMail(
        kind=kind,
        account_id=account_id,
        cause=cause,
        nomination_id=None,
        at=at,
        event_id=question.event_id,
        slot=slot,
        held_until=held_until,
        fact_question_id=question.id,
    )

"""A fact is asked of whoever answers for the unit today, where nobody does any more who was asked.

A term ends, somebody goes away, or the person moved to another unit: what was promised to who was asked is
not sent (`operations/mail/meant.py`), and the question would wait in a list that nobody was told of. A sweep
asks whoever follows, each of them once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.domain.eligibility.rights import SAYERS, saying_keys
from workflow.domain.notices import FACTS_TO_SAY
from workflow.domain.rights.routing import Holder
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.fact_letters import (
    AskedQuestion,
    Sayers,
    able_to_say,
    mails_to,
    sayers_of,
)
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.access import Account, Grant
from workflow.store.base import among
from workflow.store.calendars import calendar_in_force
from workflow.store.conditions import is_active, is_away, is_in_force
from workflow.store.database import Sessions, local_day
from workflow.store.mail import Outbox
from workflow.store.organisation import Person, Unit
from workflow.store.people import load_holders
from workflow.store.records import FactQuestion
from workflow.store.turns import own_turn

_TURN: Final = 7263_1113
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class LeftQuestion:
    """An open question that nobody has before them who was asked: of whom, of what, where, and who follows.

    `here` are the accounts that could say it on the day, those in whose place somebody acts among them.
    """

    asked: AskedQuestion
    stream: str
    kind: str
    year: int
    unit: str
    here: frozenset[int]
    sayers: Sayers

    def mails(self, session: Session, now: datetime) -> Iterator[PromisedMail]:
        """Yield what whoever follows is promised."""
        calendar = calendar_in_force(session, CalendarName.LOCAL, unit=self.unit)
        return mails_to(session, self.asked, self.sayers, calendar, now=now)


def ask_who_follows(sessions: Sessions, *, clock: Clock, seconds: float | None = None) -> int:
    """Ask whoever answers today what nobody there was asked yet, a batch a transaction; return the mails.

    What is late already is not asked anew: whoever asked hears that nobody said it. After about `seconds` the
    rest is left for the next sweep.
    """
    until = None if seconds is None else monotonic() + seconds
    mails, after = 0, 0
    with own_turn(sessions, _TURN) as is_ours:
        while is_ours:
            with sessions() as session:
                now = clock.now(session)
                found = left_questions(session, local_day(session, now), after=after, limit=_BATCH)
                # In the order in which imports guard the same streams.
                left = sorted((one for one in found if one.sayers.account_ids), key=attrgetter("stream"))
                mails += sum(_ask(session, one, now) for one in left)
                session.commit()
            if len(found) < _BATCH or (until is not None and monotonic() > until):
                return mails
            after = found[-1].asked.id
    return mails


def _ask(session: Session, left: LeftQuestion, now: datetime) -> int:
    data = {
        "question": left.asked.id,
        "kind": left.kind,
        "year": left.year,
        "due": left.asked.due_on.isoformat(),
        "key": left.sayers.key,
        "again": True,
    }
    append_event(session, left.stream, "ask_fact", actor=None, via=Via.TIMER, now=now, data=data)
    return write_notices(session, list(left.mails(session, now)))


def left_questions(
    session: Session,
    day: date,
    *,
    after: int = 0,
    limit: int,
    asked_since: Mapping[int, frozenset[int]] | None = None,
) -> Sequence[LeftQuestion]:
    """Return the open questions behind one that nobody has before them on a day who was asked, by number.

    `asked_since` are who will have been asked by a later day, by question: left is then what they leave too.
    """
    # Mostly nothing is asked, and every sweep looks.
    if not session.scalar(select(exists().where(_is_asked(day)))):
        return ()
    rows = session.execute(_left(day, after).limit(limit)).all()
    if not rows:
        return ()
    keys = {key for row in rows for key in saying_keys(row.unit)}
    holders, told = load_holders(session, keys, today=day), _told(session, [row.id for row in rows])
    found = []
    for row in rows:
        able = able_to_say(row.unit, holders, row.person_id)
        here = _accounts(able)
        asked = told[row.id] | (asked_since or {}).get(row.id, frozenset())
        follow = sayers_of(able, asked_by=row.asked_by) if here.isdisjoint(asked) else Sayers(None, ())
        question = AskedQuestion(row.id, row.event_id, row.due_on, row.asked_by)
        stream = f"person:{row.person_id}"
        found.append(LeftQuestion(question, stream, row.kind, row.year, row.unit, here, follow))
    return found


def _accounts(able: Mapping[str, Sequence[Holder]]) -> frozenset[int]:
    people = [one for sitting in able.values() for one in sitting]
    absent = {one.absent.account_id for one in people if one.absent is not None}
    return frozenset({one.account_id for one in people} | absent)


def _told(session: Session, questions: Sequence[int]) -> Mapping[int, frozenset[int]]:
    rows = session.execute(
        select(Outbox.fact_question_id, Outbox.account_id).where(
            among(Outbox.fact_question_id, questions), Outbox.notice.in_(FACTS_TO_SAY)
        )
    )
    told: dict[int, set[int]] = defaultdict(set)
    for question_id, account_id in rows:
        told[question_id or 0].add(account_id)
    return defaultdict(frozenset, {one: frozenset(accounts) for one, accounts in told.items()})


def _left(day: date, after: int) -> Select[*tuple[Any, ...]]:
    """Return the question for what is open, not late, and before nobody who was asked, by number."""
    # Found first: by number all that was ever asked would be read for the few that are left.
    open_ones = select(FactQuestion.id).where(_is_asked(day)).cte("open_question").prefix_with("MATERIALIZED")
    return (
        select(
            FactQuestion.id,
            FactQuestion.event_id,
            FactQuestion.due_on,
            FactQuestion.asked_by,
            FactQuestion.person_id,
            FactQuestion.kind,
            FactQuestion.year,
            Unit.code.label("unit"),
        )
        .join(open_ones, open_ones.c.id == FactQuestion.id)
        .join(Person, Person.id == FactQuestion.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(open_ones.c.id > after, ~_is_still_asked(day))
        .order_by(open_ones.c.id)
    )


def _is_asked(day: date) -> ColumnElement[bool]:
    """Return the condition of what is open and not late; of what no letter ever told nobody is written to."""
    is_told = FactQuestion.event_id.is_not(None)
    return and_(FactQuestion.answered_at.is_(None), is_told, FactQuestion.due_on >= day)


def _is_still_asked(day: date) -> ColumnElement[bool]:
    """Return the condition that somebody who was asked sits there and is not away until it is due."""
    seats = or_(*(Grant.key == func.concat(literal(f"{role}@unit:"), Unit.code) for role in SAYERS))
    is_gone = and_(is_away(Account.id, Grant.key, day), is_away(Account.id, Grant.key, FactQuestion.due_on))
    return (
        exists()
        .where(
            Outbox.fact_question_id == FactQuestion.id,
            Outbox.notice.in_(FACTS_TO_SAY),
            Account.id == Outbox.account_id,
            is_active(Account),
            Grant.account_id == Account.id,
            is_in_force(Grant, day),
            seats,
            ~is_gone,
        )
        .correlate(FactQuestion, Unit)
    )

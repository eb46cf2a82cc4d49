"""Asking who nominates to explain or complete something, and their answer; the nomination stays in its step.

While a question waits the clock of the step stands as on hold, and the work of the step lies aside: what is
open is the question, in the seat of who nominates, with a date and reminders of its own.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.callers import UNANSWERED, Caller
from workflow.domain.errors import Reason, RequirementsMissing
from workflow.domain.history.attested import REACHED
from workflow.domain.moves.engine import Direction
from workflow.domain.notices import FOLLOW_UP
from workflow.domain.rights.policy import Relation, Sending, relations
from workflow.domain.rights.routing import in_charge, split_key
from workflow.domain.route.questions import clock_of_question, timing_of_question
from workflow.domain.time.clocks import VisitClock
from workflow.domain.time.ladder import next_morning
from workflow.domain.time.new_day import demand_new_day
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import BuiltIn, MailState, NoticeKind, RoundDate, RungKind, WorkKind
from workflow.operations.deadlines.clocks import rung_rows
from workflow.operations.deadlines.empty_seats import show_to, tell_of_empty, told_data
from workflow.operations.deadlines.pauses import pause, resume
from workflow.operations.history.record import Recorded
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.mail.withheld import tell_again
from workflow.operations.nominations.commands import Attempt, write_attempt
from workflow.operations.nominations.openings import Opening, plan_openings
from workflow.operations.nominations.plans import MovePlan, plan_to
from workflow.store.calendars import calendar_of_seat
from workflow.store.database import local_day
from workflow.store.history import Event
from workflow.store.ids import uuid7
from workflow.store.locked import Locked
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem
from workflow.store.people import load_holders

_TAKEN_BACK = "taken_back"


def request_info(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Ask who nominates something, with a date: it lies with them until they answer, and the clock stands.

    The question goes to whom a returned draft would go to. Raises `RequirementsMissing` without words,
    `InvalidField` for a day on which no answer can be due.
    """
    _demand_words(attempt, "Say what is asked.")
    number = attempt.locked.facts.nomination_id
    back = plan_to(attempt, attempt.definition.initial, Direction.RETURN, at=now)
    opening = plan_openings(session, [back])[number]
    calendar = calendar_of_seat(session, attempt.definition.calendar, opening.owner_key)
    _demand_day(attempt, calendar, now)
    clock = clock_of_question(
        timing_of_question(attempt.definition),
        calendar,
        asked_at=now,
        round_dates=attempt.locked.round_dates,
        answer_by=attempt.command.request.answer_by,
    )
    recorded = _write_question(session, attempt, opening, clock, now)
    pause(session, attempt.locked, attempt.definition, now=now)
    _lay_aside(session, attempt.locked, now)
    _open_question(session, attempt, opening, clock, now)
    _tell_asked(session, attempt.locked, opening, recorded, now)
    return recorded


def answer_info(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Answer what was asked, or take the question back; the step's work and its clock go on.

    Whoever has that work is told. Raises `RequirementsMissing` without words.
    """
    _demand_words(attempt, "Write the answer.")
    locked = attempt.locked
    if locked.question is None:
        raise RuntimeError("an answer without a question")
    starter = str(attempt.definition.starter)
    found = relations(attempt.actor, locked.facts, starter=starter, sending=Sending())
    is_answer = not found.isdisjoint({Relation.NOMINATOR, Relation.ANSWERER})
    data: dict[str, object] = {"work_item": str(locked.question.work_item_id)}
    recorded = write_attempt(
        session, attempt, now=now, data=data if is_answer else data | {_TAKEN_BACK: True}
    )
    gone = () if is_answer else told_of_question(session, [locked])
    _close_question(session, locked, now)
    _take_up_again(session, locked)
    resume(session, locked, attempt.definition, now=now)
    kind = NoticeKind.INFO_ANSWERED if is_answer else NoticeKind.WORK_OPENED
    _tell_step(session, attempt, kind, recorded, now)
    write_notices(
        session,
        [
            _question_gone(locked, account_id, recorded, now)
            for _, account_id in gone
            if account_id != attempt.actor.account_id
        ],
    )
    tell_again(session, locked, now=now)
    return recorded


def _demand_words(attempt: Attempt, message: str) -> None:
    if not attempt.command.request.comment:
        reason = Reason("comment_missing", message)
        raise RequirementsMissing(reason.message, reasons=[reason])


def _demand_day(attempt: Attempt, calendar: Calendar, now: datetime) -> None:
    day = attempt.command.request.answer_by
    if day is None:
        return
    demand_new_day(
        day,
        due_on=None,
        upper_on=attempt.locked.round_dates.get(RoundDate.UPPER_DEADLINE),
        calendar=calendar,
        today=calendar.local_day(now),
        field="answer_by",
    )


def _write_question(
    session: Session, attempt: Attempt, opening: Opening, clock: VisitClock, now: datetime
) -> Recorded:
    seat = split_key(opening.owner_key)[1]
    data: dict[str, object] = {
        "work_item": str(opening.work_item_id),
        "asked_of": opening.owner_key,
        "due": clock.due_at and clock.due_at.isoformat(),
    }
    if seat not in attempt.locked.facts.audience:
        data[REACHED] = [seat]
    if opening.above is not None and opening.above.key:
        data |= told_data(opening.owner_key, opening.above)
    recorded = write_attempt(session, attempt, now=now, seat=seat, data=data)
    if opening.above is not None and opening.above.key:
        show_to(session, {attempt.locked.facts.nomination_id: split_key(opening.above.key)[1]})
    return recorded


def _lay_aside(session: Session, locked: Locked, now: datetime) -> None:
    """Close the work of the step until there is an answer: who asks has begun to work on it."""
    session.execute(
        update(WorkItem)
        .where(WorkItem.id == locked.work_item_id)
        .values(
            closed_at=now,
            outcome=BuiltIn.REQUEST_INFO,
            first_claimed_at=func.coalesce(WorkItem.first_claimed_at, now),
        )
    )


def _open_question(
    session: Session, attempt: Attempt, opening: Opening, clock: VisitClock, now: datetime
) -> None:
    locked = attempt.locked
    calendar = calendar_of_seat(session, attempt.definition.calendar, opening.owner_key)
    work = {
        "id": opening.work_item_id,
        "visit_id": locked.visit_id,
        "nomination_id": locked.facts.nomination_id,
        "kind": WorkKind.ANSWER,
        "owner_key": opening.owner_key,
        "opened_at": now,
        "due_at": clock.due_at,
    }
    session.execute(insert(WorkItem).values(work))
    rungs = rung_rows(
        timing_of_question(attempt.definition),
        clock,
        calendar,
        entered_at=now,
        nomination_id=locked.facts.nomination_id,
        work_item_id=opening.work_item_id,
    )
    rungs += _unanswered(attempt, opening, clock, calendar)
    if rungs:
        session.execute(insert(Rung), [{**rung, "id": uuid7(now)} for rung in rungs])


def _unanswered(
    attempt: Attempt, opening: Opening, clock: VisitClock, calendar: Calendar
) -> list[dict[str, object]]:
    """Return the promise to tell whoever asks that the day is over: the work is in no inbox of theirs."""
    actor, key = attempt.actor, attempt.locked.facts.owner_key or ""
    asker = Caller(actor.account_id, key if key in actor.keys else min(actor.keys, default=key))
    return [
        {
            "work_item_id": opening.work_item_id,
            "nomination_id": attempt.locked.facts.nomination_id,
            "ordinal": UNANSWERED,
            "kind": RungKind.REMIND,
            "recipient": str(asker),
            "fire_at": clock.due_at and next_morning(calendar, clock.due_at),
            "warns": False,
        }
    ]


def _tell_asked(
    session: Session, locked: Locked, opening: Opening, recorded: Recorded, now: datetime
) -> None:
    """Tell whom the question is for; where nobody sits there, who could fill the seat."""
    kind, people = NoticeKind.INFO_ASKED, opening.recipients
    if opening.above is not None:
        kind, people = NoticeKind.SEAT_EMPTY, opening.above.account_ids
    number, event = locked.facts.nomination_id, recorded.event_id
    write_notices(
        session,
        [PromisedMail(kind, one, event, number, now, opening.work_item_id, event) for one in people],
    )


def _close_question(session: Session, locked: Locked, now: datetime) -> None:
    work = locked.open_work_id
    session.execute(
        update(WorkItem).where(WorkItem.id == work).values(closed_at=now, outcome=BuiltIn.ANSWER_INFO)
    )
    session.execute(
        update(Rung).where(Rung.work_item_id == work, Rung.fired_at.is_(None)).values(fire_at=None)
    )


def _take_up_again(session: Session, locked: Locked) -> None:
    session.execute(
        update(WorkItem).where(WorkItem.id == locked.work_item_id).values(closed_at=None, outcome=None)
    )


def _tell_step(
    session: Session, attempt: Attempt, kind: NoticeKind, recorded: Recorded, now: datetime
) -> None:
    """Tell whoever has the step's work that it goes on; where nobody can take it any more, who sits above."""
    locked = attempt.locked
    number, event = locked.facts.nomination_id, recorded.event_id
    keys = [locked.facts.owner_key] if locked.facts.owner_key else []
    people = in_charge(locked.facts, load_holders(session, keys, today=local_day(session, now)))
    if not people:
        tell_of_empty(session, [number], (), slot=f"empty:{event}", now=now)
    write_notices(
        session,
        [
            PromisedMail(kind, one, event, number, now, locked.work_item_id, event)
            for one in people
            if one != attempt.actor.account_id
        ],
    )


def told_of_question(session: Session, asked: list[Locked]) -> list[tuple[int, int]]:
    """Return by nomination whoever got a letter about the question that waits there."""
    work = [one.question.work_item_id for one in asked if one.question is not None]
    if not work:
        return []
    rows = session.execute(
        select(Outbox.nomination_id, Outbox.account_id)
        .join(Event, Event.id == Outbox.event_id)
        .where(
            Outbox.nomination_id.in_([one.facts.nomination_id for one in asked]),
            Outbox.work_item_id.in_(work),
            Outbox.notice.in_([NoticeKind.INFO_ASKED, NoticeKind.REMINDER]),
            Outbox.state.in_([MailState.SENDING, MailState.SENT]),
            # Who asked, or telephoned, has nothing to answer.
            Event.data["to"].astext.is_distinct_from(FOLLOW_UP),
        )
        .distinct()
        .order_by(Outbox.nomination_id, Outbox.account_id)
    )
    return [(row.nomination_id, row.account_id) for row in rows]


def _question_gone(locked: Locked, account_id: int, event: Recorded, at: datetime) -> PromisedMail:
    """Return the letter that tells somebody that the question of a nomination needs no answer any more."""
    number, work = locked.facts.nomination_id, locked.open_work_id
    return PromisedMail(NoticeKind.WORK_GONE, account_id, event.event_id, number, at, work, event.event_id)


def lapsed(
    plans: Sequence[MovePlan],
    recorded: Sequence[Recorded],
    told: Sequence[PromisedMail],
    asked: Sequence[tuple[int, int]],
) -> list[PromisedMail]:
    """Tell whoever was told of a question that a move ended that there is nothing to answer any more."""
    heard = {(one.nomination_id, one.account_id) for one in told}
    heard |= {(plan.locked.facts.nomination_id, plan.actor.account_id) for plan in plans}
    return [
        _question_gone(plan.locked, account_id, event, plan.at)
        for plan, event in zip(plans, recorded, strict=True)
        for number, account_id in asked
        if number == plan.locked.facts.nomination_id and (number, account_id) not in heard
    ]

"""Dates that were asked for: finding the one that still waits, asking, answering. Never commits.

Lock order: the nomination or expected return is locked by the caller; then the proposal, then the outbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Row, Select, Uuid, case, insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, Reason
from workflow.domain.history.attested import REACHED
from workflow.domain.history.chain import stream_of_work
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import split_key
from workflow.domain.text import normalise
from workflow.domain.time.mornings import told_from
from workflow.domain.time.new_day import ProposalOutcome
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import CourtesyAction, NoticeKind, Via
from workflow.operations.deadlines.empty_seats import show_to
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.base import given, table_of
from workflow.store.calendars import calendar_in_force
from workflow.store.database import local_day
from workflow.store.history import EventText
from workflow.store.ids import uuid7
from workflow.store.nominations import WorkItem
from workflow.store.proposals import DateProposal, is_unanswered, stands

_PROPOSAL: Final = table_of(DateProposal)
_ANSWERS: Final = given("answers", {"work": ("id", Uuid()), "days": ("day", Date())})


@dataclass(frozen=True, slots=True)
class DatedWork:
    """Open work that is due: of a nomination, whose clock started then, or of what a unit owes a round."""

    id: UUID
    due_at: datetime
    nomination_id: int | None = None
    expected_return_id: int | None = None
    clock_started_at: datetime | None = None

    @property
    def stream(self) -> str:
        """The history it is written to."""
        return stream_of_work(self.nomination_id, self.expected_return_id)


@dataclass(frozen=True, slots=True)
class AskedDate:
    """A day that is asked for, until when that is, and of whom: accounts in a seat, or nobody."""

    day: date
    until_at: datetime
    key: str | None
    account_ids: tuple[int, ...]


def standing_proposal(session: Session, work_item_id: UUID | None, *, now: datetime) -> Row[Any] | None:
    """Return the date that was asked for open work and still waits for an answer, None without one."""
    if work_item_id is None:
        return None
    found: Select[*tuple[Any, ...]] = (
        select(
            DateProposal.id,
            DateProposal.day,
            DateProposal.proposed_by,
            DateProposal.hand_id,
            DateProposal.asked_key,
            EventText.text,
        )
        .select_from(DateProposal)
        .join(WorkItem, stands(local_day(session, now)))
        .outerjoin(EventText, EventText.event_id == DateProposal.event_id)
        .where(DateProposal.work_item_id == work_item_id)
    )
    return session.execute(found).one_or_none()


def dated_work(
    work_item_id: UUID | None,
    due_at: datetime | None,
    *,
    nomination_id: int | None = None,
    expected_return_id: int | None = None,
    clock_started_at: datetime | None = None,
) -> DatedWork:
    """Return open work as a date is asked for it. Raises `Conflict` when it is due on no day."""
    if due_at is None or work_item_id is None:
        message = "This work is due on no day, so there is no other to ask for."
        raise Conflict(message, reasons=[Reason("not_due", message)])
    return DatedWork(work_item_id, due_at, nomination_id, expected_return_id, clock_started_at)


def demand_why_not(text: str) -> str:
    """Return the words with which a date is refused, cleaned. Raises `InvalidField` where there are none."""
    reason = normalise(text, field="reason")
    if not reason:
        message = "say why it gets no more time"
        raise InvalidField(f"reason: {message}.", errors=[FieldError("reason", message)])
    return reason


def demand_asked_once(proposal: Row[Any] | None, day: date) -> None:
    """Raise `Conflict` where that very day was asked for and waits for its answer."""
    if proposal is not None and proposal.day == day:
        message = "That day was asked for already; nobody has answered yet."
        raise Conflict(message, reasons=[Reason("date_asked_already", message)])


def demand_waiting(proposal: Row[Any] | None, proposal_id: UUID) -> Row[Any]:
    """Return the date that was asked for. Raises `Conflict` unless it is the one that was looked at."""
    if proposal is None or proposal.id != proposal_id:
        message = "That date does not wait for an answer any more; look again."
        raise Conflict(message, reasons=[Reason("date_not_waiting", message)])
    return proposal


def demand_others(proposal: Row[Any] | None, actor: Actor) -> None:
    """Raise `Forbidden` for who asked for the date that waits, or in whose place it was asked."""
    if proposal is not None and actor.account_id in {proposal.proposed_by, proposal.hand_id}:
        message = "You asked for this date yourself; somebody else has to answer."
        raise Forbidden(message, reasons=[Reason("own_proposal", message)])


def ask_for_date(
    session: Session,
    work: DatedWork,
    asked: AskedDate,
    *,
    actor: Actor,
    reason: str,
    via: Via,
    now: datetime,
) -> None:
    """Write a date asked for in the place of the one before, its event, and the letters to those asked.

    Whoever asks is promised a letter for the morning of that day, which leaves if nobody answered.
    Raises `Conflict` where nobody sits above who could answer.
    """
    if asked.key is None:
        message = "Nobody above could answer: no other account sits where late work is reported to."
        raise Conflict(message, reasons=[Reason("nobody_to_ask", message)])
    _close(session, work, ProposalOutcome.REPLACED, now)
    said: dict[str, object] = {
        "work_item": str(work.id),
        "day": asked.day.isoformat(),
        "was": work.due_at.isoformat(),
        "accounts": list(asked.account_ids),
        "key": asked.key,
    }
    if work.nomination_id is not None:
        seat = split_key(asked.key)[1]
        show_to(session, {work.nomination_id: seat})
        said[REACHED] = [seat]
    asking = CourtesyAction.PROPOSE_DATE
    event = append_event(session, work.stream, asking, actor=actor, via=via, now=now, data=said, words=reason)
    row = {
        "id": uuid7(now),
        "work_item_id": work.id,
        "proposed_by": actor.account_id,
        "hand_id": actor.acts_for.absent.account_id if actor.acts_for else None,
        "asked_key": asked.key,
        "day": asked.day,
        "until_at": asked.until_at,
        "clock_started_at": work.clock_started_at,
        "event_id": event.event_id,
    }
    session.execute(insert(_PROPOSAL).values(row))
    _tell(session, NoticeKind.DATE_PROPOSED, work, asked.account_ids, event_id=event.event_id, now=now)
    # For whom it was asked: who stands in for them on that day is written to in their place.
    asker = actor.acts_for.absent.account_id if actor.acts_for else actor.account_id
    calendar = calendar_in_force(session, CalendarName.LOCAL)
    lapses_at = told_from(calendar.opens_at(asked.day), calendar.timezone)
    lapsed = NoticeKind.DATE_LAPSED
    _tell(session, lapsed, work, (asker,), event_id=event.event_id, now=now, held_until=lapses_at)


def refuse_proposal(
    session: Session,
    work: DatedWork,
    proposal: Row[Any],
    *,
    actor: Actor,
    reason: str,
    via: Via,
    now: datetime,
) -> None:
    """Write that a date is not given, with the reason, and tell whoever asked, or for whom it was asked."""
    _close(session, work, ProposalOutcome.REFUSED, now)
    said = {"work_item": str(work.id), "day": proposal.day.isoformat(), "was": work.due_at.isoformat()}
    refusing = CourtesyAction.REFUSE_DATE
    event = append_event(
        session, work.stream, refusing, actor=actor, via=via, now=now, data=said, words=reason
    )
    told = (proposal.hand_id or proposal.proposed_by,)
    _tell(session, NoticeKind.DATE_REFUSED, work, told, event_id=event.event_id, now=now)


def answer_proposals(session: Session, days: Mapping[UUID, date], *, now: datetime) -> None:
    """Close what was asked for work that is due on these days from now on: granted, or given another day."""
    if not days:
        return
    is_granted = _PROPOSAL.c.day == _ANSWERS.c.day
    session.execute(
        update(_PROPOSAL)
        .where(_PROPOSAL.c.work_item_id == _ANSWERS.c.id, is_unanswered())
        .values(
            closed_at=now,
            outcome=case((is_granted, ProposalOutcome.GRANTED), else_=ProposalOutcome.OTHER_DATE),
        ),
        {"work": list(days), "days": list(days.values())},
    )


def _close(session: Session, work: DatedWork, outcome: ProposalOutcome, now: datetime) -> None:
    # Letters about it that wait are not cancelled here: they are read when they leave, and it stands no more.
    session.execute(
        update(_PROPOSAL)
        .where(_PROPOSAL.c.work_item_id == work.id, is_unanswered())
        .values(closed_at=now, outcome=outcome)
    )


def _tell(
    session: Session,
    kind: NoticeKind,
    work: DatedWork,
    account_ids: tuple[int, ...],
    *,
    event_id: UUID,
    now: datetime,
    held_until: datetime | None = None,
) -> None:
    # What one reader hears of on one day goes out as one mail.
    slot = local_day(session, held_until or now).isoformat()
    write_notices(
        session,
        [
            PromisedMail(
                kind=kind,
                account_id=account_id,
                cause=event_id,
                nomination_id=work.nomination_id,
                at=now,
                work_item_id=work.id,
                event_id=event_id,
                slot=slot,
                expected_return_id=work.expected_return_id,
                held_until=held_until,
            )
            for account_id in account_ids
        ],
    )

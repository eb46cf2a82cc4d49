"""What will be reported in the next working days, for the office that may hold it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, any_, false, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import Forbidden, Reason
from workflow.domain.rights.escalation_rights import LateWork, is_office, refuse_own_escalation
from workflow.domain.rights.policy import Actor
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import Recipient, WorkKind
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant, name_of, uuid
from workflow.queries.shapes import (
    AWARD_COLUMNS,
    HolderView,
    Named,
    Titled,
    Who,
    Words,
    award_of_row,
    holder_in_row,
    own_words,
    state_words,
)
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.calendars import calendar_in_force
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import TODAY, named_edition, taken_by
from workflow.store.database import expect_warm_pages, local_day
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, EventText
from workflow.store.nominations import EscalationHold, Nomination, Rung, WorkItem
from workflow.store.nominees import nominee_of_late_work
from workflow.store.offices import is_coming, is_of_office
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn
from workflow.store.takers import holder_columns
from workflow.store.visible import visible

MOST_DAYS: Final = 10
"""How many working days ahead the list looks at most."""

_NAME: Final = "escalations"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Who holds an escalation back, why, and until when; `released_at` where it was let go before."""

    by: Who | None
    reason: str
    was_at: datetime
    until: datetime
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class ComingEscalation:
    """An escalation that will fire at `fires_at` unless the work is done or the office holds it back.

    `subject` is the nominee where the reader may know the name, `award` what for, `step` where it waits.
    `refusal` says why the reader may not hold it back, None where they may.
    """

    id: UUID
    fires_at: datetime
    to: Recipient
    nomination_id: int | None
    round: Named
    unit: Named
    subject: str | None
    award: Titled | None
    step: Words
    due_at: datetime | None
    holder: HolderView
    hold: HeldBack | None
    refusal: str | None


_by = aliased(Account)


def coming_escalations(
    session: Session, *, actor: Actor, days: int, now: datetime, limit: int, cursor: str | None
) -> Page[ComingEscalation]:
    """Return one page of the escalations of an office until the end of so many working days, earliest first.

    Of their own nomination nobody reads whom it waits for and who hears of it.
    Raises `Forbidden` for who is no office of any round and oversees nobody, `UnreadableCursor`.
    """
    if not is_office(actor):
        message = "Only the office of a round and supervisors see what will be reported."
        raise Forbidden(message, reasons=[Reason("no_office", message)])
    expect_warm_pages(session)
    name, order = name_of(_NAME, days), (Rung.fire_at, Rung.id)
    found = _found(session, actor, now).where(Rung.fire_at < _end(session, now, days))
    if cursor is not None:
        found = found.where(tuple_(*order) > tuple_(*decode_cursor(name, cursor, instant, uuid)))
    # The page is cut before anything else is read of what its escalations are about.
    page = func.array(found.order_by(*order).limit(limit + 1).scalar_subquery())
    return cut(
        _read(session, _details(actor).where(Rung.id == any_(page)).order_by(*order), now),
        limit,
        item=lambda row: _view(session, actor, row),
        cursor=lambda row: encode_cursor(name, row.fire_at, row.id),
    )


def coming_escalation(
    session: Session, *, actor: Actor, rung_id: UUID, now: datetime
) -> ComingEscalation | None:
    """Return one escalation of the actor's office that is to come, None where there is none."""
    found = _found(session, actor, now).where(Rung.id == rung_id).scalar_subquery()
    rows = _read(session, _details(actor).where(Rung.id == found), now)
    return _view(session, actor, rows[0]) if rows else None


def _read(session: Session, details: Select[*tuple[Any, ...]], now: datetime) -> Sequence[Row[Any]]:
    return session.execute(details, {TODAY.key: local_day(session, now)}).all()


def _end(session: Session, now: datetime, days: int) -> datetime:
    """Return the midnight after so many working days from today."""
    calendar = calendar_in_force(session, CalendarName.LOCAL)
    last = calendar.shift(local_day(session, now), days)
    return calendar.local(last + timedelta(days=1), time(0))


def _found(session: Session, actor: Actor, now: datetime) -> Select[UUID]:
    """Return the escalations to come that are the actor's to see."""
    is_own = Nomination.person_id == actor.person_id if actor.person_id is not None else false()
    return (
        select(Rung.id)
        .join(WorkItem, WorkItem.id == Rung.work_item_id)
        .outerjoin(Nomination, Nomination.id == Rung.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .where(is_coming(), is_own.is_not(True), is_of_office(session, actor, now))
    )


def _details(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Rung.id,
            Rung.fire_at,
            Rung.recipient,
            Rung.nomination_id,
            Round.code.label("round_code"),
            Round.title.label("round_title"),
            Unit.code.label("unit_code"),
            UnitEdition.name.label("unit_name"),
            *AWARD_COLUMNS,
            Nomination.subject_name,
            Nomination.state,
            Nomination.definition_id,
            nominee_of_late_work(actor).label("person_id"),
            func.coalesce(visible(actor.scope), False).label("is_named"),
            kind_of_cluster(joins_round=True).label("cluster_kind"),
            WorkItem.due_at,
            WorkItem.owner_key,
            WorkItem.kind,
            *holder_columns(),
            EscalationHold.was_at,
            EscalationHold.until_at,
            EscalationHold.released_at,
            EventText.text.label("reason"),
            _by.id.label("by_id"),
            _by.name.label("by_name"),
        )
        .join(WorkItem, WorkItem.id == Rung.work_item_id)
        .outerjoin(Nomination, Nomination.id == Rung.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .join(Unit, Unit.id == func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id))
        .outerjoin(UnitEdition, named_edition(TODAY))
        .join(Round, Round.id == func.coalesce(Nomination.round_id, ExpectedReturn.round_id))
        .outerjoin(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .outerjoin(Award, Award.id == AwardEdition.award_id)
        .outerjoin(Account, taken_by())
        .outerjoin(EscalationHold, EscalationHold.rung_id == Rung.id)
        .outerjoin(Event, Event.id == EscalationHold.event_id)
        .outerjoin(EventText, EventText.event_id == Event.id)
        .outerjoin(_by, _by.id == Event.actor_id)
    )


def _view(session: Session, actor: Actor, row: Row[Any]) -> ComingEscalation:
    refusal = refuse_own_escalation(actor, LateWork(row.owner_key, row.assignee_id, row.person_id))
    if refusal is None and row.was_at is not None:
        refusal = Reason("held_before", "")
    return ComingEscalation(
        id=row.id,
        fires_at=row.fire_at,
        to=Recipient(row.recipient),
        nomination_id=row.nomination_id,
        round=Named(row.round_code, row.round_title),
        unit=Named(row.unit_code, row.unit_name or row.unit_code),
        subject=row.subject_name if row.is_named and row.nomination_id is not None else None,
        award=award_of_row(row) if row.nomination_id is not None else None,
        step=_step(session, row),
        due_at=row.due_at,
        holder=holder_in_row(row),
        hold=_hold(row),
        refusal=refusal.code if refusal else None,
    )


def _step(session: Session, row: Row[Any]) -> Words:
    if row.nomination_id is None:
        return own_words("work.prepare")
    if row.kind == WorkKind.ANSWER:
        return own_words("work.answer")
    return state_words(shown_definition(session, row.definition_id), row.state, row.cluster_kind)


def _hold(row: Row[Any]) -> HeldBack | None:
    if row.was_at is None:
        return None
    by = Who(row.by_id, row.by_name) if row.by_id is not None else None
    return HeldBack(by, row.reason or "", row.was_at, row.until_at, row.released_at)

"""Mails that are promised already and wait for their hour, as far as they will still hold then."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, or_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.mails.mornings import handed_on_at
from workflow.domain.vocabulary import NoticeKind
from workflow.operations.deadlines.claims import lapsed, rests_on_nothing
from workflow.operations.foresight.coming import Cause, Coming, WhyTold
from workflow.operations.foresight.window import Place
from workflow.operations.mail.departures import instant_of
from workflow.operations.mail.digest import stuck_before
from workflow.operations.mail.meant import is_handed_on, reason_to_cancel, seats_of
from workflow.store.base import among
from workflow.store.correspondence import Promise, read_promises
from workflow.store.database import local_day, timezone_of
from workflow.store.departures import is_daily
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.outbox import UNDECIDED
from workflow.store.submissions import ExpectedReturn

_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Mails that wait, by when they may leave; `next` is the place of the last, None at the end."""

    rows: Sequence[Any]
    next: Place | None

    def until(self, last: Place | None) -> Sequence[Any]:
        """Return those up to a place."""
        return [row for row in self.rows if last is None or (row.not_before, row.id) <= last]


def waiting_ahead(
    session: Session,
    seen: ColumnElement[bool] | None,
    *,
    until: datetime,
    after: Place | None,
    limit: int,
) -> WaitingPage:
    """Return the mails that wait and may leave before an instant, some at a time.

    `seen` is a condition on mails joined with their nomination and return; without it all are meant.
    """
    page = select(Outbox.id, Outbox.not_before, Outbox.fold_key, Outbox.message_id)
    if seen is not None:
        page = page.outerjoin(Nomination, Nomination.id == Outbox.nomination_id)
        page = page.outerjoin(ExpectedReturn, ExpectedReturn.id == Outbox.expected_return_id).where(seen)
    if after is not None:
        page = page.where(tuple_(Outbox.not_before, Outbox.id) > after)
    page = page.where(UNDECIDED, Outbox.not_before < until)
    rows = session.execute(page.order_by(Outbox.not_before, Outbox.id).limit(limit)).all()
    return WaitingPage(rows, (rows[-1].not_before, rows[-1].id) if len(rows) == limit else None)


def foresee_all_waiting(session: Session, *, until: datetime, now: datetime) -> Iterator[Coming]:
    """Yield all mails that wait and leave before an instant, of any number, read some at a time."""
    place: Place | None = None
    while True:
        page = waiting_ahead(session, None, until=until, after=place, limit=_AT_ONCE)
        yield from foresee_waiting(session, page.rows, now=now)
        place = page.next
        if place is None:
            return


def foresee_waiting(session: Session, rows: Sequence[Any], *, now: datetime) -> Iterator[Coming]:
    """Yield what each mail tells, but for those that will be cancelled; what should have left leaves now."""
    leaves = {row.id: max(row.not_before, now) for row in rows}
    of_days: dict[date, dict[UUID, Any]] = defaultdict(dict)
    for row in rows:
        of_days[local_day(session, leaves[row.id])][row.id] = row
    for day, together in sorted(of_days.items()):
        promises = read_promises(session, together, now=min(leaves[one] for one in together))
        stuck = stuck_before(session, promises, now=now)
        for promise in _out_of_hand(session, promises, day):
            why = reason_to_cancel(promise, is_stuck=promise.account_id in stuck)
            row, at = together[promise.id], leaves[promise.id]
            # By then its reader is away: it is promised to whoever acts for them.
            is_others = is_handed_on(promise, why)
            if why is not None and not is_others:
                continue
            promised_at = promise.created_at
            if is_others:
                promised_at = at = max(now, _handed_on_at(session, row, at))
            instant = instant_of(session, promise.notice, promised_at, promise.owner_key)
            yield Coming(
                at=at,
                notice=NoticeKind(promise.notice),
                account_id=promise.acting_id if is_others else promise.account_id,
                fold=f"{promise.id}:{promise.acting_id}" if is_others else row.message_id or row.fold_key,
                nomination_id=promise.nomination_id,
                expected_return_id=promise.expected_return_id,
                work_item_id=promise.work_item_id,
                why=WhyTold(Cause.WAITING, seat=promise.owner_key),
                promised_at=instant,
                held_until=None if is_others else promise.put_off_until,
                fact_question_id=promise.fact.question_id if promise.fact is not None else None,
                is_ahead=instant > promised_at,
                seats=frozenset() if is_others else seats_of(promise),
            )


def _handed_on_at(session: Session, row: Row[Any], leaves_at: datetime) -> datetime:
    """Return when a mail is handed on: what waits for a morning before that of whoever acts."""
    waits_for_morning = row.message_id is None and is_daily(row.fold_key)
    return handed_on_at(leaves_at, ZoneInfo(timezone_of(session))) if waits_for_morning else leaves_at


def _out_of_hand(session: Session, promises: Sequence[Promise], day: date) -> Iterator[Promise]:
    """Yield each as it will be on the day: whoever loses the work before has it in hand no more."""
    taken = {one.work_item_id for one in promises if one.assignee_id is not None} - {None}
    lost = set[UUID]()
    if taken:
        ended = or_(rests_on_nothing(day), lapsed(day))
        lost = set(session.scalars(select(WorkItem.id).where(among(WorkItem.id, taken), ended)))
    for one in promises:
        yield replace(one, assignee_id=None) if one.work_item_id in lost else one

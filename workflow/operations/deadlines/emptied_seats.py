"""What a day that passes leaves behind: work on a seat whose last term is over, and who answers for it.

Whoever ends a grant or disables an account tells of it there and then (`empty_seats`). A term that ends by
its date is ended by nobody, so a sweep looks: for open work that nobody can take today and that nobody was
told of since its seat emptied. It looks at what is, not at what changed, so that a seat emptied in any other
way (an import taken back, another head of a cluster) is found by it as well.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.clock import Clock, monotonic
from workflow.domain.rights.routing import SetAside
from workflow.domain.vocabulary import NoticeKind, SubjectKind
from workflow.operations.deadlines.accountable import follow_heads_of_today
from workflow.operations.deadlines.empty_seats import EmptySeat, staffed_above, tell_of_empty
from workflow.operations.deadlines.untaken import is_idle, suspects
from workflow.store.absences import Absence
from workflow.store.access import Account, Grant
from workflow.store.conditions import TODAY, is_absent, outlasts
from workflow.store.database import Sessions, local_day, timezone_of
from workflow.store.ids import uuid7
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn
from workflow.store.turns import own_turn

_TURN: Final = 7263_1105
_BATCH: Final = 200
_ZONE: Final = bindparam("zone", type_=Text())


def tell_of_emptied_seats(sessions: Sessions, *, clock: Clock, seconds: float | None = None) -> int:
    """Tell above of work whose seat emptied, once for each time it did; return the mails.

    A batch a transaction; a nomination that somebody has in hand is left for the next sweep, and so is work
    above which nobody holds a seat. What units owe is answered for by whoever heads them today. After about
    `seconds` the rest is left as well.
    """
    until = None if seconds is None else monotonic() + seconds
    mails, after, slot, work = 0, UUID(int=0), "", list[UUID]()
    with own_turn(sessions, _TURN) as is_ours:
        while is_ours:
            with sessions() as session:
                now = clock.now(session)
                if not slot:
                    slot = f"empty:{uuid7(now)}"
                    follow_heads_of_today(session, today=local_day(session, now))
                    work = suspects(session, today=local_day(session, now))
                found = _UNTOLD.fetch(session, _days(session, now) | {"work": work, "after": after})
                mails += _tell(session, found, slot=slot, now=now)
                session.commit()
            if len(found) < _BATCH or (until is not None and monotonic() > until):
                return mails
            after = found[-1].id
    return mails


def _tell(session: Session, found: Sequence[Any], *, slot: str, now: datetime) -> int:
    empty = {row.id: EmptySeat(row.owner_key, set_aside(row)) for row in found}
    told = staffed_above(session, empty, today=local_day(session, now))
    rows = [row for row in found if told[row.id].key]
    free = _locked(session, Nomination.id, [row.nomination_id for row in rows if row.nomination_id])
    owed = _locked(
        session, ExpectedReturn.id, [row.expected_return_id for row in rows if row.expected_return_id]
    )
    if not free and not owed:
        return 0
    roots = or_(WorkItem.nomination_id.in_(free), WorkItem.expected_return_id.in_(owed))
    still = untold_work(session, now, roots)
    return tell_of_empty(
        session,
        [row.nomination_id for row in still if row.nomination_id],
        [row.expected_return_id for row in still if row.expected_return_id],
        slot=slot,
        now=now,
    )


def _locked(session: Session, column: InstrumentedAttribute[int], ids: Sequence[int]) -> Sequence[int]:
    """Lock those that nobody has in hand, in the order of ids, and return them."""
    wanted = select(column).where(column.in_(sorted(ids))).order_by(column)
    return session.scalars(wanted.with_for_update(key_share=True, skip_locked=True)).all() if ids else ()


def set_aside(row: Row[Any]) -> SetAside:
    """Return who does not judge what a row of `untold_work` waits for."""
    is_collective = row.subject_kind == SubjectKind.COLLECTIVE
    return SetAside(row.person_id, row.unit_id if is_collective else None)


def untold_work(
    session: Session,
    now: datetime,
    *which: ColumnElement[bool],
    limit: int = _BATCH,
    given_back: ColumnElement[bool] | None = None,
) -> Sequence[Any]:
    """Return open work that nobody can take and that nobody was told of since, a batch of it.

    Of a later day too; then `given_back` is the condition of what will be in nobody's hands by then.
    """
    return session.execute(_untold(*which, given_back=given_back).limit(limit), _days(session, now)).all()


def _days(session: Session, now: datetime) -> dict[str, object]:
    return {"today": local_day(session, now), "zone": timezone_of(session)}


def _untold(
    *which: ColumnElement[bool], given_back: ColumnElement[bool] | None = None
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            WorkItem.id,
            WorkItem.owner_key,
            WorkItem.nomination_id,
            WorkItem.expected_return_id,
            Nomination.person_id,
            Nomination.subject_kind,
            Nomination.unit_id,
        )
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(is_idle(given_back=given_back), ~_was_told(), *which)
        .order_by(WorkItem.id)
    )


def _beginning(day: ColumnElement[date] | InstrumentedAttribute[Any]) -> ColumnElement[datetime]:
    return func.timezone(_ZONE, cast(day, DateTime(timezone=False)))


def _was_told() -> ColumnElement[bool]:
    """Return the condition of work that somebody above was told of since its seat emptied for the last time.

    A seat empties when the day begins on which its last term is over, when that account is disabled, or when
    somebody goes away, or what was said of their absence is changed: whoever was away on their last day left
    when they went, and does not leave once more when the absence is over.
    """
    last_day = case((Grant.valid_to <= TODAY, Grant.valid_to - 1), else_=TODAY)
    ended_at = case((Grant.valid_to <= TODAY, _beginning(Grant.valid_to)))
    left_at = (
        select(func.max(func.greatest(_beginning(Absence.valid_from), Absence.changed_at)))
        .where(
            Absence.account_id == Grant.account_id,
            or_(Absence.key.is_(None), Absence.key == Grant.key),
            is_absent(Absence, last_day),
        )
        .correlate(Grant)
        .scalar_subquery()
    )
    emptied_at = (
        select(func.max(func.least(ended_at, Account.disabled_at, left_at)))
        .select_from(Grant)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Grant.key == WorkItem.owner_key,
            Grant.valid_from <= TODAY,
            # A term that was taken back before it began was none.
            outlasts(Grant, Grant.valid_from),
        )
        # Of this work's seat: from two levels down it would be that of any.
        .correlate(WorkItem)
        .scalar_subquery()
    )
    return (
        select(Outbox.id)
        .where(
            Outbox.notice == NoticeKind.SEAT_EMPTY,
            or_(
                Outbox.nomination_id == WorkItem.nomination_id,
                Outbox.expected_return_id == WorkItem.expected_return_id,
            ),
            Outbox.work_item_id == WorkItem.id,
            Outbox.created_at >= func.coalesce(emptied_at, WorkItem.opened_at),
        )
        .exists()
    )


# Every sweep asks this, in most of them for nothing.
_UNTOLD: Final = Statement(
    _untold(
        WorkItem.id == any_(bindparam("work", type_=ARRAY(Uuid()))),
        WorkItem.id > bindparam("after", type_=Uuid()),
    ).limit(_BATCH)
)

"""A promised mail of somebody who is away, promised again to whoever acts for them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import MailState
from workflow.store.absences import Absence, Substitute
from workflow.store.base import table_of
from workflow.store.conditions import is_absent
from workflow.store.ids import uuid7
from workflow.store.mail import Outbox
from workflow.store.outbox import DAILY, UNDECIDED
from workflow.store.statements import Statement

_OUTBOX = table_of(Outbox)
_SAME = (
    "notice",
    "mail_class",
    "nomination_id",
    "expected_return_id",
    "fact_question_id",
    "work_item_id",
    "event_id",
)
_ID, _READER = bindparam("new_id", type_=Uuid()), bindparam("reader", type_=BigInteger())
_AT = bindparam("at", type_=DateTime(timezone=True))


def promise_another(session: Session, row_id: UUID, account_id: int, *, now: datetime) -> bool:
    """Promise another account what a row tells, for the same cause, from now on.

    Return False where it was promised to them before: of one thing nobody is told twice.
    """
    values = {"new_id": uuid7(now), "reader": account_id, "at": now, "row_id": row_id}
    return bool(session.connection().execute(_COPY, values).rowcount)


def waiting_for_absent(
    session: Session, *, until: datetime, today: date, after: UUID, limit: int
) -> Sequence[UUID]:
    """Return mails behind one that wait for a morning up to an instant, of whom somebody acts for today.

    What a sender has in hand, or a server may have taken, is not among them.
    """
    values = {"until": until, "today": today, "after": after, "most": limit}
    return [row.id for row in _OF_ABSENT.fetch(session, values)]


def end_unsent(session: Session, row_id: UUID, reason: str) -> bool:
    """Cancel a mail that waits; False where a sender has it in hand by now."""
    ended = update(_OUTBOX).where(_OUTBOX.c.id == row_id, *_UNTRIED)
    values = {"state": MailState.CANCELLED, "state_reason": reason}
    return bool(session.connection().execute(ended.values(values)).rowcount)


def _copy() -> Insert:
    reader = cast(_READER, Text())
    # `notice:account:slot`, or the row's own id where it goes out alone.
    own = _OUTBOX.c.notice + ":" + cast(_OUTBOX.c.account_id, Text()) + ":"
    slot = func.substr(_OUTBOX.c.fold_key, func.length(own) + 1)
    shared = func.starts_with(_OUTBOX.c.fold_key, own)
    fold_key = case((shared, _OUTBOX.c.notice + ":" + reader + ":" + slot), else_=cast(_ID, Text()))
    cause = func.split_part(_OUTBOX.c.dedupe_key, ":", 2)
    told = {
        "id": _ID,
        "dedupe_key": _OUTBOX.c.notice + ":" + cause + ":" + reader,
        "account_id": _READER,
        "fold_key": fold_key,
        "state": literal(MailState.NEW.value, Text()),
        "not_before": _AT,
        "created_at": _AT,
        **{name: _OUTBOX.c[name] for name in _SAME},
    }
    row = select(*told.values()).where(_OUTBOX.c.id == bindparam("row_id", type_=Uuid()))
    return insert(_OUTBOX).from_select(list(told), row).on_conflict_do_nothing(index_elements=["dedupe_key"])


_COPY = _copy()
_UNTRIED: Final = (
    _OUTBOX.c.state == MailState.NEW,
    _OUTBOX.c.message_id.is_(None),
    _OUTBOX.c.state_reason.is_(None),
)
# As an array, by the fold of each who is away: they are few, and what waits for a morning is much.
_FOLDS_OF_ABSENT = select(func.concat(DAILY, Absence.account_id)).where(
    is_absent(Absence),
    # With a limit: for an EXISTS the server reads all who ever stood in for anybody.
    select(Substitute.ordinal)
    .where(Substitute.absence_id == Absence.id)
    .limit(1)
    .scalar_subquery()
    .is_not(None),
)
_OF_ABSENT: Final = Statement(
    select(_OUTBOX.c.id)
    .where(
        UNDECIDED,
        *_UNTRIED,
        _OUTBOX.c.fold_key == any_(func.array(_FOLDS_OF_ABSENT.scalar_subquery(), type_=ARRAY(Text()))),
        _OUTBOX.c.not_before <= bindparam("until", type_=DateTime(timezone=True)),
        _OUTBOX.c.id > bindparam("after", type_=Uuid()),
    )
    .order_by(_OUTBOX.c.id)
    .limit(bindparam("most", type_=Integer))
)

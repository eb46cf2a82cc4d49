"""A promised mail of somebody who is away, promised again to whoever acts for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import MailState
from workflow.store.base import table_of
from workflow.store.ids import uuid7
from workflow.store.mail import Outbox

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

"""Mails that were claimed and may not leave yet: until when they wait, and with which others they go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import MailClass, MailState
from workflow.store.access import Account
from workflow.store.base import given, table_of
from workflow.store.mail import Outbox
from workflow.store.organisation import Person, Unit
from workflow.store.outbox import DAILY, UNDECIDED, ClaimedRow
from workflow.store.statements import Statement

_OUTBOX = table_of(Outbox)


@dataclass(frozen=True, slots=True)
class PutOff:
    """One claimed row, when its letter leaves, and the fold it goes with then.

    A row that keeps its name is not folded anew: a server may have its letter.
    """

    row: ClaimedRow
    leaves_at: datetime
    fold_key: str | None = None
    keeps_name: bool = False


@dataclass(frozen=True, slots=True)
class DailyMail:
    """What is known of one person's mails about work today.

    `told_at`: when the last of them left today. `waiting_at`: when the one that is not closed yet leaves.
    `in_hand` are the names of those that senders have in hand.
    """

    account_id: int
    unit_code: str | None
    told_at: datetime | None
    waiting_at: datetime | None
    in_hand: Sequence[str]


def daily_fold(account_id: int) -> str:
    """Return the fold of all mails about work to one person."""
    return f"{DAILY}{account_id}"


def is_daily(fold_key: str) -> bool:
    """Tell whether a row waits in the fold of all its reader's mails about work."""
    return fold_key.startswith(DAILY)


def read_daily(session: Session, account_ids: Collection[int], *, since: datetime) -> dict[int, DailyMail]:
    """Return what is known of the mails about work of each account; `since` is when its day began."""
    rows = _DAILY.fetch(session, {"ids": sorted(account_ids), "since": since})
    return {
        row.account_id: DailyMail(
            row.account_id, row.unit_code, row.told_at, row.waiting_at, row.in_hand or ()
        )
        for row in rows
    }


def put_off(session: Session, late: Sequence[PutOff], *, has_begun: bool) -> None:
    """Let claimed rows wait until their letters leave; what is no longer this sender's does not change.

    With `has_begun` the try that was counted when the hand-over began is taken back.
    """
    _PUT_OFF.run(
        session,
        {
            "ids": [one.row.id for one in late],
            "attempts": [one.row.attempt for one in late],
            "leaves_at": [one.leaves_at for one in late],
            "folds": [one.fold_key for one in late],
            "names": [int(one.keeps_name) for one in late],
            "excused": int(has_begun),
        },
    )


_FOLD = func.concat(DAILY, Account.id)
_IN_FOLD = (UNDECIDED, _OUTBOX.c.fold_key == _FOLD)
_DAILY: Final = Statement(
    select(
        Account.id.label("account_id"),
        Unit.code.label("unit_code"),
        select(func.max(_OUTBOX.c.sent_at))
        .where(
            _OUTBOX.c.account_id == Account.id,
            _OUTBOX.c.sent_at >= bindparam("since", type_=DateTime(timezone=True)),
            _OUTBOX.c.mail_class == MailClass.TASK,
        )
        .scalar_subquery()
        .label("told_at"),
        select(func.min(_OUTBOX.c.not_before))
        .where(*_IN_FOLD, _OUTBOX.c.state == MailState.NEW)
        .scalar_subquery()
        .label("waiting_at"),
        select(func.array_agg(_OUTBOX.c.message_id.distinct()))
        .where(*_IN_FOLD, _OUTBOX.c.state == MailState.SENDING)
        .scalar_subquery()
        .label("in_hand"),
    )
    .outerjoin(Person, Person.id == Account.person_id)
    .outerjoin(Unit, Unit.id == Person.unit_id)
    .where(Account.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(Account.id)
)
_LATE = given(
    "late",
    {
        "ids": ("id", Uuid()),
        "attempts": ("attempt", BigInteger()),
        "leaves_at": ("leaves_at", DateTime(timezone=True)),
        "folds": ("fold_key", Text()),
        "names": ("keeps_name", Integer()),
    },
)
_PUT_OFF: Final = Statement(
    update(_OUTBOX)
    .where(
        _OUTBOX.c.id == _LATE.c.id,
        _OUTBOX.c.attempt == _LATE.c.attempt,
        _OUTBOX.c.state == MailState.SENDING,
    )
    .values(
        state=MailState.NEW,
        not_before=_LATE.c.leaves_at,
        # What was tried is as old as it is: no second wait makes it younger.
        put_off_until=case(
            (_OUTBOX.c.state_reason.is_(None), _LATE.c.leaves_at), else_=_OUTBOX.c.put_off_until
        ),
        lease_until=null(),
        fold_key=func.coalesce(_LATE.c.fold_key, _OUTBOX.c.fold_key),
        message_id=case((_LATE.c.keeps_name == 1, _OUTBOX.c.message_id), else_=null()),
        excused_count=_OUTBOX.c.excused_count + bindparam("excused", type_=Integer),
    )
)

"""Outbox rows: a mail is promised in the transaction of what it tells, and composed when it is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.notices import NOTICES
from workflow.domain.vocabulary import MailState, NoticeKind
from workflow.store.base import table_of
from workflow.store.database import sends_mail
from workflow.store.ids import uuid7
from workflow.store.mail import Outbox
from workflow.store.statements import Statement

_INSERT = Statement(insert(table_of(Outbox)).on_conflict_do_nothing(index_elements=["dedupe_key"]))


@dataclass(frozen=True, slots=True)
class PromisedMail:
    """One mail to one account. `cause` (an event's or a rung's id) and account make it unique for ever.

    `slot` names what may share a mail: those of one account, kind and slot fold into one. `held_until`: until
    then what it tells may be undone, and it does not leave.
    """

    kind: NoticeKind
    account_id: int
    cause: UUID
    nomination_id: int | None
    at: datetime
    work_item_id: UUID | None = None
    event_id: UUID | None = None
    slot: str | None = None
    expected_return_id: int | None = None
    held_until: datetime | None = None
    fact_question_id: int | None = None


def write_notices(session: Session, notices: Iterable[PromisedMail]) -> int:
    """Write one outbox row per notice and return how many; the same cause and account again is one mail."""
    rows = _rows(list(notices), is_sent=sends_mail(session))
    if rows:
        _INSERT.run_each(session, rows)
    return len(rows)


def dedupe_key_of(notice: PromisedMail) -> str:
    """Return what makes a mail one and the same however often it is promised."""
    return f"{notice.kind}:{notice.cause}:{notice.account_id}"


def fold_key_of(notice: PromisedMail) -> str | None:
    """Return what a mail shares with those that go out as one with it, None where it goes out alone."""
    shares = NOTICES[notice.kind].folds and notice.slot is not None
    return f"{notice.kind}:{notice.account_id}:{notice.slot}" if shares else None


def _rows(notices: Sequence[PromisedMail], *, is_sent: bool) -> list[dict[str, object]]:
    rows = []
    for notice in notices:
        outbox_id = uuid7(notice.at)
        kind = NOTICES[notice.kind]
        rows.append(
            {
                "id": outbox_id,
                "dedupe_key": dedupe_key_of(notice),
                "notice": notice.kind,
                "mail_class": kind.mail_class,
                "account_id": notice.account_id,
                "nomination_id": notice.nomination_id,
                "expected_return_id": notice.expected_return_id,
                "fact_question_id": notice.fact_question_id,
                "work_item_id": notice.work_item_id,
                "event_id": notice.event_id,
                "fold_key": fold_key_of(notice) or str(outbox_id),
                "state": MailState.NEW if is_sent else MailState.CANCELLED,
                "state_reason": None if is_sent else "simulated",
                "not_before": notice.held_until or notice.at,
                "put_off_until": notice.held_until,
                "created_at": notice.at,
            }
        )
    return rows

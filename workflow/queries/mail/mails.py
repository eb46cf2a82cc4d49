"""The mails about one nomination and what became of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Row, Uuid, and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.bounces import trouble_of
from workflow.domain.reported import DeliveryAction, MailTrouble
from workflow.domain.rights.comments import Standpoint, reads_comment
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailClass, MailState, NoticeKind, known
from workflow.queries.mail.bounce import BOUNCE, Bounce, bounce_of, bounced
from workflow.queries.nominations.comments import reader_of_comments
from workflow.queries.nominations.seen import Seen, demand_seen
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, uuid
from workflow.queries.shapes import Who, is_nominee
from workflow.store.access import Account
from workflow.store.delivery import DeliveryReport
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class MailView:
    """One mail: to whom, what for, and its fate. `reason` says why it was not sent, or why it failed last.

    `notice` and `mail_class` are None where this release does not know them. Mails that were folded into one
    share a `message_id`. `bounce` says why a mail did not arrive, `delayed_at` since when a server tries. The
    nominee does not learn who was written to until the nomination is closed, nor whom a mail did not reach.
    That a comment names somebody is told to those alone who read the comment.
    """

    id: UUID
    notice: NoticeKind | None
    mail_class: MailClass | None
    recipient: Who | None
    state: MailState
    reason: str | None
    attempts: int
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None
    message_id: str | None
    bounce: Bounce | None
    delayed_at: datetime | None

    @property
    def trouble(self) -> MailTrouble:
        """What is the matter where it was not sent, as people are told it."""
        return self.bounce.trouble if self.bounce else trouble_of(self.reason or "")


_NAME: Final = "mails"
_FIRST: Final = UUID(int=0)
_delay = aliased(DeliveryReport, name="delay")
_DELAYED_AT: Final = (
    select(_delay.reported_at)
    .where(_delay.message_id == Outbox.message_id, _delay.action == DeliveryAction.DELAYED)
    .scalar_subquery()
    .label("delayed_at")
)
_MAILS: Final = Statement(
    select(
        Outbox.id,
        Outbox.notice,
        Outbox.mail_class,
        Outbox.account_id,
        Account.name,
        Outbox.state,
        Outbox.state_reason,
        Outbox.attempt,
        Outbox.created_at,
        Outbox.not_before,
        Outbox.sent_at,
        Outbox.message_id,
        *BOUNCE,
        _DELAYED_AT,
        Event.actor_id.label("author_id"),
        Event.data.label("said"),
    )
    .outerjoin(DeliveryReport, bounced())
    .outerjoin(Event, and_(Event.id == Outbox.event_id, Outbox.notice == NoticeKind.MENTIONED))
    .join(Account, Account.id == Outbox.account_id)
    .where(
        Outbox.nomination_id == bindparam("nomination_id", type_=BigInteger()),
        Outbox.mail_class != MailClass.SECURITY,
        Outbox.id > bindparam("after", type_=Uuid()),
    )
    .order_by(Outbox.id)
    .limit(bindparam("limit", type_=BigInteger()))
)


def list_mails(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    limit: int,
    cursor: str | None,
    seen: Seen | None = None,
) -> Page[MailView]:
    """Return one page of a nomination's mails, oldest first. Raises `NotFound`, `UnreadableCursor`.

    `seen` is what was found already by whoever asks for several parts of one nomination.
    """
    seen = seen or demand_seen(session, actor.scope, nomination_id)
    name = f"{_NAME}:{nomination_id}"
    (last_id,) = decode_cursor(name, cursor, uuid) if cursor is not None else (_FIRST,)
    told = {"nomination_id": nomination_id, "after": last_id, "limit": limit + 1}
    rows = _MAILS.fetch(session, told)
    withholds = is_nominee(actor, seen.person_id, seen.closed_at)
    is_talked = any(row.notice == NoticeKind.MENTIONED for row in rows)
    person = reader_of_comments(session, actor, seen) if is_talked else None
    page = cut(
        rows,
        limit,
        item=lambda row: (
            None
            if _is_for_others(row, person)
            else _view(row, is_withheld=withholds and row.account_id != actor.account_id)
        ),
        cursor=lambda row: encode_cursor(name, row.id),
    )
    return Page(tuple(mail for mail in page.items if mail is not None), page.next)


def _is_for_others(row: Row[Any], person: Standpoint | None) -> bool:
    """Return whether a mail tells of a comment that is not for this reader: they do not learn of either."""
    if person is None or row.notice != NoticeKind.MENTIONED:
        return False
    return row.said is None or not reads_comment(person, row.said["for"], row.said["seat"], row.author_id)


def _view(row: Row[Any], *, is_withheld: bool) -> MailView:
    is_hidden = is_withheld and row.state == MailState.DEAD
    return MailView(
        id=row.id,
        notice=known(NoticeKind, row.notice),
        mail_class=known(MailClass, row.mail_class),
        recipient=None if is_withheld else Who(row.account_id, row.name),
        state=MailState.SENT if is_hidden else MailState(row.state),
        reason=None if is_withheld else row.state_reason,
        attempts=row.attempt,
        created_at=row.created_at,
        not_before=row.not_before,
        sent_at=row.sent_at or (row.created_at if is_hidden else None),
        message_id=None if is_withheld else row.message_id,
        bounce=None if is_withheld else bounce_of(row),
        delayed_at=None if is_withheld else row.delayed_at,
    )

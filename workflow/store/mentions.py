"""Who is told of a comment that names them, and who has a seat that it may be told in."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    ScalarSelect,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.domain.rights.naming import Colleague
from workflow.domain.rights.scope import SUBTREE_ROLES
from workflow.store.access import Account, Grant
from workflow.store.base import Base, among, table_of
from workflow.store.conditions import TODAY, is_active, is_in_force, is_open
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination
from workflow.store.statements import Statement


class Mention(Base):
    """A comment waits to be read by somebody: whom it names (`named_id`), or who stands in for them.

    `key` is the seat by which whom it names reads it. It is closed once it was read, answered or taken back.
    """

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_account_id", "account_id", "closed_at"),
        Index("ix_mention_named_id", "named_id"),
        Index("ix_mention_nomination_id", "nomination_id"),
    )

    event_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("event.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    named_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    key: Mapped[str]
    closed_at: Mapped[datetime | None]


def named_as() -> ScalarSelect[str]:
    """Return the key by which whoever a mail is for is told of a comment that waits to be read by them.

    Null once it does not, and for the nominee, whoever became that since; correlated to `Outbox` beside its
    reader and what it is about.
    """
    return (
        select(Mention.key)
        .where(
            Mention.event_id == Outbox.event_id,
            Mention.account_id == Outbox.account_id,
            is_open(table_of(Mention).c),
            func.coalesce(Account.person_id != Nomination.person_id, true()),
        )
        .correlate(Outbox, Account, Nomination)
        .scalar_subquery()
    )


_SEAT: Final = func.split_part(Grant.key, literal_column("'@'"), literal_column("2"), type_=Text())
_ROLE: Final = func.split_part(Grant.key, literal_column("'@'"), literal_column("1"), type_=Text())
_SEATED: Final = (
    select(
        Account.id,
        Account.name,
        Account.email,
        Account.person_id,
        func.array_agg(Grant.key).label("keys"),
    )
    .join(Grant, Grant.account_id == Account.id)
    .where(is_active(Account), is_in_force(Grant, TODAY))
    .group_by(Account.id)
    .order_by(Account.name, Account.id)
)
_SEATS: Final = bindparam("seats", type_=ARRAY(Text))
_IN_SEATS: Final = Statement(_SEATED.where(any_(_SEATS) == _SEAT))
_WITH_OVERSEERS: Final = Statement(
    _SEATED.where(or_(any_(_SEATS) == _SEAT, among(_ROLE, map(str, SUBTREE_ROLES))))
)


def read_colleagues(
    session: Session, seats: Iterable[str], *, today: date, with_overseers: bool = False
) -> tuple[Colleague, ...]:
    """Return who sits in these seats today, by name, and with those who watch over work anywhere."""
    statement = _WITH_OVERSEERS if with_overseers else _IN_SEATS
    rows = statement.fetch(session, {"seats": sorted(seats), "today": today})
    return tuple(Colleague(row.id, row.name, row.email, row.person_id, frozenset(row.keys)) for row in rows)

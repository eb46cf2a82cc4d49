"""Comments that wait to be read by whoever they name, or who stands in for them: part of their work to do."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Text, any_, bindparam, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from workflow.queries.shapes import Who
from workflow.store.access import Account
from workflow.store.base import table_of
from workflow.store.conditions import is_open
from workflow.store.history import Event
from workflow.store.mentions import Mention
from workflow.store.nominations import Nomination
from workflow.store.statements import Statement
from workflow.store.visible import visible_to_any

MOST_SHOWN: Final = 50
"""Of so many comments, the newest are shown."""

# The reader, as the statements of an inbox are told of them.
_ME: Final = bindparam("account_id", type_=BigInteger())
_KEYS: Final = bindparam("keys", type_=ARRAY(Text))
_LENT: Final = bindparam("lent_seats", type_=ARRAY(Text))
_PERSON: Final = bindparam("my_person", type_=BigInteger())
_named = aliased(Account, name="named_account")


@dataclass(frozen=True, slots=True)
class MentionWaiting:
    """A comment that names the reader, or whom they stand in for (`named`): beside what, by whom, when."""

    comment_id: UUID
    nomination_id: int
    subject: str
    by: Who | None
    named: Who
    at: datetime


def how_many_mentions() -> ColumnElement[int]:
    """Return how many comments wait to be read by the reader, as a column of their counts."""
    return _of_reader(select(func.count())).scalar_subquery()


def mentions_of(session: Session, values: dict[str, object]) -> tuple[MentionWaiting, ...]:
    """Return the comments that wait for the reader whom `values` tell of, the newest first."""
    return tuple(
        MentionWaiting(
            comment_id=row.event_id,
            nomination_id=row.id,
            subject=row.subject_name,
            by=Who(row.actor_id, row.by_name) if row.actor_id is not None else None,
            named=Who(row.named_id, row.named_name),
            at=row.recorded_at,
        )
        for row in _listed().fetch(session, values)
    )


@cache
def _listed() -> Statement:
    return Statement(
        _of_reader(
            select(
                Mention.event_id,
                Mention.named_id,
                Nomination.id,
                Nomination.subject_name,
                Event.actor_id,
                Event.recorded_at,
                Account.name.label("by_name"),
                _named.name.label("named_name"),
            )
        )
        .join(Event, Event.id == Mention.event_id)
        .join(_named, _named.id == Mention.named_id)
        .outerjoin(Account, Account.id == Event.actor_id)
        .order_by(Event.recorded_at.desc(), Mention.event_id.desc())
        .limit(MOST_SHOWN)
    )


def _of_reader(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return it of what the reader may still read: they sit where it was told, and it is not about them.

    Once the nomination is closed nothing is said beside it any more, and nothing waits.
    """
    return (
        statement.select_from(Mention)
        .join(Nomination, Nomination.id == Mention.nomination_id)
        .where(
            Mention.account_id == _ME,
            is_open(table_of(Mention).c),
            or_(Mention.key == any_(_KEYS), Mention.key == any_(_LENT)),
            is_open(Nomination),
            ~func.coalesce(Nomination.person_id == _PERSON, false()),
            visible_to_any(),
        )
    )

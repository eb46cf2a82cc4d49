"""The work that waits for somebody: in their seats, handed to them, or escalated to them.

Each key somebody holds is one range of an index in due order; the list is a merge of those ranges, so that it
costs the same whatever lies in other seats.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    column,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.policy import Actor
from workflow.domain.vocabulary import MailClass, NoticeKind, Stage, WorkKind
from workflow.queries.nominations import after_due, current_edition
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant_or_none, uuid
from workflow.queries.shapes import Holder, Named, Titled, Words, holder_of, is_nominee, state_words
from workflow.queries.spans import Span, left_until, spent_since
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.visible import visible


class WhyKind(StrEnum):
    """Why something is in somebody's inbox."""

    ASSIGNED = "assigned"
    GROUP = "group"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Why:
    """Why an item is here; `source` is the seat it lies in, of an escalation the late one it came from."""

    kind: WhyKind
    source: str


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing to do. `working_time_left` is negative when late, null where nothing is due."""

    id: UUID
    kind: WorkKind
    nomination_id: int
    version: int
    subject: str
    award: Titled
    unit: Named
    round: str
    state: str
    stage: Stage
    label: Words
    is_held: bool
    why: Why
    holder: Holder | None
    opened_at: datetime
    due_at: datetime | None
    working_time_left: Span | None
    age: Span


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How much waits: everything listed, what is late, what lies in a group unclaimed, what was escalated."""

    total: int
    late: int
    unclaimed: int
    escalated: int


_NAME: Final = "inbox"
_ME: Final = bindparam("account_id", type_=WorkItem.assignee_id.type)
_KEYS: Final = bindparam("keys", type_=ARRAY(Text))
_LIMIT: Final = bindparam("limit", type_=BigInteger())
_IS_MINE: Final = WorkItem.assignee_id.is_not_distinct_from(_ME)
_IS_MY_GROUPS: Final = WorkItem.owner_key == any_(_KEYS)
# The mail that told somebody is the record that an escalation reached them.
_ESCALATED: Final = select(Outbox.work_item_id).where(
    Outbox.account_id == _ME,
    Outbox.mail_class == MailClass.ESCALATION,
    Outbox.notice == NoticeKind.ESCALATION,
)


def inbox(
    session: Session, *, actor: Actor, now: datetime, limit: int, cursor: str | None
) -> Page[InboxItem]:
    """Return one page of the open work that waits for the actor, by due date, undated last.

    What somebody else has taken is not in it unless an escalation brought it. Raises `UnreadableCursor`.
    """
    after: list[ColumnElement[bool]] = []
    if cursor is not None:
        after.append(
            after_due(WorkItem.due_at, WorkItem.id, *decode_cursor(_NAME, cursor, instant_or_none, uuid))
        )
    rows = session.execute(
        _details(_waiting(actor, *after, is_cut=True)),
        {**_values(actor), "limit": limit + 1, "today": local_day(session, now)},
    ).all()
    return cut(
        rows,
        limit,
        item=lambda row: _item(session, row, actor, now),
        cursor=lambda row: encode_cursor(_NAME, row.due_at, row.id),
    )


def inbox_counts(session: Session, *, actor: Actor, now: datetime) -> InboxCounts:
    """Return how much waits for the actor."""
    waiting = _waiting(actor, is_cut=False)
    row = session.execute(
        select(
            func.count(),
            func.count().filter(WorkItem.due_at < now),
            func.count().filter(WorkItem.assignee_id.is_(None), _IS_MY_GROUPS),
            func.count().filter(~_IS_MINE, ~_IS_MY_GROUPS),
        )
        .select_from(waiting)
        .join(WorkItem, WorkItem.id == waiting.c.id),
        _values(actor),
    ).one()
    return InboxCounts(*row)


def _values(actor: Actor) -> dict[str, object]:
    return {"account_id": actor.account_id, "keys": sorted(actor.keys)}


def _waiting(actor: Actor, *after: ColumnElement[bool], is_cut: bool) -> CTE:
    """Return the ids of what waits for the actor, of each source at most one page when it is cut."""
    held = func.unnest(_KEYS).table_valued(column("key", Text)).render_derived(name="held")
    is_free = or_(WorkItem.assignee_id.is_(None), _IS_MINE)
    in_seats = _open(actor, WorkItem.owner_key == held.c.key, is_free, *after, is_cut=is_cut).lateral(
        "in_seats"
    )
    handed = _open(actor, WorkItem.assignee_id == _ME, *after, is_cut=is_cut).subquery("handed")
    escalated = _open(actor, WorkItem.id.in_(_ESCALATED), *after, is_cut=is_cut).subquery("escalated")
    return union(
        select(in_seats.c.id).select_from(held).join(in_seats, true()),
        select(handed.c.id),
        select(escalated.c.id),
    ).cte("waiting")


def _open(actor: Actor, *conditions: ColumnElement[bool], is_cut: bool) -> Select[*tuple[Any, ...]]:
    statement = (
        select(WorkItem.id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(WorkItem.closed_at.is_(None), visible(actor.scope), *conditions)
    )
    return statement.order_by(WorkItem.due_at, WorkItem.id).limit(_LIMIT) if is_cut else statement


def _details(waiting: CTE) -> Select[*tuple[Any, ...]]:
    return (
        select(
            WorkItem.id,
            WorkItem.kind,
            WorkItem.owner_key,
            WorkItem.assignee_id,
            WorkItem.opened_at,
            WorkItem.due_at,
            Account.name.label("assignee"),
            _IS_MINE.label("is_mine"),
            _IS_MY_GROUPS.label("is_my_groups"),
            Nomination.id.label("nomination_id"),
            Nomination.version,
            Nomination.subject_name,
            Nomination.person_id,
            Nomination.state,
            Nomination.stage,
            Nomination.is_held,
            Nomination.definition_id,
            Award.code.label("award"),
            AwardEdition.name_vi,
            AwardEdition.name_en,
            Unit.code.label("unit"),
            UnitEdition.name.label("unit_name"),
            Round.code.label("round"),
        )
        .select_from(waiting)
        .join(WorkItem, WorkItem.id == waiting.c.id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, current_edition())
        .join(Round, Round.id == Nomination.round_id)
        .outerjoin(Account, Account.id == WorkItem.assignee_id)
        .order_by(WorkItem.due_at.asc().nulls_last(), WorkItem.id)
        .limit(_LIMIT)
    )


def _item(session: Session, row: Row[Any], actor: Actor, now: datetime) -> InboxItem:
    definition = load_definition(session, row.definition_id)
    return InboxItem(
        id=row.id,
        kind=WorkKind(row.kind),
        nomination_id=row.nomination_id,
        version=row.version,
        subject=row.subject_name,
        award=Titled(row.award, Words(row.name_vi, row.name_en)),
        unit=Named(row.unit, row.unit_name or row.unit),
        round=row.round,
        state=row.state,
        stage=Stage(row.stage),
        label=state_words(definition, row.state),
        is_held=row.is_held,
        why=Why(_why(row), row.owner_key),
        holder=holder_of(
            row.owner_key,
            row.assignee_id,
            row.assignee,
            is_withheld=is_nominee(actor, row.person_id, None) and row.assignee_id != actor.account_id,
        ),
        opened_at=row.opened_at,
        due_at=row.due_at,
        working_time_left=left_until(session, definition, row.due_at, now),
        age=spent_since(session, definition, row.opened_at, now),
    )


def _why(row: Row[Any]) -> WhyKind:
    if row.is_mine:
        return WhyKind.ASSIGNED
    return WhyKind.GROUP if row.is_my_groups else WhyKind.ESCALATED

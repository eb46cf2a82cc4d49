"""A person's due dates for a calendar program: what waits, as the inbox has it, and what no longer does.

So what waits for somebody away stands in the feed of whoever acts for them.

Nothing is kept of what a program has read. What was told of in the last weeks and does not wait any more is
called off; how often a date may have moved is counted in the history of what it is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.orm import Session

from workflow.domain.history.chain import stream_of_work
from workflow.domain.notices import AROUND
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MORE_TIME, REPLAN, UNDONE, BuiltIn, NoticeKind
from workflow.queries.inbox.inbox import inbox
from workflow.queries.inbox.rows import InboxItem
from workflow.queries.me import actor_of_account
from workflow.queries.shapes import Words
from workflow.store.access import Account, CalendarFeed
from workflow.store.awards import AwardEdition, Round
from workflow.store.base import among
from workflow.store.conditions import is_active, is_open, named_edition
from workflow.store.database import local_day
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn

CALLED_OFF_FOR: Final = timedelta(weeks=4)
"""How long a date stands there as called off, so that a program that reads seldom learns of it."""
MOST_DATES: Final = 500
_PAGE: Final = 100
_MOVES: Final = (
    REPLAN,
    MORE_TIME,
    "extend",
    BuiltIn.HOLD,
    BuiltIn.RELEASE_HOLD,
    BuiltIn.REQUEST_INFO,
    BuiltIn.ANSWER_INFO,
    BuiltIn.ASK_OPINION,
    BuiltIn.CLAIM,
    BuiltIn.RELEASE,
    BuiltIn.REASSIGN,
    BuiltIn.TAKE_OVER,
    UNDONE,
)


@dataclass(frozen=True, slots=True)
class DueDate:
    """One date of a feed. `sequence` grows whenever the date may have moved, and when it is called off.

    About a nomination, by its number, or about what a unit owes a round; no name of anybody is in it.
    """

    work_item_id: UUID
    nomination_id: int | None
    award: Words | None
    round: str
    round_title: str
    unit_name: str
    label: Words | None
    reason: Words | None
    due_at: datetime
    sequence: int
    changed_at: datetime
    is_called_off: bool


def feed_reader(session: Session, *, token_hash: bytes, now: datetime) -> Actor | None:
    """Return whose feed has the secret with this hash, None where nobody's has."""
    account_id = session.scalar(
        select(CalendarFeed.account_id)
        .join(Account, Account.id == CalendarFeed.account_id)
        .where(CalendarFeed.token_hash == token_hash, is_active(Account))
    )
    return None if account_id is None else actor_of_account(session, account_id, now=now)


def feed_since(session: Session, *, actor: Actor) -> datetime | None:
    """Return since when the actor's feed has its address, None where there is none."""
    return session.scalar(select(CalendarFeed.created_at).where(CalendarFeed.account_id == actor.account_id))


def due_dates(session: Session, *, actor: Actor, now: datetime) -> Sequence[DueDate]:
    """Return the dates of what waits for the actor, the next first, then what was called off of late."""
    every = list(_waiting(session, actor, now))
    waiting = [item for item in every if item.due_at is not None]
    over = _told_of(session, actor, {item.id for item in every}, now)
    moves = _moves(session, [*(_stream(item) for item in waiting), *(_stream(row) for row in over)])
    named = _named_at(session, actor)
    return [
        *(_open(item, [*moves.get(_stream(item), ()), *named]) for item in waiting),
        *(_called_off(row, [*moves.get(_stream(row), ()), *named], now) for row in over),
    ]


def _waiting(session: Session, actor: Actor, now: datetime) -> Iterator[InboxItem]:
    cursor, seen = None, 0
    while seen < MOST_DATES:
        page = inbox(session, actor=actor, now=now, limit=_PAGE, cursor=cursor, with_set_aside=True)
        yield from page.items
        seen, cursor = seen + len(page.items), page.next
        if cursor is None:
            return


def _told_of(session: Session, actor: Actor, waiting: set[UUID], now: datetime) -> list[Any]:
    """Return what the actor was written to about of late and does not wait for them any more, or is on hold.

    Not what others held and the actor was told of in their place, nor what is open in a seat of the actor's
    and stands beyond the most that a feed has.
    """
    told = (
        select(Outbox.work_item_id)
        .where(
            Outbox.account_id == actor.account_id,
            Outbox.created_at > now - 2 * CALLED_OFF_FOR,
            Outbox.work_item_id.is_not(None),
            ~Outbox.fold_key.endswith(AROUND, autoescape=True),
        )
        .distinct()
    )
    is_mine = or_(
        # Never null: what nobody took and the actor may not take any more is called off too.
        WorkItem.assignee_id.is_not_distinct_from(actor.account_id),
        and_(WorkItem.assignee_id.is_(None), among(WorkItem.owner_key, actor.keys)),
    )
    rows = session.execute(
        select(
            WorkItem.id,
            WorkItem.nomination_id,
            WorkItem.expected_return_id,
            WorkItem.opened_at,
            WorkItem.closed_at,
            WorkItem.due_at,
            AwardEdition.name_vi,
            AwardEdition.name_en,
            Round.code.label("round"),
            Round.title.label("round_title"),
            func.coalesce(UnitEdition.name, Unit.code).label("unit_name"),
        )
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
        .outerjoin(Round, Round.id == func.coalesce(Nomination.round_id, ExpectedReturn.round_id))
        .outerjoin(Unit, Unit.id == func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id))
        .outerjoin(UnitEdition, named_edition(local_day(session, now)))
        .where(
            WorkItem.id.in_(told),
            or_(
                Nomination.is_held,
                and_(is_open(WorkItem), not_(is_mine), not_(among(WorkItem.id, waiting))),
                WorkItem.closed_at > now - CALLED_OFF_FOR,
            ),
        )
        .order_by(WorkItem.opened_at.desc(), WorkItem.id)
        .limit(MOST_DATES)
    ).all()
    return list(rows)


def _stream(item: Any) -> str:  # noqa: ANN401 - a row or an item: both say what they are about
    return stream_of_work(item.nomination_id, item.expected_return_id)


def _moves(session: Session, streams: Sequence[str]) -> Mapping[str, Sequence[datetime]]:
    """Return when the dates of each stream may have moved, or their work changed hands."""
    rows = session.execute(
        select(Event.stream, func.array_agg(Event.recorded_at).label("moved_at"))
        .where(among(Event.stream, set(streams)), Event.action.in_(_MOVES))
        .group_by(Event.stream)
    )
    return {row.stream: row.moved_at for row in rows}


def _named_at(session: Session, actor: Actor) -> Sequence[datetime]:
    """Return when the actor was told that they act for somebody, or no longer: what is lent comes again."""
    told = (Outbox.account_id == actor.account_id, Outbox.notice == NoticeKind.SUBSTITUTION)
    return session.scalars(select(Outbox.created_at).where(*told)).all()


def _open(item: InboxItem, moves: Sequence[datetime]) -> DueDate:
    moved = [at for at in moves if at >= item.opened_at]
    return DueDate(
        work_item_id=item.id,
        nomination_id=item.nomination_id,
        award=item.award.title if item.award else None,
        round=item.round,
        round_title=item.round_title,
        unit_name=item.unit.name,
        label=item.label,
        reason=item.due_explained.text if item.due_explained else None,
        due_at=item.due_at or item.opened_at,
        sequence=2 * len(moved),
        changed_at=max([item.opened_at, *moved]),
        is_called_off=False,
    )


def _called_off(row: Any, moves: Sequence[datetime], now: datetime) -> DueDate:  # noqa: ANN401 - a row of `_told_of`
    moved = [at for at in moves if at >= row.opened_at]
    changed_at = max([row.opened_at, *moved, *([row.closed_at] if row.closed_at else [])])
    return DueDate(
        work_item_id=row.id,
        nomination_id=row.nomination_id,
        award=Words(row.name_vi, row.name_en) if row.name_vi else None,
        round=row.round or "",
        round_title=row.round_title or "",
        unit_name=row.unit_name or "",
        label=None,
        reason=None,
        # On hold nothing is due; the program only has to know which date it was.
        due_at=row.due_at or min(changed_at, now),
        # Above what it was while it waited, below what it is when it waits again.
        sequence=2 * len(moved) + 1,
        changed_at=changed_at,
        is_called_off=True,
    )

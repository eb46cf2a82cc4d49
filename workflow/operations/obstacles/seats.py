"""Open work whose people cannot do it: gone, without the role, set aside, or out of reach of letters.

Seats are few and open work is much: whoever sits somewhere is counted for each seat once, and taken off again
where they are set aside. Only reads, and answers with what it found, not with all it looked at.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import CTE, Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from workflow.domain.obstacles import ObstacleReason, reason_for_nobody
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import CLUSTER_SEAT, Holder, SetAside
from workflow.domain.vocabulary import Stage, SubjectKind, WorkKind
from workflow.operations.obstacles.parts import Part, waits
from workflow.store.access import Account, Grant
from workflow.store.base import among
from workflow.store.conditions import is_active, is_away, is_in_force, is_left, is_open, is_reachable
from workflow.store.locked import read_nominations
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Person
from workflow.store.people import load_holders

Found: TypeAlias = Iterator[tuple[UUID, ObstacleReason]]
_NOBODY: Final = Actor(account_id=0, name="")
_AT_CLUSTER: Final = f"@{CLUSTER_SEAT}"


def nobody_reached(session: Session, part: Part, *, today: date) -> Found:
    """Yield work that nobody took, of a seat where no letter reaches anybody who could, with the reason.

    Found are those of seats where nobody is there in person; of these few the policy is asked who acts for
    whom (`load_holders`), and who is set aside.
    """
    rows = session.execute(_untaken(part, today)).all()
    keys = {row.owner_key for row in rows}
    acting = load_holders(session, keys, today=today)
    seated: dict[str, list[Holder]] = defaultdict(list)
    sits = _sits(today)
    for one in session.execute(select(sits).where(among(sits.c.key, keys))):
        seated[one.key].append(Holder(one.key, one.account_id, one.person_id, one.unit_id))
    for row in rows:
        aside = SetAside(
            None if row.stage == Stage.DRAFT or row.kind == WorkKind.ANSWER else row.person_id,
            row.unit_id if row.subject_kind == SubjectKind.COLLECTIVE else None,
        )
        there = [one for one in seated[row.owner_key] if not aside.takes_in(one)]
        free = [one for one in acting.get(row.owner_key, ()) if not aside.takes_in(one)]
        if not any(one.is_reachable for one in free):
            yield row.id, reason_for_nobody(len(seated[row.owner_key]), len(there), len(free))


def takers_lost(session: Session, part: Part, *, today: date, now: datetime) -> Found:
    """Yield work whose taker is disabled, lost the role, is set aside or cannot be reached."""
    rows = session.execute(_taken(part, today)).all()
    doubtful = sorted(row.nomination_id for row in rows if not row.is_disabled and not row.holds_seat)
    read = read_nominations(session, doubtful, actor=_NOBODY, now=now)
    lost = {number for number, one in read.items() if one.taken_by and one.facts.assignee_id is None}
    for row in rows:
        if row.is_disabled:
            yield row.id, ObstacleReason.ASSIGNEE_GONE
        elif row.is_left:
            yield row.id, ObstacleReason.AWAY
        elif row.is_set_aside:
            yield row.id, ObstacleReason.CONFLICTED
        elif row.nomination_id in lost:
            yield row.id, ObstacleReason.ROLE_LOST
        elif not row.is_reachable and not row.is_away:
            yield row.id, ObstacleReason.UNREACHABLE


def _untaken(part: Part, today: date) -> Select[*tuple[Any, ...]]:
    sits = _sits(today)
    seat = (
        select(sits.c.key, func.count().label("reached"))
        .where(sits.c.is_reachable, ~sits.c.is_away)
        .group_by(sits.c.key)
        .cte("seat")
    )
    aside = _aside(sits, part)
    reached_count = func.coalesce(seat.c.reached, 0) - func.coalesce(aside.c.reached, 0)
    return (
        select(
            WorkItem.id,
            WorkItem.owner_key,
            WorkItem.kind,
            Nomination.person_id,
            Nomination.unit_id,
            Nomination.subject_kind,
            Nomination.stage,
        )
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(seat, seat.c.key == WorkItem.owner_key)
        .outerjoin(aside, aside.c.id == WorkItem.id)
        .where(*waits(part), WorkItem.assignee_id.is_(None), reached_count <= 0)
    )


def _sits(today: date) -> CTE:
    """Whoever sits in a seat today, each once however many terms they have there."""
    return (
        select(
            Grant.key,
            Account.id.label("account_id"),
            Account.person_id,
            Person.unit_id,
            is_reachable(Account).label("is_reachable"),
            is_away(Account.id, Grant.key, today).label("is_away"),
        )
        .join(Account, Account.id == Grant.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(is_active(Account), is_in_force(Grant, today))
        .distinct()
        .cte("sits")
        .prefix_with("MATERIALIZED")
    )


def _aside(sits: CTE, part: Part) -> CTE:
    """How many of those who are there in person where work lies are set aside for it (`set_aside_of`)."""
    is_there = and_(sits.c.is_reachable, ~sits.c.is_away)
    nominees = (
        select(WorkItem.id, sits.c.account_id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .join(sits, and_(sits.c.key == WorkItem.owner_key, sits.c.person_id == Nomination.person_id))
        .where(
            is_open(WorkItem),
            part,
            WorkItem.assignee_id.is_(None),
            Nomination.stage != Stage.DRAFT,
            WorkItem.kind != WorkKind.ANSWER,
            is_there,
        )
    )
    of_unit = (
        select(WorkItem.id, sits.c.account_id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .join(sits, and_(sits.c.key == WorkItem.owner_key, sits.c.unit_id == Nomination.unit_id))
        .where(
            is_open(WorkItem),
            part,
            WorkItem.assignee_id.is_(None),
            Nomination.subject_kind == SubjectKind.COLLECTIVE,
            sits.c.key.contains(_AT_CLUSTER, autoescape=True),
            is_there,
        )
    )
    each = union(nominees, of_unit).subquery("each_aside")
    return select(each.c.id, func.count().label("reached")).group_by(each.c.id).cte("aside")


def _taken(part: Part, today: date) -> Select[*tuple[Any, ...]]:
    """Work in somebody's hands that may not stay there: most is left out by what stands in its own row."""
    taker, person, seat = aliased(Account), aliased(Person), aliased(Grant)
    holds_seat = exists().where(
        seat.account_id == WorkItem.assignee_id, seat.key == WorkItem.owner_key, is_in_force(seat, today)
    )
    is_nominee = and_(taker.person_id == Nomination.person_id, Nomination.stage != Stage.DRAFT)
    is_of_unit = and_(
        Nomination.subject_kind == SubjectKind.COLLECTIVE,
        person.unit_id == Nomination.unit_id,
        WorkItem.owner_key.contains(_AT_CLUSTER, autoescape=True),
    )
    is_set_aside = func.coalesce(or_(is_nominee, is_of_unit), False)
    return (
        select(
            WorkItem.id,
            WorkItem.nomination_id,
            ~is_active(taker).label("is_disabled"),
            is_set_aside.label("is_set_aside"),
            holds_seat.label("holds_seat"),
            is_reachable(taker).label("is_reachable"),
            is_away(WorkItem.assignee_id, WorkItem.owner_key, today).label("is_away"),
            is_left(today).label("is_left"),
        )
        .join(taker, taker.id == WorkItem.assignee_id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(person, person.id == taker.person_id)
        .where(
            *waits(part),
            or_(
                ~is_active(taker),
                is_set_aside,
                ~holds_seat,
                ~is_reachable(taker),
                is_away(WorkItem.assignee_id, WorkItem.owner_key, today),
            ),
        )
    )

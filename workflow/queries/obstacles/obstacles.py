"""What keeps open work from going on, for those who watch over it: the most urgent first, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Row, Select, Text, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.errors import Forbidden, Reason
from workflow.domain.obstacles import ObstacleReason, Remedy
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.roles_held import may_see_obstacles
from workflow.queries.obstacles.remedies import Help, help_for
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant_or_none, name_of, whole
from workflow.queries.shapes import (
    UNIT_COLUMNS,
    HolderView,
    InHands,
    Named,
    Who,
    Words,
    holder_in,
    state_words,
    unit_of_row,
)
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.clusters import kind_of_cluster
from workflow.store.codes import stored_code
from workflow.store.conditions import or_never
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.obstacles import Obstacle
from workflow.store.obstacles_watched import STANDING, joined_obstacles, watched_values
from workflow.store.organisation import Unit
from workflow.store.statements import Statement
from workflow.store.visible import visible_to_any

_NAME: Final = "obstacles"


_REASON: Final = bindparam("reason", type_=Text())
_UNIT: Final = bindparam("unit", type_=Text())
_WANTED: Final = (
    or_(_REASON.is_(None), Obstacle.reason == _REASON),
    or_(_UNIT.is_(None), Unit.code == _UNIT),
)
_AFTER: Final = (
    bindparam("after_due", type_=DateTime(timezone=True)),
    bindparam("after_id", type_=BigInteger()),
)
_BEGINNING: Final = {"after_due": "-infinity", "after_id": 0}


def _shown() -> Select[*tuple[Any, ...]]:
    due = or_never(WorkItem.due_at)
    shown = select(
        Obstacle.id,
        Obstacle.reason,
        Obstacle.opened_at,
        Obstacle.work_count,
        WorkItem.due_at,
        WorkItem.owner_key,
        WorkItem.expected_return_id,
        Nomination.id.label("nomination_id"),
        Nomination.version,
        Nomination.subject_name,
        Nomination.state,
        Nomination.definition_id,
        func.coalesce(visible_to_any(), False).label("is_named"),
        Unit.id.label("unit_id"),
        *UNIT_COLUMNS,
        Round.code.label("round"),
        Round.title.label("round_title"),
        Round.owner_unit_id,
        Round.closed_at.label("round_closed_at"),
        Account.id.label("assignee_id"),
        Account.name.label("assignee"),
        kind_of_cluster(joins_round=True).label("cluster_kind"),
    )
    return (
        joined_obstacles(shown)
        .where(*STANDING, *_WANTED, tuple_(due, Obstacle.id) > tuple_(*_AFTER))
        .order_by(due, Obstacle.id)
        .limit(bindparam("most", type_=BigInteger()))
    )


_PAGE: Final = Statement(_shown())
_COUNTS: Final = Statement(
    joined_obstacles(select(Obstacle.reason, func.count().label("found")))
    .where(*STANDING, *_WANTED)
    .group_by(Obstacle.reason)
)


@dataclass(frozen=True, slots=True)
class ObstacleFilters:
    """What to leave out; None leaves nothing out. `unit` is a code."""

    reason: ObstacleReason | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ObstacleView:
    """One reason why work cannot go on, since when, and what you can do about it.

    It lies before a nomination, before what a unit owes a round (`expected_return_id`), or before all that is
    ready for a round's council (`work_count` of them). Of a nomination that you may only count there is
    neither number nor subject. `assignees` could take it over, `unreached` are those whose addresses send
    mails back, `empty_keys` the seats in which nobody could make a move.
    """

    id: int
    reason: ObstacleReason
    opened_at: datetime
    due_at: datetime | None
    work_count: int
    nomination_id: int | None
    version: int | None
    expected_return_id: int | None
    subject: str | None
    unit: Named
    round: str
    round_title: str
    label: Words | None
    holder: HolderView | None
    remedies: tuple[Remedy, ...]
    assignees: tuple[Who, ...]
    unreached: tuple[Who, ...]
    empty_keys: tuple[str, ...]


def list_obstacles(
    session: Session,
    *,
    actor: Actor,
    filters: ObstacleFilters,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[ObstacleView]:
    """Return one page of what stands now, by due date. Raises `UnreadableCursor`, `Forbidden` to others."""
    _demand_sight(actor)
    values = {**_values(session, actor, filters, now), **_BEGINNING, "most": limit + 1}
    name = name_of(_NAME, filters)
    if cursor is not None:
        due_at, last = decode_cursor(name, cursor, instant_or_none, whole)
        values |= {"after_due": due_at.isoformat() if due_at else "infinity", "after_id": last}
    rows = _PAGE.fetch(session, values)
    helps = help_for(session, rows[:limit], actor=actor, now=now)
    return cut(
        rows,
        limit,
        item=lambda row: _view(session, row, helps[row.id]),
        cursor=lambda row: encode_cursor(name, row.due_at, row.id),
    )


def count_obstacles(
    session: Session, *, actor: Actor, filters: ObstacleFilters, now: datetime
) -> Mapping[ObstacleReason, int]:
    """Return how much stands now by reason, in the order of the reasons. Raises `Forbidden` to others."""
    _demand_sight(actor)
    rows = _COUNTS.fetch(session, _values(session, actor, filters, now))
    found = {row.reason: row.found for row in rows}
    return {reason: found[reason] for reason in ObstacleReason if reason in found}


def _demand_sight(actor: Actor) -> None:
    if not may_see_obstacles(actor):
        message = "Only those who watch over work see what keeps it from going on."
        raise Forbidden(message, reasons=[Reason("no_overseer", message)])


def _values(session: Session, actor: Actor, filters: ObstacleFilters, now: datetime) -> dict[str, object]:
    """Return what the statements are told: by whom they are asked, when, and for what."""
    unit = None if filters.unit is None else stored_code(session, Unit.code, filters.unit)
    wanted = {"reason": filters.reason, "unit": unit}
    return {**watched_values(actor, now=now, today=local_day(session, now)), **wanted}


def _view(session: Session, row: Row[Any], found: Help) -> ObstacleView:
    is_named = row.is_named and row.nomination_id is not None
    label = None
    if row.nomination_id is not None:
        label = state_words(shown_definition(session, row.definition_id), row.state, row.cluster_kind)
    hands = None if row.assignee_id is None else InHands(Who(row.assignee_id, row.assignee or ""))
    return ObstacleView(
        id=row.id,
        reason=ObstacleReason(row.reason),
        opened_at=row.opened_at,
        due_at=row.due_at,
        work_count=row.work_count,
        nomination_id=row.nomination_id if is_named else None,
        version=row.version if is_named else None,
        expected_return_id=row.expected_return_id,
        subject=row.subject_name if is_named else None,
        unit=unit_of_row(row),
        round=row.round,
        round_title=row.round_title,
        label=label,
        holder=holder_in(row.owner_key, hands) if row.owner_key else None,
        remedies=found.remedies,
        assignees=found.assignees,
        unreached=found.unreached,
        empty_keys=found.empty_keys,
    )

"""What a board reads: counts and open work of a round, grouped by the database, and what each unit owes.

Two grouped statements over the nominations of one round and one over its units, whatever the numbers.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Row,
    Select,
    SQLColumnExpression,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth, Scope
from workflow.domain.vocabulary import FINAL_STAGES, WorkKind
from workflow.queries.progress import Marks, Progress, marks_of, matching
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.conditions import is_active, is_open, named_edition, open_work_of, taken_by
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn, Submission
from workflow.store.visible import visible

MOST_UNITS: Final = 2000


@dataclass(frozen=True, slots=True)
class BoardCount:
    """How many nominations there are, and how many of them the reader may open by name."""

    total: int = 0
    named: int = 0

    @property
    def unnamed(self) -> int:
        """How many the reader may count and not open."""
        return self.total - self.named


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """A unit's open nominations of one route in one step, as one: the oldest's holder, the latest due date.

    `assignee_id` is null where nobody took the oldest, or where the reader may not name it (`is_named`).
    `holds` are those of the oldest, as its visit keeps them.
    """

    definition_id: int
    state: str
    stage: str
    subject_kind: str
    items: int
    owner_key: str
    assignee_id: int | None
    is_named: bool
    oldest_since: datetime
    latest_due_at: datetime | None
    holds: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A participating unit: who it is, what it owes (None where nothing is expected), its open work."""

    unit_id: int
    code: str
    name: str
    name_search: str
    officer_name: str
    officer_telephone: str
    due_on: date | None
    admitted_until: date | None
    sent_at: datetime | None
    answered_at: datetime | None
    accountable: str | None
    owner_key: str | None
    assignee_id: int | None
    opened_at: datetime | None
    has_submission: bool


def count_by_unit(
    session: Session, *, scope: Scope, round_id: int, now: datetime
) -> dict[int, dict[Progress, BoardCount]]:
    """Return every count of every unit whose nominations in the round the scope counts, by the unit's id."""
    found = _marked(session, scope, round_id, now)
    marks = Marks(**{name: found.c[name] for name in Marks.__dataclass_fields__})
    numbers = [
        column
        for progress in Progress
        for column in (
            _sum(found, matching(progress, marks)).label(f"{progress}_total"),
            _sum(found, and_(matching(progress, marks), found.c.is_named)).label(f"{progress}_named"),
        )
    ]
    # Of 400 units most counts are alike, so each pair of numbers is made once.
    count = cache(BoardCount)
    return {
        unit_id: {
            progress: count(*pair)
            for progress, pair in zip(Progress, zip(pairs[::2], pairs[1::2], strict=True), strict=True)
        }
        for unit_id, *pairs in session.execute(select(found.c.unit_id, *numbers).group_by(found.c.unit_id))
    }


def _marked(session: Session, scope: Scope, round_id: int, now: datetime) -> Subquery:
    """Group the round's nominations by unit and marks, so that each mark is worked out once for each."""
    # Looked up for each: joined, the open work of all rounds would be read.
    opened = (
        select(WorkItem.due_at, WorkItem.kind).where(open_work_of(Nomination)).offset(0).lateral("opened")
    )
    marks = marks_of(session, now=now, work=opened.c)
    columns = [getattr(marks, name).label(name) for name in Marks.__dataclass_fields__]
    keys = (Nomination.unit_id, visible(scope).label("is_named"), *columns)
    places: list[ColumnElement[Any]] = [literal_column(str(place)) for place in range(1, len(keys) + 1)]
    return (
        select(*keys, func.count().label("found"))
        .outerjoin(opened, true())
        .where(Nomination.round_id == round_id, visible(scope, Depth.COUNT))
        .group_by(*places)
        .subquery("marked")
    )


def _sum(found: FromClause, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(found.c.found).filter(condition), 0), BigInteger)


def open_groups(session: Session, *, actor: Actor, round_id: int) -> dict[int, list[OpenGroup]]:
    """Return the open work of each unit that the actor counts, one entry for each route, step and kind."""
    is_shown = visible(actor.scope)
    if actor.person_id is not None:
        # The nominee learns with the result who reviews.
        is_shown = and_(is_shown, Nomination.person_id.is_distinct_from(actor.person_id))
    order = (WorkItem.opened_at, WorkItem.id)
    keys = (
        Nomination.unit_id,
        Nomination.definition_id,
        Nomination.state,
        Nomination.stage,
        Nomination.subject_kind,
    )
    assignee = case((is_shown, Account.id), else_=null())
    grouped = (
        select(
            *keys,
            func.count().label("items"),
            _first(WorkItem.owner_key, Text(), order).label("owner_key"),
            _first(assignee, BigInteger(), order).label("assignee_id"),
            _first(is_shown, Boolean(), order).label("is_named"),
            func.min(WorkItem.opened_at).label("oldest_since"),
            func.max(WorkItem.due_at).label("latest_due_at"),
            _first(WorkItem.visit_id, Uuid(), order).label("visit_id"),
        )
        .join(WorkItem, WorkItem.nomination_id == Nomination.id)
        .outerjoin(Account, taken_by())
        .where(
            Nomination.round_id == round_id,
            Nomination.stage.not_in(FINAL_STAGES),
            is_open(WorkItem),
            visible(actor.scope, Depth.COUNT),
        )
        .group_by(*keys)
        .subquery("grouped")
    )
    # Of a question that waits nothing is left out: the step's clock stands, and not that of who was asked.
    is_question = exists().where(open_work_of(Visit), WorkItem.kind == WorkKind.ANSWER)
    left_out = case((and_(Visit.holds.is_not(None), ~is_question), Visit.holds))
    holds = select(left_out).where(Visit.id == grouped.c.visit_id).scalar_subquery()
    # What is kept of the oldest is found by its key, once for each group.
    columns = [one for one in grouped.c if one.name != "visit_id"]
    statement: Select[*tuple[Any, ...]] = select(*columns, holds.label("holds"))
    groups: dict[int, list[OpenGroup]] = defaultdict(list)
    for row in session.execute(statement):
        facts = (*row[1:-1], tuple(row.holds or ()))
        groups[row.unit_id].append(OpenGroup(*facts))
    return groups


def _first(
    value: SQLColumnExpression[Any], kind: TypeEngine[Any], order: Sequence[SQLColumnExpression[Any]]
) -> ColumnElement[Any]:
    ordered = func.array_agg(aggregate_order_by(value, *order), type_=ARRAY(kind))
    return ordered[1]


def participating(session: Session, *, round_id: int, counted: Sequence[int], today: date) -> list[UnitFacts]:
    """Return the units that owe the round a paper, and those of the ids given that owe none, by name."""
    statement = _UNITS.where(
        or_(ExpectedReturn.id.is_not(None), among(Unit.id, counted))
        if counted
        else ExpectedReturn.id.is_not(None)
    )
    rows = session.execute(statement, {"round_id": round_id, "today": today})
    return [_facts(row) for row in rows]


def _units() -> Select[*tuple[Any, ...]]:
    today = bindparam("today", type_=UnitEdition.valid_from.type)
    paper = exists().where(Submission.round_id == bindparam("round_id"), Submission.unit_id == Unit.id)
    return (
        select(
            Unit.id,
            Unit.code,
            UnitEdition.name,
            UnitEdition.name_search,
            UnitEdition.officer_name,
            UnitEdition.officer_telephone,
            ExpectedReturn.due_on,
            ExpectedReturn.admitted_until,
            ExpectedReturn.sent_at,
            ExpectedReturn.answered_at,
            Account.name.label("accountable"),
            WorkItem.owner_key,
            WorkItem.assignee_id,
            WorkItem.opened_at,
            paper.label("has_submission"),
        )
        .outerjoin(UnitEdition, named_edition(today))
        .outerjoin(
            ExpectedReturn,
            and_(ExpectedReturn.unit_id == Unit.id, ExpectedReturn.round_id == bindparam("round_id")),
        )
        # Who was disabled answers for nothing any more.
        .outerjoin(Account, and_(Account.id == ExpectedReturn.accountable_id, is_active(Account)))
        .outerjoin(WorkItem, open_work_of(ExpectedReturn))
        .order_by(UnitEdition.name_sort, Unit.code_sort)
        .limit(MOST_UNITS)
    )


_UNITS: Final = _units()


def _facts(row: Row[Any]) -> UnitFacts:
    return UnitFacts(
        unit_id=row.id,
        code=row.code,
        name=row.name or row.code,
        name_search=row.name_search or row.code,
        officer_name=row.officer_name or "",
        officer_telephone=row.officer_telephone or "",
        due_on=row.due_on,
        admitted_until=row.admitted_until,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        accountable=row.accountable,
        owner_key=row.owner_key,
        assignee_id=row.assignee_id,
        opened_at=row.opened_at,
        has_submission=row.has_submission,
    )

"""The list of nominations that somebody may see, by the words that filters and addresses use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, SQLColumnExpression, and_, any_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.names import name_search
from workflow.domain.only import read_runs
from workflow.domain.rights.policy import Actor
from workflow.domain.route.way import OnTheWay, on_the_way
from workflow.domain.vocabulary import Stage, SubjectKind, WorkKind
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant_or_none, name_of, whole
from workflow.queries.progress import Progress, marks_of, matching
from workflow.queries.shapes import (
    AWARD_COLUMNS,
    UNIT_COLUMNS,
    HolderView,
    Named,
    Titled,
    Words,
    award_of_row,
    holder_of_row,
    is_nominee,
    state_words,
    unit_of_row,
)
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.clusters import kind_of_cluster
from workflow.store.codes import stored_code
from workflow.store.conditions import TODAY, is_open, named_edition, open_work_of, taken_by
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.sightings import few_units, is_called
from workflow.store.takers import holder_columns
from workflow.store.visible import visible


class Order(StrEnum):
    """How the list runs."""

    NEWEST = "newest"
    DUE = "due"


class Flag(StrEnum):
    """What can be true of a nomination beside its stage."""

    HELD = "held"
    ASKED = "asked"
    LATE = "late"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class NominationFilters:
    """What to leave out of the list; None leaves nothing out. Unit, round and award are codes.

    `q` is searched in the names of those nominated, without marks or case. `progress` is a word that the
    board of a round counts by. `only` names nominations by number, runs as first-last (`12,15-18`).
    """

    stage: Stage | None = None
    state: str | None = None
    unit: str | None = None
    round: str | None = None
    award: str | None = None
    q: str | None = None
    flag: Flag | None = None
    progress: Progress | None = None
    only: str | None = None
    order: Order = Order.NEWEST


# Its own name, so that what asks about any visit beside this list keeps its own.
_stay = aliased(Visit)
NO_FILTERS: Final = NominationFilters()


@dataclass(frozen=True, slots=True)
class NominationRow:
    """One line of the list; `label` is the step's name, `due_at` null where nothing is due.

    `way` says at which of how many stages it stands, `is_returned` that it came back to this step from a
    later one; `is_asked`, that who nominates owes an answer, and `due_at` is its day.
    """

    id: int
    version: int
    subject: str
    subject_kind: SubjectKind
    award: Titled
    unit: Named
    round: str
    state: str
    stage: Stage
    label: Words
    way: OnTheWay | None
    is_held: bool
    is_asked: bool
    is_returned: bool
    due_at: datetime | None
    holder: HolderView | None
    created_at: datetime
    closed_at: datetime | None


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Nomination.id,
            Nomination.version,
            Nomination.subject_name,
            Nomination.subject_kind,
            Nomination.person_id,
            Nomination.state,
            Nomination.stage,
            Nomination.is_held,
            Nomination.definition_id,
            Nomination.created_at,
            Nomination.closed_at,
            *AWARD_COLUMNS,
            *UNIT_COLUMNS,
            Round.code.label("round"),
            WorkItem.due_at,
            WorkItem.kind.label("work_kind"),
            _stay.sent_from,
            WorkItem.owner_key,
            *holder_columns(),
            kind_of_cluster(joins_round=True).label("cluster_kind"),
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .join(Round, Round.id == Nomination.round_id)
        .outerjoin(WorkItem, open_work_of(Nomination))
        .outerjoin(_stay, _stay.id == WorkItem.visit_id)
        .outerjoin(Account, taken_by())
    )


_LIST: Final = _select()
_FOUND: Final = select(Nomination.id)
_NAME: Final = "nominations"
# What is asked of the open work, not of the nomination itself.
_OF_WORK: Final = frozenset({Flag.ASKED, Flag.LATE, Flag.UNCLAIMED})


def list_nominations(
    session: Session,
    *,
    actor: Actor,
    filters: NominationFilters = NO_FILTERS,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[NominationRow]:
    """Return one page of the nominations the actor sees, newest first or by due date, undated last.

    Raises `UnreadableCursor`.
    """
    found = _found(session, actor, filters, now)
    name = name_of(_NAME, filters)
    is_by_due = filters.order is Order.DUE
    values = {"limit": limit + 1, "today": local_day(session, now)}
    if is_by_due:
        place = decode_cursor(name, cursor, instant_or_none, whole) if cursor is not None else None
        rows = _by_due(session, found, place, values)
    else:
        if cursor is not None:
            found = found.where(Nomination.id < decode_cursor(name, cursor, whole)[0])
        rows = _details(session, found, (Nomination.id.desc(),), values)
    return cut(
        rows,
        limit,
        item=lambda row: _row(session, actor, row),
        cursor=lambda row: encode_cursor(name, *((row.due_at, row.id) if is_by_due else (row.id,))),
    )


def how_many_nominations(
    session: Session, *, actor: Actor, filters: NominationFilters, now: datetime, most: int
) -> int:
    """Return how long the list is, counted so far and no further."""
    found = _found(session, actor, filters, now).limit(most).subquery("found")
    values = {"today": local_day(session, now)}
    return session.execute(select(func.count()).select_from(found), values).scalar_one()


def _found(session: Session, actor: Actor, filters: NominationFilters, now: datetime) -> Select[int]:
    is_seen = visible(actor.scope), few_units(session, actor.scope)
    found = _FOUND.where(*is_seen, *_conditions(session, filters, now))
    if filters.order is Order.DUE or filters.flag in _OF_WORK or filters.progress is not None:
        return found.outerjoin(WorkItem, open_work_of(Nomination))
    return found


def _details(
    session: Session, found: Select[int], order: Sequence[SQLColumnExpression[Any]], values: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """Return the rows of what was found: a page is cut before anything else is read of its nominations."""
    page = func.array(found.order_by(*order).limit(bindparam("limit")).scalar_subquery())
    return session.execute(_LIST.where(Nomination.id == any_(page)).order_by(*order), values).all()


def _by_due(
    session: Session, found: Select[int], place: Sequence[Any] | None, values: dict[str, Any]
) -> Sequence[Row[Any]]:
    """Return a page by due date: first what has one, walked in its index, then the rest by number."""
    due_at, last_id = place or (None, None)
    rows: list[Row[Any]] = []
    if place is None or due_at is not None:
        dated = found.where(is_open(WorkItem), WorkItem.due_at.is_not(None))
        if place is not None:
            dated = dated.where(tuple_(WorkItem.due_at, WorkItem.nomination_id) > tuple_(due_at, last_id))
        rows += _details(session, dated, (WorkItem.due_at, WorkItem.nomination_id), values)
        last_id = None
    if (wanted := values["limit"] - len(rows)) > 0:
        rest = found.where(WorkItem.due_at.is_(None))
        if last_id is not None:
            rest = rest.where(Nomination.id > last_id)
        rows += _details(session, rest, (Nomination.id,), {**values, "limit": wanted})
    return rows


def _conditions(
    session: Session, filters: NominationFilters, now: datetime
) -> list[SQLColumnExpression[bool]]:
    equal = ((Nomination.stage, filters.stage), (Nomination.state, filters.state))
    # By id, not by the code beside it: so the planner walks the part of the list that it is narrowed to.
    parts = ((Nomination.unit_id, Unit, filters.unit), (Nomination.round_id, Round, filters.round))
    conditions: list[SQLColumnExpression[bool]] = [
        column == value for column, value in equal if value is not None
    ]
    conditions += [
        column == select(row.id).where(row.code == stored_code(session, row.code, code)).scalar_subquery()
        for column, row, code in parts
        if code is not None
    ]
    if filters.award is not None:
        editions = select(AwardEdition.id).join(Award, Award.id == AwardEdition.award_id)
        code = stored_code(session, Award.code, filters.award)
        conditions.append(Nomination.award_edition_id.in_(editions.where(Award.code == code)))
    if filters.q is not None:
        conditions.append(is_called(session, name_search(filters.q)))
    if filters.flag is not None:
        conditions.append(
            {
                Flag.HELD: Nomination.is_held,
                Flag.ASKED: WorkItem.kind == WorkKind.ANSWER,
                Flag.LATE: WorkItem.due_at < now,
                Flag.UNCLAIMED: and_(WorkItem.id.is_not(None), WorkItem.assignee_id.is_(None)),
            }[filters.flag]
        )
    if filters.only is not None:
        runs = read_runs(filters.only)
        conditions.append(or_(*(Nomination.id.between(first, last) for first, last in runs)))
    if filters.progress is not None:
        conditions.append(matching(filters.progress, marks_of(session, now=now)))
    return conditions


def _row(session: Session, actor: Actor, row: Row[Any]) -> NominationRow:
    definition = shown_definition(session, row.definition_id)
    return NominationRow(
        id=row.id,
        version=row.version,
        subject=row.subject_name,
        subject_kind=SubjectKind(row.subject_kind),
        award=award_of_row(row),
        unit=unit_of_row(row),
        round=row.round,
        state=row.state,
        stage=Stage(row.stage),
        label=state_words(definition, row.state, row.cluster_kind),
        way=on_the_way(definition, row.state, SubjectKind(row.subject_kind)),
        is_held=row.is_held,
        is_asked=row.work_kind == WorkKind.ANSWER,
        is_returned=definition.came_back(row.state, row.sent_from),
        due_at=row.due_at,
        holder=holder_of_row(row, is_withheld=is_nominee(actor, row.person_id, row.closed_at)),
        created_at=row.created_at,
        closed_at=row.closed_at,
    )

"""The list of nominations that somebody may see, by the words that filters and addresses use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, SQLColumnExpression, True_, any_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.rights.policy import Actor
from workflow.domain.route.way import OnTheWay, on_the_way
from workflow.domain.vocabulary import FINAL_STAGES, Stage, SubjectKind, WorkKind
from workflow.queries.nominations.filters import (
    NO_FILTERS,
    Conditions,
    NominationFilters,
    Order,
    conditions_of,
    in_stages,
    may_meet_few,
    stages_of,
)
from workflow.queries.paging import (
    Page,
    Place,
    cut,
    decode_cursor,
    encode_cursor,
    end_of_stretch,
    goes_on,
    instant_or_none,
    name_of,
    whole,
)
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
from workflow.store.conditions import TODAY, is_open, named_edition, open_work_of, taken_by
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.sightings import few_units
from workflow.store.takers import holder_columns
from workflow.store.visible import asked_of_each, visible

# Its own name, so that what asks about any visit beside this list keeps its own.
_stay = aliased(Visit)


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
_Found = tuple[Sequence[Row[Any]], Place | None]
_RARE: Final = 10
MOST_LOOKED_AT: Final = 10_000
"""A page goes through so many rows for what may be rare: mostly a twentieth of a second."""


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

    Where little of much may be meant, a page ends after `MOST_LOOKED_AT`, however few it found: its cursor
    goes on. By due date that is so many with one, and so many without. Raises `UnreadableCursor`.
    """
    name = name_of(_NAME, filters)
    search = _search(session, actor, filters, now)
    is_by_due = filters.order is Order.DUE
    kinds = (instant_or_none, whole) if is_by_due else (whole,)
    place = tuple(decode_cursor(name, cursor, *kinds)) if cursor is not None else None
    values = {"limit": limit + 1, "today": local_day(session, now)}
    rows, end = (_by_due if is_by_due else _newest)(session, search, place, values)
    page = cut(
        rows,
        limit,
        item=lambda row: _row(session, actor, row),
        cursor=lambda row: encode_cursor(name, *((row.due_at, row.id) if is_by_due else (row.id,))),
    )
    return goes_on(page, name, end)


def how_many_nominations(
    session: Session, *, actor: Actor, filters: NominationFilters, now: datetime, most: int
) -> int:
    """Return how long the list is, counted so far and no further.

    Of what a stretch has little of only that stretch is counted: to count the rest is to read it.
    """
    search, values = _search(session, actor, filters, now), {"today": local_day(session, now)}
    count, place = 0, None
    while True:
        stretch, place = _down(session, search, place, values)
        found = search.found.where(*stretch).limit(most - count).subquery("found")
        met = session.execute(select(func.count()).select_from(found), values).scalar_one()
        count += met
        if place is None or count >= most or met < MOST_LOOKED_AT / _RARE:
            return count


@dataclass(frozen=True, slots=True)
class _Search:
    """What is sought, in which stages alone, due before when alone, and whether a page ends early."""

    found: Select[int]
    stages: frozenset[Stage] | None
    late_at: datetime | None
    is_much: bool


def _search(session: Session, actor: Actor, filters: NominationFilters, now: datetime) -> _Search:
    is_seen, of_units = visible(actor.scope), few_units(session, actor.scope)
    is_much = isinstance(of_units, True_) and may_meet_few(session, filters)
    found = _FOUND.where(
        asked_of_each(is_seen) if is_much else is_seen, of_units, *conditions_of(session, filters, now)
    )
    if filters.is_of_work:
        found = found.outerjoin(WorkItem, open_work_of(Nomination))
    return _Search(found, stages_of(session, filters), now if filters.is_late else None, is_much)


def _newest(session: Session, search: _Search, place: Place | None, values: Mapping[str, Any]) -> _Found:
    stretch, end = _down(session, search, place, values)
    return _details(session, search.found.where(*stretch), (Nomination.id.desc(),), values), end


def _down(
    session: Session, search: _Search, place: Place | None, values: Mapping[str, Any]
) -> tuple[Conditions, Place | None]:
    """Return the conditions of the stretch behind a place, the newest first, and where it ends."""
    behind: Conditions = [Nomination.id < place[0]] if place is not None else []
    if not search.is_much:
        return behind, None
    places = _FOUND.where(*in_stages(search.stages), *behind).order_by(Nomination.id.desc())
    end = end_of_stretch(session, places, values, most=MOST_LOOKED_AT)
    return [*behind, Nomination.id >= end.id] if end is not None else behind, end


def _by_due(session: Session, search: _Search, place: Place | None, values: dict[str, Any]) -> _Found:
    """Return a page by due date: first what has one, walked in its index, then the rest by number."""
    due_at, last_id = place or (None, None)
    rows: list[Row[Any]] = []
    has_due = search.stages is None or not FINAL_STAGES.issuperset(search.stages)
    if has_due and (place is None or due_at is not None):
        dated, end = _dated(session, search, place, values)
        rows += dated
        if end is not None:
            return rows, end
        last_id = None
    if (wanted := values["limit"] - len(rows)) > 0 and search.late_at is None:
        rest, end = _undated(session, search, last_id, {**values, "limit": wanted})
        return [*rows, *rest], end
    return rows, None


def _dated(session: Session, search: _Search, place: Place | None, values: Mapping[str, Any]) -> _Found:
    in_order = WorkItem.due_at, WorkItem.nomination_id
    # What a unit owes has a due date too, and no nomination.
    has_date = is_open(WorkItem), WorkItem.due_at.is_not(None), WorkItem.nomination_id.is_not(None)
    conditions: Conditions = [*has_date]
    if search.late_at is not None:
        conditions.append(WorkItem.due_at < search.late_at)
    if place is not None:
        conditions.append(tuple_(*in_order) > tuple_(*place))
    end = None
    if search.is_much:
        places = select(*in_order).where(*conditions).order_by(*in_order)
        end = end_of_stretch(session, places, values, most=MOST_LOOKED_AT)
    if end is not None:
        conditions.append(tuple_(*in_order) <= tuple_(*end))
    return _details(session, search.found.where(*conditions), in_order, values), end


def _undated(session: Session, search: _Search, last_id: int | None, values: Mapping[str, Any]) -> _Found:
    behind = [Nomination.id > last_id] if last_id is not None else []
    end = None
    if search.is_much:
        places = _FOUND.where(*in_stages(search.stages), *behind).order_by(Nomination.id)
        end = end_of_stretch(session, places, values, most=MOST_LOOKED_AT)
    if end is not None:
        behind.append(Nomination.id <= end.id)
    found = search.found.where(WorkItem.due_at.is_(None), *behind)
    return _details(session, found, (Nomination.id,), values), (None, end.id) if end is not None else None


def _details(
    session: Session, found: Select[int], order: Sequence[SQLColumnExpression[Any]], values: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """Return the rows of what was found: a page is cut before anything else is read of its nominations."""
    page = func.array(found.order_by(*order).limit(bindparam("limit")).scalar_subquery())
    return session.execute(_LIST.where(Nomination.id == any_(page)).order_by(*order), values).all()


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

"""The list of nominations that somebody may see, by the words that filters and addresses use."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, bindparam, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.names import name_search
from workflow.domain.only import read_runs
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Stage, SubjectKind
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant_or_none, whole
from workflow.queries.progress import Progress, marks_of, matching
from workflow.queries.shapes import HolderView, Named, Titled, Words, holder_of, is_nominee, state_words
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.clusters import kind_of_cluster
from workflow.store.codes import stored_code
from workflow.store.conditions import TODAY, edition_of_unit, nobody_holds, open_work_of, taken_by
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.visible import visible


class Order(StrEnum):
    """How the list runs."""

    NEWEST = "newest"
    DUE = "due"


class Flag(StrEnum):
    """What can be true of a nomination beside its stage."""

    HELD = "held"
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

    `is_returned` says that it came back to this step from a later one.
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
    is_held: bool
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
            Award.code.label("award"),
            AwardEdition.name_vi,
            AwardEdition.name_en,
            Unit.code.label("unit"),
            UnitEdition.name.label("unit_name"),
            Round.code.label("round"),
            WorkItem.due_at,
            _stay.sent_from,
            WorkItem.owner_key,
            Account.id.label("assignee_id"),
            Account.name.label("assignee"),
            nobody_holds().label("is_seat_empty"),
            kind_of_cluster().label("cluster_kind"),
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, edition_of_unit(TODAY))
        .join(Round, Round.id == Nomination.round_id)
        .outerjoin(WorkItem, open_work_of(Nomination))
        .outerjoin(_stay, _stay.id == WorkItem.visit_id)
        .outerjoin(Account, taken_by())
        .limit(bindparam("limit"))
    )


_LIST: Final = _select()
_NAME: Final = "nominations"


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
    statement = _LIST.where(visible(actor.scope), *_conditions(session, filters, now))
    is_by_due = filters.order is Order.DUE
    name = f"{_NAME}:{filters.order}"
    if cursor is not None and is_by_due:
        due_at, last_id = decode_cursor(name, cursor, instant_or_none, whole)
        statement = statement.where(after_due(WorkItem.due_at, Nomination.id, due_at, last_id))
    elif cursor is not None:
        (last_id,) = decode_cursor(name, cursor, whole)
        statement = statement.where(Nomination.id < last_id)
    order = (WorkItem.due_at.asc().nulls_last(), Nomination.id) if is_by_due else (Nomination.id.desc(),)
    today: date = local_day(session, now)
    rows = session.execute(statement.order_by(*order), {"limit": limit + 1, "today": today}).all()
    return cut(
        rows,
        limit,
        item=lambda row: _row(session, actor, row),
        cursor=lambda row: encode_cursor(name, *((row.due_at, row.id) if is_by_due else (row.id,))),
    )


def after_due(
    due: SQLColumnExpression[Any],
    key: SQLColumnExpression[Any],
    due_at: datetime | None,
    last: object,
) -> ColumnElement[bool]:
    """Return the condition of the rows after a place in the order (due, key) with undated rows last."""
    if due_at is None:
        return and_(due.is_(None), key > last)
    return or_(tuple_(due, key) > tuple_(due_at, last), due.is_(None))


def _conditions(
    session: Session, filters: NominationFilters, now: datetime
) -> list[SQLColumnExpression[bool]]:
    equal = ((Nomination.stage, filters.stage), (Nomination.state, filters.state))
    codes = ((Unit.code, filters.unit), (Round.code, filters.round), (Award.code, filters.award))
    conditions: list[SQLColumnExpression[bool]] = [
        column == value for column, value in equal if value is not None
    ]
    conditions += [column == stored_code(session, column, code) for column, code in codes if code is not None]
    if filters.q is not None:
        conditions.append(Nomination.name_search.contains(name_search(filters.q), autoescape=True))
    if filters.flag is not None:
        conditions.append(
            {
                Flag.HELD: Nomination.is_held,
                Flag.LATE: WorkItem.due_at < now,
                Flag.UNCLAIMED: and_(WorkItem.id.is_not(None), WorkItem.assignee_id.is_(None)),
            }[filters.flag]
        )
    if filters.only is not None:
        conditions.append(_is_among(filters.only))
    if filters.progress is not None:
        conditions.append(matching(filters.progress, marks_of(session, now=now)))
    return conditions


def _is_among(only: str) -> ColumnElement[bool]:
    return or_(*(Nomination.id.between(first, last) for first, last in read_runs(only)))


def _row(session: Session, actor: Actor, row: Row[Any]) -> NominationRow:
    definition = shown_definition(session, row.definition_id)
    return NominationRow(
        id=row.id,
        version=row.version,
        subject=row.subject_name,
        subject_kind=SubjectKind(row.subject_kind),
        award=Titled(row.award, Words(row.name_vi, row.name_en)),
        unit=Named(row.unit, row.unit_name or row.unit),
        round=row.round,
        state=row.state,
        stage=Stage(row.stage),
        label=state_words(definition, row.state, row.cluster_kind),
        is_held=row.is_held,
        is_returned=definition.came_back(row.state, row.sent_from),
        due_at=row.due_at,
        holder=holder_of(
            row.owner_key,
            row.assignee_id,
            row.assignee,
            is_seat_empty=row.is_seat_empty,
            is_withheld=is_nominee(actor, row.person_id, row.closed_at),
        ),
        created_at=row.created_at,
        closed_at=row.closed_at,
    )

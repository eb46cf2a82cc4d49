"""The submissions that units send, each with how far its list has come."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    True_,
    exists,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from workflow.domain.names import name_search
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Scope
from workflow.domain.route.way import OnTheWay, on_the_way, together
from workflow.domain.vocabulary import SubjectKind
from workflow.queries.paging import (
    Page,
    cut,
    decode_cursor,
    encode_cursor,
    end_of_stretch,
    goes_on,
    name_of,
    whole,
)
from workflow.queries.shapes import UNIT_COLUMNS, Named, unit_of_row
from workflow.queries.submissions.tally import COUNTED, ListCounts, ListStatus, tally_of
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.codes import is_named
from workflow.store.conditions import TODAY, named_edition
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked_submissions import visible_submissions
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.sightings import few_names, few_units
from workflow.store.submissions import Submission
from workflow.store.visible import asked_of_each, visible


@dataclass(frozen=True, slots=True)
class SubmissionFilters:
    """What to leave out of the list; None leaves nothing out. Round and unit are codes, decider a seat.

    `q` is searched in the submission's number, and in the names listed without marks or case.
    """

    round: str | None = None
    unit: str | None = None
    decider: str | None = None
    status: ListStatus | None = None
    q: str | None = None


NO_FILTERS: Final = SubmissionFilters()


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """One submission in the list; number, date and signer are blank while it is being written.

    `decider` is the seat of whoever decides on its names, `state` for a level above the sector. `way` says at
    which of how many stages its open names stand, null where none is open.
    """

    id: int
    version: int
    round: str
    round_title: str
    unit: Named
    decider: str
    number: str
    signed_on: date | None
    signer: str
    status: ListStatus
    way: OnTheWay | None
    counts: ListCounts
    due_at: datetime | None
    created_at: datetime


_NAME: Final = "submissions"
MOST_COUNTED: Final = 300
"""A page counts the names of so many lists for what may be rare."""


def list_submissions(
    session: Session,
    *,
    actor: Actor,
    filters: SubmissionFilters = NO_FILTERS,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[SubmissionRow]:
    """Return one page of the submissions the actor sees, newest first.

    Where hardly any may be meant of many, a page ends after `MOST_COUNTED`, however few it found, and its
    cursor goes on. Raises `UnreadableCursor`.
    """
    tally = tally_of(session, scope=actor.scope, now=now)
    names = few_names(session, name_search(filters.q)) if filters.q is not None else None
    statement = select_rows(tally).where(
        visible_submissions(actor.scope), *_conditions(session, actor, filters, tally, names)
    )
    name = name_of(_NAME, filters)
    last_id = decode_cursor(name, cursor, whole)[0] if cursor is not None else None
    stretch, end = _stretch(session, last_id, is_whole=not _may_meet_few(session, actor, filters, names))
    rows = session.execute(
        statement.where(*stretch).order_by(Submission.id.desc()).limit(limit + 1),
        {"today": local_day(session, now)},
    ).all()
    page = cut(
        rows, limit, item=lambda row: row_of(session, row), cursor=lambda row: encode_cursor(name, row.id)
    )
    return goes_on(page, name, end)


def _stretch(
    session: Session, last_id: int | None, *, is_whole: bool
) -> tuple[list[ColumnElement[bool]], Row[*tuple[Any, ...]] | None]:
    """Return the conditions of what a page looks at behind a place, and where that ends before the list."""
    behind = [Submission.id < last_id] if last_id is not None else []
    if is_whole:
        return behind, None
    places = select(Submission.id).where(*behind).order_by(Submission.id.desc())
    end = end_of_stretch(session, places, {}, most=MOST_COUNTED)
    return [*behind, Submission.id >= end.id] if end is not None else behind, end


def _may_meet_few(
    session: Session, actor: Actor, filters: SubmissionFilters, names: frozenset[str] | None
) -> bool:
    """Return whether hardly any of many lists may be left: each has to be counted, or its names read."""
    is_bound = filters.round is not None or filters.unit is not None or names is not None
    is_asked = filters.status is not None or filters.q is not None
    return is_asked and not is_bound and isinstance(few_units(session, actor.scope), True_)


def select_rows(tally: FromClause) -> Select[*tuple[Any, ...]]:
    """Return the statement of submissions with their tally."""
    return (
        select(
            Submission.id,
            Submission.version,
            Round.code.label("round"),
            Round.title.label("round_title"),
            *UNIT_COLUMNS,
            Submission.decider,
            Submission.number,
            Submission.signed_on,
            Submission.signer,
            Submission.created_at,
            tally,
        )
        .join(Round, Round.id == Submission.round_id)
        .join(Unit, Unit.id == Submission.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .join(tally, literal_column("true"))
    )


def row_of(session: Session, row: Row[Any]) -> SubmissionRow:
    """Return a row of `select_rows` as the list shows it."""
    return SubmissionRow(
        id=row.id,
        version=row.version,
        round=row.round,
        round_title=row.round_title,
        unit=unit_of_row(row),
        decider=row.decider,
        number=row.number,
        signed_on=row.signed_on,
        signer=row.signer,
        status=ListStatus(row.status),
        way=together(
            on_the_way(shown_definition(session, definition_id), state, SubjectKind(kind))
            for definition_id, state, kind in row.places or ()
        ),
        counts=ListCounts(**{name: getattr(row, name) for name in COUNTED}),
        due_at=row.due_at,
        created_at=row.created_at,
    )


def _conditions(
    session: Session,
    actor: Actor,
    filters: SubmissionFilters,
    tally: FromClause,
    names: frozenset[str] | None,
) -> list[ColumnElement[bool]]:
    codes = ((Round.code, filters.round), (Unit.code, filters.unit))
    equal = (
        (Submission.decider, filters.decider),
        (tally.c.status, filters.status),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    conditions += [is_named(session, column, code) for column, code in codes if code is not None]
    if filters.q is not None:
        number = Submission.number.icontains(filters.q, autoescape=True)
        conditions.append(or_(number, _lists_any(session, actor.scope, name_search(filters.q), names)))
    return conditions


def _lists_any(
    session: Session, scope: Scope, folded: str, names: frozenset[str] | None
) -> ColumnElement[bool]:
    """Return the condition that the words stand in a name listed that the reader sees.

    Few names, or those of few units, are read once; where most have it, each list is asked up to its first.
    """
    has_it = (
        among(Nomination.name_search, names)
        if names is not None
        else Nomination.name_search.contains(folded, autoescape=True)
    )
    of_units = few_units(session, scope)
    if names is None and isinstance(of_units, True_):
        of_list = Nomination.submission_id == Submission.id
        return exists().where(of_list, has_it, asked_of_each(visible(scope)))
    is_listed = Nomination.submission_id.is_not(None)
    return Submission.id.in_(
        select(Nomination.submission_id).where(is_listed, of_units, has_it, visible(scope))
    )

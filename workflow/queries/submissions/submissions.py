"""The submissions that units send, each with how far its list has come."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from workflow.domain.names import name_search
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth, Scope
from workflow.domain.route.way import OnTheWay, on_the_way, together
from workflow.domain.vocabulary import Stage, SubjectKind
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, whole
from workflow.queries.progress import Progress, marks_of, matching
from workflow.queries.shapes import UNIT_COLUMNS, Named, unit_of_row
from workflow.store.awards import Round
from workflow.store.codes import is_named
from workflow.store.conditions import TODAY, is_open, named_edition, open_work_of
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked_submissions import visible_submissions
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.sightings import is_called
from workflow.store.submissions import Submission
from workflow.store.visible import visible


class ListStatus(StrEnum):
    """How far a list as a whole has come, told by its names; a submission has no state of its own.

    `drafting` and `with_unit` until the first name leaves the unit; then `sent`, `received`, `appraised` and
    `voted` once every name that was sent has come so far; `returned` while any lies with the unit again;
    `decided` when no name is open and some were approved, `closed` when none was.
    """

    DRAFTING = "drafting"
    WITH_UNIT = "with_unit"
    SENT = "sent"
    RECEIVED = "received"
    RETURNED = "returned"
    APPRAISED = "appraised"
    VOTED = "voted"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ListCounts:
    """How many names of a list are where, in the words of the board.

    `names` are all listed, `open` those under way, `unit_review` those before the unit's reviewer; `sent` and
    what follows count all that have come so far.
    """

    names: int
    open: int
    unit_review: int
    sent: int
    received: int
    returned: int
    appraised: int
    voted: int
    decided: int
    upward: int
    rejected: int
    withdrawn: int
    annulled: int
    overdue: int


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
# Where a name stands on which way; of a list each such place is told once.
_PLACE: Final = func.jsonb_build_array(
    Nomination.definition_id, Nomination.state, Nomination.subject_kind, type_=JSONB
)
_COUNTED: Final = tuple(field.name for field in fields(ListCounts))
_PROGRESS: Final = {
    name: Progress(name)
    for name in (
        "sent",
        "received",
        "returned",
        "appraised",
        "voted",
        "decided",
        "upward",
        "rejected",
        "withdrawn",
        "annulled",
        "overdue",
    )
}


def list_submissions(
    session: Session,
    *,
    actor: Actor,
    filters: SubmissionFilters = NO_FILTERS,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[SubmissionRow]:
    """Return one page of the submissions the actor sees, newest first. Raises `UnreadableCursor`."""
    tally = tally_of(session, scope=actor.scope, now=now)
    statement = select_rows(tally).where(
        visible_submissions(actor.scope), *_conditions(session, actor, filters, tally)
    )
    name = name_of(_NAME, filters)
    if cursor is not None:
        (last_id,) = decode_cursor(name, cursor, whole)
        statement = statement.where(Submission.id < last_id)
    rows = session.execute(
        statement.order_by(Submission.id.desc()).limit(limit + 1), {"today": local_day(session, now)}
    ).all()
    return cut(
        rows, limit, item=lambda row: row_of(session, row), cursor=lambda row: encode_cursor(name, row.id)
    )


def tally_of(session: Session, *, scope: Scope, now: datetime) -> FromClause:
    """Return the counts of a submission's list, to be read beside it, with the status that follows.

    Of the names that the reader may count: a seat that some of a list reached is told nothing of the rest.
    """
    marks = marks_of(session, now=now)
    columns: dict[str, ColumnElement[Any]] = {
        "names": func.count(Nomination.id),
        "open": func.count(Nomination.id).filter(is_open(Nomination)),
        "unit_review": func.count(Nomination.id).filter(Nomination.stage == Stage.UNIT_REVIEW),
        **{name: func.count(Nomination.id).filter(matching(word, marks)) for name, word in _PROGRESS.items()},
    }
    counts = (
        select(
            *(column.label(name) for name, column in columns.items()),
            func.min(WorkItem.due_at).label("due_at"),
            func.jsonb_agg(func.distinct(_PLACE)).filter(is_open(Nomination)).label("places"),
        )
        .select_from(Nomination)
        .outerjoin(WorkItem, open_work_of(Nomination))
        .where(Nomination.submission_id == Submission.id, visible(scope, Depth.COUNT))
        .correlate(Submission)
        .subquery("counts")
    )
    return select(counts, _status(counts).label("status")).lateral("tally")


def _status(counts: FromClause) -> ColumnElement[str]:
    c = counts.c
    approved = c.decided + c.upward
    return case(
        (c.names == 0, ListStatus.DRAFTING),
        (and_(c.open == 0, approved > 0), ListStatus.DECIDED),
        (c.open == 0, ListStatus.CLOSED),
        (c.returned > 0, ListStatus.RETURNED),
        (and_(c.sent > 0, c.voted >= c.sent), ListStatus.VOTED),
        (and_(c.sent > 0, c.appraised >= c.sent), ListStatus.APPRAISED),
        (and_(c.sent > 0, c.received >= c.sent), ListStatus.RECEIVED),
        (c.sent > 0, ListStatus.SENT),
        (c.unit_review > 0, ListStatus.WITH_UNIT),
        else_=ListStatus.DRAFTING,
    )


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
        counts=ListCounts(**{name: getattr(row, name) for name in _COUNTED}),
        due_at=row.due_at,
        created_at=row.created_at,
    )


def _conditions(
    session: Session, actor: Actor, filters: SubmissionFilters, tally: FromClause
) -> list[ColumnElement[bool]]:
    codes = ((Round.code, filters.round), (Unit.code, filters.unit))
    equal = (
        (Submission.decider, filters.decider),
        (tally.c.status, filters.status),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    conditions += [is_named(session, column, code) for column, code in codes if code is not None]
    if filters.q is not None:
        listed = select(Nomination.submission_id).where(
            Nomination.submission_id.is_not(None),
            visible(actor.scope),
            is_called(session, name_search(filters.q)),
        )
        number = Submission.number.icontains(filters.q, autoescape=True)
        conditions.append(or_(number, Submission.id.in_(listed)))
    return conditions

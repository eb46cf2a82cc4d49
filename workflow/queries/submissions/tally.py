"""How far a list has come: its names counted in the words of the board, and the status that follows."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, and_, case, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Depth, Scope
from workflow.domain.vocabulary import Stage
from workflow.queries.progress import Progress, marks_of, matching
from workflow.store.conditions import is_open, open_work_of
from workflow.store.nominations import Nomination, WorkItem
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


# Where a name stands on which way; of a list each such place is told once.
_PLACE: Final = func.jsonb_build_array(
    Nomination.definition_id, Nomination.state, Nomination.subject_kind, type_=JSONB
)
COUNTED: Final = tuple(field.name for field in fields(ListCounts))
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

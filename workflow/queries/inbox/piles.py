"""The lists that wait for somebody by their earliest due date, each counted whole, and their first names."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    DateTime,
    Row,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from workflow.queries.inbox.looks import Look
from workflow.queries.inbox.places import LISTS, InboxPlace
from workflow.queries.inbox.reader import InboxReader
from workflow.queries.inbox.rows import NOW, inbox_details
from workflow.queries.inbox.sources import FIRST_ID, after
from workflow.queries.inbox.tabs import first_waiting, waiting, waiting_among
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.shapes import UNIT_COLUMNS
from workflow.store.awards import Round
from workflow.store.conditions import TODAY, named_edition, or_never
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.preparations import is_proposed
from workflow.store.statements import Statement
from workflow.store.submissions import Submission

NAMES_SHOWN: Final = 20
"""How many names of one list are shown with it; the list itself has them all."""

NAMES_ON_PAGE: Final = 50
"""How many names the lists of a page show together: of many lists each shows fewer of its own."""

# How much of the most urgent work is walked for the first lists; where that names too few, all is read.
_WALKS: Final = (200, 1_000, 5_000)


def first_lists(reader: InboxReader, limit: int, place: InboxPlace | None) -> list[Row[Any]]:
    """Return lists by their earliest due date: of the most urgent work, or of all if they are too few."""
    start, last, looked_at = reader.start, 0, limit
    if place is not None:
        # Behind one thing by itself are no lists of its instant any more.
        start, last = after(place.due_at, FIRST_ID), place.key if place.part == LISTS else BIGGEST_ID
        # Lists that began before the place have names behind it: they are looked at, and left out.
        looked_at = 2 * limit
    behind = {"list_due": start["after_due"], "list_id": last, "limit": limit}
    values = {**reader.values, **start, **behind, "looked_at": looked_at}
    for walked in _WALKS:
        rows = _first_piles(walked, reader.look).fetch(reader.session, values)
        if len(rows) == limit or rows[0].is_all:
            break
    else:
        rows = _all_piles(reader.look).fetch(reader.session, {**reader.values, **behind})
    return [row for row in rows if row.submission_id is not None]


def first_names(reader: InboxReader, lists: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    """Return the most urgent names of each list, of the work that was found on it, in one read."""
    names: dict[int, list[Row[Any]]] = defaultdict(list)
    if lists:
        each = max(1, min(NAMES_SHOWN, NAMES_ON_PAGE // len(lists)))
        work = f"{{{','.join(row.work for row in lists)}}}"
        told = {"work": work, "each": each, "own": reader.actor.person_id}
        for row in _names_of_work().fetch(reader.session, {**reader.values, **told}):
            names[row.submission_id].append(row)
    return names


@cache
def _names_of_work() -> Statement:
    paper, in_order = Nomination.submission_id, (WorkItem.due_at.asc().nulls_last(), WorkItem.id)
    # What is proposed about themselves the reader does not learn.
    is_own = func.coalesce(Nomination.person_id == bindparam("own", type_=BigInteger()), false())
    ranked = (
        select(
            WorkItem.id,
            func.row_number().over(partition_by=paper, order_by=in_order).label("place"),
            func.bool_and(Nomination.is_held).over(partition_by=paper).label("all_held"),
            func.bool_and(is_proposed() & ~is_own).over(partition_by=paper).label("all_prepared"),
        )
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(Visit, Visit.id == WorkItem.visit_id)
        .where(WorkItem.id == any_(cast(bindparam("work", type_=Text()), ARRAY(Uuid))))
        .subquery("ranked")
    )
    first = select(ranked).where(ranked.c.place <= bindparam("each", type_=BigInteger())).cte("first_names")
    return Statement(inbox_details(first).add_columns(first.c.all_held, first.c.all_prepared))


@cache
def _first_piles(most: int, look: Look) -> Statement:
    """Return the statement of the lists that so much of the most urgent work names for certain.

    Each of them is counted whole. Certain is what stands no further than the last one looked at and was due
    before the walk ended; `is_all`: nothing waits beyond. There is always a row.
    """
    walked = first_waiting(most, Nomination.submission_id.is_not(None), look=look, name="walked")
    first = func.min(or_never(walked.c.due_at)).label("first")
    looked_at = bindparam("looked_at", type_=BigInteger())
    named = (
        select(walked.c.submission_id, first)
        .group_by(walked.c.submission_id)
        .order_by(first, walked.c.submission_id)
        .limit(looked_at)
        .cte("named")
    )
    of_walk = (
        select(func.count().label("many"), func.max(or_never(walked.c.due_at)).label("last"))
        .select_from(walked)
        .subquery("walk")
    )
    backwards = named.c.first.desc(), named.c.submission_id.desc()
    last = select(named).order_by(*backwards).limit(1).subquery("last_named")
    edge = (
        select(
            (of_walk.c.many < most).label("is_walked"),
            of_walk.c.last.label("walked_to"),
            (select(func.count()).select_from(named).scalar_subquery() < looked_at).label("is_named"),
            last.c.first,
            last.c.submission_id,
        )
        .select_from(of_walk.outerjoin(last, true()))
        .cte("edge")
    )
    in_them = func.array(select(named.c.submission_id).scalar_subquery(), type_=ARRAY(BigInteger))
    piles = _piles(waiting_among(in_them, look=look))
    due = or_never(piles.c.due_at)
    certain = and_(
        or_(edge.c.is_walked, due < edge.c.walked_to),
        tuple_(due, piles.c.submission_id) <= tuple_(edge.c.first, edge.c.submission_id),
    )
    shown = _shown(piles).join(edge, certain).subquery("shown")
    return Statement(
        select(and_(edge.c.is_walked, edge.c.is_named).label("is_all"), *(column for column in shown.c))
        .select_from(edge)
        .outerjoin(shown, true())
        .order_by(or_never(shown.c.due_at), shown.c.submission_id)
    )


@cache
def _all_piles(look: Look) -> Statement:
    return Statement(_shown(_piles(waiting(Nomination.submission_id.is_not(None), look=look))))


def _piles(found: CTE) -> Subquery:
    return (
        select(
            found.c.submission_id,
            func.count().label("waiting"),
            func.count().filter(found.c.due_at < NOW).label("late"),
            func.min(found.c.due_at).label("due_at"),
            # As text, as it is handed on: of an array the driver would read and write each identifier.
            func.string_agg(cast(found.c.id, Text), literal_column("','", Text())).label("work"),
        )
        .group_by(found.c.submission_id)
        .subquery("piles")
    )


def _shown(piles: Subquery) -> Select[*tuple[Any, ...]]:
    """Return the statement of the first piles behind a place with what a list shows of itself."""
    place = or_never(piles.c.due_at), piles.c.submission_id
    behind = bindparam("list_due", type_=DateTime(timezone=True)), bindparam("list_id", type_=BigInteger())
    return (
        select(
            piles,
            Submission.number,
            *UNIT_COLUMNS,
            Round.code.label("round"),
            Round.title.label("round_title"),
        )
        .join(Submission, Submission.id == piles.c.submission_id)
        .join(Unit, Unit.id == Submission.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .join(Round, Round.id == Submission.round_id)
        .where(tuple_(*place) > tuple_(*behind))
        .order_by(*place)
        .limit(bindparam("limit", type_=BigInteger()))
    )

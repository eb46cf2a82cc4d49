"""Names by papers: what each name that still lies with its unit lacks, and what lies there already.

A paper of the list is looked for once, at the list; of a name that is on none, at the name itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from workflow.domain.papers.kinds import ROOTS, PaperRoot, Target
from workflow.domain.papers.rules import PaperPlace, kept_units
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import WITH_THE_UNIT
from workflow.domain.vocabulary import PaperKind, WorkKind
from workflow.queries.intake.cells import Lying, PaperCell, cells_of_list, cells_of_name, what_lies
from workflow.queries.paging import cut, decode_cursor, encode_cursor, name_of, text, whole
from workflow.queries.paper_words import paper_title
from workflow.queries.shapes import (
    AWARD_COLUMNS,
    UNIT_COLUMNS,
    ListRef,
    Named,
    Titled,
    Words,
    award_of_row,
    state_words,
    unit_of_row,
)
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import among
from workflow.store.clusters import kind_of_units_cluster
from workflow.store.codes import is_named
from workflow.store.conditions import TODAY, is_open, named_edition, open_work_of
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked import read_nominations
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.paper_desks import nomination_root, read_root
from workflow.store.submissions import Submission
from workflow.store.visible import visible

MOST_NAMES: Final = 25
"""So many names are on one page: each paper that could come for one is a part of its form."""


@dataclass(frozen=True, slots=True)
class MatrixFilters:
    """Of which unit and of which list; all that the actor keeps where neither is said."""

    unit: str | None = None
    submission: int | None = None


@dataclass(frozen=True, slots=True)
class MatrixName:
    """One name with its papers, by kind; a kind that its award does not ask for is not there."""

    nomination_id: int
    name: str
    position: str
    unit: Named
    award: Titled
    label: Words
    is_asked: bool
    submission_id: int | None
    cells: Mapping[PaperKind, PaperCell]


@dataclass(frozen=True, slots=True)
class MatrixList:
    """One list that names of the page are on, with the papers of the list."""

    submission: ListRef
    unit: Named
    cells: Mapping[PaperKind, PaperCell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """One page of names, in the order of their unit and name, with the lists that they are on.

    `kinds` are the columns: every kind that anybody here is asked for.
    """

    kinds: tuple[Titled, ...]
    lists: tuple[MatrixList, ...]
    names: tuple[MatrixName, ...]
    next: str | None

    @property
    def missing(self) -> int:
        """How many papers are missing on this page."""
        rows = [row.cells for row in self.lists] + [row.cells for row in self.names]
        return sum(cell.is_missing and cell.at is not None for cells in rows for cell in cells.values())


def papers_matrix(
    session: Session,
    *,
    actor: Actor,
    round_code: str,
    filters: MatrixFilters,
    cursor: str | None,
    now: datetime,
) -> Matrix:
    """Return the names of a round whose papers the actor keeps, while they are with the unit or asked about.

    Raises `UnreadableCursor`.
    """
    today = local_day(session, now)
    list_name = name_of("papers", round_code, filters.unit, filters.submission)
    statement = _names(session, actor, round_code, filters)
    if cursor is not None:
        after = decode_cursor(list_name, cursor, text, text, whole)
        statement = statement.where(
            or_(
                Unit.code_sort > after[0],
                (Unit.code_sort == after[0]) & (Nomination.name_sort > after[1]),
                (Unit.code_sort == after[0])
                & (Nomination.name_sort == after[1])
                & (Nomination.id > after[2]),
            )
        )
    page = cut(
        session.execute(statement.limit(MOST_NAMES + 1), {"today": today}).all(),
        MOST_NAMES,
        item=lambda row: row,
        cursor=lambda row: encode_cursor(list_name, row.code_sort, row.name_sort, row.id),
    )
    lists = _lists(session, actor, page.items, now)
    lying = what_lies(session, [row.id for row in page.items], list(lists))
    names = _named(session, actor, page.items, lying, now)
    rows = _list_rows(page.items, lists, actor, lying)
    kinds = {kind for row in rows for kind in row.cells} | {kind for row in names for kind in row.cells}
    cluster = _cluster_kind(session, page.items)
    titles = tuple(paper_title(kind, cluster) for kind in ROOTS if kind in kinds)
    return Matrix(titles, tuple(rows), tuple(names), page.next)


def _names(
    session: Session, actor: Actor, round_code: str, filters: MatrixFilters
) -> Select[*tuple[Any, ...]]:
    statement = _NAMES.where(
        is_named(session, Round.code, round_code),
        among(Unit.code, kept_units(actor)),
        visible(actor.scope),
    )
    if filters.unit is not None:
        statement = statement.where(is_named(session, Unit.code, filters.unit))
    if filters.submission is not None:
        statement = statement.where(Nomination.submission_id == filters.submission)
    return statement


_NAMES: Final[Select[*tuple[Any, ...]]] = (
    select(
        Nomination.id,
        Nomination.definition_id,
        Nomination.round_id,
        Nomination.state,
        Nomination.subject_name,
        Nomination.subject_position,
        Nomination.name_sort,
        Nomination.submission_id,
        Submission.number,
        Unit.code_sort,
        AwardEdition.papers,
        WorkItem.kind.label("work_kind"),
        *AWARD_COLUMNS,
        *UNIT_COLUMNS,
    )
    .join(Round, Round.id == Nomination.round_id)
    .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
    .join(Award, Award.id == AwardEdition.award_id)
    .join(Unit, Unit.id == Nomination.unit_id)
    .outerjoin(UnitEdition, named_edition(TODAY))
    .outerjoin(Submission, Submission.id == Nomination.submission_id)
    .outerjoin(WorkItem, open_work_of(Nomination))
    .where(
        is_open(Nomination),
        or_(among(Nomination.stage, WITH_THE_UNIT), WorkItem.kind == WorkKind.ANSWER),
    )
    .order_by(Unit.code_sort, Nomination.name_sort, Nomination.id)
)


def _lists(session: Session, actor: Actor, rows: Sequence[Row[Any]], now: datetime) -> dict[int, PaperPlace]:
    """Return the desks of the lists that these names are on, in the order of their names."""
    ids = dict.fromkeys(row.submission_id for row in rows if row.submission_id is not None)
    return {each: read_root(session, actor, Target(PaperRoot.SUBMISSION, each), now=now).desk for each in ids}


def _named(
    session: Session, actor: Actor, rows: Sequence[Row[Any]], lying: Lying, now: datetime
) -> list[MatrixName]:
    seen = read_nominations(session, [row.id for row in rows], actor=actor, now=now)
    found = []
    for row in rows:
        definition = shown_definition(session, row.definition_id)
        if not definition.steps:
            # Nothing can be put to a nomination whose route cannot be read; its own page says so.
            continue
        desk = nomination_root(seen[row.id], definition).desk
        found.append(
            MatrixName(
                nomination_id=row.id,
                name=row.subject_name,
                position=row.subject_position,
                unit=unit_of_row(row),
                award=award_of_row(row),
                label=state_words(definition, row.state, None),
                is_asked=row.work_kind == WorkKind.ANSWER,
                submission_id=row.submission_id,
                cells=cells_of_name(row, actor, desk, lying),
            )
        )
    return found


def _list_rows(
    rows: Sequence[Row[Any]], lists: Mapping[int, PaperPlace], actor: Actor, lying: Lying
) -> list[MatrixList]:
    """Return the lists with the papers that the awards of their names here ask for."""
    found = []
    for each, desk in lists.items():
        mine = [row for row in rows if row.submission_id == each]
        cells = cells_of_list(each, {kind for row in mine for kind in row.papers}, actor, desk, lying)
        if cells:
            found.append(MatrixList(ListRef(each, mine[0].number or ""), unit_of_row(mine[0]), cells))
    return found


def _cluster_kind(session: Session, rows: Sequence[Row[Any]]) -> str | None:
    """Return the kind of the cluster where all names are of one unit."""
    units = {row.unit for row in rows}
    if len(units) != 1:
        return None
    return kind_of_units_cluster(session, unit=rows[0].unit, round_id=rows[0].round_id)

"""What a client needs to know to speak of nominations: routes, awards, units."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from workflow.domain.vocabulary import SubjectKind
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, text, whole
from workflow.queries.shapes import Words, words_of
from workflow.store.awards import Award, AwardEdition, WorkflowDefinition
from workflow.store.base import among
from workflow.store.catalogue import PLAYED_REGIME, decree_of
from workflow.store.conditions import holds_on, is_in_force
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.organisation import Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class WorkflowView:
    """One published version of a route. `definition` is the file's content; it never changes."""

    key: str
    version: int
    title: Words
    calendar: str
    content_hash: str
    published_at: datetime
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AwardView:
    """An award by the edition in force today; `workflow` is the key of the route its nominations run on."""

    code: str
    title: Words
    subject_kind: SubjectKind
    regime: str
    workflow: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class EditionView:
    """What a unit was called, where it belonged, and whom to telephone, from one day until before another."""

    name: str
    parent: str | None
    officer_name: str
    officer_telephone: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit with its history; `today` is the edition in force, null for a unit that is no more."""

    code: str
    today: EditionView | None
    editions: tuple[EditionView, ...]


def list_workflows(session: Session, *, limit: int, cursor: str | None) -> Page[WorkflowView]:
    """Return one page of the published definitions, by key, newest version first."""
    statement = select(WorkflowDefinition)
    if cursor is not None:
        key, version = decode_cursor("workflows", cursor, text, whole)
        after = tuple_(WorkflowDefinition.key, -WorkflowDefinition.version) > tuple_(key, -version)
        statement = statement.where(after)
    order = (WorkflowDefinition.key, -WorkflowDefinition.version)
    rows = session.scalars(statement.order_by(*order).limit(limit + 1)).all()
    return cut(
        rows,
        limit,
        item=lambda row: _workflow(session, row),
        cursor=lambda row: encode_cursor("workflows", row.key, row.version),
    )


def published_versions(session: Session) -> tuple[tuple[str, int, Words], ...]:
    """Return every published version with its title, by key, the newest first: as many as somebody wrote."""
    order = (WorkflowDefinition.key, WorkflowDefinition.version.desc())
    columns = select(WorkflowDefinition.id, WorkflowDefinition.key, WorkflowDefinition.version)
    return tuple(
        (row.key, row.version, words_of(shown_definition(session, row.id).title))
        for row in session.execute(columns.order_by(*order)).all()
    )


def list_awards(session: Session, *, now: datetime, limit: int, cursor: str | None) -> Page[AwardView]:
    """Return one page of the awards in force today, by code, each by its newest edition."""
    statement = select(Award.code, AwardEdition).join(AwardEdition, AwardEdition.award_id == Award.id)
    if cursor is not None:
        statement = statement.where(Award.code > decode_cursor("awards", cursor, text)[0])
    rows = session.execute(
        statement.where(is_in_force(AwardEdition, local_day(session, now)))
        .ext(distinct_on(Award.code))
        .order_by(Award.code, AwardEdition.valid_from.desc(), AwardEdition.id.desc())
        .limit(limit + 1)
    ).all()
    return cut(
        [(row.code, row.AwardEdition) for row in rows],
        limit,
        item=lambda row: _award(*row),
        cursor=lambda row: encode_cursor("awards", row[0]),
    )


def decrees_of(awards: Iterable[AwardView]) -> dict[str, str]:
    """Return the numbers of the decrees that regimes which ship rest on, by regime."""
    found = {one.regime: decree_of(one.regime) for one in awards}
    return {regime: decree for regime, decree in found.items() if decree is not None}


def is_of_play(award: AwardView) -> bool:
    """Return whether a play keeps the award in force after its last regime has ended."""
    return award.regime == PLAYED_REGIME


def list_units(session: Session, *, now: datetime, limit: int, cursor: str | None) -> Page[UnitView]:
    """Return one page of the units, by code (2 before 10), with every edition; the parents make the tree."""
    place = (Unit.code_sort, Unit.code)
    statement = select(Unit.id, Unit.code, Unit.code_sort)
    if cursor is not None:
        statement = statement.where(tuple_(*place) > tuple_(*decode_cursor("units", cursor, text, text)))
    rows = session.execute(statement.order_by(*place).limit(limit + 1)).all()
    editions = editions_of_units(session, [row.id for row in rows])
    today = local_day(session, now)
    return cut(
        rows,
        limit,
        item=lambda row: _unit(row.code, editions[row.id], today),
        cursor=lambda row: encode_cursor("units", row.code_sort, row.code),
    )


def editions_of_units(session: Session, unit_ids: Sequence[int]) -> Mapping[int, list[EditionView]]:
    """Return every edition of some units, the earliest first."""
    parent = aliased(Unit)
    rows = session.execute(
        select(UnitEdition, parent.code)
        .outerjoin(parent, parent.id == UnitEdition.parent_id)
        .where(among(UnitEdition.unit_id, unit_ids))
        .order_by(UnitEdition.unit_id, UnitEdition.valid_from)
    )
    found: dict[int, list[EditionView]] = defaultdict(list)
    for edition, code in rows:
        found[edition.unit_id].append(
            EditionView(
                name=edition.name,
                parent=code,
                officer_name=edition.officer_name,
                officer_telephone=edition.officer_telephone,
                valid_from=edition.valid_from,
                valid_to=edition.valid_to,
            )
        )
    return found


def _unit(code: str, editions: Sequence[EditionView], today: date) -> UnitView:
    current = (each for each in editions if holds_on(today, each.valid_from, each.valid_to))
    return UnitView(code, next(current, None), tuple(editions))


def _workflow(session: Session, row: WorkflowDefinition) -> WorkflowView:
    content: Mapping[str, Any] = row.content
    # One that cannot be read is listed as such, and all others as they are.
    shown = shown_definition(session, row.id)
    return WorkflowView(
        key=row.key,
        version=row.version,
        title=words_of(shown.title),
        calendar=str(content.get("calendar", "")),
        content_hash=row.content_hash,
        published_at=row.published_at,
        definition=content,
    )


def _award(code: str, edition: AwardEdition) -> AwardView:
    return AwardView(
        code=code,
        title=Words(edition.name_vi, edition.name_en),
        subject_kind=SubjectKind(edition.subject_kind),
        regime=edition.regime,
        workflow=edition.workflow_key,
        valid_from=edition.valid_from,
        valid_to=edition.valid_to,
    )

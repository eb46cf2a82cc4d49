"""How names stand on a council's sheets: by award, unit and name, each with the words of all three."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from workflow.queries.shapes import Named, Titled, Words
from workflow.store.awards import Award, AwardEdition
from workflow.store.conditions import TODAY, edition_of_unit
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition


def on_sheet(*columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - columns of SQLAlchemy
    """Return the statement of nominations in the order of a sheet, with award and unit; tell it `today`."""
    return (
        select(
            *columns,
            Award.code.label("award"),
            AwardEdition.name_vi,
            AwardEdition.name_en,
            Unit.code.label("unit"),
            func.coalesce(UnitEdition.name, Unit.code).label("unit_name"),
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, edition_of_unit(TODAY))
        .order_by(Award.id, Unit.code_sort, Nomination.name_sort, Nomination.id)
    )


def award_of(row: Row[Any]) -> Titled:
    """Return the award that a row of a sheet tells of."""
    return Titled(row.award, Words(row.name_vi, row.name_en))


def unit_of(row: Row[Any]) -> Named:
    """Return the unit that a row of a sheet tells of."""
    return Named(row.unit, row.unit_name)


def awards_among(session: Session, conditions: Sequence[ColumnElement[bool]]) -> tuple[Titled, ...]:
    """Return the awards of the nominations that the conditions find, in the order of a sheet."""
    found: Select[*tuple[Any, ...]] = (
        select(
            Award.id,
            Award.code.label("award"),
            func.min(AwardEdition.name_vi).label("name_vi"),
            func.min(AwardEdition.name_en).label("name_en"),
        )
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .join(Nomination, Nomination.award_edition_id == AwardEdition.id)
        .where(*conditions)
        .group_by(Award.id, Award.code)
        .order_by(Award.id)
    )
    return tuple(award_of(row) for row in session.execute(found))

"""How names stand on a council's sheets: by award, unit and name, each with the words of all three."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from workflow.queries.shapes import AWARD_COLUMNS, UNIT_COLUMNS, Titled, award_of_row
from workflow.store.awards import Award, AwardEdition
from workflow.store.conditions import TODAY, named_edition
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition


def on_sheet(*columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - columns of SQLAlchemy
    """Return the statement of nominations in the order of a sheet, with award and unit; tell it `today`."""
    return (
        select(
            *columns,
            *AWARD_COLUMNS,
            *UNIT_COLUMNS,
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .order_by(Award.id, Unit.code_sort, Nomination.name_sort, Nomination.id)
    )


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
    return tuple(award_of_row(row) for row in session.execute(found))

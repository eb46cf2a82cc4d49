"""Which form an office writes in, and all that were kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.papers.office_forms import FormFormat, FormPurpose
from workflow.domain.rights.policy import Actor, is_over
from workflow.queries.shapes import UNIT_COLUMNS, Named, unit_of_row
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.conditions import edition_of_unit, named_edition
from workflow.store.database import local_day
from workflow.store.office_forms import UnitForm
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.people import load_ancestors

_MOST_LISTED: Final = 200
_MOST_UNITS: Final = 500


@dataclass(frozen=True, slots=True)
class FormView:
    """One version of an office's form; `ended_at` is null while it is in force."""

    id: int
    unit: Named
    purpose: FormPurpose
    kind: FormFormat
    version: int
    filename: str
    sha256: str
    kept_by: str | None
    kept_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A version with its bytes."""

    view: FormView
    content: bytes


def form_in_force(
    session: Session, *, actor: Actor, unit: str, purpose: FormPurpose, kind: FormFormat, now: datetime
) -> bytes:
    """Return the form that the reader's office writes in, empty where neither it nor any above has one.

    Who belongs to no unit writes in the form of the unit that the list is of.
    """
    own = session.scalar(select(Unit.code).where(Unit.id == actor.unit_id)) if actor.unit_id else None
    above = load_ancestors(session, [own or unit], today=local_day(session, now))[own or unit]
    rows = session.execute(
        select(Unit.code, UnitForm.content)
        .join(Unit, Unit.id == UnitForm.unit_id)
        .where(
            among(Unit.code, above),
            UnitForm.purpose == purpose,
            UnitForm.kind == kind,
            UnitForm.ended_at.is_(None),
        )
    )
    found = {row.code: row.content for row in rows}
    return next((found[code] for code in above if code in found), b"")


def list_forms(session: Session, *, actor: Actor, now: datetime) -> tuple[FormView, ...]:
    """Return the newest versions of the forms of the units that the actor is over, those in force first."""
    rows = session.execute(
        _statement(local_day(session, now))
        .where(_is_theirs(actor))
        .order_by(UnitForm.ended_at.is_not(None), UnitForm.kept_at.desc(), UnitForm.id.desc())
        .limit(_MOST_LISTED)
    )
    return tuple(_view(row) for row in rows)


def get_form(session: Session, *, actor: Actor, form_id: int, now: datetime) -> KeptForm:
    """Return a version with its bytes. Raises `NotFound`, also for that of a unit the actor is not over."""
    row = session.execute(
        _statement(local_day(session, now))
        .add_columns(UnitForm.content)
        .where(UnitForm.id == form_id, _is_theirs(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no form {form_id}.")
    return KeptForm(_view(row), row.content)


def units_with_forms(session: Session, *, actor: Actor, now: datetime) -> Sequence[Named]:
    """Return the units whose forms the actor keeps, by name."""
    return tuple(_units(session, actor, local_day(session, now)))


def _units(session: Session, actor: Actor, today: date) -> Iterator[Named]:
    rows: Iterator[Row[Any]] = session.execute(
        select(Unit.id, *UNIT_COLUMNS)
        .join(UnitEdition, edition_of_unit(today))
        .order_by(UnitEdition.name_sort, Unit.code)
    )
    over = [unit_of_row(row) for row in rows if is_over(actor, row.id)]
    yield from over[:_MOST_UNITS]


def _is_theirs(actor: Actor) -> Any:  # noqa: ANN401 - a condition of the database
    scope = actor.scope
    return (
        UnitForm.unit_id.is_not(None) if scope.steers_everything else among(UnitForm.unit_id, scope.steered)
    )


def _statement(today: date) -> Any:  # noqa: ANN401 - a statement of many columns
    return (
        select(
            UnitForm.id,
            UnitForm.purpose,
            UnitForm.kind,
            UnitForm.version,
            UnitForm.filename,
            UnitForm.sha256,
            UnitForm.kept_at,
            UnitForm.ended_at,
            Account.name.label("kept_by"),
            *UNIT_COLUMNS,
        )
        .join(Unit, Unit.id == UnitForm.unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .outerjoin(Account, Account.id == UnitForm.kept_by)
    )


def _view(row: Row[Any]) -> FormView:
    return FormView(
        row.id,
        unit_of_row(row),
        FormPurpose(row.purpose),
        FormFormat(row.kind),
        row.version,
        row.filename,
        row.sha256.hex(),
        row.kept_by,
        row.kept_at,
        row.ended_at,
    )

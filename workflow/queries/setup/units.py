"""Units as who runs the installation sees them: found, with who works and sits there; each with its past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.names import name_search
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, text
from workflow.queries.reference import EditionView, editions_of_units
from workflow.queries.shapes import Named
from workflow.store.access import Account, Grant
from workflow.store.codes import is_named
from workflow.store.conditions import edition_of_unit, is_active, is_in_force, outlasts
from workflow.store.database import local_day
from workflow.store.organisation import Cluster, ClusterMember, Council, Person, Unit, UnitEdition
from workflow.store.seats import known_roles

MOST_BELOW: Final = 200
MOST_SEATS: Final = 200
_LIST: Final = "units found"


class UnitState(StrEnum):
    """Which units are looked for: those of today, those where nobody sits, or those that are no more."""

    TODAY = "today"
    UNSEATED = "unseated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class UnitFilters:
    """What is looked for: part of a name or code, the unit right above, the state; nothing means any."""

    q: str | None = None
    parent: str | None = None
    state: UnitState | None = None


@dataclass(frozen=True, slots=True)
class UnitFound:
    """One unit by today's edition, by its last where it is no more; `seated` are accounts that sit there."""

    code: str
    name: str
    parent: Named | None
    is_today: bool
    people: int
    seated: int
    officer_name: str
    officer_telephone: str
    mailbox: str | None


@dataclass(frozen=True, slots=True)
class SeatHolder:
    """Who holds a role at a unit or its council, from a day until before another."""

    account_id: int
    name: str
    email: str
    key: str
    valid_from: date
    valid_to: date | None
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class ClusterPlace:
    """A cluster of a year in which the unit is."""

    id: int
    code: str
    name: str
    year: int


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One unit: every edition, what is right below today, its clusters, who sits there, how many people."""

    id: int
    code: str
    name: str
    mailbox: str | None
    council: str | None
    editions: tuple[EditionView, ...]
    below: tuple[Named, ...]
    clusters: tuple[ClusterPlace, ...]
    seats: tuple[SeatHolder, ...]
    people: int


def find_units(
    session: Session, *, filters: UnitFilters, now: datetime, limit: int, cursor: str | None
) -> Page[UnitFound]:
    """Return one page of the units by name, as they are narrowed. Raises `UnreadableCursor`."""
    place = (UnitEdition.name_sort, Unit.code)
    name = name_of(_LIST, filters.q or "", filters.parent or "", str(filters.state or ""))
    statement = _found(session, filters, now)
    if cursor is not None:
        statement = statement.where(tuple_(*place) > tuple_(*decode_cursor(name, cursor, text, text)))
    rows = session.execute(statement.order_by(*place).limit(limit + 1)).all()
    return cut(rows, limit, item=_line, cursor=lambda row: encode_cursor(name, row.name_sort, row.code))


def how_many_units(session: Session, *, filters: UnitFilters, now: datetime, most: int) -> int:
    """Return how many units are found so, counted up to `most`."""
    rows = _found(session, filters, now).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


def _found(session: Session, filters: UnitFilters, now: datetime) -> Select[*tuple[Any, ...]]:
    today = local_day(session, now)
    return _lines(session, today).where(*_conditions(session, filters, today))


def get_unit(session: Session, *, code: str, now: datetime) -> UnitPage:
    """Return one unit with its past and who sits there. Raises `NotFound`."""
    today = local_day(session, now)
    unit = session.scalar(select(Unit).where(is_named(session, Unit.code, code)))
    if unit is None:
        raise NotFound(f"There is no unit '{code}'.")
    editions = tuple(editions_of_units(session, [unit.id]).get(unit.id, ()))
    below = session.execute(
        select(Unit.code, UnitEdition.name)
        .join(UnitEdition, edition_of_unit(today))
        .where(UnitEdition.parent_id == unit.id)
        .order_by(UnitEdition.name_sort, Unit.code)
        .limit(MOST_BELOW)
    )
    clusters = session.execute(
        select(Cluster.id, Cluster.code, Cluster.name, Cluster.year)
        .join(ClusterMember, ClusterMember.cluster_id == Cluster.id)
        .where(ClusterMember.unit_id == unit.id)
        .order_by(Cluster.year.desc(), Cluster.code)
    )
    return UnitPage(
        id=unit.id,
        code=unit.code,
        name=editions[-1].name if editions else unit.code,
        mailbox=unit.mailbox,
        council=session.scalar(select(Council.name).where(Council.unit_id == unit.id)),
        editions=editions,
        below=tuple(Named(row.code, row.name) for row in below),
        clusters=tuple(ClusterPlace(*row) for row in clusters),
        seats=_seats(session, unit.code, today),
        people=session.scalar(select(func.count()).where(Person.unit_id == unit.id)) or 0,
    )


def _lines(session: Session, today: date) -> Select[*tuple[Any, ...]]:
    """Return the statement of units, each by its edition of today or else its last one."""
    other, above, above_edition = aliased(UnitEdition), aliased(Unit), aliased(UnitEdition)
    shown = (
        select(other.id)
        .where(other.unit_id == Unit.id)
        .order_by(is_in_force(other, today).desc(), other.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    people = select(func.count()).where(Person.unit_id == Unit.id).scalar_subquery()
    seated = select(func.count(Grant.account_id.distinct())).select_from(Grant).join(Account)
    return (
        select(
            Unit.code,
            UnitEdition.name,
            UnitEdition.name_sort,
            above.code.label("above"),
            above_edition.name.label("above_name"),
            is_in_force(UnitEdition, today).label("is_today"),
            people.label("people"),
            seated.where(*_sits(session, today)).scalar_subquery().label("seated"),
            UnitEdition.officer_name,
            UnitEdition.officer_telephone,
            Unit.mailbox,
        )
        .select_from(Unit)
        .join(UnitEdition, UnitEdition.id == shown)
        .outerjoin(above, above.id == UnitEdition.parent_id)
        .outerjoin(above_edition, (above_edition.unit_id == above.id) & is_in_force(above_edition, today))
    )


def _conditions(session: Session, filters: UnitFilters, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.q:
        called = UnitEdition.name_search.contains(name_search(filters.q), autoescape=True)
        found.append(or_(called, func.upper(Unit.code).contains(filters.q.upper(), autoescape=True)))
    if filters.parent:
        above = select(Unit.id).where(Unit.code.in_([filters.parent, filters.parent.upper()]))
        found.append(UnitEdition.parent_id.in_(above))
    if filters.state is UnitState.ENDED:
        found.append(~is_in_force(UnitEdition, today))
    elif filters.state is not None:
        found.append(is_in_force(UnitEdition, today))
    if filters.state is UnitState.UNSEATED:
        found.append(~exists().where(Account.id == Grant.account_id, *_sits(session, today)))
    return found


def _sits(session: Session, today: date) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of grants by which somebody who signs in sits in a unit on a day."""
    keys = [func.concat(f"{role}@unit:", Unit.code) for role in sorted(known_roles(session))]
    return Grant.key.in_(keys), is_in_force(Grant, today), is_active(Account)


def _seats(session: Session, code: str, today: date) -> tuple[SeatHolder, ...]:
    roles = sorted(known_roles(session))
    keys = [f"{role}@{kind}:{code}" for role in roles for kind in ("unit", "council")]
    rows = session.execute(
        select(
            Account.id,
            Account.name,
            Account.email,
            Grant.key,
            Grant.valid_from,
            Grant.valid_to,
            Account.disabled_at.is_not(None).label("is_disabled"),
        )
        .join(Grant, Grant.account_id == Account.id)
        .where(Grant.key.in_(keys), outlasts(Grant, today))
        .order_by(Grant.key, Account.name, Account.id, Grant.valid_from)
        .limit(MOST_SEATS)
    )
    return tuple(SeatHolder(*row) for row in rows)


def _line(row: Row[Any]) -> UnitFound:
    return UnitFound(
        code=row.code,
        name=row.name,
        parent=Named(row.above, row.above_name or row.above) if row.above else None,
        is_today=row.is_today,
        people=row.people,
        seated=row.seated,
        officer_name=row.officer_name,
        officer_telephone=row.officer_telephone,
        mailbox=row.mailbox,
    )

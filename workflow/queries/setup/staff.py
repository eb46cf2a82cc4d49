"""People as whoever runs the installation sees them: in which unit, whether they sign in, in which roles."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, func, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.names import name_search
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, text
from workflow.queries.people.search import is_called, people_with_units
from workflow.queries.setup.accounts import AccountView, get_account
from workflow.queries.shapes import Named
from workflow.store.access import Account
from workflow.store.codes import is_named
from workflow.store.conditions import is_active, named_edition
from workflow.store.database import local_day
from workflow.store.organisation import Person, Unit, UnitEdition

_LIST: Final = "staff"


class SignsIn(StrEnum):
    """Whether somebody has an account, or had one that was shut."""

    YES = "with"
    NO = "without"
    SHUT = "disabled"


@dataclass(frozen=True, slots=True)
class StaffFilters:
    """Who is looked for: part of a name or a code, a unit, whether they sign in; nothing means any."""

    q: str | None = None
    unit: str | None = None
    account: SignsIn | None = None


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member of staff; `email` is null where they have no account."""

    code: str
    name: str
    position: str
    unit: Named
    born_on: date | None
    left_on: date | None
    account_id: int | None
    email: str | None
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class StaffPage:
    """One member of staff with their account; `managed_by` where another unit's head decides on them."""

    line: StaffLine
    managed_by: Named | None
    account: AccountView | None


def find_staff(
    session: Session, *, filters: StaffFilters, now: datetime, limit: int, cursor: str | None
) -> Page[StaffLine]:
    """Return one page of the members of staff by given name, as they are narrowed."""
    place = (Person.name_sort, Person.code)
    name = name_of(_LIST, filters.q or "", filters.unit or "", str(filters.account or ""))
    statement = _found(session, filters, now)
    if cursor is not None:
        statement = statement.where(tuple_(*place) > tuple_(*decode_cursor(name, cursor, text, text)))
    rows = session.execute(statement.order_by(*place).limit(limit + 1)).all()
    return cut(rows, limit, item=_line, cursor=lambda row: encode_cursor(name, row.name_sort, row.code))


def how_many_staff(session: Session, *, filters: StaffFilters, now: datetime, most: int) -> int:
    """Return how many members of staff are found so, counted up to `most`."""
    rows = _found(session, filters, now).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


def _found(session: Session, filters: StaffFilters, now: datetime) -> Any:  # noqa: ANN401 - as `_staff`
    statement = _staff(local_day(session, now))
    if filters.q:
        statement = statement.where(is_called(filters.q, name_search(filters.q)))
    if filters.unit:
        statement = statement.where(Unit.code.in_([filters.unit, filters.unit.upper()]))
    if filters.account is SignsIn.NO:
        statement = statement.where(Account.id.is_(None))
    elif filters.account is SignsIn.YES:
        statement = statement.where(Account.id.is_not(None), is_active(Account))
    elif filters.account is SignsIn.SHUT:
        statement = statement.where(Account.disabled_at.is_not(None))
    return statement


def get_staff(session: Session, *, code: str, now: datetime) -> StaffPage:
    """Return one member of staff with their account. Raises `NotFound`."""
    today = local_day(session, now)
    found = session.execute(_staff(today).where(is_named(session, Person.code, code))).one_or_none()
    if found is None:
        raise NotFound(f"There is no person '{code}'.")
    managing = session.execute(
        select(Unit.code, UnitEdition.name)
        .join(Person, Person.managed_by_unit_id == Unit.id)
        .outerjoin(UnitEdition, named_edition(today))
        .where(Person.id == found.id)
    ).one_or_none()
    line = _line(found)
    return StaffPage(
        line,
        Named(managing.code, managing.name or managing.code) if managing else None,
        get_account(session, account_id=line.account_id, now=now) if line.account_id else None,
    )


def _staff(today: date) -> Any:  # noqa: ANN401 - a statement of more columns than a type has room for
    return (
        people_with_units(today)
        .outerjoin(Account, Account.person_id == Person.id)
        .add_columns(
            Person.born_on,
            Account.id.label("account_id"),
            Account.email,
            Account.disabled_at.is_not(None).label("is_disabled"),
        )
    )


def _line(row: Row[Any]) -> StaffLine:
    return StaffLine(
        code=row.code,
        name=row.name,
        position=row.position,
        unit=Named(row.unit_code, row.unit_name),
        born_on=row.born_on,
        left_on=row.left_on,
        account_id=row.account_id,
        email=row.email,
        is_disabled=bool(row.is_disabled),
    )

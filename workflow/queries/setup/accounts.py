"""Accounts as whoever runs the installation sees them: who signs in, with which roles, since when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.names import name_search
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, text
from workflow.queries.shapes import Named
from workflow.store.access import Account, ApiToken, Grant, PasswordLink, WebSession
from workflow.store.conditions import edition_of_unit, is_in_force, outlasts
from workflow.store.database import local_day
from workflow.store.organisation import Cluster, Council, Person, Unit, UnitEdition
from workflow.store.seats import known_roles, usual_places

MOST_PLACES: Final = 300
_MOST_GRANTS: Final = 200
_MOST_NAMESAKES: Final = 5
_LIST: Final = "accounts"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in the list; `roles` counts what it holds today, `is_staff` tells whether staff has it."""

    id: int
    email: str
    name: str
    roles: int
    disabled_at: datetime | None
    has_password: bool
    is_staff: bool


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role at a place, from one day until before another; it may begin later."""

    key: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Namesake:
    """Somebody of staff who is called as an account is, with the address of the account they have."""

    code: str
    unit: str
    email: str | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account with its roles; `link_until` is when an open link to set the password ends.

    `namesakes` are told of an account that is nobody of staff: whoever is nominated takes no step in their
    own nominations, and whose these are only `person` says.
    """

    id: int
    email: str
    name: str
    locale: str
    person: str | None
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    link_until: datetime | None
    sessions: int
    tokens: int
    roles: tuple[HeldRole, ...]
    namesakes: tuple[Namesake, ...]


@dataclass(frozen=True, slots=True)
class Grantable:
    """Which roles there are, and the first places to hold one at, each as `unit:CODE` with its name."""

    roles: tuple[str, ...]
    places: tuple[Named, ...]
    has_more: bool


def list_accounts(
    session: Session, *, search: str, now: datetime, limit: int, cursor: str | None
) -> Page[AccountLine]:
    """Return one page of the accounts by address; `search` is part of a name or of an address."""
    roles = (
        select(func.count())
        .select_from(Grant)
        .where(Grant.account_id == Account.id, is_in_force(Grant, local_day(session, now)))
        .scalar_subquery()
    )
    statement = select(
        Account.id,
        Account.email,
        Account.name,
        roles.label("roles"),
        Account.disabled_at,
        Account.password_hash.is_not(None).label("has_password"),
        Account.person_id.is_not(None).label("is_staff"),
    )
    if word := search.strip():
        plain = name_search(word)
        person = exists().where(
            Person.id == Account.person_id, Person.name_search.contains(plain, autoescape=True)
        )
        statement = statement.where(
            or_(
                Account.email.contains(word.lower(), autoescape=True),
                func.lower(Account.name).contains(word.lower(), autoescape=True),
                person,
            )
        )
    name = name_of(_LIST, search.strip())
    if cursor is not None:
        statement = statement.where(Account.email > decode_cursor(name, cursor, text)[0])
    rows = session.execute(statement.order_by(Account.email).limit(limit + 1)).all()
    return cut(
        rows,
        limit,
        item=lambda row: AccountLine(*row),
        cursor=lambda row: encode_cursor(name, row.email),
    )


def get_account(session: Session, *, account_id: int, now: datetime) -> AccountView:
    """Return an account with the roles it holds and will hold. Raises `NotFound` without it."""
    account = session.scalar(select(Account).where(Account.id == account_id))
    if account is None:
        raise NotFound("There is no such account.")
    today = local_day(session, now)
    roles = session.execute(
        select(Grant.key, Grant.valid_from, Grant.valid_to)
        .where(Grant.account_id == account_id, outlasts(Grant, today))
        .order_by(Grant.key, Grant.valid_from)
        .limit(_MOST_GRANTS)
    )
    person = session.scalar(select(Person.code).where(Person.id == account.person_id))
    sessions = select(func.count()).select_from(WebSession).where(WebSession.account_id == account_id)
    tokens = (
        select(func.count())
        .select_from(ApiToken)
        .where(ApiToken.account_id == account_id, ApiToken.expires_at > now)
    )
    link = select(func.max(PasswordLink.expires_at)).where(
        PasswordLink.account_id == account_id, PasswordLink.used_at.is_(None), PasswordLink.expires_at > now
    )
    return AccountView(
        id=account.id,
        email=account.email,
        name=account.name,
        locale=account.locale,
        person=person,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
        has_password=account.password_hash is not None,
        link_until=session.scalar(link),
        sessions=session.scalar(sessions) or 0,
        tokens=session.scalar(tokens) or 0,
        roles=tuple(HeldRole(*row) for row in roles),
        namesakes=() if person else _namesakes(session, account.name, today),
    )


def _namesakes(session: Session, name: str, today: date) -> tuple[Namesake, ...]:
    rows = session.execute(
        select(Person.code, UnitEdition.name, Account.email)
        .join(Unit, Unit.id == Person.unit_id)
        .join(UnitEdition, edition_of_unit(today))
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.name_search == name_search(name))
        .order_by(Person.code)
        .limit(_MOST_NAMESAKES)
    )
    return tuple(Namesake(*row) for row in rows)


def places_of_work(session: Session, *, key: str) -> tuple[str, ...]:
    """Return at which kinds of place a role gets work, nothing where it gets some at the place of the key."""
    return usual_places(session, key)


def grantable(session: Session, *, now: datetime) -> Grantable:
    """Return the roles of this installation and the places they can be held at, the first three hundred."""
    today = local_day(session, now)
    units = session.execute(
        select(Unit.code, UnitEdition.name)
        .join(UnitEdition, edition_of_unit(today))
        .order_by(UnitEdition.name_sort, Unit.code_sort)
        .limit(MOST_PLACES + 1)
    )
    councils = session.execute(
        select(Unit.code, Council.name)
        .join(Unit, Unit.id == Council.unit_id)
        .order_by(Unit.code_sort)
        .limit(MOST_PLACES + 1)
    )
    clusters = session.execute(
        select(Cluster.code, Cluster.name).order_by(Cluster.year.desc(), Cluster.code).limit(MOST_PLACES + 1)
    )
    # The few first: behind four hundred units no council would be offered.
    found = [
        *(Named(f"council:{code}", name) for code, name in councils),
        *(Named(f"unit:{code}", name) for code, name in units),
        *(Named(f"cluster:{code}", name) for code, name in clusters),
    ]
    roles = tuple(sorted(known_roles(session)))
    return Grantable(roles, tuple(found[:MOST_PLACES]), len(found) > MOST_PLACES)

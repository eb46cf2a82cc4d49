"""Who somebody is here: the account behind a token, and what it holds."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import split_key
from workflow.store.access import Account, Grant
from workflow.store.conditions import is_in_force
from workflow.store.database import local_day
from workflow.store.organisation import Person, Unit
from workflow.store.people import load_actor, load_bearer

MOST_GRANTS: Final = 500


@dataclass(frozen=True, slots=True)
class GrantView:
    """A role at a place, from one day until the day before another; null is until further notice."""

    key: str
    role: str
    seat: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Me:
    """An account as its owner sees it; `person` and `unit` are codes, null when it is no member of staff."""

    id: int
    name: str
    email: str
    locale: str
    person: str | None
    unit: str | None
    grants: tuple[GrantView, ...]


def actor_of_token(session: Session, *, token_hash: bytes, now: datetime) -> Actor | None:
    """Return who the bearer token with this hash stands for; None when unknown, expired or disabled."""
    return load_bearer(session, token_hash, now=now, today=local_day(session, now))


def actor_of_account(session: Session, account_id: int, *, now: datetime) -> Actor | None:
    """Return the account as it may act today, None when there is none or it is disabled."""
    return load_actor(session, account_id, today=local_day(session, now))


def me(session: Session, *, actor: Actor, now: datetime) -> Me:
    """Return the actor's own account with the grants of today, at most 500 in the order of their keys."""
    today = local_day(session, now)
    staff = session.execute(
        select(Person.code, Unit.code.label("unit"))
        .join(Unit, Unit.id == Person.unit_id)
        .join(Account, Account.person_id == Person.id)
        .where(Account.id == actor.account_id)
    ).one_or_none()
    grants = session.execute(
        select(Grant.key, Grant.valid_from, Grant.valid_to)
        .where(
            Grant.account_id == actor.account_id,
            is_in_force(Grant, today),
        )
        .order_by(Grant.key, Grant.valid_from)
        .limit(MOST_GRANTS)
    )
    return Me(
        id=actor.account_id,
        name=actor.name,
        email=actor.email,
        locale=actor.locale,
        person=staff.code if staff else None,
        unit=staff.unit if staff else None,
        grants=tuple(GrantView(row.key, *split_key(row.key), row.valid_from, row.valid_to) for row in grants),
    )

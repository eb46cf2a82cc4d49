"""Who somebody is here: the account behind a token, and what it holds."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import split_key
from workflow.queries.shapes import Who
from workflow.store.absences import Absence
from workflow.store.access import Account, Grant
from workflow.store.conditions import is_absent, is_in_force
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
class SubstitutionView:
    """Somebody whom you stand in for, in which seats, until which day; `is_first`: before all others."""

    absence_id: int
    person: Who
    keys: tuple[str, ...]
    until: date
    is_first: bool


@dataclass(frozen=True, slots=True)
class Me:
    """An account as its owner sees it; `person` and `unit` are codes, null when it is no member of staff.

    `away_until` is the last day of an absence from every seat that is in force today.
    """

    id: int
    name: str
    email: str
    locale: str
    person: str | None
    unit: str | None
    grants: tuple[GrantView, ...]
    substitutions: tuple[SubstitutionView, ...]
    away_until: date | None


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
        substitutions=tuple(
            SubstitutionView(
                loan.absence_id,
                Who(loan.absent.account_id, loan.name),
                tuple(sorted(loan.keys)),
                loan.until,
                loan.is_first,
            )
            for loan in actor.loans
        ),
        away_until=_away_until(session, actor, today),
    )


def _away_until(session: Session, actor: Actor, today: date) -> date | None:
    wholly = (Absence.account_id == actor.account_id, Absence.key.is_(None), is_absent(Absence, today))
    over_on = session.scalar(select(Absence.valid_to).where(*wholly).limit(1))
    return over_on and over_on - timedelta(days=1)

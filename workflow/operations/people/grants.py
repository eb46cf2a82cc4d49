"""Giving somebody a role at a place, and ending it: at once, on record, with all that rests on it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Role, Via
from workflow.operations.clusters.grants import follow_unit_heads
from workflow.operations.deadlines.accountable import follow_accountable
from workflow.operations.deadlines.claims import release_claims_of
from workflow.operations.deadlines.empty_seats import tell_of_lost_holders
from workflow.operations.history.streams import append_event
from workflow.operations.people.accounts import demand_right, grant_problems, open_account
from workflow.operations.people.last_admin import ADMINISTRATOR, demand_another
from workflow.store.access import Account, Grant
from workflow.store.base import table_of
from workflow.store.conditions import is_in_force, outlasts
from workflow.store.database import local_day
from workflow.store.people import empty_seats, held_keys

_GRANT = table_of(Grant)


@dataclass(frozen=True, slots=True)
class Granted:
    """A role somebody holds, and from which day."""

    account_id: int
    email: str
    key: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class Revoked:
    """A role somebody lost: how much work went back to its group, and seats that nobody holds now."""

    account_id: int
    email: str
    key: str
    released_count: int
    empty_seats: tuple[str, ...]


def grant_role(
    session: Session,
    *,
    actor: Actor | None,
    email: str,
    key: str,
    via: Via,
    now: datetime,
    since: date | None = None,
) -> Granted:
    """Give an account a `ROLE@SCOPE` from today, or from a later day, until it is revoked; and commit.

    Raises `NotFound` without such an account, `Conflict` when it is disabled or holds the role by then,
    `InvalidField` for a role or seat that is none and for a day that has passed, `Forbidden` unless an
    administrator asks.
    """
    demand_right(actor)
    account = open_account(session, email)
    today = local_day(session, now)
    first = since or today
    errors = grant_problems(session, [key])
    if first < today:
        errors.append(FieldError("from", f"{first.isoformat()} has passed; a grant begins today or later"))
    if errors:
        raise InvalidField(f"{errors[0].field}: {errors[0].message}", errors=errors)
    held = select(_GRANT.c.id).where(_GRANT.c.account_id == account.id, _GRANT.c.key == key)
    if session.scalar(held.where(is_in_force(_GRANT.c, first)).limit(1)):
        raise Conflict(f"{account.email} holds {key} already.")
    row = insert(_GRANT).values(account_id=account.id, key=key, valid_from=first)
    # A grant of that very day that was ended again begins anew: one row for each beginning.
    session.execute(
        row.on_conflict_do_update(
            index_elements=["account_id", "key", "valid_from"], set_={"valid_to": row.excluded.valid_to}
        )
    )
    data = {"grants": [key], "from": first.isoformat()}
    append_event(session, f"account:{account.id}", "grant", actor=actor, via=via, now=now, data=data)
    _follow_heads(session, key, actor=actor, via=via, now=now)
    follow_accountable(session, [key], now=now)
    session.commit()
    return Granted(account.id, account.email, key, first)


def revoke_role(
    session: Session, *, actor: Actor | None, email: str, key: str, via: Via, now: datetime
) -> Revoked:
    """End a `ROLE@SCOPE` of an account at once, begun or not, with what rests on it; and commit.

    Work it had taken from that seat goes back to the group, whose people are told; its tokens and sessions
    stay and can do less. Raises `NotFound` without such an account or such a grant, `Conflict` when it is the
    last that runs the installation, `Forbidden` unless an administrator asks. A disabled account loses the
    role too.
    """
    demand_right(actor)
    account = open_account(session, email, or_disabled=True)
    today = local_day(session, now)
    if key == ADMINISTRATOR and account.disabled_at is None:
        demand_another(session, account.id, actor=actor, now=now)
    before = held_keys(session, account.id, today=today)
    ended = session.scalars(
        update(_GRANT)
        .where(_GRANT.c.account_id == account.id, _GRANT.c.key == key, outlasts(_GRANT.c, today))
        .values(valid_to=func.greatest(_GRANT.c.valid_from, today))
        .returning(_GRANT.c.id)
    ).all()
    if not ended:
        raise NotFound(_not_held(account, key, before))
    data = {"grants": [key]}
    append_event(session, f"account:{account.id}", "revoke", actor=actor, via=via, now=now, data=data)
    _follow_heads(session, key, actor=actor, via=via, now=now)
    released = release_claims_of(session, account.id, actor=actor, via=via, now=now)
    follow_accountable(session, [key], now=now)
    lost = before - held_keys(session, account.id, today=today)
    tell_of_lost_holders(session, lost, now=now)
    left = Revoked(account.id, account.email, key, released, empty_seats(session, lost, today=today))
    session.commit()
    return left


def _follow_heads(session: Session, key: str, *, actor: Actor | None, via: Via, now: datetime) -> None:
    """Let the seats of clusters follow, where the role was that of a unit's head."""
    role, _, unit = key.partition("@unit:")
    if role == Role.HEAD and unit:
        follow_unit_heads(session, unit_codes=[unit], actor=actor, via=via, now=now)


def _not_held(account: Account, key: str, held: frozenset[str]) -> str:
    holds = ", ".join(sorted(held)) or "no role"
    return f"{account.email} does not hold {key}; it holds {holds}."

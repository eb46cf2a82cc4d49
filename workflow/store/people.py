"""Accounts, the keys they hold on a day, and today's tree of units."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import Holder
from workflow.domain.rights.scope import Tree, UnitNode, needs_tree, scope_of
from workflow.store.access import Account, ApiToken, Grant
from workflow.store.conditions import TODAY, is_active, is_in_force, is_reachable
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.statements import Statement

_IS_CURRENT = is_in_force(Grant, TODAY)
_ACTORS: Final = select(
    Account.id,
    Account.name,
    Account.email,
    Account.locale,
    Account.person_id,
    select(func.array_agg(Grant.key))
    .where(Grant.account_id == Account.id, _IS_CURRENT)
    .scalar_subquery()
    .label("keys"),
).where(is_active(Account))
_ACTOR: Final = Statement(_ACTORS.where(Account.id == bindparam("account_id")))
_BEARER: Final = Statement(
    _ACTORS.join(ApiToken, ApiToken.account_id == Account.id).where(
        ApiToken.token_hash == bindparam("token_hash"), ApiToken.expires_at > bindparam("now")
    )
)
_HOLDERS = Statement(
    select(
        Grant.key,
        Account.id,
        Account.person_id,
        Person.unit_id,
        is_reachable(Account).label("is_reachable"),
    )
    .join(Account, Account.id == Grant.account_id)
    .outerjoin(Person, Person.id == Account.person_id)
    .where(Grant.key == any_(bindparam("keys", type_=ARRAY(Text))), is_active(Account), _IS_CURRENT)
    .order_by(Grant.key, Account.id)
)
_TREE = (
    select(Unit.id, Unit.code, UnitEdition.parent_id)
    .join(UnitEdition, UnitEdition.unit_id == Unit.id)
    .where(is_in_force(UnitEdition, TODAY))
)


def load_actor(session: Session, account_id: int, *, today: date) -> Actor | None:
    """Return the account as it may act today, or None when there is none or it is disabled."""
    return _only(session, _ACTOR.fetch(session, {"account_id": account_id, "today": today}), today)


def load_bearer(session: Session, token_hash: bytes, *, now: datetime, today: date) -> Actor | None:
    """Return whom the token with this hash stands for as they may act today; None when it stands for nobody.

    That is where it is unknown or has expired, or the account is disabled.
    """
    values = {"token_hash": token_hash, "now": now, "today": today}
    return _only(session, _BEARER.fetch(session, values), today)


def _only(session: Session, found: Sequence[Any], today: date) -> Actor | None:
    if not found:
        return None
    [row] = found
    keys = frozenset(row.keys or ())
    tree = load_tree(session, today=today) if needs_tree(keys) else {}
    return Actor(
        account_id=row.id,
        name=row.name,
        email=row.email,
        locale=row.locale,
        person_id=row.person_id,
        keys=keys,
        scope=scope_of(row.id, keys, tree),
    )


def held_keys(session: Session, account_id: int, *, today: date) -> frozenset[str]:
    """Return the keys that an account holds today; a disabled one too, which cannot use them."""
    rows = session.scalars(
        select(Grant.key).where(Grant.account_id == account_id, _IS_CURRENT), {"today": today}
    )
    return frozenset(rows)


def empty_seats(session: Session, keys: Iterable[str], *, today: date) -> tuple[str, ...]:
    """Return those of the keys that nobody holds today who can sign in, in order."""
    wanted = sorted(keys)
    holders = load_holders(session, wanted, today=today)
    return tuple(key for key in wanted if not holders.get(key))


def load_tree(session: Session, *, today: date) -> Tree:
    """Return every unit of the day by code with its children's codes."""
    rows = session.execute(_TREE, {"today": today}).all()
    codes = {row.id: row.code for row in rows}
    children: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.parent_id is not None:
            children[row.parent_id].append(row.code)
    return {code: UnitNode(unit_id, tuple(children[unit_id])) for unit_id, code in codes.items()}


def load_ancestors(session: Session, codes: Iterable[str], *, today: date) -> dict[str, tuple[str, ...]]:
    """Return for each unit code the codes from itself up to the root."""
    rows = session.execute(_TREE, {"today": today}).all()
    codes_by_id = {row.id: row.code for row in rows}
    parents = {row.code: codes_by_id.get(row.parent_id) for row in rows}
    return {code: _climb(code, parents) for code in codes}


def _climb(code: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    path: list[str] = []
    here: str | None = code
    while here is not None and here not in path:
        path.append(here)
        here = parents.get(here)
    return tuple(path)


def load_holders(session: Session, keys: Iterable[str], *, today: date) -> dict[str, Sequence[Holder]]:
    """Return for each key the active accounts that hold it today."""
    holders: dict[str, list[Holder]] = defaultdict(list)
    wanted = sorted(set(keys))
    for row in _HOLDERS.fetch(session, {"keys": wanted, "today": today}):
        holders[row.key].append(Holder(row.key, row.id, row.person_id, row.unit_id, row.is_reachable))
    return dict(holders)

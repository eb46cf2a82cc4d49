"""Accounts, the keys they hold on a day, and today's tree of units."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, any_, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import Text

from workflow.domain.rights.absence import loans_of
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import Holder
from workflow.domain.rights.scope import Tree, UnitNode, needs_tree, scope_of
from workflow.store.absences import Substitute
from workflow.store.access import Account, ApiToken, Grant
from workflow.store.conditions import (
    TODAY,
    is_active,
    is_in_force,
    is_reachable,
    named_edition,
    told_stand_ins,
)
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.statements import Statement

_IS_CURRENT = is_in_force(Grant, TODAY)


def told_loans(account_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[Any]:
    """Return what an account may be lent by those who are away, as `loans_of` reads it; mostly null.

    Few ever stand in for somebody; the others are told by one look into an index.
    """
    is_named = select(Substitute.absence_id).where(Substitute.account_id == account_id)
    return case((is_named.correlate_except(Substitute).exists(), func.loans(account_id, TODAY)))


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
    select(Person.unit_id).where(Person.id == Account.person_id).scalar_subquery().label("unit_id"),
    told_loans(Account.id).label("loans"),
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
        told_stand_ins(Account.id, Grant.key).label("stand_ins"),
    )
    .join(Account, Account.id == Grant.account_id)
    .outerjoin(Person, Person.id == Account.person_id)
    .where(Grant.key == any_(bindparam("keys", type_=ARRAY(Text))), is_active(Account), _IS_CURRENT)
    .order_by(Grant.key, Account.id)
)
_LOANS: Final = Statement(
    select(func.loans(bindparam("account_id", type_=BigInteger()), TODAY).label("loans"))
)
_TREE: Final = Statement(
    select(Unit.id, Unit.code, UnitEdition.parent_id)
    # Also those that are no more: who was above them looks after what they left.
    .join(UnitEdition, named_edition(TODAY))
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
    keys, loans = frozenset(row.keys or ()), loans_of(row.loans, row.id)
    tree = load_tree(session, today=today) if needs_tree(keys) else {}
    # A substitute sees what the seat sees, the second as the first: one that they may have to take over.
    lent = (key for loan in loans for key in loan.keys)
    return Actor(
        account_id=row.id,
        name=row.name,
        email=row.email,
        locale=row.locale,
        person_id=row.person_id,
        keys=keys,
        scope=scope_of(row.id, {*keys, *lent}, tree),
        unit_id=row.unit_id,
        loans=loans,
    )


def load_loans(session: Session, actor: Actor, *, today: date) -> Actor:
    """Return the actor with what they are lent now: who waited for a lock acts as things are behind it."""
    if not actor.loans:
        return actor
    values = {"account_id": actor.account_id, "today": today}
    [row] = _LOANS.fetch(session, values)
    return replace(actor, loans=loans_of(row.loans, actor.account_id))


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
    rows = _TREE.fetch(session, {TODAY.key: today})
    codes = {row.id: row.code for row in rows}
    children: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.parent_id is not None:
            children[row.parent_id].append(row.code)
    return {code: UnitNode(unit_id, tuple(children[unit_id])) for unit_id, code in codes.items()}


def load_ancestors(session: Session, codes: Iterable[str], *, today: date) -> dict[str, tuple[str, ...]]:
    """Return for each unit code the codes from itself up to the root."""
    rows = _TREE.fetch(session, {TODAY.key: today})
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
    """Return for each key the active accounts that hold it today, for those who are away who stands in.

    Who is away without a substitute is left out. For one nomination of several that stand in for one person
    the first acts who is not set aside: ask `SetAside.takes_in` of each.
    """
    holders: dict[str, list[Holder]] = defaultdict(list)
    wanted = sorted(set(keys))
    for row in _HOLDERS.fetch(session, {"keys": wanted, "today": today}):
        one = Holder(row.key, row.id, row.person_id, row.unit_id, row.is_reachable)
        holders[row.key] += [one] if row.stand_ins is None else standing_in(one, row.stand_ins)
    return {key: _each_once(people) for key, people in holders.items()}


def load_seated(session: Session, keys: Iterable[str], *, today: date) -> dict[str, list[int]]:
    """Return for each key the active accounts that hold it today, in order, whether they are away or not."""
    seated: dict[str, list[int]] = defaultdict(list)
    for row in _HOLDERS.fetch(session, {"keys": sorted(set(keys)), "today": today}):
        seated[row.key].append(row.id)
    return dict(seated)


def standing_in(absent: Holder, told: Iterable[Sequence[Any]]) -> list[Holder]:
    """Return who stands in for somebody in a seat, in order, from what `told_stand_ins` says of them."""
    found: list[Holder] = []
    for account_id, person_id, unit_id, gets_letters, _ in told:
        one = Holder(absent.key, account_id, person_id, unit_id, gets_letters)
        found.append(one.standing_in(absent, tuple(found), key=absent.key))
    return found


def _each_once(people: Sequence[Holder]) -> list[Holder]:
    """Return the people of a seat without those who stand in for a colleague there beside sitting in it."""
    sitting = {one.account_id for one in people if one.absent is None}
    return [one for one in people if one.absent is None or one.account_id not in sitting]

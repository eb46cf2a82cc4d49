"""Who has in hand what somebody took: they, or who stands in for them while they are away."""

from collections.abc import Iterable
from datetime import date
from typing import Final, TypeAlias

from sqlalchemy import BigInteger, Text, select
from sqlalchemy.orm import Session

from workflow.domain.rights.routing import Holder
from workflow.store.access import Account
from workflow.store.base import given
from workflow.store.conditions import is_active, is_reachable, told_stand_ins
from workflow.store.organisation import Person
from workflow.store.people import standing_in

Taken: TypeAlias = tuple[int | None, str | None]
"""An account and the key of the seat in which it took work."""

_PAIRS: Final = given("taken", {"takers": ("account_id", BigInteger()), "keys": ("key", Text())})
_TAKERS: Final = (
    select(
        Account.id,
        Account.person_id,
        Person.unit_id,
        is_reachable(Account).label("is_reachable"),
        _PAIRS.c.key,
        told_stand_ins(Account.id, _PAIRS.c.key).label("stand_ins"),
    )
    .select_from(_PAIRS)
    .join(Account, Account.id == _PAIRS.c.account_id)
    .outerjoin(Person, Person.id == Account.person_id)
    .where(is_active(Account))
)


def load_takers(session: Session, taken: Iterable[Taken], *, today: date) -> dict[Taken, list[Holder]]:
    """Return whose hands these accounts' are today: their own, or those of who stands in for them, in order.

    A disabled account has nothing in hand, nor has one that is away without a substitute.
    """
    pairs = sorted({(taker, key) for taker, key in taken if taker is not None and key is not None})
    if not pairs:
        return {}
    values = {"takers": [taker for taker, _ in pairs], "keys": [key for _, key in pairs], "today": today}
    found: dict[Taken, list[Holder]] = {}
    for row in session.execute(_TAKERS, values):
        one = Holder(row.key, row.id, row.person_id, row.unit_id, row.is_reachable)
        found[row.id, row.key] = [one] if row.stand_ins is None else standing_in(one, row.stand_ins)
    return found

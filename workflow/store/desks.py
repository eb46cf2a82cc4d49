"""Who is behind the seats and units that letters name, as they are today."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from sqlalchemy import BigInteger, Text, any_, bindparam, case, exists, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.store.access import Account, Grant
from workflow.store.conditions import TODAY, is_active, is_in_force, named_edition, told_stand_ins
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class Office:
    """A unit as a letter names it: what it is called today, whom to telephone there, whom answers reach.

    `mailbox` gets copies, None where there is none or where somebody signs in by that address.
    """

    name: str
    officer_name: str
    officer_telephone: str
    officer_email: str = ""
    mailbox: str | None = None


_OFFICES: Final = Statement(
    select(
        Unit.code,
        UnitEdition.name,
        UnitEdition.officer_name,
        UnitEdition.officer_telephone,
        UnitEdition.officer_email,
        # A copy to somebody's own address would pass by what that person may see.
        case((~exists().where(Account.email == Unit.mailbox), Unit.mailbox)).label("mailbox"),
    )
    .join(UnitEdition, named_edition(TODAY))
    .where(Unit.code == any_(bindparam("codes", type_=ARRAY(Text))))
)

_SEATED: Final = Statement(
    select(
        Grant.key,
        Account.id,
        Account.name,
        told_stand_ins(Account.id, Grant.key).label("stand_ins"),
    )
    .join(Account, Account.id == Grant.account_id)
    .where(
        Grant.key == any_(bindparam("keys", type_=ARRAY(Text))),
        is_active(Account),
        is_in_force(Grant, TODAY),
    )
    .order_by(Grant.key, Account.name, Account.id)
)
_NAMES: Final = Statement(
    select(Account.id, Account.name).where(
        Account.id == any_(bindparam("ids", type_=ARRAY(BigInteger))), is_active(Account)
    )
)

Seated: TypeAlias = tuple[int, str]
"""Somebody who sits in a seat today: the account and its name."""


def read_seated(session: Session, keys: Iterable[str], *, today: date) -> dict[str, list[Seated]]:
    """Return for each key the active accounts that hold it today, by name; an empty seat is left out.

    In the place of whoever is away stand those who act for them.
    """
    rows = _SEATED.fetch(session, {"keys": sorted(set(keys)), "today": today})
    seated: dict[str, list[Seated]] = defaultdict(list)
    for key, account_id, name, told in rows:
        people = [(account_id, name)] if told is None else [(one[0], one[4]) for one in told]
        seated[key] += [one for one in people if one not in seated[key]]
    return {key: people for key, people in seated.items() if people}


def read_offices(session: Session, codes: Iterable[str | None], *, today: date) -> dict[str, Office]:
    """Return today's name and officer of each unit by code; a code that names no unit today is left out."""
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return {}
    rows = _OFFICES.fetch(session, {"codes": wanted, TODAY.key: today})
    return {row.code: Office(*row[1:]) for row in rows}


def read_names(session: Session, account_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of active accounts by id; asks nothing where there are none."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    return {row.id: row.name for row in _NAMES.fetch(session, {"ids": sorted(wanted)})}

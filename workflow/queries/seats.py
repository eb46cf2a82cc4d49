"""The names of the places where work lies (a unit, a cluster, a council), and of accounts."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import BigInteger, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.route.definition import Label
from workflow.store.access import Account
from workflow.store.awards import WorkflowDefinition
from workflow.store.base import among
from workflow.store.conditions import TODAY, named_edition
from workflow.store.definitions import shown_definition
from workflow.store.organisation import Cluster, Council, Unit, UnitEdition
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class Officer:
    """The officer in charge of a unit's nominations."""

    name: str
    telephone: str


_UNIT, _CLUSTER, _COUNCIL = "unit", "cluster", "council"
_CODES: Final = bindparam("codes", type_=ARRAY(Text))
_NAMES: Final = {
    _CLUSTER: Statement(select(Cluster.code, Cluster.name).where(Cluster.code == any_(_CODES))),
    _COUNCIL: Statement(
        select(Unit.code, Council.name)
        .join(Unit, Unit.id == Council.unit_id)
        .where(Unit.code == any_(_CODES))
    ),
    _UNIT: Statement(
        select(Unit.code, UnitEdition.name)
        .join(UnitEdition, named_edition(TODAY))
        .where(Unit.code == any_(_CODES))
    ),
}
_OFFICERS: Final = Statement(
    select(Unit.code, UnitEdition.officer_name, UnitEdition.officer_telephone)
    .join(UnitEdition, named_edition(TODAY))
    .where(Unit.code == any_(_CODES))
)
_ACCOUNTS: Final = Statement(
    select(Account.id, Account.name).where(Account.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
)


def name_seats(session: Session, seats: Iterable[str], *, today: date) -> dict[str, str]:
    """Return the names that seats such as `unit:VKS-AG` have today; a seat without one is left out."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for seat in seats:
        kind, _, code = seat.partition(":")
        if kind in _NAMES and code:
            wanted[kind].add(code)
    names: dict[str, str] = {}
    for kind, codes in wanted.items():
        found = _NAMES[kind].fetch(session, {"codes": sorted(codes), TODAY.key: today})
        names |= {f"{kind}:{code}": name for code, name in found}
    return names


def name_units(session: Session, codes: Iterable[str], *, today: date) -> dict[str, str]:
    """Return what units are called today by their codes; one that is no more keeps its code."""
    wanted = set(codes)
    names = name_seats(session, (f"{_UNIT}:{code}" for code in wanted), today=today)
    return {code: names.get(f"{_UNIT}:{code}", code) for code in wanted}


def cluster_kinds(session: Session, seats: Iterable[str]) -> dict[str, str]:
    """Return the kinds of the clusters among seats such as `cluster:2026-01`; any other has none."""
    codes = {code for kind, _, code in (seat.partition(":") for seat in seats) if kind == _CLUSTER}
    if not codes:
        return {}
    found = session.execute(select(Cluster.code, Cluster.kind).where(among(Cluster.code, codes)))
    return {f"{_CLUSTER}:{code}": kind for code, kind in found}


def unit_officer(session: Session, code: str, *, today: date) -> Officer | None:
    """Return whom to telephone about a unit's nominations today, None where nobody is named."""
    return unit_officers(session, [code], today=today).get(code)


def unit_officers(session: Session, codes: Iterable[str], *, today: date) -> dict[str, Officer]:
    """Return whom to telephone today by the codes of units; one where nobody is named is left out."""
    found = _OFFICERS.fetch(session, {"codes": sorted(codes), TODAY.key: today})
    return {code: Officer(name, telephone) for code, name, telephone in found if name}


def role_labels(session: Session) -> dict[str, Label]:
    """Return the label of every role that a published definition declares; the newest version's counts."""
    ids = session.scalars(select(WorkflowDefinition.id).order_by(WorkflowDefinition.id)).all()
    declared = [role for definition_id in ids for role in shown_definition(session, definition_id).roles]
    return {role.name: role.label for role in declared}


def name_accounts(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the names of accounts by their ids; nothing is asked where there is none."""
    if not ids:
        return {}
    return {row.id: row.name for row in _ACCOUNTS.fetch(session, {"ids": sorted(ids)})}

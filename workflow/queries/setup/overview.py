"""How much of everything there is, and how far an empty installation has come."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import EVERYWHERE
from workflow.domain.vocabulary import Role
from workflow.store.access import Account, ApiToken, Grant
from workflow.store.awards import AwardEdition, Round, WorkflowDefinition
from workflow.store.conditions import is_active, is_in_force
from workflow.store.database import local_day
from workflow.store.imports import ImportBatch, ImportedDay, UnitClosure
from workflow.store.nominations import Decision, Nomination
from workflow.store.organisation import Person, Unit


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of what is set up; of nominations and decisions only whether there is one.

    `awards` are those in force today. `seated` counts accounts that hold a role at a place and not the whole
    installation alone; `days` are those that were imported over the calendar that ships.
    """

    units: int
    people: int
    accounts: int
    seated: int
    definitions: int
    awards: int
    days: int
    rounds: int
    imports: int
    tokens: int
    has_nomination: bool
    has_decision: bool


def get_overview(session: Session, *, now: datetime) -> Overview:
    """Return what the installation holds, in one statement."""
    today = local_day(session, now)
    counts = {
        "units": _count(Unit),
        "people": _count(Person),
        "accounts": _count(Account, is_active(Account)),
        "seated": _seated(today),
        "definitions": select(func.count(WorkflowDefinition.key.distinct())),
        "awards": select(func.count(AwardEdition.award_id.distinct())).where(
            is_in_force(AwardEdition, today)
        ),
        "days": select(_count(ImportedDay).scalar_subquery() + _count(UnitClosure).scalar_subquery()),
        "rounds": _count(Round),
        "imports": _count(ImportBatch),
        "tokens": _count(ApiToken, ApiToken.expires_at > now),
        "has_nomination": select(exists().select_from(Nomination)),
        "has_decision": select(exists().select_from(Decision)),
    }
    labelled = (one.scalar_subquery().label(name) for name, one in counts.items())
    return Overview(**session.execute(select(*labelled)).mappings().one())


def _count(model: type, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(model).where(*conditions)


def _awards(today: date) -> Select[Any]:
    """Count the awards that their page lists."""
    return select(func.count(AwardEdition.award_id.distinct())).where(is_in_force(AwardEdition, today))


def _seated(today: date) -> Select[Any]:
    """Count who may do anything but run the installation."""
    return (
        select(func.count(Grant.account_id.distinct()))
        .join(Account, Account.id == Grant.account_id)
        .where(
            is_active(Account),
            Grant.key != f"{Role.ADMIN}@{EVERYWHERE}",
            is_in_force(Grant, today),
        )
    )

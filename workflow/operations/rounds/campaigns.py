"""Movements (phong trào thi đua) in a tree: a theme of the state, the sector's, the units'."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import runs_clusters
from workflow.domain.errors import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidField,
    NotFound,
    Reason,
    RequirementsMissing,
)
from workflow.domain.numerals import demand_day
from workflow.domain.rights.policy import Actor
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Role, Via
from workflow.operations.history.streams import append_event, demand_unchanged
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.awards import Campaign
from workflow.store.codes import is_named, stored_code
from workflow.store.organisation import Unit

FIRST_YEAR: Final = 1948
"""The year of the first movement, the call for patriotic emulation of 11 June 1948."""
LAST_YEAR: Final = 2100
# A code is part of an address, so it has no slash and is not the word of a page.
_CODE: Final = re.compile(r"\w[\w.-]{0,99}")
_WORDS_OF_PAGES: Final = frozenset({"new"})
_LOCK: Final = "campaigns"


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A movement: its code, theme, first year, whose it is, under which other, by which directive."""

    code: str
    title: str
    year: int
    owner_code: str
    parent_code: str | None = None
    directive_number: str = ""
    directive_on: date | None = None


@dataclass(frozen=True, slots=True)
class CampaignChanges:
    """Everything of a movement that can change, as it shall be afterwards; code and owner stay.

    `seen` is the version it is based on, None where nobody named one.
    """

    title: str
    year: int
    parent_code: str | None
    directive_number: str
    directive_on: date | None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignOutcome:
    """The movement a request was about. `was_answered_before` is true when its key had been seen."""

    code: str
    was_answered_before: bool = False

    @classmethod
    def again(cls, result: dict[str, object]) -> Self:
        """Return the outcome a request key remembered."""
        return cls(str(result["code"]), was_answered_before=True)


def create_campaign(
    session: Session,
    *,
    actor: Actor | None,
    new: NewCampaign,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> CampaignOutcome:
    """Launch a movement and commit.

    Raises `Conflict` when the code is taken, `InvalidField` naming what cannot be taken, `Forbidden` unless
    the actor heads, supervises or administers the owner. Without an actor the command line speaks.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return CampaignOutcome.again(answered)
    _lock(session)
    owner_code = stored_code(session, Unit.code, new.owner_code)
    new = replace(new, owner_code=owner_code, parent_code=_stored_parent(session, new.parent_code))
    owner_id = _owner(session, new.owner_code)
    _demand_right(session, actor, owner_id)
    values = _values(session, new)
    if session.scalar(select(Campaign.id).where(Campaign.code == new.code)):
        raise Conflict(f"There is a campaign '{new.code}' already.")
    row = Campaign(code=new.code, owner_unit_id=owner_id, created_at=now, **values)
    session.add(row)
    session.flush()
    data = _data(new) | {"code": new.code, "owner": new.owner_code}
    append_event(session, f"campaign:{row.id}", "create", actor=actor, via=via, now=now, data=data)
    settle_key(session, claim, actor=actor, result={"code": new.code})
    session.commit()
    return CampaignOutcome(new.code)


def change_campaign(
    session: Session, *, actor: Actor | None, code: str, changes: CampaignChanges, via: Via, now: datetime
) -> None:
    """Change a movement and commit.

    Raises `RequirementsMissing` when it would lie below itself, `InvalidField`, `NotFound`, `Forbidden`,
    `Conflict` when it is not as it was seen.
    """
    _lock(session)
    row = session.scalar(
        select(Campaign).where(is_named(session, Campaign.code, code)).with_for_update(key_share=True)
    )
    if row is None:
        raise NotFound(f"There is no campaign '{code}'.")
    _demand_right(session, actor, row.owner_unit_id)
    demand_unchanged(session, f"campaign:{row.id}", changes.seen)
    changes = replace(changes, parent_code=_stored_parent(session, changes.parent_code))
    values = _values(session, changes)
    _demand_no_circle(session, row, values["parent_id"], changes.parent_code)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    data = _data(changes)
    append_event(session, f"campaign:{row.id}", "edit", actor=actor, via=via, now=now, data=data)
    session.commit()


def _lock(session: Session) -> None:
    """Hold every other change to the tree: two parents set at once could close a circle that neither sees."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_LOCK, 0))))


def _demand_no_circle(session: Session, row: Campaign, parent_id: object, parent_code: str | None) -> None:
    if parent_id is None:
        return
    parents = {
        found.id: found.parent_id
        for found in session.execute(select(Campaign.id, Campaign.parent_id).order_by(Campaign.id))
    }
    here: object = parent_id
    while here is not None:
        if here == row.id:
            message = f"{parent_code} lies below {row.code}, so it cannot be above it."
            params = {"parent": parent_code or "", "code": row.code}
            circle = Reason("campaign_circle", message, params)
            raise RequirementsMissing("A campaign cannot lie below itself.", reasons=[circle])
        here = parents[here]


def _values(session: Session, new: NewCampaign | CampaignChanges) -> dict[str, object]:
    errors: list[FieldError] = []
    title = normalise(new.title, field="title", single_line=True)
    if not title:
        errors.append(FieldError("title", "is required"))
    if not FIRST_YEAR <= new.year <= LAST_YEAR:
        errors.append(FieldError("year", f"must be from {FIRST_YEAR} to {LAST_YEAR}"))
    if new.directive_on is not None:
        demand_day(new.directive_on, field="directive_on")
    if isinstance(new, NewCampaign) and (not _CODE.fullmatch(new.code) or new.code in _WORDS_OF_PAGES):
        errors.append(FieldError("code", "must be letters, digits, '.', '-' or '_', and not 'new'"))
    parent_id = None
    if new.parent_code is not None:
        parent_id = session.scalar(select(Campaign.id).where(Campaign.code == new.parent_code))
        if parent_id is None:
            errors.append(FieldError("parent", f"no campaign '{new.parent_code}'"))
    if errors:
        raise InvalidField("The campaign cannot be taken.", errors=errors)
    return {
        "title": title,
        "year": new.year,
        "parent_id": parent_id,
        "directive_number": normalise(new.directive_number, field="directive_number", single_line=True),
        "directive_on": new.directive_on,
    }


def _data(new: NewCampaign | CampaignChanges) -> dict[str, object]:
    return {
        "title": new.title,
        "year": new.year,
        "parent": new.parent_code,
        "directive_number": new.directive_number,
        "directive_on": new.directive_on.isoformat() if new.directive_on else None,
    }


def _stored_parent(session: Session, code: str | None) -> str | None:
    return code and stored_code(session, Campaign.code, code)


def _owner(session: Session, code: str) -> int:
    owner = session.scalar(select(Unit.id).where(Unit.code == code))
    if owner is None:
        message = f"no unit '{code}'"
        raise InvalidField(f"The owner is unknown: {message}.", errors=[FieldError("owner", message)])
    return owner


def _demand_right(session: Session, actor: Actor | None, owner_id: int) -> None:
    if actor is None or runs_clusters(actor, owner_id):
        return
    owner = session.scalar(select(Unit.code).where(Unit.id == owner_id))
    if f"{Role.HEAD}@unit:{owner}" not in actor.keys:
        raise Forbidden(
            "Only who heads, supervises or administers the owner may launch or change a campaign."
        )

"""Opening and closing a round, in its first form: owner, council, year."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound
from workflow.domain.names import normalise
from workflow.domain.policy import Actor
from workflow.domain.vocabulary import Role, Via
from workflow.operations.streams import append_event
from workflow.store.awards import Round
from workflow.store.organisation import Council, Unit


@dataclass(frozen=True, slots=True)
class NewRound:
    """A round to open: code, title, the year whose clusters count, the unit that runs and decides it."""

    code: str
    title: str
    year: int
    owner_unit_code: str


def open_round(session: Session, *, actor: Actor | None, new: NewRound, via: Via, now: datetime) -> int:
    """Open a round and commit; its council is the owner unit's, where it has one.

    Raises `Conflict` when the code is taken, `InvalidField` for an unknown unit, `Forbidden` unless the actor
    administers or supervises the owner. Without an actor the command line speaks for the administrator.
    """
    owner = session.scalar(select(Unit.id).where(Unit.code == new.owner_unit_code))
    if owner is None:
        message = f"no unit '{new.owner_unit_code}'"
        raise InvalidField(f"The round cannot open: {message}.", errors=[FieldError("owner", message)])
    _demand_right(actor, owner)
    if session.scalar(select(Round.id).where(Round.code == new.code)):
        raise Conflict(f"A round '{new.code}' exists already.")
    council = session.scalar(select(Council.id).where(Council.unit_id == owner))
    row = Round(
        code=normalise(new.code, field="code", single_line=True),
        title=normalise(new.title, field="title", single_line=True),
        year=new.year,
        owner_unit_id=owner,
        council_id=council,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    append_event(session, f"round:{row.id}", "open", actor=actor, via=via, now=now, data={"year": new.year})
    session.commit()
    return row.id


def close_round(session: Session, *, actor: Actor | None, code: str, via: Via, now: datetime) -> None:
    """Close a round to new nominations and commit; those under way go on. Raises `NotFound`, `Conflict`."""
    found = session.scalar(select(Round).where(Round.code == code).with_for_update(key_share=True))
    if found is None:
        raise NotFound(f"There is no round '{code}'.")
    _demand_right(actor, found.owner_unit_id)
    if found.closed_at is not None:
        raise Conflict(f"Round '{code}' is closed already.")
    session.execute(update(Round).where(Round.id == found.id).values(closed_at=now))
    append_event(session, f"round:{found.id}", "close", actor=actor, via=via, now=now)
    session.commit()


def _demand_right(actor: Actor | None, owner_unit_id: int) -> None:
    if actor is None:
        return
    runs = actor.holds(Role.ADMIN) or actor.holds(Role.SUPERVISOR)
    if not runs or not (actor.scope.is_everything or owner_unit_id in actor.scope.units):
        raise Forbidden("Only who supervises or administers the owner of a round may open or close it.")

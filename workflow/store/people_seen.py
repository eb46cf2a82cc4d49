"""Who is in sight: whose record somebody may read."""

from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, Select, True_, or_, select, true
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Scope
from workflow.store.base import among
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit
from workflow.store.sightings import few_units
from workflow.store.visible import asked_of_each, visible

_UNIT: Final = "unit:"


def in_sight(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of people whose record the actor may read (docs/adr/0070), asked of each person.

    Those of a unit where the actor sits, those of whom they may name a nomination by a seat, and oneself.
    What somebody only drafted once opens nobody's record, nor does what their unit sent of somebody who has
    left it, once that is closed.
    """
    of_them = select(Nomination.id).where(Nomination.person_id == Person.id).correlate(Person)
    scope = _by_seats(actor)
    return _sees(actor, of_them.where(_counts(scope), asked_of_each(visible(scope))).exists())


def all_in_sight(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Return the same for a search among many: who sees few nominations has all of them read, once."""
    scope = _by_seats(actor)
    of_units = few_units(session, scope)
    if isinstance(of_units, True_):
        return in_sight(actor)
    named = select(Nomination.person_id).where(Nomination.person_id.is_not(None), of_units)
    return _sees(actor, Person.id.in_(named.where(_counts(scope), visible(scope))))


def _by_seats(actor: Actor) -> Scope:
    return replace(actor.scope, own=None)


def _seated(scope: Scope) -> Select[int]:
    codes = [seat.removeprefix(_UNIT) for seat in scope.seats if seat.startswith(_UNIT)]
    return select(Unit.id).where(among(Unit.code, codes))


def _counts(scope: Scope) -> ColumnElement[bool]:
    # Whoever asks may read nominations too: these are others, and looked for apart.
    return or_(is_open(Nomination), Nomination.unit_id.not_in(_seated(scope)))


def _sees(actor: Actor, is_named: ColumnElement[bool]) -> ColumnElement[bool]:
    scope = actor.scope
    if scope.is_everything:
        return true()
    # Nobody has the number 0: who is no person is nobody here.
    return or_(
        Person.id == (actor.person_id or 0),
        among(Person.unit_id, scope.units),
        Person.unit_id.in_(_seated(scope)),
        is_named,
    )

"""Who is in sight: whose record somebody may read."""

from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, or_, select, true

from workflow.domain.rights.policy import Actor
from workflow.store.base import among
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit
from workflow.store.visible import visible

_UNIT: Final = "unit:"


def in_sight(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of people whose record the actor may read (docs/adr/0070).

    Those of a unit where the actor sits, those of whom they may name a nomination by a seat, and oneself.
    What somebody only drafted once opens nobody's record, nor does what their unit sent of somebody who has
    left it, once that is closed.
    """
    scope = replace(actor.scope, own=None)
    if scope.is_everything:
        return true()
    codes = [seat.removeprefix(_UNIT) for seat in scope.seats if seat.startswith(_UNIT)]
    seated = select(Unit.id).where(among(Unit.code, codes))
    # Whoever asks may read nominations too: these are others, and looked for apart.
    counts = or_(is_open(Nomination), Nomination.unit_id.not_in(seated))
    of_them = Nomination.person_id == Person.id
    named = select(Nomination.id).where(of_them, counts, visible(scope)).correlate(Person)
    # Nobody has the number 0: who is no person is nobody here.
    return or_(
        Person.id == (actor.person_id or 0),
        among(Person.unit_id, scope.units),
        Person.unit_id.in_(seated),
        named.exists(),
    )

"""In which units of a round somebody is nominated: what is done for all of a unit is done for them too."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.rights.policy import Actor
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination
from workflow.store.submissions import ExpectedReturn

_own = aliased(Nomination, name="own_nomination")


def units_of_nominee(session: Session, actor: Actor | None, round_id: int) -> frozenset[int]:
    """Return the units, by id, that have an open nomination of the actor's own in a round."""
    if actor is None or actor.person_id is None:
        return frozenset()
    own = select(Nomination.unit_id).where(
        Nomination.person_id == actor.person_id, Nomination.round_id == round_id, is_open(Nomination)
    )
    return frozenset(session.scalars(own))


def nominates(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a unit which owes a round has nominated the actor in it."""
    return _of_unit(actor).exists()


def nominee_of_late_work(actor: Actor) -> ColumnElement[Any]:
    """Return the person a late piece of work is about: the nominee, or the actor where their unit owes it.

    Join the nomination and the expected return outside.
    """
    return func.coalesce(Nomination.person_id, _of_unit(actor).limit(1).scalar_subquery())


def _of_unit(actor: Actor) -> Select[Any]:
    # Nobody has the number 0: who is no person is nominated nowhere.
    return (
        select(_own.person_id)
        .where(
            _own.person_id == (actor.person_id or 0),
            _own.round_id == ExpectedReturn.round_id,
            _own.unit_id == ExpectedReturn.unit_id,
            is_open(_own),
        )
        .correlate(ExpectedReturn)
    )

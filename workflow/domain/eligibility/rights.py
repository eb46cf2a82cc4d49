"""Who may say what is known of somebody: whoever sits in their unit or over it, and never they themselves."""

from dataclasses import replace
from typing import Final

from workflow.domain.rights.policy import Actor, in_place_of, is_over
from workflow.domain.vocabulary import Role

SAYERS: Final = (Role.NOMINATOR, Role.UNIT_REVIEWER, Role.UNIT_DEPUTY, Role.HEAD)


def saying_keys(unit: str) -> list[str]:
    """Return the seats of a unit that say its facts, in the order in which they are asked."""
    return [f"{role}@unit:{unit}" for role in SAYERS]


def who_says(actor: Actor, *, person_id: int, unit_id: int, unit: str) -> Actor | None:
    """Return the actor as whom they say something of a person of this unit, None where they may not.

    What somebody may not say of themselves nobody says in their place either.
    """
    if actor.person_id == person_id:
        return None
    keys = set(saying_keys(unit))
    loans = tuple(loan for loan in actor.loans if loan.absent.person_id != person_id)
    acting = in_place_of(replace(actor, loans=loans), keys)
    if not acting.keys.isdisjoint(keys):
        return acting
    return actor if is_over(actor, unit_id) else None

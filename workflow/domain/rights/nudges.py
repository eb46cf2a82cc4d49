"""Who may press whoever holds work: those above it, and inside a unit those who wait for it.

By default nothing crosses from a unit to those above it or beside it: its nominator presses inside it.
"""

from collections.abc import Collection
from typing import Final

from workflow.domain.errors import (
    FieldError,
    Forbidden,
    InvalidField,
    MoveNotOpen,
    NominationHeld,
    Reason,
    Refusal,
)
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import (
    ABOVE,
    Actor,
    Relation,
    Sending,
    is_over,
    refuse_subject,
    relations,
    stands_so,
)
from workflow.domain.rights.routing import split_key, unit_of
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Role

LONGEST_NUDGE: Final = 500
"""How many characters of one's own words a nudge may have."""

NOT_YOURS: Final = "nudge_not_yours"
"""The code of the reason that the work is not the actor's to press for."""

_PRESSING: Final = (
    Role.SUPERVISOR,
    Role.ADMIN,
    Role.HEAD,
    Role.APPRAISER,
    Role.COUNCIL_SECRETARY,
    Role.NOMINATOR,
)


def may_press_somebody(actor: Actor) -> bool:
    """Return whether the actor may press anybody at all; of each piece of work the refusals below tell."""
    return any(actor.holds(role) for role in _PRESSING)


def may_press_units(actor: Actor) -> bool:
    """Return whether the actor may press any unit for what it owes: whoever drafts for one does not."""
    return any(actor.holds(role) for role in _PRESSING if role is not Role.NOMINATOR)


def refuse_press(actor: Actor, facts: Facts, *, starter: str) -> Refusal | None:
    """Return the refusal of a nudge as a nomination stands, None where its holder may be pressed."""
    if facts.is_closed or facts.owner_key is None:
        closed = Reason("closed", "The nomination is closed; nobody has anything to do with it.")
        return MoveNotOpen(closed.message, reasons=[closed])
    reason = refuse_nudge(actor, facts, starter=starter)
    if reason is not None:
        return Forbidden(reason.message, reasons=[reason])
    if facts.is_held:
        held = Reason("on_hold", "The nomination is on hold; release the hold first.")
        return NominationHeld(held.message, reasons=[held])
    return None


def refuse_nudge(actor: Actor, facts: Facts, *, starter: str) -> Reason | None:
    """Return why the actor may not press whoever holds a nomination's open work, None when they may.

    `starter` is the definition's `role@scope` that drafts.
    """
    own = refuse_subject(facts, is_drafting=False)
    if own is not None:
        return own
    if stands_so(actor, facts, frozenset({Relation.ASSIGNEE}), starter=starter):
        return Reason("nudge_own", "It is in your own hands.")
    found = relations(actor, facts, starter=starter, sending=Sending())
    home = unit_of(split_key(facts.owner_key)[1]) if facts.owner_key else None
    is_at_home = home == facts.seats.unit
    presses_home = is_at_home and (
        Relation.NOMINATOR in found or f"{Role.HEAD}@unit:{facts.seats.parent_unit}" in actor.keys
    )
    return None if found & ABOVE or presses_home else _not_yours()


def refuse_nudge_of_unit(
    actor: Actor, *, unit_id: int, round_owner: str, owner_unit_id: int, council: str | None
) -> Reason | None:
    """Return why the actor may not press a unit for what it owes a round, None when they may.

    Who supervises the unit or the round may, and the office that runs the round: its council's, and the head.
    """
    is_overseer = is_over(actor, unit_id) or is_over(actor, owner_unit_id)
    office = {f"{Role.HEAD}@unit:{round_owner}"}
    if council is not None:
        office |= {f"{role}@council:{council}" for role in (Role.APPRAISER, Role.COUNCIL_SECRETARY)}
    return None if is_overseer or not actor.keys.isdisjoint(office) else _not_yours()


def read_words(words: str) -> str:
    """Return one's own words as they are kept. Raises `InvalidField` for more than 500 characters of them."""
    said = normalise(words, field="words")
    if len(said) > LONGEST_NUDGE:
        message = f"must be at most {LONGEST_NUDGE} characters"
        raise InvalidField(f"words: {message}.", errors=[FieldError("words", message)])
    return said


def nobody_else(told: Collection[int], actor: Actor) -> Reason | None:
    """Return why there is nobody to press, None when somebody else than the actor would be told."""
    if not told:
        return Reason("nobody_to_nudge", "Nobody is there to press: give somebody the role, or reassign it.")
    if set(told) == {actor.account_id}:
        return Reason("nudge_own", "It is in your own hands.")
    return None


def _not_yours() -> Reason:
    return Reason("nudge_not_yours", "Only those above this work, or who wait for it in its unit, may press.")

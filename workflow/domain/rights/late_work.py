"""Who decides on open work that is late or for which another date was asked, and who asks for one."""

from typing import Final

from workflow.domain.errors import Conflict, Forbidden, MoveNotOpen, NominationHeld, Reason, Refusal
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import (
    ABOVE,
    Actor,
    Relation,
    Sending,
    guises,
    refuse_subject,
    relations,
    stands_so,
)

_HAS_IT: Final = frozenset({Relation.ASSIGNEE, Relation.GROUP})


def refuse_more_time(
    actor: Actor, facts: Facts, *, starter: str, was_reported: bool, asked_key: str | None = None
) -> Refusal | None:
    """Return the refusal of more time for this work, None where the actor may give it.

    `starter` is the definition's `role@scope` that drafts, `was_reported` whether an escalation of the work
    has gone out or another date was asked for, of the seat `asked_key`: before that nobody above has anything
    to decide.
    """
    if facts.is_closed or facts.owner_key is None:
        closed = Reason("closed", "The nomination is closed; nobody has anything to do with it.")
        return MoveNotOpen(closed.message, reasons=[closed])
    reason = _not_above(actor, facts, starter, asked_key)
    if reason is not None:
        return Forbidden(reason.message, reasons=[reason])
    if facts.is_held:
        held = Reason("on_hold", "The nomination is on hold; release the hold first.")
        return NominationHeld(held.message, reasons=[held])
    if facts.is_asked:
        return waits_for_an_answer()
    if not was_reported:
        message = "It was not reported as late; a date of the round is moved by extending the round."
        return Conflict(message, reasons=[Reason("not_reported", message)])
    return None


def waits_for_an_answer() -> MoveNotOpen:
    """Return the refusal of another date for work whose clock stands because something was asked."""
    message = "Who nominates was asked something and has not answered; answer it, or take the question back."
    return MoveNotOpen(message, reasons=[Reason("asked_already", message)])


def above_work(actor: Actor, facts: Facts, *, starter: str, asked_key: str | None = None) -> Actor | None:
    """Return the actor as whom they are above this work: themselves, or for who is away; None where neither.

    Its unit's head is, who oversees it, the office of its round, who sits where it was reported, and where
    another date was asked.
    """
    for guise, seen in guises(actor, facts, is_drafting=False):
        if asked_key in guise.keys or relations(guise, seen, starter=starter, sending=Sending()) & ABOVE:
            return guise
    return None


def _not_above(actor: Actor, facts: Facts, starter: str, asked_key: str | None) -> Reason | None:
    """Return why the actor decides nothing of this work, None when they do: who is above it.

    Never whose work it is, who does it in their place, nor the nominee.
    """
    own = refuse_subject(facts, is_drafting=False)
    if own is not None:
        return own
    if stands_so(actor, facts, _HAS_IT, starter=starter):
        return Reason(
            "own_work_time", "The work waits for you yourself: somebody above has to give more time."
        )
    if above_work(actor, facts, starter=starter, asked_key=asked_key) is None:
        return Reason("not-your-role", "Only who is above this work may give it more time.")
    return None


def asking_for_date(actor: Actor, facts: Facts, *, starter: str) -> Actor:
    """Return the actor as whom they ask for another date for open work: themselves, or for who is away.

    Whoever took it may, and while nobody has whoever it waits for; never the nominee, who steers nothing of
    their own file. Raises `Forbidden`.
    """
    own = refuse_subject(facts, is_drafting=False)
    if own is not None:
        raise Forbidden(own.message, reasons=[own])
    wanted = Relation.GROUP if facts.assignee_id is None else Relation.ASSIGNEE
    for guise, seen in guises(actor, facts, is_drafting=False):
        if wanted in relations(guise, seen, starter=starter, sending=Sending()):
            return guise
    refused = Reason("date_not_yours", "Only who has this work to do may ask for another date.")
    raise Forbidden(refused.message, reasons=[refused])

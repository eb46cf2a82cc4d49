"""Whom to telephone about a nomination's open work: who holds it, at the office where it lies."""

from datetime import date

from sqlalchemy.orm import Session

from workflow.domain.errors import Refusal
from workflow.domain.rights.calls import refuse_call
from workflow.domain.rights.policy import Actor
from workflow.queries.contacts import read_desks
from workflow.queries.nominations.nomination import NominationView
from workflow.queries.nominations.seen import Seen
from workflow.queries.seats import Officer
from workflow.queries.shapes import HolderView, is_nominee
from workflow.store.definitions import shown_definition
from workflow.store.locked import Locked


def contact_of(
    session: Session, view: NominationView, seen: Seen, *, actor: Actor, today: date
) -> Officer | None:
    """Return whom to telephone about a nomination's open work; None where the reader has it themselves.

    The nominee is told an office, not who reviews.
    """
    holder = view.holder
    if holder is None or _has_it(actor, holder):
        return None
    is_told = not is_nominee(actor, seen.person_id, seen.closed_at)
    desks = read_desks(session, [holder.key], today=today)
    return desks.contact(holder.key, holder.assignee.name if holder.assignee else None, names=is_told)


def _has_it(actor: Actor, holder: HolderView) -> bool:
    if holder.assignee is not None:
        return holder.assignee.id == actor.account_id
    return holder.key in actor.keys


def call_refused(session: Session, locked: Locked, *, actor: Actor) -> Refusal | None:
    """Return why somebody may not note a call about a nomination's open work, None where they may."""
    starter = shown_definition(session, locked.definition_id).starter
    return refuse_call(actor, locked.facts, starter=str(starter))

"""Which escalations are an office's to see and to hold back, as conditions."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, true
from sqlalchemy.orm import Session

from workflow.domain.rights.escalation_rights import office_seats
from workflow.domain.rights.policy import Actor, mending_keys
from workflow.domain.rights.scope import needs_tree, scope_of
from workflow.domain.vocabulary import RungKind
from workflow.store.base import among
from workflow.store.conditions import is_open, is_waiting
from workflow.store.database import local_day
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.people import load_tree
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import rounds_run_by


def is_of_office(session: Session, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition of rungs of rounds that the actor's office runs, or of units that they oversee.

    Join the nomination and the expected return outside.
    """
    keys = mending_keys(actor)
    tree = load_tree(session, today=local_day(session, now)) if needs_tree(keys) else {}
    scope = scope_of(actor.account_id, keys, tree)
    if scope.is_everything or scope.counts_everything:
        return true()
    seats, overseen = office_seats(actor), scope.units | scope.counted
    unit_id = func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id)
    round_id = func.coalesce(Nomination.round_id, ExpectedReturn.round_id)
    # Read before: the planner knows then how many they are, and walks the escalations in order for a page.
    rounds = session.scalars(rounds_run_by(seats)).all() if seats else ()
    return or_(
        among(unit_id, overseen) if overseen else false(),
        among(round_id, rounds) if rounds else false(),
    )


def is_coming() -> ColumnElement[bool]:
    """Return the condition of escalations that will fire; joined as above, and with the work."""
    waits = or_(Nomination.id.is_(None), and_(is_open(Nomination), Nomination.is_held.is_(False)))
    return and_(
        Rung.kind == RungKind.ESCALATE,
        is_waiting(Rung),
        Rung.fire_at.is_not(None),
        is_open(WorkItem),
        waits,
    )

"""A nomination as the rules are told of it, for a reader who sees it."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor, demand_sight
from workflow.queries.shapes import not_among_those
from workflow.store.locked import Locked, read_nominations
from workflow.store.statements import plan_once


def read_seen(session: Session, *, actor: Actor, nomination_id: int, now: datetime) -> Locked:
    """Return what the rules are told of a nomination, read without a lock. Raises `NotFound`."""
    plan_once(session)
    locked = read_nominations(session, [nomination_id], actor=actor, now=now).get(nomination_id)
    if locked is None:
        raise not_among_those(nomination_id)
    demand_sight(actor, locked.facts)
    return locked

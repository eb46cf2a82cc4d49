"""Escalations that are to come, with whom they would tell: what both edges show of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.operations.escalations.heard_by import Heard, heard_by
from workflow.queries.escalations.coming import ComingEscalation, coming_escalation, coming_escalations
from workflow.queries.paging import Page
from workflow.queries.shapes import Who


@dataclass(frozen=True, slots=True)
class EscalationView:
    """An escalation that is to come, and whom it would tell as of now: `seat` and who sits there."""

    escalation: ComingEscalation
    seat: str | None
    told: tuple[Who, ...]


def list_escalations(
    session: Session, *, actor: Actor, days: int, now: datetime, limit: int, cursor: str | None
) -> Page[EscalationView]:
    """Return one page of what the actor's office sees coming. Raises as `coming_escalations`."""
    page = coming_escalations(session, actor=actor, days=days, now=now, limit=limit, cursor=cursor)
    heard = heard_by(session, [one.id for one in page.items], now=now)
    return Page(tuple(_view(one, heard.get(one.id)) for one in page.items), page.next)


def get_escalation(session: Session, *, actor: Actor, rung_id: UUID, now: datetime) -> EscalationView:
    """Return one of them. Raises `NotFound` for one that is not of the actor's office or is over."""
    found = coming_escalation(session, actor=actor, rung_id=rung_id, now=now)
    if found is None:
        raise NotFound("There is no escalation to come of that name among those of your office.")
    return _view(found, heard_by(session, [rung_id], now=now).get(rung_id))


def _view(found: ComingEscalation, heard: Heard | None) -> EscalationView:
    told = tuple(Who(number, name) for number, name in heard.people) if heard else ()
    return EscalationView(found, heard.key if heard else None, told)

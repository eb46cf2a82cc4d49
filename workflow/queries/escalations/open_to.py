"""What of that which can be done about late work is open to a reader, as the operations would say."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.errors import Refusal
from workflow.domain.rights.late_work import refuse_more_time
from workflow.domain.rights.policy import Actor
from workflow.queries.sight import read_seen
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.offices import owed_to_office, was_reported
from workflow.store.proposals import asked_of


def more_time_refused(session: Session, *, actor: Actor, nomination_id: int, now: datetime) -> Refusal | None:
    """Return why a nomination gets no more time from the actor, None where it does. Raises `NotFound`."""
    locked = read_seen(session, actor=actor, nomination_id=nomination_id, now=now)
    asked = asked_of(session, locked.work_item_id, today=local_day(session, now))
    seat = asked.asked_key if asked is not None else None
    return refuse_more_time(
        actor,
        locked.facts,
        starter=str(shown_definition(session, locked.definition_id).starter),
        was_reported=seat is not None or locked.has_more_time or was_reported(session, locked.work_item_id),
        asked_key=seat,
    )


def units_to_call(session: Session, *, actor: Actor, round_code: str, now: datetime) -> frozenset[str]:
    """Return the codes of the units calls to which the actor may note, of those that owe a round."""
    found = session.execute(owed_to_office(session, actor, now, round_code=round_code))
    return frozenset(row.code for row in found)

"""To whom the open work of a nomination can be handed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.moves.built_ins import heir_keys, heirs
from workflow.domain.moves.standing import Standing
from workflow.domain.names import name_sort
from workflow.queries.seats import name_accounts
from workflow.queries.shapes import Who
from workflow.store.database import local_day
from workflow.store.people import load_holders


def assignees(session: Session, standing: Standing, now: datetime) -> tuple[Who, ...]:
    """Return who could take the work over today, by name; never whoever has it."""
    facts = standing.facts
    keys = heir_keys(str(standing.definition.step(facts.state).owner), facts)
    holders = load_holders(session, keys, today=local_day(session, now))
    return _named(session, [account for account in heirs(facts, holders) if account != facts.assignee_id])


def _named(session: Session, ids: Sequence[int]) -> tuple[Who, ...]:
    found = (Who(*one) for one in name_accounts(session, ids).items())
    return tuple(sorted(found, key=lambda who: (name_sort(who.name), who.id)))

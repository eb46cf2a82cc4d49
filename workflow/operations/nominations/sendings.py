"""Who sent a nomination to the step it comes to, and from which; what was taken back came as before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.operations.nominations.plans import MovePlan
from workflow.store.nominations import Visit


@dataclass(frozen=True, slots=True)
class Sent:
    """The sending that a stay begins with; `has_begun` where it lies with whoever took it back."""

    by: int
    source: str | None
    has_begun: bool = False


def sendings(session: Session, plans: Sequence[MovePlan]) -> Mapping[int, Sent]:
    """Return how each nomination comes to its plan's step, by its id.

    A return is not undone by sending it on and taking it back: the stay is of a returned nomination again,
    with the date and reminders of one, and nobody takes it back once more.
    """
    back = [plan for plan in plans if plan.is_taken_back]
    before = _stays_before(session, back) if back else {}
    return {plan.locked.facts.nomination_id: _sending(plan, before) for plan in plans}


def _sending(plan: MovePlan, before: Mapping[int, Sent]) -> Sent:
    if not plan.is_taken_back:
        return Sent(plan.actor.account_id, plan.locked.facts.state if plan.direction else None)
    nowhere = Sent(plan.actor.account_id, None, has_begun=True)
    return before.get(plan.locked.facts.nomination_id, nowhere)


def _stays_before(session: Session, plans: Sequence[MovePlan]) -> Mapping[int, Sent]:
    """Return the last sending of each nomination to the step that it goes back to, where there was one."""
    stays = [(plan.locked.facts.nomination_id, plan.dest) for plan in plans]
    rows = session.execute(
        select(Visit.nomination_id, Visit.sent_by, Visit.sent_from)
        .ext(distinct_on(Visit.nomination_id))
        .where(tuple_(Visit.nomination_id, Visit.step).in_(stays), Visit.sent_from.is_not(None))
        .order_by(Visit.nomination_id, Visit.ordinal.desc())
    )
    return {row.nomination_id: Sent(row.sent_by, row.sent_from, has_begun=True) for row in rows}

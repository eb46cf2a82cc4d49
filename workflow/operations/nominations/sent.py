"""A unit's first name leaves it, which closes what the unit was asked for. Never commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.history.chain import return_stream
from workflow.domain.vocabulary import Stage
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.rounds.returns import close_work, lock_returns
from workflow.store.base import table_of
from workflow.store.submissions import ExpectedReturn

_RETURN = table_of(ExpectedReturn)
_IN_THE_UNIT: Final = frozenset({Stage.DRAFT, Stage.UNIT_REVIEW})
_NOT_SENT: Final = _IN_THE_UNIT | {Stage.REJECTED, Stage.WITHDRAWN}
SENT: Final = "sent"


def mark_sent(session: Session, plans: Sequence[MovePlan]) -> None:
    """Note that a unit's first name leaves it with these moves, which closes what the unit was asked for.

    It was sent when the step took place, by its document where it was done offline. A unit that had answered
    that it proposes nothing has now proposed somebody: the answer is withdrawn. Their nominations are locked
    by the caller. Costs nothing where nothing is owed.
    """
    leaving: dict[int, MovePlan] = {}
    for plan in plans:
        return_id = plan.locked.open_return_id
        if return_id is not None and _leaves_the_unit(plan):
            leaving.setdefault(return_id, plan)
    if not leaving:
        return
    lock_returns(session, leaving)
    for return_id, plan in sorted(leaving.items()):
        if not _close_as_sent(session, return_id, at=plan.took_place_at):
            continue
        append_event(
            session,
            return_stream(return_id),
            SENT,
            actor=plan.actor,
            via=plan.via,
            now=plan.at,
            data={"nomination": plan.locked.facts.nomination_id},
        )


def _close_as_sent(session: Session, return_id: int, *, at: datetime) -> bool:
    """Close a locked return as sent then; return whether it was open."""
    sent = session.scalar(
        update(_RETURN)
        .where(_RETURN.c.id == return_id, _RETURN.c.sent_at.is_(None))
        .values(
            sent_at=at,
            answered_at=None,
            answered_by=None,
            nothing_number=None,
            nothing_on=None,
            nothing_signer=None,
        )
        .returning(_RETURN.c.id)
    )
    if sent is None:
        return False
    close_work(session, [return_id], outcome=SENT, now=at)
    return True


def _leaves_the_unit(plan: MovePlan) -> bool:
    source = plan.definition.stage_of(plan.locked.facts.state)
    return source in _IN_THE_UNIT and plan.definition.stage_of(plan.dest) not in _NOT_SENT

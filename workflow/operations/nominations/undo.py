"""Undoing a decision shortly after it was made, and the mails that wait so long."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from workflow.domain.moves.undoing import can_be_undone
from workflow.operations.mail.notify import PromisedMail
from workflow.operations.nominations.plans import MovePlan
from workflow.store.database import undo_window


def held_back(
    session: Session, plans: Sequence[MovePlan], notices: Sequence[PromisedMail]
) -> list[PromisedMail]:
    """Return the mails of moves, those of a decision that may be undone held until that is over."""
    window = undo_window(session)
    if not window:
        return list(notices)
    held = {plan.locked.facts.nomination_id: plan.at + window for plan in plans if _may_be_undone(plan)}
    return [replace(one, held_until=held.get(one.nomination_id or 0)) for one in notices]


def _may_be_undone(plan: MovePlan) -> bool:
    """Whether somebody may undo the move: no nominee does, of what concerns them."""
    facts = plan.locked.facts
    is_decision = can_be_undone(plan.definition, plan.request.action, facts.state, via=plan.via)
    return is_decision and not facts.actor_is_subject

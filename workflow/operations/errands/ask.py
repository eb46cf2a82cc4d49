"""Asking the worker for what takes longer than a page may."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, Reason
from workflow.domain.rights.errands import NEEDS_REASON, ErrandKind, ErrandState, demand_errand
from workflow.domain.rights.policy import Actor
from workflow.domain.text import normalise
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.errands import Errand

_KEPT: Final = timedelta(days=365)


def ask_errand(
    session: Session,
    kind: ErrandKind,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    args: Mapping[str, object] | None = None,
    claim: Claim | None = None,
) -> int:
    """Ask for an errand, commit, and return its number.

    Raises `NotFound` for whoever may not, `InvalidField` without the reason that its kind needs, `Conflict`
    while one of its kind is not over. What the worker does of it writes its own history.
    """
    demand_errand(actor, kind)
    answer = claim_key(session, claim, actor=actor, now=now)
    if answer is not None:
        seen: int = answer["errand"]  # type: ignore[assignment]  # a number of our own in JSON
        return seen
    said = normalise(reason, field="reason")
    if kind in NEEDS_REASON and not said:
        message = "say why; whoever is concerned reads it"
        raise InvalidField(f"reason: {message}.", errors=[FieldError("reason", message)])
    values = {
        "kind": kind,
        "state": ErrandState.WAITING,
        "asked_by": actor.account_id,
        "asked_at": now,
        "reason": said,
        "args": dict(args or {}),
    }
    added = insert(Errand).values(values).on_conflict_do_nothing().returning(Errand.id)
    number: int | None = session.scalar(added)
    if number is None:
        message = "This is being done already: wait until it is over."
        raise Conflict(message, reasons=[Reason("errand_open", message)])
    session.execute(delete(Errand).where(Errand.kind == kind, Errand.ended_at < now - _KEPT))
    settle_key(session, claim, actor=actor, result={"errand": number})
    session.commit()
    return number

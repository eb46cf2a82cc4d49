"""Events of everything that is not a nomination: rounds, accounts, definitions, the installation."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.chain import GENESIS, Entry
from workflow.domain.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.record import Recorded, append_events
from workflow.store.history import Event


def append_event(
    session: Session,
    stream: str,
    action: str,
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
    data: Mapping[str, object] | None = None,
    words: str = "",
) -> Recorded:
    """Append one event to a stream such as `round:7`, chained to its last; never commits.

    A stream without a row of its own is guarded by an advisory lock that ends with the transaction.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(stream, 0))))
    last = session.execute(
        select(Event.seq, Event.hash).where(Event.stream == stream).order_by(Event.seq.desc()).limit(1)
    ).one_or_none()
    entry = Entry(
        stream=stream,
        seq=last.seq + 1 if last else 1,
        actor_id=actor.account_id if actor else None,
        on_behalf_of=None,
        via=via,
        action=action,
        source=None,
        dest=None,
        reason_code=None,
        occurred_on=None,
        recorded_at=now,
        data=dict(data or {}),
        text_digest=None,
    )
    return append_events(session, [(entry, last.hash if last else GENESIS, words)])[0]

"""The round that a reader is in the middle of."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Depth, Scope
from workflow.store.awards import Round
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination
from workflow.store.visible import visible


def running_round(session: Session, scope: Scope) -> str | None:
    """Return the code of the newest open round with a nomination that the scope counts, None without one."""
    has_any = exists().where(Nomination.round_id == Round.id, visible(scope, Depth.COUNT)).correlate(Round)
    return session.scalar(
        select(Round.code)
        .where(is_open(Round), has_any)
        .order_by(Round.opened_at.desc(), Round.id.desc())
        .limit(1)
    )

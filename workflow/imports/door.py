"""Who may import and take back, asked again at their turn: reading a file takes a while."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Forbidden, Reason
from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.vocabulary import InstallationKind
from workflow.operations.people.last_admin import runs_it
from workflow.store.installation import Installation

LOCK: Final = "import"


def enter(session: Session, actor: Actor | None, *, now: datetime) -> None:
    """Hold other imports until the transaction ends: each looks at what the one before left.

    Without an actor nobody is asked for. Raises `Conflict` where the data are no live ones, `Forbidden`
    unless an administrator asks, who still is one when their turn comes.
    """
    demand_live(session)
    demand_administrator(actor)
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(LOCK, 0))))
    if actor is not None and not runs_it(session, actor.account_id, now=now):
        raise _forbidden()


def demand_live(session: Session) -> None:
    """Raise `Conflict` where the data are invented or replayed: nobody's own file belongs among them."""
    kind = session.scalar(select(Installation.kind))
    if kind not in {None, InstallationKind.LIVE}:
        message = (
            f"These data are those of a {kind}, which takes no imports. Start afresh in another data folder."
        )
        raise Conflict(message, reasons=[Reason("takes_no_imports", message, {"kind": str(kind)})])


def demand_administrator(actor: Actor | None) -> None:
    """Raise `Forbidden` unless an administrator asks; without an actor the command line speaks for one."""
    if actor is not None and not may_administer(actor):
        raise _forbidden()


def _forbidden() -> Forbidden:
    return Forbidden("Only an administrator of the whole installation may import.")

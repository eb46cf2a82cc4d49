"""Somebody runs the installation, always: who is the last to do so cannot be shut out in the browser.

The command line asks nobody: whoever has it can let anybody in again.
"""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import EVERYWHERE
from workflow.domain.vocabulary import Role
from workflow.store.access import Account, Grant
from workflow.store.conditions import is_active, is_in_force
from workflow.store.database import local_day

ADMINISTRATOR = f"{Role.ADMIN}@{EVERYWHERE}"


def runs_it(session: Session, account_id: int, *, now: datetime) -> bool:
    """Return whether an account runs the installation now, whatever was read of it before."""
    running = _running(session, now).where(Grant.account_id == account_id, is_active(Account))
    return session.scalar(running.limit(1)) is not None


def demand_another(session: Session, account_id: int, *, actor: Actor | None, now: datetime) -> None:
    """Raise `Conflict` where nobody but this account runs the installation and can sign in.

    Of an account that does not run it nothing is asked.
    """
    if actor is None:
        return
    _take_turns(session)
    running = _running(session, now)
    if session.scalar(running.where(Grant.account_id == account_id).limit(1)) is not None:
        _demand_any(session, running.where(Grant.account_id != account_id))


def demand_somebody(session: Session, *, actor: Actor | None, now: datetime) -> None:
    """Raise `Conflict` where after what was written nobody runs the installation who can sign in."""
    if actor is not None:
        _take_turns(session)
        _demand_any(session, _running(session, now))


def _take_turns(session: Session) -> None:
    """Let two who shut out each other at once take turns: the second is then the last."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("administrators", 0))))


def _running(session: Session, now: datetime) -> Select[int]:
    """Select the grants by which somebody runs the installation, with their accounts."""
    is_held = Grant.key == ADMINISTRATOR, is_in_force(Grant, local_day(session, now))
    return select(Grant.id).join(Account, Account.id == Grant.account_id).where(*is_held)


def _demand_any(session: Session, running: Select[int]) -> None:
    can_sign_in = is_active(Account), Account.password_hash.is_not(None)
    if session.scalar(running.where(*can_sign_in).limit(1)) is None:
        message = "nobody else runs the installation and can sign in; let somebody else do so first"
        raise Conflict(f"The account stays as it is: {message}.", reasons=[Reason("last_admin", message)])

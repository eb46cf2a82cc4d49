"""Somebody runs the installation, always: who is the last to do so cannot be shut out in the browser.

The command line asks nobody: whoever has it can let anybody in again.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import EVERYWHERE
from workflow.domain.vocabulary import Role
from workflow.store.access import Account, Grant
from workflow.store.conditions import is_active, is_in_force
from workflow.store.database import local_day

ADMINISTRATOR = f"{Role.ADMIN}@{EVERYWHERE}"


def demand_another(session: Session, account_id: int, *, actor: Actor | None, now: datetime) -> None:
    """Raise `Conflict` where nobody but this account runs the installation and can sign in.

    Two who shut out each other at once take turns: the second is then the last. Of an account that does not
    run it nothing is asked.
    """
    if actor is None:
        return
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("administrators", 0))))
    today = local_day(session, now)
    running = select(Grant.id).where(Grant.key == ADMINISTRATOR, is_in_force(Grant, today))
    if session.scalar(running.where(Grant.account_id == account_id).limit(1)) is None:
        return
    others = running.join(Account, Account.id == Grant.account_id).where(
        Grant.account_id != account_id, is_active(Account), Account.password_hash.is_not(None)
    )
    if session.scalar(others.limit(1)) is None:
        message = "nobody else runs the installation and can sign in; let somebody else do so first"
        raise Conflict(f"The account stays as it is: {message}.", reasons=[Reason("last_admin", message)])

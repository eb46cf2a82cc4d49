"""Another mail address for an account: what came back from the old one says nothing of the new."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.people.accounts import demand_right, one_account_each, open_account, read_email
from workflow.operations.people.tokens import end_codes
from workflow.store.access import Account, PasswordLink


def change_address(
    session: Session, *, actor: Actor | None, email: str, new: str, via: Via, now: datetime
) -> int:
    """Give an account another address, to sign in with and to be written to, and commit; return its id.

    Open links to set a password and codes end: they went to the old one. Raises `InvalidField` for what is
    no address, `Conflict` where it is somebody's already, `NotFound` without such an account, `Forbidden`
    unless an administrator asks.
    """
    demand_right(actor)
    address = read_email(new)
    account = open_account(session, email, or_disabled=True)
    account_id = account.id
    with one_account_each(address):
        session.execute(
            update(Account).where(Account.id == account_id).values(email=address, email_since=now)
        )
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.account_id == account_id, PasswordLink.used_at.is_(None))
        .values(expires_at=now)
    )
    end_codes(session, account_id, now)
    append_event(session, f"account:{account_id}", "change_address", actor=actor, via=via, now=now)
    session.commit()
    return account_id

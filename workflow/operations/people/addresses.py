"""Another mail address for an account, or another person whose it is.

What came back from the old address says nothing of the new one.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, Forbidden, InvalidField, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.claims import release_claims_of
from workflow.operations.history.streams import append_event
from workflow.operations.people.accounts import (
    demand_right,
    one_account_each,
    open_account,
    person_named,
    read_email,
)
from workflow.operations.people.tokens import end_codes
from workflow.store.access import Account, PasswordLink
from workflow.store.codes import meant_code
from workflow.store.organisation import Person


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


def change_person(
    session: Session, *, actor: Actor | None, email: str, person_code: str | None, via: Via, now: datetime
) -> int:
    """Say which member of staff an account is, None for nobody on the list; commit and return its id.

    From then on it is kept from what is about that person, and no more from what is about the one before;
    what it has in hand of the former goes back to the groups, whose people are told.
    Raises `InvalidField` for a code that nobody has, `Conflict` where the person has another account,
    `NotFound` without such an account, `Forbidden` unless an administrator asks, and of one's own account:
    a nominee could step into their own file.
    """
    demand_right(actor)
    account_id = open_account(session, email, or_disabled=True).id
    if actor is not None and actor.account_id == account_id:
        message = "Who you are yourself is said by another administrator, or at the command line."
        raise Forbidden(message, reasons=[Reason("own_person", message)])
    person_id = person_named(session, person_code)
    if person_code is not None and person_id is None:
        message = f"nobody has the code '{person_code}'{meant_code(session, Person.code, person_code)}"
        raise InvalidField(f"person: {message}", errors=[FieldError("person", message)])
    with one_account_each(email):
        session.execute(update(Account).where(Account.id == account_id).values(person_id=person_id))
    told = {"person": session.scalar(select(Person.code).where(Person.id == person_id))}
    append_event(session, f"account:{account_id}", "change_person", actor=actor, via=via, now=now, data=told)
    release_claims_of(session, account_id, actor=actor, via=via, now=now)
    session.commit()
    return account_id

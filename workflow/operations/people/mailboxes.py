"""To which mailbox the mails of a unit are copied: chosen by its head, by an administrator, or by command."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, Forbidden, InvalidField, NotFound, Reason
from workflow.domain.rights.mailboxes import may_choose_mailbox
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.messages.addresses import UnusableAddress, ascii_address
from workflow.operations.history.streams import append_event
from workflow.operations.mail.offices import MAILBOX_CHOSEN
from workflow.operations.people.accounts import read_email
from workflow.store.access import Account
from workflow.store.codes import stored_code
from workflow.store.organisation import Unit


def choose_mailbox(
    session: Session, *, actor: Actor | None, unit_code: str, mailbox: str, via: Via, now: datetime
) -> bool:
    """Have copies go to an address, to none where it is empty, and commit; return whether that is new.

    Without an actor the command line speaks. Raises `NotFound` without such a unit, `Forbidden` unless its
    head or an administrator asks, `InvalidField` for what is no address, and for one by which somebody
    signs in: that person would read past what they may see.
    """
    code = stored_code(session, Unit.code, unit_code)
    chosen = select(Unit.id, Unit.mailbox).where(Unit.code == code).with_for_update(key_share=True)
    unit = session.execute(chosen).first()
    if unit is None:
        raise NotFound(f"There is no unit {unit_code}.")
    if actor is not None and not may_choose_mailbox(actor, code):
        message = "Only the head of a unit or an administrator says where copies of its mails go."
        raise Forbidden(message, reasons=[Reason("mailbox_not_yours", message)])
    wanted = _read(session, mailbox) if mailbox.strip() else None
    is_new = bool(wanted != unit.mailbox)
    if is_new:
        session.execute(update(Unit).where(Unit.id == unit.id).values(mailbox=wanted))
        append_event(
            session, f"unit:{unit.id}", MAILBOX_CHOSEN, actor=actor, via=via, now=now,
            data={"mailbox": wanted, "was": unit.mailbox},
        )  # fmt: skip
    session.commit()
    return is_new


def _read(session: Session, text: str) -> str:
    address = read_email(text)
    if session.scalar(select(exists().where(Account.email == address))):
        raise _refusal("is somebody's own address; a copy goes to a mailbox of the unit")
    try:
        return ascii_address(address)
    except UnusableAddress as problem:
        raise _refusal(str(problem)) from problem


def _refusal(message: str) -> InvalidField:
    return InvalidField(f"mailbox: {message}", errors=[FieldError("mailbox", message)])

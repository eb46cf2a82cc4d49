"""To which mailboxes the mails of units are copied, for those whose mails these are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import Forbidden, NotFound, Reason
from workflow.domain.rights.mailboxes import may_choose_mailbox, may_see_mailbox, units_of
from workflow.domain.rights.policy import Actor
from workflow.store.base import among
from workflow.store.codes import stored_code
from workflow.store.conditions import named_edition
from workflow.store.database import local_day
from workflow.store.organisation import Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class MailboxView:
    """Where copies of a unit's mails go, null where there are none; `is_mine`: you may say where."""

    unit: str
    unit_name: str
    mailbox: str | None
    is_mine: bool


def my_mailboxes(session: Session, *, actor: Actor, now: datetime) -> tuple[MailboxView, ...]:
    """Return the mailboxes of the units in which the actor sits, by code."""
    return _views(session, actor, units_of(actor.keys), now)


def mailbox_of(session: Session, *, actor: Actor, unit_code: str, now: datetime) -> MailboxView:
    """Return the mailbox of one unit. Raises `NotFound`, `Forbidden` to others than its own people."""
    code = stored_code(session, Unit.code, unit_code)
    found = _views(session, actor, {code}, now)
    if not found:
        raise NotFound(f"There is no unit {unit_code}.")
    if not may_see_mailbox(actor, code):
        message = "Only who sits in a unit sees where copies of its mails go."
        raise Forbidden(message, reasons=[Reason("mailbox_not_yours", message)])
    return found[0]


def _views(
    session: Session, actor: Actor, codes: frozenset[str] | set[str], now: datetime
) -> tuple[MailboxView, ...]:
    if not codes:
        return ()
    rows = session.execute(
        select(Unit.code, Unit.mailbox, UnitEdition.name)
        .outerjoin(UnitEdition, named_edition(local_day(session, now)))
        .where(among(Unit.code, codes))
        .order_by(Unit.code_sort)
    )
    return tuple(
        MailboxView(row.code, row.name or row.code, row.mailbox, is_mine=may_choose_mailbox(actor, row.code))
        for row in rows
    )

"""The addresses that no mail reaches, for those who oversee whoever has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.mail.bounce import BOUNCE, Bounce, bounce_of
from workflow.store.access import Account
from workflow.store.conditions import is_active
from workflow.store.delivery import DeliveryReport, standing
from workflow.store.offices import is_overseen

MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class UnreachableAddress:
    """An account whose address sends mails back, since when, and why."""

    account_id: int
    name: str
    email: str
    bounce: Bounce


def unreachable_addresses(session: Session, *, actor: Actor, today: date) -> Sequence[UnreachableAddress]:
    """Return the addresses of whoever sits in a unit that the actor oversees, the newest first.

    Of nominations nothing is told: whose file a mail was about, an overseer may not know yet.
    """
    rows = session.execute(
        select(Account.id, Account.name, Account.email, *BOUNCE)
        .join(DeliveryReport, DeliveryReport.account_id == Account.id)
        .where(standing(), DeliveryReport.email == Account.email, is_active(Account))
        .where(is_overseen(actor.scope, today))
        .order_by(DeliveryReport.reported_at.desc(), DeliveryReport.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    newest = dict[int, UnreachableAddress]()
    for row in rows:
        bounce = bounce_of(row)
        if bounce is not None:
            newest.setdefault(row.id, UnreachableAddress(row.id, row.name, row.email, bounce))
    return tuple(newest.values())

"""Sending once more what failed for good, after the address or the server was mended."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import null, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Forbidden, NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailState, Via
from workflow.operations.deadlines.bounces import end_bounces, lock_roots, rungs_of
from workflow.operations.history.streams import StreamEvent, append_each
from workflow.store.access import Account
from workflow.store.base import table_of
from workflow.store.database import local_day
from workflow.store.delivery import DeliveryReport
from workflow.store.mail import Outbox
from workflow.store.menders import as_mender
from workflow.store.nominations import Nomination, Rung
from workflow.store.offices import is_overseen
from workflow.store.visible import mails_seen

LONGEST_AGO: Final = timedelta(days=30)
"""What failed longer ago is not sent with the rest of an address: it tells of another time."""

_OUTBOX, _RUNG = table_of(Outbox), table_of(Rung)


def try_again(
    session: Session, *, actor: Actor | None, mails: Collection[UUID], via: Via, now: datetime
) -> int:
    """Promise dead mails anew, those that went out with them included, and commit; return how many rows.

    Their address counts as reachable until it bounces again. What is no longer true is not sent
    (`letters.reason_to_cancel`). Raises `Forbidden` to who does not watch over mails, `NotFound` where one is
    not dead or not theirs to see. Without an actor the command line speaks for the administrator.
    """
    mender = actor and _as_mender(session, actor, now)
    wanted = set(mails)
    seen = session.execute(
        select(_OUTBOX.c.id)
        .outerjoin(Nomination, Nomination.id == _OUTBOX.c.nomination_id)
        .where(_OUTBOX.c.id.in_(wanted), _OUTBOX.c.state == MailState.DEAD, mails_seen(mender))
    ).all()
    if {row.id for row in seen} != wanted or not wanted:
        raise NotFound("There is no such failed mail among those you may see.")
    again = _promise(session, wanted, now)
    readers = sorted(set(again))
    end_bounces(session, table_of(DeliveryReport).c.account_id.in_(readers), now=now)
    counts = [StreamEvent(f"account:{one}", "try_again", {"mails": again.count(one)}) for one in readers]
    append_each(session, counts, actor=actor, via=via, now=now)
    session.commit()
    return len(again)


def _as_mender(session: Session, actor: Actor, now: datetime) -> Actor:
    """Return the actor with the sight that the right to mend gives alone."""
    mender = as_mender(session, actor, today=local_day(session, now))
    if mender is None:
        raise Forbidden("Only supervisors and administrators may have mails sent again.")
    return mender


def _promise(session: Session, mails: Collection[UUID], now: datetime) -> list[int]:
    """Make dead mails new, with what went out with them, and return the account of each."""
    ids = sorted(mails)
    names = select(_OUTBOX.c.message_id).where(_OUTBOX.c.id.in_(ids), _OUTBOX.c.message_id.is_not(None))
    together = _OUTBOX.c.id.in_(ids) | _OUTBOX.c.message_id.in_(names)
    letters = session.execute(select(_OUTBOX).where(together).order_by(_OUTBOX.c.id)).all()
    rungs = rungs_of(letters)
    lock_roots(session, rungs)
    session.execute(update(_RUNG).where(_RUNG.c.id.in_(rungs)).values(bounced_at=None))
    again = (
        session.execute(
            update(_OUTBOX)
            .where(_OUTBOX.c.id.in_([row.id for row in letters]), _OUTBOX.c.state == MailState.DEAD)
            .values(
                state=MailState.NEW,
                state_reason=null(),
                # Under a name of its own: what is said of the first letter is not said of this one.
                message_id=null(),
                not_before=now,
                created_at=now,
                sent_at=null(),
                lease_until=null(),
                excused_count=_OUTBOX.c.attempt,
            )
            .returning(_OUTBOX.c.account_id)
        )
        .scalars()
        .all()
    )
    return list(again)


def reach_again(session: Session, *, actor: Actor, account_id: int, via: Via, now: datetime) -> int:
    """Count an address as reachable again and promise anew what failed there of late; commit.

    Return how many mails. For whoever oversees the account, who may not know what its mails are about. Raises
    `Forbidden` to who does not watch over mails, `NotFound` for an account that is not theirs to oversee.
    """
    mine = is_overseen(_as_mender(session, actor, now).scope, local_day(session, now))
    email = session.scalar(select(Account.email).where(Account.id == account_id, mine))
    if email is None:
        raise NotFound("There is no such address among those you oversee.")
    failed = dead_mails_of(session, email, now=now)
    again = _promise(session, set(failed), now) if failed else []
    end_bounces(session, table_of(DeliveryReport).c.account_id == account_id, now=now)
    event = StreamEvent(f"account:{account_id}", "try_again", {"mails": len(again)})
    append_each(session, [event], actor=actor, via=via, now=now)
    session.commit()
    return len(again)


def dead_mails_of(session: Session, email: str, *, now: datetime) -> Sequence[UUID]:
    """Return the mails to one account that failed within `LONGEST_AGO`. Raises `NotFound` without one."""
    account_id = session.scalar(select(Account.id).where(Account.email == email.strip().lower()))
    if account_id is None:
        raise NotFound(f"There is no account {email}.")
    return session.scalars(
        select(_OUTBOX.c.id).where(
            _OUTBOX.c.account_id == account_id,
            _OUTBOX.c.state == MailState.DEAD,
            _OUTBOX.c.created_at >= now - LONGEST_AGO,
        )
    ).all()

"""People who are away, in the small sector of the tests."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.office import AG, Office, furnish
from tests.support.waiting import add_account, drop_grant
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.people.absences import NewAbsence, announce_absence
from workflow.queries.inbox.inbox import inbox
from workflow.store.mail import Outbox


def staffed(session: Session, clock: FixedClock) -> Office:
    """Give the unit a head who is not its reviewer, and a second deputy."""
    office = furnish(session, now=clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    office.ids["ag_head"] = add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    office.ids["second"] = add_account(session, "second@example.vn", f"unit_deputy@unit:{AG}", clock.now())
    return office


def go_away(
    office: Office,
    clock: FixedClock,
    who: str,
    *substitutes: str,
    days: int = 5,
    after: int = 0,
    key: str | None = None,
) -> int:
    """Have somebody be away for some days from today on, or from a later day, and return the absence's id."""
    first = local_day(clock) + timedelta(days=after)
    new = NewAbsence(
        office.ids[who],
        first,
        first + timedelta(days=days - 1),
        key,
        [office.ids[one] for one in substitutes],
    )
    announced = announce_absence(office.session, actor=None, new=new, via=Via.CLI, now=clock.now())
    return announced.absence_id


def local_day(clock: FixedClock) -> date:
    """Return the day on which it is now in Hà Nội."""
    return (clock.now() + timedelta(hours=7)).date()


def waits(office: Office, who: str, clock: FixedClock) -> list[tuple[int | None, str, str | None]]:
    """Return what is in somebody's inbox: the nomination, why it is there, in whose place."""
    office.session.rollback()
    page = inbox(office.session, actor=office.actor(who, clock.now()), now=clock.now(), limit=9, cursor=None)
    return [(item.nomination_id, item.why.kind, item.why.absent) for item in page.items]


def letters_about(session: Session, nomination_id: int) -> list[tuple[str, int]]:
    """Return every letter about a nomination: what of, and to whom."""
    session.rollback()
    rows = select(Outbox.notice, Outbox.account_id).where(Outbox.nomination_id == nomination_id)
    return [(notice, account) for notice, account in session.execute(rows.order_by(Outbox.created_at))]

"""Help for tests of dates that are asked for: asking, giving, refusing, and what stands."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.date_talk import ProposeDate, RefuseDate, propose_date, refuse_date
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.history.audit import verify_chains
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung
from workflow.store.proposals import DateProposal

DAY, LATER = date(2026, 3, 12), date(2026, 3, 13)
WHY = "Chờ ý kiến công an tỉnh"


def asking(office: Office, clock: FixedClock) -> Callable[..., None]:
    def asked(number: int, part: str = "reviewer", day: date = DAY, reason: str = WHY) -> None:
        office.session.rollback()
        actor, wanted = office.actor(part, clock.now()), ProposeDate(number, day, reason)
        propose_date(office.session, actor=actor, wanted=wanted, via=Via.WEB, now=clock.now())

    return asked


def giving(office: Office, clock: FixedClock) -> Callable[..., None]:
    def given(number: int, part: str = "ag_head", **changes: Any) -> None:
        office.session.rollback()
        wanted = MoreTime(number, **(changes or {"proposal_id": waiting(office.session)}))
        actor = office.actor(part, clock.now())
        give_more_time(office.session, actor=actor, wanted=wanted, via=Via.WEB, now=clock.now())

    return given


def refusing(office: Office, clock: FixedClock) -> Callable[..., None]:
    def refused(number: int, part: str = "ag_head", reason: str = "Không lùi được") -> None:
        office.session.rollback()
        actor, wanted = office.actor(part, clock.now()), RefuseDate(number, waiting(office.session), reason)
        refuse_date(office.session, actor=actor, wanted=wanted, via=Via.WEB, now=clock.now())

    return refused


def waiting(session: Session) -> UUID:
    newest = select(DateProposal.id).order_by(DateProposal.closed_at.desc().nulls_first()).limit(1)
    return session.scalars(newest).one()


def asked_for(office: Office, clock: FixedClock, number: int, part: str = "reviewer") -> date | None:
    office.session.rollback()
    actor = office.actor(part, clock.now())
    view = get_nomination(office.session, actor=actor, nomination_id=number, now=clock.now())
    return view.proposed_date.day if view.proposed_date else None


def wrong_histories(session: Session) -> list[str]:
    return [one.message for one in verify_chains(session).problems if one.stream.startswith("nomination:")]


def outcomes(session: Session) -> list[str | None]:
    session.rollback()
    return sorted(session.scalars(select(DateProposal.outcome)).all(), key=str)


def promises(session: Session) -> list[tuple[datetime, str]]:
    session.rollback()
    rows = session.execute(
        select(Rung.fire_at, Rung.kind).where(Rung.fired_at.is_(None)).order_by(Rung.fire_at)
    )
    return [(row.fire_at, row.kind) for row in rows]


def letters(session: Session, notice: str) -> list[int]:
    session.rollback()
    return list(session.scalars(select(Outbox.account_id).where(Outbox.notice == notice)))


def through(clock: FixedClock, database: Database, when: datetime) -> None:
    while clock.now() < when:
        clock.advance(min(timedelta(hours=12), when - clock.now()))
        fire_due(database.sessions, clock=clock)

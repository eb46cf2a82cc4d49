"""Making the demo in an empty database, whole or not at all, and letting people into it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict
from workflow.domain.vocabulary import InstallationKind, Via
from workflow.domain.workdays import CalendarName
from workflow.operations.deliver import deliver
from workflow.operations.demo.awards import keep_awards_in_force
from workflow.operations.demo.cast import TOP, Cast, assemble, sign_ins
from workflow.operations.demo.play import Stage, cues, play
from workflow.operations.demo.stories import stories
from workflow.operations.escalate import fire_due
from workflow.operations.installation import mark_installation
from workflow.operations.mailbox import Mailbox
from workflow.operations.passwords import hash_password
from workflow.operations.post import Post
from workflow.operations.publish import publish_shipped
from workflow.operations.rounds import NewRound, open_round
from workflow.operations.streams import append_event
from workflow.store.access import Account
from workflow.store.calendars import load_calendar
from workflow.store.database import local_day, make_sessions
from workflow.store.installation import Installation
from workflow.store.organisation import Unit

# Letters and figures that look alike are left out; fifteen of the 31 others are 74 bits.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 3
_GROUP_LENGTH: Final = 5
_BEFORE: Final = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody tries the demo: the part they play, whose name, and what opens the door."""

    part: str
    name: str
    email: str
    password: str


def make_demo(
    engine: Engine,
    *,
    timezone: str,
    now: datetime,
    mail_from: str,
    base_url: str,
    progress: Callable[[int, int], None],
) -> None:
    """Fill an empty database with the demo and commit once: it is whole, or nothing of it is there.

    Its mails are kept for `/mailbox`, from `mail_from` and with links to `base_url`, and never reach a
    server. `progress` hears how many deeds of how many are done. Raises `Conflict` when the database holds
    anything.
    """
    calendar = load_calendar(CalendarName.VN, timezone)
    with engine.connect() as connection, connection.begin():
        sessions = make_sessions(engine, timezone=timezone)
        # Every operation commits; on this connection that ends a savepoint, and the one commit is ours.
        sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
        told = tuple(stories())
        plan = cues(told, calendar, today=now.astimezone(calendar.timezone).date())
        with sessions() as session:
            cast, round_code = _furnish(session, at=plan[0].at - _BEFORE)
        post = Post(Mailbox(sessions), mail_from, base_url, is_demo=True)
        stage = Stage(
            sessions,
            cast,
            round_code,
            told,
            # Without the sweep's signs of life: no worker lived then.
            fire=lambda clock: fire_due(sessions, clock=clock),
            deliver=lambda clock: deliver(sessions, clock=clock, post=post),
        )
        for done in play(stage, plan, calendar, now=now):
            progress(done, len(plan))


def _furnish(session: Session, *, at: datetime) -> tuple[Cast, str]:
    """Mark the database as a demo, publish what ships, set up everybody and open the round."""
    if session.scalar(select(Installation.kind)) or session.scalar(select(Unit.id).limit(1)):
        raise Conflict("The database holds something already; a demo needs an empty one.")
    mark_installation(session, InstallationKind.DEMO, now=at)
    publish_shipped(session, now=at)
    keep_awards_in_force(session)
    today = local_day(session, at)
    cast = assemble(session, year=today.year, now=at, today=today)
    session.commit()
    code = f"{TOP}-{today.year}"
    title = f"Xét khen thưởng tổng kết năm {today.year}"
    open_round(session, actor=None, new=NewRound(code, title, today.year, TOP), via=Via.IMPORT, now=at)
    return cast, code


def renew_passwords(session: Session, *, now: datetime) -> list[SignIn]:
    """Give the demo's sign-ins new random passwords, which are told here and kept nowhere, and commit."""
    people = sign_ins()
    names = {
        row.email: (row.id, row.name)
        for row in session.execute(
            select(Account.id, Account.email, Account.name)
            .where(Account.email.in_(people.values()), Account.disabled_at.is_(None))
            .order_by(Account.id)
        )
    }
    renewed = []
    for part, email in people.items():
        if email in names:
            account_id, name = names[email]
            password = _fresh_password()
            kept = update(Account).where(Account.id == account_id)
            session.execute(kept.values(password_hash=hash_password(password)))
            stream = f"account:{account_id}"
            append_event(session, stream, "password_set", actor=None, via=Via.CLI, now=now)
            renewed.append(SignIn(part, name, email, password))
    session.commit()
    return renewed


def _fresh_password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))

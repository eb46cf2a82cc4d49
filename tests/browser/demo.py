"""The demo in a private database, with what breaks in real life broken, for who looks at every page."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.browser.sights import Sight
from tests.support.engines import engine_to
from workflow import embedded
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import Via
from workflow.operations.obstacles.look import look_for_obstacles
from workflow.operations.people.absences import NewAbsence, announce_absence
from workflow.operations.people.tokens import digest, new_token
from workflow.servers.postgres import MAINTENANCE, OWNER
from workflow.simulate.demo.make import make_demo
from workflow.simulate.demo.passwords import SignIn, renew_passwords
from workflow.store.access import Account, PasswordLink
from workflow.store.database import Sessions, make_sessions
from workflow.store.delivery import DeliveryReport
from workflow.store.ids import uuid7
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung
from workflow.store.paper_files import PaperFolder
from workflow.store.people import load_actor
from workflow.store.schema import role_of, upgrade

TIMEZONE = "Asia/Ho_Chi_Minh"
_PLAYED = "played"


@contextmanager
def demo() -> Iterator[tuple[Sessions, dict[str, SignIn], str]]:
    """Make the demo in a private database; give its sessions, sign-ins and an open link to set a password."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded.start(Path(folder), redis=False, durable=False) as services,
    ):
        upgrade(services.migration_url, application_role=role_of(services.database_url))
        engine = engine_to(services.database_url)
        sessions = make_sessions(engine, timezone=TIMEZONE)
        with sessions() as session:
            now = DatabaseClock().now(session)
        make_demo(
            engine,
            timezone=TIMEZONE,
            now=now,
            mail_from="Commendo <commendo@demo.example>",
            base_url="http://127.0.0.1:8000",
            folder=PaperFolder(Path(folder) / "attachments"),
            progress=lambda _done, _count: None,
        )
        with sessions() as session:
            people = {person.part: person for person in renew_passwords(session, now=now)}
            link = _break_things(session, now + timedelta(days=2))
            _be_away(session, people["unit deputy"], now)
        look_for_obstacles(sessions, clock=DatabaseClock())
        yield sessions, people, link
        engine.dispose()


class Played:
    """A copy of the demo to be played with: whatever was done to it, it is put back as it was."""

    def __init__(self, sessions: Sessions) -> None:
        """Copy the demo as it is now; nobody may use it any more."""
        self._demo: Engine = sessions.kw["bind"]
        self._engine = engine_to(self._demo.url.set(database=_PLAYED).render_as_string(hide_password=False))
        self.sessions = make_sessions(self._engine, timezone=TIMEZONE)
        self.put_back()

    def put_back(self) -> None:
        """Make the copy anew."""
        self._engine.dispose()
        self._demo.dispose()
        owner = self._demo.url.set(drivername="postgresql", username=OWNER, database=MAINTENANCE)
        with psycopg.connect(owner.render_as_string(hide_password=False), autocommit=True) as link:
            try:
                link.execute(f"DROP DATABASE IF EXISTS {_PLAYED} WITH (FORCE)")
            except psycopg.errors.InsufficientPrivilege:
                # An autovacuum worker is the superuser's; without FORCE the server ends it itself.
                link.execute(f"DROP DATABASE IF EXISTS {_PLAYED}")
            link.execute(f"CREATE DATABASE {_PLAYED} TEMPLATE {self._demo.url.database}")


def known_sights(session: Session, people: Mapping[str, SignIn]) -> list[Sight]:
    """Return what no page leads to at once: a draft's form, and that for the absence of another."""
    account = Account.email == people["nominator"].email
    mine = select(Account.id).where(account).scalar_subquery()
    draft = select(Nomination.id).where(Nomination.state == "draft", Nomination.created_by == mine).limit(1)
    return [
        Sight("pages.edit_nomination", f"/nominations/{session.scalars(draft).one()}/edit", "nominator"),
        Sight("pages.new_absence", f"/absences/new?email={people['unit head'].email}", "supervisor"),
    ]


def _be_away(session: Session, who: SignIn, now: datetime) -> None:
    """Let somebody be away in a week from now, so that pages of absences are not empty."""
    account_id = session.scalars(select(Account.id).where(Account.email == who.email)).one()
    actor = load_actor(session, account_id, today=now.date())
    day = now.date() + timedelta(days=7)
    announce_absence(session, actor=actor, new=NewAbsence(account_id, day, day), via=Via.WEB, now=now)


def _break_things(session: Session, until: object) -> str:
    """Let a mail and a reminder have failed, so that their page is not empty; make a link for a password."""
    mail = session.scalars(select(Outbox).where(Outbox.nomination_id.is_not(None)).limit(1)).one()
    mail.state, mail.state_reason, mail.attempt = "dead", "550 5.1.1 mailbox unavailable", 8
    mail.message_id = mail.message_id or "<lost@demo.example>"
    report = DeliveryReport(
        id=uuid7(mail.created_at),
        message_id=mail.message_id,
        account_id=mail.account_id,
        email=session.get_one(Account, mail.account_id).email,
        action="failed",
        source="report",
        bounce_class="permanent",
        status="5.1.1",
        words="550 5.1.1 <hop.thu.khong.con.nua@vks-angiang.example>: Recipient address rejected",
        reported_at=mail.created_at,
    )
    session.add(report)
    rung = session.scalars(select(Rung).where(Rung.fired_at.is_not(None)).limit(1)).one()
    rung.dead_at, rung.attempt, rung.last_error = rung.fired_at, 5, "NoSuchSeat: cluster 2026/HS/9"
    account_id = session.scalars(select(Account.id).order_by(Account.id).limit(1)).one()
    token = new_token()
    session.add(PasswordLink(token_hash=digest(token), account_id=account_id, expires_at=until))
    session.commit()
    return token

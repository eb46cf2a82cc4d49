"""The installation remembers where its letters go, and nothing sends them another way by mistake."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tasks.post import open_post
from tasks.smtp import SmtpTransport
from tests.support.office import Office, furnish
from workflow.clock import FixedClock
from workflow.domain.vocabulary import InstallationKind
from workflow.operations.mail.mailbox import Mailbox
from workflow.operations.setup.installation import mark_installation
from workflow.operations.setup.mail_way import MailWay, mail_way, set_mail_way, settle_mail_way
from workflow.settings import Settings, SettingsError
from workflow.store.history import Event

BY_SERVER = Settings(smtp_url="smtp://mail.example.org")
BY_PAGE = Settings()


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def test_nothing_is_remembered_of_a_database_that_nobody_uses(session: Session, database) -> None:
    assert isinstance(open_post(BY_PAGE, database.sessions).transport, Mailbox)
    assert mail_way(session) is None


@pytest.mark.parametrize(
    ("first", "second", "remedy"),
    [(BY_SERVER, BY_PAGE, "Set it, or"), (BY_PAGE, BY_SERVER, "Unset it, or")],
)
@pytest.mark.usefixtures("office")
def test_whoever_would_send_another_way_is_refused_with_the_remedy(
    session: Session, database, first: Settings, second: Settings, remedy: str
) -> None:
    open_post(first, database.sessions)
    open_post(first, database.sessions)
    with pytest.raises(SettingsError, match=remedy):
        open_post(second, database.sessions)
    session.rollback()
    events = session.scalars(select(Event.data).where(Event.action == "mail_way")).all()
    assert len(events) == 1, "it is said once"


def test_what_keeps_running_may_take_up_a_mail_server_and_not_lose_one(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    open_post(BY_PAGE, database.sessions)
    settle_mail_way(session, BY_SERVER, now=clock.now(), may_grow=True)
    assert mail_way(session) is MailWay.SMTP
    assert isinstance(open_post(BY_SERVER, database.sessions).transport, SmtpTransport)
    with pytest.raises(SettingsError):
        settle_mail_way(session, BY_PAGE, now=clock.now(), may_grow=True)
    set_mail_way(session, MailWay.MAILBOX, now=clock.now())
    session.commit()
    assert isinstance(open_post(BY_PAGE, database.sessions).transport, Mailbox)


def test_of_invented_people_nothing_is_remembered(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    mark_installation(session, InstallationKind.DEMO, now=clock.now())
    session.commit()
    for settings in (BY_SERVER, BY_PAGE):
        assert isinstance(open_post(settings, database.sessions).transport, Mailbox)
    session.rollback()
    assert mail_way(session) is None

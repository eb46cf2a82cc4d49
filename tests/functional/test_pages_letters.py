"""What came back, as those who oversee see it; and one's own dates for a calendar program."""

import re
from html import unescape

import pytest
from sqlalchemy import select, update

from tests.conftest import Database
from tests.support.bounces import mark, reminded
from tests.support.mail import Scene, mail_server
from tests.support.office import Office
from tests.support.pages import Browser, browser, text_of
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.store.access import Account, CalendarFeed
from workflow.store.mail import Outbox


def seated(database: Database, clock: FixedClock, office: Office, part: str, locale: str = "vi") -> Browser:
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    email = office.session.scalar(select(Account.email).where(Account.id == office.ids[part]))
    one = browser(database.sessions, clock)
    assert one.sign_in(str(email)).status_code == 303
    return one


@pytest.mark.parametrize(
    ("locale", "head"), [("vi", "Địa chỉ không nhận được thư"), ("en", "no email reaches")]
)
def test_a_supervisor_sees_an_address_that_sends_mails_back_and_says_when_it_works(
    office: Office, database: Database, clock: FixedClock, locale: str, head: str
) -> None:
    submitted(office, clock.now())
    session = office.session
    with mail_server() as server:
        mark(Scene(office, session, database.sessions, clock, server), office.ids["reviewer"])
    session.execute(update(Outbox).values(state="dead", state_reason="bounced: 550 5.1.1"))
    session.commit()
    supervisor = seated(database, clock, office, "supervisor", locale)
    page = supervisor.open("/mails/dead")
    assert head in text_of(page)
    email = session.scalar(select(Account.email).where(Account.id == office.ids["reviewer"]))
    assert str(email) in text_of(page)
    assert "Lý Thị Cúc" not in text_of(page), "whose file it is, nobody learns by it"
    action = f"/mails/addresses/{office.ids['reviewer']}/again"
    done = supervisor.send(action, {})
    assert done.status_code == 303
    assert head not in text_of(supervisor.open("/mails/dead"))
    session.rollback()
    assert session.scalars(select(Outbox.state)).all() == ["new"]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("vi", ("Không có hộp thư này, hoặc hộp thư không nhận thư nữa.", "Nguyên văn của máy chủ:")),
        ("en", ("There is no such mailbox, or it takes no email any more.", "In the server's own words:")),
    ],
)
def test_why_a_mail_failed_is_told_in_the_readers_language_and_what_the_server_said_below(
    office: Office, database: Database, clock: FixedClock, locale: str, words: tuple[str, str]
) -> None:
    told, label = words
    with mail_server() as server:
        reminded(Scene(office, office.session, database.sessions, clock, server))
    said = "recipient not accepted: 550 5.1.1 Unknown in virtual table"
    office.session.execute(update(Outbox).values(state="dead", state_reason=f"refused: {said}"))
    office.session.commit()
    page = seated(database, clock, office, "admin", locale).open("/mails/dead")
    assert told in text_of(page)
    assert f'{label} <span lang="en">{said}</span>' in unescape(page.get_data(as_text=True))
    assert "refused:" not in text_of(page)


def test_others_see_no_such_page_and_send_nothing_again(
    office: Office, database: Database, clock: FixedClock
) -> None:
    reviewer = seated(database, clock, office, "other_reviewer")
    assert reviewer.open("/mails/dead").status_code == 404


def test_an_address_for_a_calendar_is_shown_once_and_taken_back(
    office: Office, database: Database, clock: FixedClock
) -> None:
    reviewer = seated(database, clock, office, "reviewer")
    reviewer.open("/me/calendar")
    made = reviewer.send("/me/calendar", {})
    found = re.search(r"/api/v1/calendar/[A-Za-z0-9_-]{43}\.ics", made.get_data(as_text=True))
    assert found is not None
    assert reviewer.client.get(found[0]).status_code == 200
    assert found[0] not in reviewer.open("/me/calendar").get_data(as_text=True)
    reviewer.send("/me/calendar/close", {})
    assert reviewer.client.get(found[0]).status_code == 404
    office.session.rollback()
    assert office.session.scalars(select(CalendarFeed)).all() == []

"""Why something is due when it is stands wherever a due date stands: pages, letters, the API."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.conftest import Database
from tests.support.importing import Desk
from tests.support.interface import Interface
from tests.support.mail import BASE_URL, SENDER, mail_server, text_of
from tests.support.office import AG
from tests.support.pages import browser, give_passwords
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.store.access import Account

CLOSED = f"day,kind,name,source,unit\n2026-03-04,off,Chuyển trụ sở,QĐ 12/QĐ-VKS,{AG}\n"
VI = "5 ngày làm việc tính từ sau ngày 2/3/2026, không tính 4/3 (Chuyển trụ sở; QĐ 12/QĐ-VKS)"
EN = "5 working days after 2 March 2026, leaving out 4 March (Chuyển trụ sở; QĐ 12/QĐ-VKS)"


@pytest.fixture
def sent(interface: Interface, session: Session, clock: FixedClock) -> int:
    """Send a nomination to its unit's reviewer, after a day on which the unit is closed was decided."""
    Desk(session, clock.now()).take("calendar", CLOSED)
    made = interface.drafted()
    assert interface.act("nominator", made, "submit").status_code == 200
    return made


def test_programs_get_the_sentence_and_its_parts(interface: Interface, sent: int) -> None:
    [item] = interface.get("reviewer", "/inbox").json["items"]
    shown = interface.get("reviewer", f"/nominations/{sent}").json
    [group] = interface.get("reviewer", "/inbox/groups").json["items"]
    for told in (item, shown, group["items"][0]):
        explained = told["due_explained"]
        assert explained["text"] == {"vi": VI, "en": EN}
        because = explained["because"]
        assert (because["basis"], because["count"], because["counted_from"]) == ("period", 5, "2026-03-02")
        assert because["skipped"] == [
            {"first": "2026-03-04", "last": "2026-03-04", "name": "Chuyển trụ sở", "decision": "QĐ 12/QĐ-VKS"}
        ]
    draft = interface.drafted(person="NV05")
    assert interface.get("nominator", f"/nominations/{draft}").json["due_explained"] is None


def test_it_is_told_by_the_days_of_that_time_after_they_have_changed(
    interface: Interface, sent: int, session: Session, clock: FixedClock
) -> None:
    desk = Desk(session, clock.now() + timedelta(minutes=5))
    desk.take("calendar", f"day,kind,name,unit\n2026-03-04,work,Không chuyển nữa,{AG}\n")
    shown = interface.get("reviewer", f"/nominations/{sent}").json
    assert shown["due_explained"]["text"]["vi"] == VI


def test_pages_show_it_in_the_language_of_the_reader(
    interface: Interface, sent: int, session: Session, database: Database, clock: FixedClock
) -> None:
    give_passwords(session)
    for locale, words in (("vi", VI), ("en", EN)):
        session.execute(update(Account).values(locale=locale))
        session.commit()
        page = browser(database.sessions, clock)
        assert page.sign_in("nv02@example.vn").status_code == 303
        for path in ("/", f"/nominations/{sent}"):
            page.open(path)
            assert words in page.text, path


def test_letters_say_it_in_text_and_in_html(
    interface: Interface, sent: int, session: Session, database: Database, clock: FixedClock
) -> None:
    session.execute(update(Account).where(Account.email == "nv02@example.vn").values(locale="en"))
    session.commit()
    with mail_server() as server:
        deliver(
            database.sessions,
            clock=clock,
            post=Post(SmtpTransport(server.url), SENDER, BASE_URL, preferences=UNFOLDED),
        )
        [letter] = server.inbox.of("nv02@example.vn")
    text = " ".join(text_of(letter).split())
    assert f"How it is counted: {EN}." in text
    html = letter.get_body(("html",))
    assert html is not None
    assert f"How it is counted: {EN}." in " ".join(html.get_content().split())

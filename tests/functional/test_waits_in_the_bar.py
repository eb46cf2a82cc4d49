"""What stands beside the ways of every day and in every title: how much waits for whoever looks."""

import re
from datetime import timedelta

from sqlalchemy import select, text, update

from api.pages import writing
from tests.support.lists import add_colleagues, compose, row
from tests.support.office import ROUND
from tests.support.pages import browser, give_passwords
from tests.support.waiting import submitted
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.queries.inbox.at_a_glance import MOST_LOOKED_AT
from workflow.store.access import Account
from workflow.store.conditions import is_open
from workflow.store.nominations import WorkItem
from workflow.store.set_aside import PutAside

REVIEWER, STRANGER = "nv02@example.vn", "nv14@example.vn"
PAGES = ("/submissions", "/nominations", "/rounds", "/me/mails", "/nominations/999999")


def waits(page):
    """Return the numbers of the bar by the page that they stand beside, and what they say aloud."""
    seen = re.findall(
        r'<li><a href="([^"]+)"[^>]*aria-describedby="(waits-\d)".*?aria-hidden="true">([^<]+)</span></a>'
        r'<span id="\2" hidden>([^<]+)</span>',
        page,
    )
    return {href: (number, said) for href, _, number, said in seen}


def title(page):
    return " ".join(re.findall(r"<title>(.*?)</title>", page, re.DOTALL)[0].split())


def sent_list(office, session, clock, size):
    made = compose(office, [row(person) for person in add_colleagues(session, size, prefix="K")], clock.now())
    [paper] = made.submissions
    order = ListOrder(paper.submission_id, 1, MoveRequest("submit"), Via.API)
    act_on_submission(session, actor=office.actor("nominator", clock.now()), order=order, now=clock.now())
    return paper.submission_id


def test_every_page_says_how_much_waits_for_whoever_looks(desk, office, session, clock):
    submitted(office, clock.now())
    sent_list(office, session, clock, 3)
    reviewer = desk(REVIEWER)
    for path in ("/", *PAGES):
        page = reviewer.open(path).get_data(as_text=True)
        assert title(page).startswith("(4) "), path
        assert waits(page) == {
            "/": ("4", "4 việc đang chờ bạn"),
            "/submissions": ("1", "1 tờ trình có tên đang chờ bạn"),
            "/nominations": ("4", "4 hồ sơ đang chờ bạn"),
            "/rounds": ("1", "1 đợt xét có việc đang chờ bạn"),
        }, path


def test_programs_count_the_same(interface, database, session, clock):
    give_passwords(session)
    submitted(interface.office, clock.now())
    sent_list(interface.office, session, clock, 2)
    reviewer = browser(database.sessions, clock)
    reviewer.sign_in(REVIEWER)
    shown = waits(reviewer.open("/rounds").get_data(as_text=True))
    assert shown["/"][0] == str(interface.get("reviewer", "/inbox/counts").get_json()["total"]) == "3"


def test_of_two_things_one_is_said_in_english_as_one(desk, office, session, clock):
    session.execute(update(Account).values(locale="en"))
    session.commit()
    submitted(office, clock.now())
    page = desk(REVIEWER).open("/rounds").get_data(as_text=True)
    assert waits(page)["/"] == ("1", "1 thing waits for you")
    assert title(page).startswith("(1) ")


def test_what_is_late_is_said_beside_the_work(desk, office, clock):
    submitted(office, clock.now())
    clock.advance(timedelta(days=14))
    page = desk(REVIEWER).open("/rounds").get_data(as_text=True)
    assert waits(page)["/"] == ("1", "1 việc đang chờ bạn, 1 việc đã quá hạn")
    assert "waits is-late" in page


def test_what_was_set_aside_is_counted_nowhere(desk, office, session, clock):
    submitted(office, clock.now())
    work = session.scalars(select(WorkItem.id).where(is_open(WorkItem))).one()
    until = clock.now() + timedelta(days=2)
    session.add(PutAside(account_id=office.ids["reviewer"], work_item_id=work, until_at=until))
    session.commit()
    page = desk(REVIEWER).open("/rounds").get_data(as_text=True)
    assert waits(page) == {}
    assert not title(page).startswith("(")


def test_of_a_hundred_only_that_it_is_many_is_said(desk, office, session, clock):
    sent_list(office, session, clock, MOST_LOOKED_AT)
    page = desk(REVIEWER).open("/rounds").get_data(as_text=True)
    assert {href: number for href, (number, _) in waits(page).items()} == {
        "/": "99+",
        "/submissions": "1+",
        "/nominations": "99+",
        "/rounds": "1+",
    }
    assert title(page).startswith("(99+) ")


def test_what_is_printed_for_a_council_counts_nobodys_work(desk, office, clock):
    submitted(office, clock.now())
    reviewer = desk(REVIEWER)
    for sheet in ("agenda", "ballot", "minutes"):
        answer = reviewer.open(f"/rounds/{ROUND}/{sheet}")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert waits(page), "the bar is not printed"
        assert not title(page).startswith("("), sheet


def test_nothing_stands_where_nothing_waits_and_before_somebody_is_known(desk, office, clock):
    submitted(office, clock.now())
    stranger = desk(STRANGER)
    for path in ("/", "/sign-in"):
        page = stranger.open(path).get_data(as_text=True)
        assert waits(page) == {}
        assert not title(page).startswith("(")


def test_a_page_is_shown_whose_connection_is_lost_while_it_is_made(desk, office, clock, monkeypatch):
    submitted(office, clock.now())
    reviewer = desk(REVIEWER)

    def lost(session):
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(writing, "installation_kind", lost)
    for path, status in (("/submissions", 200), ("/nominations/999999", 404)):
        answer = reviewer.open(path)
        assert answer.status_code == status
        assert waits(answer.get_data(as_text=True)) == {}

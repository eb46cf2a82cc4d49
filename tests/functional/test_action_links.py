"""The address of an action in a letter: who learns what by it, and what it takes to act."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select, update

from tasks.smtp import SmtpTransport
from tests.conftest import Database
from tests.support.mail import BASE_URL, SENDER, mail_server, text_of
from tests.support.office import AG, Office
from tests.support.pages import PASSWORD, Browser, browser
from tests.support.waiting import REMIND_AT
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.domain.vocabulary import NoticeKind, Via
from workflow.messages.action_links import ActionLinks
from workflow.operations.escalations.telephone import Call, note_call
from workflow.operations.history.streams import append_event
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.operations.sweep.escalate import fire_due
from workflow.store.access import Grant
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination

REVIEWER, STRANGER, HEAD = "nv02@example.vn", "nv14@example.vn", "nv22@example.vn"
SUBJECT = "Đặng Quốc Dũng"


@pytest.fixture
def nomination_id(office: Office, clock: FixedClock) -> int:
    made = office.draft(clock.now()).nomination_id
    office.act("nominator", made, "submit", clock.now())
    return made


@pytest.fixture
def letters(
    database: Database, clock: FixedClock, nomination_id: int
) -> Iterator[Callable[[], list[EmailMessage]]]:
    """Return what sends all that waits over a real server, and gives what it got for the reviewer."""
    links = ActionLinks(b"x" * 32)
    with mail_server() as server:

        def send() -> list[EmailMessage]:
            # New work waits so long for more.
            clock.advance(timedelta(minutes=11))
            post = Post(SmtpTransport(server.url), SENDER, BASE_URL, action_links=links)
            deliver(database.sessions, clock=clock, post=post)
            return server.inbox.of(REVIEWER)

        yield send


def paths_in(mail: EmailMessage) -> dict[str, str]:
    """Return the addresses of actions that stand in the text of a letter, by the words beside them."""
    found = re.findall(r"- (.+): " + re.escape(BASE_URL) + r"(/act/\S+)", text_of(mail))
    html = mail.get_body(("html",))
    assert html is not None
    assert [path for _, path in found] == re.findall(
        r'href="' + re.escape(BASE_URL) + r'(/act/[^"]+)', html.get_content()
    )
    return dict(found)


def events(office: Office) -> int:
    return office.session.scalar(select(func.count()).select_from(Event)) or 0


def test_a_letter_leads_to_each_action_and_its_address_alone_does_nothing(
    office: Office,
    database: Database,
    clock: FixedClock,
    nomination_id: int,
    letters: Callable[[], list[EmailMessage]],
) -> None:
    [mail] = letters()
    paths = paths_in(mail)
    assert list(paths) == ["Nhất trí đề nghị", "Trả lại để hoàn thiện", "Đề nghị lùi hạn"]
    before = events(office)
    guest = browser(database.sessions, clock)
    for path in paths.values():
        for answer in (guest.open(path), guest.client.head(path)):
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers
        assert f"Hồ sơ số {nomination_id}" in guest.text
        assert SUBJECT not in guest.text
    assert guest.client.post(path).status_code == 405
    assert events(office) == before


def test_the_last_address_asks_for_another_date_and_history_says_that_a_letter_led_there(
    office: Office, database: Database, clock: FixedClock, letters: Callable[[], list[EmailMessage]]
) -> None:
    path = paths_in(letters()[0])["Đề nghị lùi hạn"]
    reader = browser(database.sessions, clock)
    assert reader.sign_in("nv02@example.vn").status_code == 303
    assert "Tôi làm xong được vào ngày" in reader.open(path).get_data(as_text=True)
    assert reader.send("/date", {"day": "12/3/2026"}).status_code == 303
    office.session.rollback()
    asked = office.session.scalars(select(Event).where(Event.action == "propose_date")).one()
    assert asked.via == "link"


def test_of_one_thing_told_of_twice_the_newest_says_what_to_do(
    office: Office, database: Database, clock: FixedClock, letters: Callable[[], list[EmailMessage]]
) -> None:
    office.session.execute(update(Outbox).values(notice=NoticeKind.DATES_MOVED))
    office.session.commit()
    clock.advance(REMIND_AT - timedelta(hours=1) - clock.now())
    fire_due(database.sessions, clock=clock)
    assert letters() == []
    clock.advance(timedelta(minutes=10))
    [mail] = letters()
    assert list(paths_in(mail)) == ["Nhất trí đề nghị", "Trả lại để hoàn thiện", "Đề nghị lùi hạn"]


def test_who_telephoned_about_it_is_given_nothing_to_do(
    office: Office, database: Database, clock: FixedClock, nomination_id: int
) -> None:
    day = clock.now().date()
    call = Call(day, "Chị Hoa", "Xong hôm nay", REMIND_AT.date(), nomination_id)
    caller = office.actor("nominator", clock.now())
    note_call(office.session, actor=caller, call=call, via=Via.WEB, now=clock.now())
    with mail_server() as server:
        clock.advance(REMIND_AT - clock.now())
        fire_due(database.sessions, clock=clock)
        links = ActionLinks(b"x" * 32)
        post = Post(SmtpTransport(server.url), SENDER, BASE_URL, action_links=links, preferences=UNFOLDED)
        deliver(database.sessions, clock=clock, post=post)
        [mail] = [one for one in server.inbox.of("nv01@example.vn") if "Hẹn hỏi lại" in str(one["Subject"])]
    assert paths_in(mail) == {}
    assert "Người đang xử lý: chưa có người nhận xử lý (reviewer NV02)" in text_of(mail)


def test_another_account_learns_the_number_of_the_file_alone(
    desk: Callable[[str], Browser], nomination_id: int, letters: Callable[[], list[EmailMessage]]
) -> None:
    path = paths_in(letters()[0])["Nhất trí đề nghị"]
    # The head sees the nomination on its own page, and is still not who was asked.
    for address in (STRANGER, HEAD):
        other = desk(address)
        assert other.open(path).status_code == 403
        assert f"Hồ sơ số {nomination_id}" in other.text
        assert SUBJECT not in other.text


def test_an_address_that_was_cut_or_changed_is_none(
    desk: Callable[[str], Browser], letters: Callable[[], list[EmailMessage]]
) -> None:
    path = paths_in(letters()[0])["Nhất trí đề nghị"]
    reader = desk(REVIEWER)
    for wrong in (
        path[:-1],
        path[:-4],
        path + "A",
        path[:30] + ("A" if path[30] != "A" else "B") + path[31:],
    ):
        assert reader.open(wrong).status_code == 404
        assert "không đầy đủ" in reader.text
    assert reader.open("/act/" + "x" * 4000).status_code == 404
    assert reader.open("/act/%00%ff").status_code in {400, 404}


def test_after_signing_in_the_action_is_one_press_and_its_history_says_how(
    office: Office,
    database: Database,
    clock: FixedClock,
    nomination_id: int,
    letters: Callable[[], list[EmailMessage]],
) -> None:
    path = paths_in(letters()[0])["Nhất trí đề nghị"]
    reader = browser(database.sessions, clock)
    reader.open(path)
    reader.open(f"/sign-in?next={path}")
    reader.send("/sign-in", {"email": REVIEWER, "password": PASSWORD})
    reader.follow()
    assert SUBJECT in reader.text
    assert "Thay đổi từ khi có thư này" not in reader.text
    assert reader.send("/actions/approve").status_code == 303
    assert reader.follow().status_code == 200
    office.session.expire_all()
    assert office.session.get_one(Nomination, nomination_id).state != "unit_review"
    last = office.session.scalar(select(Event.via).where(Event.action == "approve"))
    assert last == "link"
    # The second time it says who did it, and offers nothing.
    assert reader.open(path).status_code == 200
    assert "Việc này đã được xử lý" in reader.text
    assert "Nhất trí đề nghị" in reader.text
    assert "/actions/approve" not in reader.page.get_data(as_text=True)


def test_an_address_of_one_action_is_no_mark_of_another(
    office: Office,
    desk: Callable[[str], Browser],
    nomination_id: int,
    letters: Callable[[], list[EmailMessage]],
) -> None:
    path = paths_in(letters()[0])["Trả lại để hoàn thiện"]
    reader = desk(REVIEWER)
    reader.open(f"/nominations/{nomination_id}")
    token = path.removeprefix("/act/")
    assert reader.send("/actions/approve", {"link": token}).status_code == 303
    assert office.session.scalar(select(Event.via).where(Event.action == "approve")) == "web"


def test_what_changed_since_the_letter_comes_first(
    office: Office,
    desk: Callable[[str], Browser],
    clock: FixedClock,
    nomination_id: int,
    letters: Callable[[], list[EmailMessage]],
) -> None:
    path = paths_in(letters()[0])["Nhất trí đề nghị"]
    clock.advance(timedelta(hours=1))
    key, since = f"unit_reviewer@unit:{AG}", clock.now().date()
    office.session.add(Grant(account_id=office.ids["deputy"], key=key, valid_from=since))
    office.session.commit()
    office.act("deputy", nomination_id, "hold", clock.now(), comment="Chờ xác minh đơn thư")
    office.act("deputy", nomination_id, "release_hold", clock.now())
    reader = desk(REVIEWER)
    reader.open(path)
    said = reader.text
    assert "Thay đổi từ khi có thư này" in said
    assert "Chờ xác minh đơn thư" in said
    assert said.index("Chờ xác minh đơn thư") < said.index("Nhất trí đề nghị", said.index("Thành tích"))
    # The form carries the version that was just shown, so it goes through.
    assert reader.send("/actions/approve").status_code == 303


def test_of_many_changes_the_newest_stand_there_and_that_there_were_more(
    office: Office,
    desk: Callable[[str], Browser],
    clock: FixedClock,
    nomination_id: int,
    letters: Callable[[], list[EmailMessage]],
) -> None:
    path = paths_in(letters()[0])["Nhất trí đề nghị"]
    stream, key = f"nomination:{nomination_id}", f"unit_reviewer@unit:{AG}"
    office.session.add(Grant(account_id=office.ids["deputy"], key=key, valid_from=clock.now().date()))
    office.session.commit()
    for number in range(10):
        office.act("deputy", nomination_id, "hold", clock.now(), comment=f"Lần {number}.")
        office.act("deputy", nomination_id, "release_hold", clock.now())
        # What a timer tells is no change, nor is what one did oneself: neither takes a place.
        append_event(office.session, stream, "remind", actor=None, via=Via.TIMER, now=clock.now())
        office.session.commit()
        office.act("reviewer", nomination_id, "hold", clock.now(), comment=f"Của tôi {number}.")
        office.act("reviewer", nomination_id, "release_hold", clock.now())
    reader = desk(REVIEWER)
    reader.open(path)
    assert "Lần 0." in reader.text
    assert "Của tôi" not in reader.text
    assert "thay đổi mới nhất" not in reader.text
    office.act("deputy", nomination_id, "hold", clock.now(), comment="Lần cuối.")
    reader.open(path)
    assert "Lần cuối." in reader.text
    assert "Lần 0." not in reader.text
    assert "20 thay đổi mới nhất" in reader.text


def test_a_letter_of_work_that_came_back_does_not_open_the_visit_after_it(
    office: Office,
    desk: Callable[[str], Browser],
    clock: FixedClock,
    nomination_id: int,
    letters: Callable[[], list[EmailMessage]],
) -> None:
    path = paths_in(letters()[0])["Nhất trí đề nghị"]
    office.act("nominator", nomination_id, "recall", clock.now())
    office.act("nominator", nomination_id, "submit", clock.now())
    reader = desk(REVIEWER)
    assert reader.open(path).status_code == 200
    assert "Việc này đã được xử lý" in reader.text
    assert "/actions/approve" not in reader.page.get_data(as_text=True)

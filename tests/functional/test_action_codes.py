"""A mailed code in the place of signing in: for one action, of one account, where the route says so."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.conftest import Database
from tests.support.codes import REVIEWER, SUBJECT, CodeDesk, code_desk
from tests.support.mail import BASE_URL, text_of
from tests.support.office import Office
from tests.support.pages import PASSWORD
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.messages.action_links import ActionLinks
from workflow.operations.codes.ask import Asker, ask_code
from workflow.operations.codes.enter import enter_code
from workflow.operations.people.addresses import change_address
from workflow.store.access import Account, ActionCode, Grant
from workflow.store.history import Event
from workflow.store.mail import Outbox

NO = "Trả lại để hoàn thiện"


@pytest.fixture
def desk(office: Office, database: Database, clock: FixedClock) -> Iterator[CodeDesk]:
    with code_desk(office, database, clock) as opened:
        yield opened


def test_a_code_opens_one_action_and_nothing_else_and_ends_with_it(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.guest()
    for answer in (reader.open(path), reader.client.head(path)):
        assert "Set-Cookie" not in answer.headers
    assert SUBJECT not in reader.text
    assert reader.send("/code").status_code == 200
    letter = desk.post()[-1]
    code = desk.code()
    assert code not in letter["Subject"]
    assert SUBJECT not in text_of(letter)
    assert reader.send("/enter", {"code": f" {code[:3]} {code[3:]} "}).status_code == 303
    reader.follow()
    assert SUBJECT in reader.text
    for elsewhere in ("/", f"/nominations/{desk.nomination_id}", "/me/mails", "/submissions"):
        assert reader.client.get(elsewhere, base_url="http://127.0.0.1:8000").status_code == 303, elsewhere
    reader.open(path)
    assert reader.send("/do").status_code == 303
    assert reader.follow().status_code == 200
    assert "Đã thực hiện" in reader.text
    assert SUBJECT not in reader.text
    assert desk.state() == "council"
    done = desk.office.session.execute(
        select(Event.via, Event.actor_id, Event.data).where(Event.action == "approve")
    ).one()
    assert (done.via, done.actor_id, done.data["by_code"]) == ("link", desk.office.ids["reviewer"], True)
    assert desk.said() == ["code_asked", "code_entered"]
    # Neither the code nor what it opened is in the database.
    row = desk.office.session.scalars(select(ActionCode)).one()
    assert code.encode() not in row.code_hash
    assert row.closed_at is not None
    # Once more: it opens nothing.
    assert reader.open(path).status_code == 200
    assert SUBJECT not in reader.text


def test_history_says_that_a_code_was_enough(desk: CodeDesk) -> None:
    desk.came_in(desk.path()).send("/do")
    seat = desk.guest()
    seat.sign_in(REVIEWER)
    seat.open(f"/nominations/{desk.nomination_id}")
    assert "xác nhận bằng mã gửi qua thư" in seat.text


def test_five_wrong_tries_end_a_code_also_for_who_then_has_it(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.guest()
    reader.open(path)
    reader.send("/code")
    code = desk.code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        assert reader.send("/enter", {"code": wrong}).status_code == 401
    assert reader.send("/enter", {"code": code}).status_code == 401
    assert "Mã không đúng hoặc không còn hiệu lực" in reader.text
    assert desk.said() == ["code_asked", *["code_wrong"] * 5]
    assert desk.state() == "unit_review"


@pytest.mark.parametrize("minutes", [10, 11])
def test_a_code_is_over_after_ten_minutes(desk: CodeDesk, minutes: int) -> None:
    path = desk.path()
    reader = desk.guest()
    reader.open(path)
    reader.send("/code")
    code = desk.code()
    desk.clock.advance(timedelta(minutes=minutes))
    assert reader.send("/enter", {"code": code}).status_code == 401


def test_a_code_that_could_not_leave_in_time_is_not_sent(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.guest()
    reader.open(path)
    reader.send("/code")
    desk.clock.advance(timedelta(minutes=10))
    assert len(desk.post()) == 1
    why = desk.office.session.scalar(select(Outbox.state_reason).where(Outbox.notice == "action_code"))
    assert why == "code_over"


def test_a_session_ends_after_a_quarter_of_an_hour_and_by_its_button(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.came_in(path)
    desk.clock.advance(timedelta(minutes=15))
    reader.open(path)
    assert SUBJECT not in reader.text
    reader = desk.came_in(path)
    assert reader.send("/end").status_code == 303
    assert reader.open(path).status_code == 200
    assert SUBJECT not in reader.text


def close(account: Account, desk: CodeDesk) -> None:
    account.disabled_at = desk.clock.now()


def leave_without_password(account: Account, desk: CodeDesk) -> None:
    account.password_hash = None


def lose_the_seat(_account: Account, desk: CodeDesk) -> None:
    today = desk.clock.now().date()
    mine = Grant.account_id == desk.office.ids["reviewer"]
    desk.office.session.execute(
        update(Grant).where(mine, Grant.key.like("unit_reviewer@%")).values(valid_to=today)
    )


def be_done(_account: Account, desk: CodeDesk) -> None:
    desk.office.act("reviewer", desk.nomination_id, "approve", desk.clock.now())


@pytest.mark.parametrize("happens", [close, leave_without_password, lose_the_seat, be_done])
def test_who_gets_no_code_cannot_be_told_from_who_does(
    desk: CodeDesk, happens: Callable[[Account, CodeDesk], None]
) -> None:
    path = desk.path()
    before, stranger = len(desk.server.inbox.mails), desk.guest()
    account = desk.office.session.get_one(Account, desk.office.ids["reviewer"])
    happens(account, desk)
    desk.office.session.commit()
    shown = [stranger.open(path).get_data(as_text=True)]
    assert stranger.send("/code").status_code == 200
    shown.append(stranger.text)
    assert stranger.send("/enter", {"code": "123456"}).status_code == 401
    shown.append(stranger.text)
    desk.post()
    codes = [mail for mail in desk.server.inbox.mails[before:] if "Mã xác nhận" in str(mail["Subject"])]
    assert codes == []
    kept = desk.office.session.scalar(select(func.count()).select_from(ActionCode))
    assert kept == 1
    assert "Gửi mã tới hộp thư của tôi" in shown[0]
    assert "mã đã được gửi" in shown[1]
    assert "Mã không đúng" in shown[2]


@pytest.mark.parametrize("happens", [close, lose_the_seat, be_done])
def test_what_ends_a_right_ends_the_session_at_once(
    desk: CodeDesk, happens: Callable[[Account, CodeDesk], None]
) -> None:
    path = desk.path()
    reader = desk.came_in(path)
    account = desk.office.session.get_one(Account, desk.office.ids["reviewer"])
    happens(account, desk)
    desk.office.session.commit()
    sent = reader.send("/do")
    assert sent.status_code in {401, 403, 404, 409}
    if happens is not be_done:
        assert desk.state() == "unit_review"
    approvals = desk.office.session.scalar(
        select(func.count()).select_from(Event).where(Event.action == "approve")
    )
    assert approvals == (1 if happens is be_done else 0)


def test_only_what_the_route_names_takes_a_code(desk: CodeDesk) -> None:
    path = desk.path(NO)
    guest = desk.guest()
    guest.open(path)
    assert "Gửi mã" not in guest.text
    assert guest.client.post(f"{path}/code", base_url=BASE_URL).status_code == 303
    assert desk.office.session.scalar(select(func.count()).select_from(ActionCode)) == 0


def test_few_codes_an_hour_and_one_for_who_presses_twice(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.guest()
    reader.open(path)
    reader.send("/code")
    assert reader.send("/code").status_code == 200
    assert len(desk.post()) == 2
    first = desk.code()
    for _ in range(4):
        desk.clock.advance(timedelta(minutes=2))
        assert reader.send("/code").status_code == 200
    desk.clock.advance(timedelta(minutes=2))
    refused = reader.send("/code")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "quá nhiều mã" in reader.text
    # The newest alone counts.
    newest = desk.code()
    if newest != first:
        assert reader.send("/enter", {"code": first}).status_code == 401
    assert reader.send("/enter", {"code": newest}).status_code == 303


def test_a_form_of_somebody_elses_making_enters_nothing(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.guest()
    reader.open(path)
    reader.send("/code")
    code = desk.code()
    other = desk.guest()
    answer = other.client.post(f"{path}/enter", data={"code": code}, base_url="http://127.0.0.1:8000")
    assert answer.status_code in {400, 403}
    assert "act" not in (
        other.client.get(path, base_url="http://127.0.0.1:8000").headers.get("Set-Cookie") or ""
    )
    assert reader.send("/enter", {"code": code}).status_code == 303


def test_another_password_or_address_ends_codes_and_sessions(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.came_in(path)
    change_address(
        desk.office.session,
        actor=None,
        email=REVIEWER,
        new="moi@example.vn",
        via=Via.CLI,
        now=desk.clock.now(),
    )
    reader.open(path)
    assert SUBJECT not in reader.text


def test_several_at_once_get_one_code_and_one_session(desk: CodeDesk) -> None:
    links = ActionLinks(b"x" * 32)
    link = links.read(desk.path().removeprefix("/act/"))
    assert link is not None
    now = desk.clock.now()

    def ask(number: int) -> None:
        with desk.database.sessions() as session:
            asker = Asker("a browser", f"192.0.2.{number}", device_of=lambda _email: None)
            ask_code(session, link=link, links=links, asker=asker, now=now)

    def enter(code: str) -> str | None:
        with desk.database.sessions() as session:
            return enter_code(session, link=link, links=links, browser="a browser", code=code, now=now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
        assert desk.office.session.scalar(select(func.count()).select_from(ActionCode)) == 1
        opened = list(pool.map(enter, [desk.code()] * 4))
    assert sum(token is not None for token in opened) == 1


def test_a_signed_in_reader_needs_no_code(desk: CodeDesk) -> None:
    path = desk.path()
    seat = desk.guest()
    seat.sign_in(REVIEWER, PASSWORD)
    seat.open(path)
    assert SUBJECT in seat.text
    assert "Gửi mã" not in seat.text
    stranger = desk.guest()
    stranger.sign_in("nv14@example.vn")
    assert stranger.open(path).status_code == 403
    assert "Gửi mã" not in stranger.text

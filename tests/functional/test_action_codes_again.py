"""Mailed codes the second time: asked for again, by a stranger, pressed too late, where no mail leaves."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.conftest import Database
from tests.support.codes import REVIEWER, SUBJECT, CodeDesk, code_desk
from tests.support.office import Office
from tests.support.pages import Browser, browser
from workflow.clock import FixedClock
from workflow.operations.codes.ask import MOST_FOR_ACCOUNT, MOST_FOR_ASKER


@pytest.fixture
def desk(office: Office, database: Database, clock: FixedClock) -> Iterator[CodeDesk]:
    with code_desk(office, database, clock) as opened:
        yield opened


def at(desk: CodeDesk, address: str) -> Browser:
    """Return a browser at an address, on the page of the letter's action."""
    reader = desk.guest()
    reader.client.environ_base["REMOTE_ADDR"] = address
    return reader


def asked(reader: Browser, path: str) -> int:
    """Return how a browser that asks for a code is answered."""
    reader.open(path)
    return reader.send("/code").status_code


def test_a_stranger_who_asks_for_all_he_may_takes_no_code_from_the_reader(desk: CodeDesk) -> None:
    path = desk.path()
    for _ in range(MOST_FOR_ASKER):
        assert asked(at(desk, "198.51.100.7"), path) == 200
    assert asked(at(desk, "198.51.100.7"), path) == 429, "no other browser of that place may either"
    desk.post()
    reader = at(desk, "192.0.2.1")
    assert asked(reader, path) == 200
    assert reader.send("/enter", {"code": desk.code()}).status_code == 303


def test_a_browser_that_signed_in_before_has_codes_of_its_own_whoever_spent_the_others(
    desk: CodeDesk,
) -> None:
    path = desk.path()
    reader = at(desk, "198.51.100.7")
    reader.sign_in(REVIEWER)
    reader.open("/")
    reader.send("/sign-out")
    assert reader.follow().status_code == 200
    for number in range(MOST_FOR_ACCOUNT):
        # Every address of the world, that of the reader's own office among them.
        assert asked(at(desk, f"198.51.100.{7 + number % 4}"), path) == 200
    assert asked(at(desk, "192.0.2.1"), path) == 429, "more than that no stranger has mailed"
    for _ in range(MOST_FOR_ASKER):
        assert asked(reader, path) == 200
        desk.clock.advance(timedelta(minutes=2))
    assert asked(reader, path) == 429
    assert reader.send("/enter", {"code": desk.code()}).status_code == 303


def test_a_stranger_neither_replaces_the_readers_code_nor_uses_up_its_tries(desk: CodeDesk) -> None:
    path = desk.path()
    reader, stranger = at(desk, "192.0.2.1"), at(desk, "192.0.2.1")
    assert asked(reader, path) == 200
    code = desk.code()
    assert "trước" in reader.text, "which of several letters is this page's"
    desk.clock.advance(timedelta(minutes=2))
    assert asked(stranger, path) == 200
    for _ in range(6):
        assert stranger.send("/enter", {"code": "000000"}).status_code == 401
    other = desk.guest()
    asked(other, path)
    assert other.send("/enter", {"code": code}).status_code == 401, "a code opens where it was asked for"
    assert reader.send("/enter", {"code": code}).status_code == 303


def test_who_asks_again_after_five_wrong_tries_gets_another_code_at_once(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.guest()
    reader.open(path)
    reader.send("/code")
    wrong = f"{(int(desk.code()) + 1) % 10**6:06}"
    for _ in range(5):
        reader.send("/enter", {"code": wrong})
    letters = len(desk.post())
    assert reader.send("/code").status_code == 200
    assert len(desk.post()) == letters + 1
    assert reader.send("/enter", {"code": desk.code()}).status_code == 303


def test_a_stranger_who_asks_ends_no_session_and_another_code_does_once_it_is_entered(desk: CodeDesk) -> None:
    path = desk.path()
    reader, stranger = desk.came_in(path), desk.guest()
    desk.clock.advance(timedelta(minutes=2))
    stranger.open(path)
    assert stranger.send("/code").status_code == 200
    reader.open(path)
    assert SUBJECT in reader.text
    assert stranger.send("/enter", {"code": desk.code()}).status_code == 303
    reader.open(path)
    assert SUBJECT not in reader.text
    assert stranger.follow().status_code == 200
    assert SUBJECT in stranger.text


def test_a_press_after_the_session_says_that_it_did_nothing_and_gives_the_words_back(desk: CodeDesk) -> None:
    path = desk.path()
    reader = desk.came_in(path)
    desk.clock.advance(timedelta(minutes=15))
    sent = reader.send("/do", {"comment": "Đã xem kỹ hồ sơ."})
    assert sent.status_code == 401
    assert "lần bấm này không có tác dụng" in reader.text
    assert "Đã xem kỹ hồ sơ." in reader.text
    assert SUBJECT not in reader.text
    assert desk.state() == "unit_review"
    assert reader.send("/code").status_code == 200, "another code is asked for right there"


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "203.0.113.9"}])
def test_where_mails_are_kept_no_code_is_offered_however_one_comes(
    desk: CodeDesk, headers: dict[str, str]
) -> None:
    path = desk.path()
    reader = browser(desk.database.sessions, desk.clock)
    reader.open(path, **headers)
    assert "Đăng nhập" in reader.text
    assert "Gửi mã" not in reader.text

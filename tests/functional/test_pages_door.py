"""Coming in by the pages: who is let in, for how long, and what a page tells the browser."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.support.pages import BASE, PASSWORD, Browser, browser, form_of
from workflow.operations.people.tokens import digest, new_token
from workflow.store.access import Account, PasswordLink, WebSession

REVIEWER = "nv02@example.vn"
OWN = ""  # the action of a form that is sent to the page it stands on


@pytest.fixture
def guest(database, clock, office) -> Browser:
    return browser(database.sessions, clock)


def test_a_stranger_is_asked_to_sign_in_and_then_sees_what_they_wanted(guest):
    assert guest.open("/nominations?q=cuc").status_code == 303
    assert "Hãy đăng nhập" in guest.follow().get_data(as_text=True)
    answer = guest.send("/sign-in", {"email": REVIEWER, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/nominations?q=cuc")


def test_signing_in_never_leads_to_another_site(guest):
    for path in ("https://evil.example/", "//evil.example", "/\\evil.example", "/.//evil.example", "evil"):
        guest.client.delete_cookie("commendo", domain="127.0.0.1")
        guest.open(f"/sign-in?next={path}")
        answer = guest.send("/sign-in", {"email": REVIEWER, "password": PASSWORD})
        assert answer.location == "/"


@pytest.mark.parametrize(("email", "password"), [(REVIEWER, "sai mật khẩu rồi"), ("ai@example.vn", PASSWORD)])
def test_a_wrong_password_and_an_unknown_address_read_the_same(guest, email, password):
    answer = guest.sign_in(email, password)
    assert answer.status_code == 401
    assert "Địa chỉ thư hoặc mật khẩu không đúng." in guest.text


def test_the_sixth_wrong_guess_is_told_how_long_to_wait(guest):
    for _ in range(5):
        guest.sign_in(REVIEWER, "sai mật khẩu rồi")
    refused = guest.sign_in(REVIEWER)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert "Hãy thử lại sau 1 giây" in guest.text
    guest.send("/language", {"locale": "en"})
    assert guest.sign_in(REVIEWER).status_code == 429
    assert "Try again in 1 second." in guest.text


def test_signing_in_gives_a_new_session_that_only_the_server_can_open(guest, session):
    guest.open("/sign-in")
    before = guest.client.get_cookie("commendo", domain="127.0.0.1").value
    guest.sign_in(REVIEWER)
    cookie = guest.client.get_cookie("commendo", domain="127.0.0.1")
    assert cookie.value != before
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")
    assert session.scalar(select(func.count()).select_from(WebSession)) == 1


def test_over_tls_the_cookie_belongs_to_this_host_alone(database, clock, office):
    secure = browser(database.sessions, clock, base_url="https://commendo.example.org")
    secure.client.get("/sign-in", base_url="https://commendo.example.org")
    cookie = secure.client.get_cookie("__Host-commendo", domain="commendo.example.org")
    assert cookie.secure
    assert cookie.path == "/"


def test_over_tls_a_form_is_taken_although_the_browser_does_not_say_where_from(database, clock, office):
    site = "https://commendo.example.org"
    client = browser(database.sessions, clock, base_url=site).client
    page = client.get("/sign-in", base_url=site)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    typed = {**form_of(page, "/sign-in"), "email": REVIEWER, "password": PASSWORD}
    answer = client.post(typed.pop(""), data=typed, base_url=site, headers={"Origin": "null"})
    assert (answer.status_code, answer.location) == (303, "/")
    forged = client.post("/language", data={"locale": "en"}, base_url=site, headers={"Origin": "null"})
    assert forged.status_code == 400


def test_signing_out_closes_the_session_even_for_a_copied_cookie(guest):
    guest.sign_in(REVIEWER)
    copied = guest.client.get_cookie("commendo", domain="127.0.0.1").value
    guest.open("/")
    guest.send("/sign-out")
    assert "Bạn đã đăng xuất" in guest.follow().get_data(as_text=True)
    guest.client.set_cookie("commendo", copied, domain="127.0.0.1")
    assert guest.open("/").status_code == 303


def test_a_disabled_account_is_out_at_its_next_step(guest, session, clock):
    guest.sign_in(REVIEWER)
    account = session.scalars(select(Account).where(Account.email == REVIEWER)).one()
    account.disabled_at = clock.now()
    session.commit()
    assert guest.open("/").status_code == 303


def test_an_idle_session_ends_and_what_was_typed_is_given_back(guest, office, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    guest.sign_in(REVIEWER)
    guest.open(f"/nominations/{nomination_id}")
    clock.advance(timedelta(minutes=31))
    answer = guest.send("/actions/return", {"comment": "Thiếu biên bản họp xét", "reason_code": "other"})
    assert answer.status_code == 401
    assert "Phiên làm việc đã kết thúc" in guest.text
    assert "Thiếu biên bản họp xét" in guest.text


def test_a_form_that_our_page_did_not_make_does_nothing(guest, office, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    guest.sign_in("nv01@example.vn")
    path = f"/nominations/{nomination_id}/actions/submit"
    answer = guest.client.post(path, data={"version": "1", "comment": "đã viết dài"}, base_url=BASE)
    assert answer.status_code == 400
    assert "đã viết dài" in answer.get_data(as_text=True)
    assert "Đang lập hồ sơ" in guest.open(f"/nominations/{nomination_id}").get_data(as_text=True)


def test_a_one_time_link_sets_the_password_and_looking_at_it_uses_nothing_up(guest, session, clock, office):
    token = new_token()
    expires_at = clock.now() + timedelta(hours=1)
    session.add(
        PasswordLink(token_hash=digest(token), account_id=office.ids["nominator"], expires_at=expires_at)
    )
    session.commit()
    for _ in range(3):
        assert guest.open(f"/password/{token}").status_code == 200
    short = {"password": "ngắn", "again": "ngắn"}
    assert guest.send(OWN, short).status_code == 422
    assert "Mật khẩu cần ít nhất 12 ký tự." in guest.text
    new = "mật khẩu mới rất dài"
    assert guest.send(OWN, {"password": new, "again": new + "!"}).status_code == 422
    assert "Hai lần nhập không giống nhau." in guest.text
    assert guest.send(OWN, {"password": new, "again": new}).status_code == 303
    assert "Đã đặt mật khẩu" in guest.follow().get_data(as_text=True)
    assert guest.open(f"/password/{token}").status_code == 404
    assert guest.sign_in("nv01@example.vn", new).status_code == 303


def test_the_language_is_kept_with_the_account(guest, database, clock):
    guest.sign_in(REVIEWER)
    assert 'lang="vi"' in guest.open("/").get_data(as_text=True)
    guest.send("/language", {"locale": "en"})
    assert 'lang="en"' in guest.follow().get_data(as_text=True)
    elsewhere = browser(database.sessions, clock)
    elsewhere.sign_in(REVIEWER)
    assert "To do" in elsewhere.open("/").get_data(as_text=True)


def test_a_stranger_keeps_a_language_too(guest):
    guest.open("/sign-in")
    guest.send("/language", {"locale": "en"})
    assert "Email address" in guest.open("/sign-in").get_data(as_text=True)


def test_the_language_chosen_at_the_door_holds_until_somebody_leaves(guest, database, clock, session):
    guest.open("/sign-in")
    guest.send("/language", {"locale": "en"})
    guest.sign_in(REVIEWER)
    assert 'lang="en"' in guest.open("/").get_data(as_text=True)
    # The account keeps its own, in which its letters are written and other sessions begin.
    assert session.scalar(select(Account.locale).where(Account.email == REVIEWER)) == "vi"
    elsewhere = browser(database.sessions, clock)
    elsewhere.sign_in(REVIEWER)
    assert 'lang="vi"' in elsewhere.open("/").get_data(as_text=True)
    # Chosen by whoever is signed in it is their account's.
    guest.send("/language", {"locale": "vi"})
    assert 'lang="vi"' in guest.open("/").get_data(as_text=True)
    guest.send("/language", {"locale": "en"})
    guest.follow()
    guest.send("/sign-out")
    assert 'lang="en"' in guest.open("/sign-in").get_data(as_text=True)
    # Who comes next has chosen nothing.
    guest.sign_in("nv01@example.vn")
    assert 'lang="vi"' in guest.open("/").get_data(as_text=True)


def test_every_page_says_that_nothing_foreign_may_run_and_nothing_be_kept(guest):
    guest.sign_in(REVIEWER)
    for path in ("/", "/nominations/999999", "/nothing-here", "/mails/dead"):
        answer = guest.open(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not [
            word for word in ("<script", " style=", " onclick=") if word in answer.get_data(as_text=True)
        ]


def test_an_error_is_a_page_in_the_readers_language(guest):
    guest.sign_in(REVIEWER)
    for language, words in (("vi", "Về trang Việc cần xử lý"), ("en", "Back to your work")):
        guest.open("/")
        guest.send("/language", {"locale": language})
        for path, status in (
            ("/nothing-here", 404),
            ("/nominations/999999", 404),
            ("/nominations?stage=x", 422),
        ):
            answer = guest.open(path)
            assert answer.status_code == status
            assert answer.content_type.startswith("text/html")
            assert f'lang="{language}"' in answer.get_data(as_text=True)
            assert words in guest.text


def test_a_body_of_ten_megabytes_is_refused_with_a_page(guest):
    guest.sign_in(REVIEWER)
    guest.open("/")
    answer = guest.send("/language", {"locale": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "quá lớn" in guest.text

"""What was typed survives the language buttons of an answered form, and a session that ended."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from api.pages.kept_form import home_of
from tests.support.applications import application
from tests.support.council import at_the_council, people, rows_of
from tests.support.office import AG, ROUND, Office, furnish
from tests.support.pages import BASE, PASSWORD, Browser, browser, form_of, give_passwords
from tests.support.waiting import submitted
from tests.support.yearly import make_yearly
from workflow.clock import FixedClock
from workflow.settings import Settings
from workflow.store.access import Grant

REVIEWER, NOMINATOR, SECRETARY = "nv02@example.vn", "nv01@example.vn", "nv21@example.vn"
GRID = f"/rounds/{ROUND}/votes"
COMMENT = 'Bổ sung <b>"biên bản"</b> & minh chứng.'


@pytest.fixture
def nomination(session, clock) -> str:
    office = furnish(session, now=clock.now())
    give_passwords(session)
    return f"/nominations/{submitted(office, clock.now())}"


@pytest.fixture
def reviewer(nomination: str, database, clock) -> Browser:
    seated = browser(database.sessions, clock)
    assert seated.sign_in(REVIEWER).status_code == 303
    seated.open(nomination)
    return seated


def test_the_language_of_an_answered_form_changes_and_its_words_stay(reviewer: Browser, nomination) -> None:
    assert reviewer.send("/actions/return", {"comment": COMMENT, "to_step": "draft"}).status_code == 422
    assert reviewer.send("/language", {"locale": "en"}).location == nomination
    assert reviewer.follow().status_code == 200
    assert "What you typed is back in its form" in reviewer.text
    assert form_of(reviewer.page, "/actions/return")["comment"].strip() == COMMENT
    # Once: it is not there the next time, and nothing was sent.
    reviewer.open(nomination)
    assert COMMENT not in form_of(reviewer.page, "/actions/return")["comment"]
    assert "Unit review" in reviewer.text


def test_words_too_long_to_be_kept_are_shown_to_be_copied(reviewer: Browser) -> None:
    words = " ".join(f"{number * 7919:x}" for number in range(800))
    reviewer.send("/actions/return", {"comment": words})
    answer = reviewer.send("/language", {"locale": "en"})
    assert answer.status_code == 200
    assert words in reviewer.text


def test_after_an_ended_session_the_same_account_finds_its_reason_and_words(
    reviewer: Browser, nomination, clock
) -> None:
    clock.advance(timedelta(days=60))
    said = {"comment": COMMENT, "reason_code": "dossier_incomplete", "to_step": "draft"}
    assert reviewer.send("/actions/return", said).status_code == 401
    assert "những gì bạn đã nhập sẽ có lại" in reviewer.text
    link = f"/sign-in?next={nomination.replace('/', '%2F')}"
    html = reviewer.page.get_data(as_text=True)
    assert link in html or f"/sign-in?next={nomination}" in html
    reviewer.open(f"/sign-in?next={nomination}")
    assert reviewer.send("/sign-in", {"email": REVIEWER, "password": PASSWORD}).location == nomination
    reviewer.follow()
    form = form_of(reviewer.page, "/actions/return")
    assert form["comment"].strip() == COMMENT
    assert form["reason_code"] == "dossier_incomplete"
    assert "Bình xét tại đơn vị" in reviewer.text


@pytest.mark.parametrize(
    ("action", "said", "status"), [("return", "comment", 404), ("comments", "text", 404)]
)
def test_who_lost_the_right_meanwhile_is_told_and_has_their_words_to_copy(
    reviewer: Browser, session: Session, action: str, said: str, status: int
) -> None:
    session.execute(delete(Grant))
    session.commit()
    answer = reviewer.send(f"/{action}", {said: COMMENT})
    assert answer.status_code == status
    assert "Trang hoặc hồ sơ này không có, hoặc bạn không được xem." in reviewer.text
    [box] = re.findall(r"<textarea[^>]* readonly>([^<]*)</textarea>", answer.get_data(as_text=True))
    assert unescape(box) == COMMENT


def test_words_for_which_an_answer_has_no_field_are_on_it_to_be_copied(reviewer: Browser) -> None:
    """Who may not take late work has no form for it on the page of the round that answers."""
    token = form_of(reviewer.page, "/actions/return")["csrf_token"]
    said = {"csrf_token": token, "until": "", "reason": COMMENT}
    path = f"/rounds/{ROUND}/returns/{AG}/admit-late"
    assert reviewer.post(path, said).status_code == 422
    assert 'admit-late"' not in reviewer.page.get_data(as_text=True)
    [box] = re.findall(
        r'<textarea[^>]* id="lost"[^>]*>([^<]*)</textarea>', reviewer.page.get_data(as_text=True)
    )
    assert unescape(box) == COMMENT


def test_another_account_on_the_same_browser_finds_nothing(reviewer: Browser, nomination, clock) -> None:
    clock.advance(timedelta(days=60))
    reviewer.send("/actions/return", {"comment": COMMENT})
    reviewer.open(f"/sign-in?next={nomination}")
    reviewer.send("/sign-in", {"email": NOMINATOR, "password": PASSWORD})
    reviewer.follow()
    assert "Bổ sung <b>" not in reviewer.text


def test_a_form_that_is_not_ours_is_not_kept(reviewer: Browser, nomination, clock) -> None:
    clock.advance(timedelta(days=60))
    data = {"comment": "Gài vào", "csrf_token": "x"}
    answer = reviewer.client.post(f"{nomination}/actions/return", data=data, base_url=BASE)
    assert answer.status_code == 401
    reviewer.open(f"/sign-in?next={nomination}")
    reviewer.send("/sign-in", {"email": REVIEWER, "password": PASSWORD})
    reviewer.follow()
    assert "Gài vào" not in reviewer.text


def test_the_address_of_an_answer_leads_to_the_page_of_its_form(reviewer: Browser, nomination) -> None:
    assert reviewer.open(f"{nomination}/actions/return").location == nomination
    assert reviewer.open(f"{nomination}/papers").location == nomination


@pytest.mark.parametrize("code", ["kh%C3%B4ng-c%C3%B3", "a%20b", "%00", "nothing"])
def test_a_page_that_is_not_there_does_not_lead_to_itself(code: str, database, clock, nomination) -> None:
    admin = browser(database.sessions, clock)
    assert admin.sign_in("nv24@example.vn").status_code == 303
    for path in (f"/campaigns/{code}/edit", f"/password/{code}"):
        assert admin.client.get(path, base_url=BASE).status_code == 404, path


def test_every_form_has_a_page_that_shows_it(database, clock) -> None:
    app: Flask = application(Settings(secret_key="x" * 32), sessions=database.sessions, clock=clock)
    with app.test_request_context("/"):
        for rule in app.url_map.iter_rules():
            if "POST" in (rule.methods or ()) and rule.endpoint.startswith("pages."):
                home = home_of(rule, dict.fromkeys(rule.arguments, 1))
                assert home.startswith("/"), rule


def test_what_was_pasted_is_back_in_its_form_and_not_in_the_one_that_narrows_it(
    office: Office, desk: Callable[..., Browser], clock: FixedClock
) -> None:
    """Both are sent to one address; what was lost was said to be there."""
    make_yearly(office, clock.now())
    at_the_council(office, [rows_of(people(office, ["Nguyễn Huy Tiến"]), "CSTDCS")], clock.now())
    secretary = desk(SECRETARY)
    secretary.open(GRID)
    clock.advance(timedelta(days=60))
    pasted = "Nguyễn Huy Tiến\t8\t2\t0\nĐặng Thị Thuỳ\t9\t1\t0"
    assert secretary.send("/votes", {"members": "10", "pasted": pasted, "do": "check"}).status_code == 401
    secretary.open(f"/sign-in?next={GRID}")
    assert secretary.send("/sign-in", {"email": SECRETARY, "password": PASSWORD}).location == GRID
    secretary.follow()
    assert "Những gì bạn đã nhập vẫn còn trong biểu mẫu" in secretary.text
    form = form_of(secretary.page, "/votes")
    assert form["pasted"].split() == pasted.split()
    assert form["members"] == "10"

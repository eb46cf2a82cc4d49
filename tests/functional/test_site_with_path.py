"""A site that lies at a path of its host: nothing of it leads out of that path."""

import re
from datetime import timedelta

import pytest

from tests.support.office import furnish
from tests.support.pages import BASE, PASSWORD, Browser, browser, form_of, give_passwords
from tests.support.waiting import submitted

SITE = "/thi-dua"
REVIEWER = "nv02@example.vn"
COMMENT = "Bổ sung biên bản họp xét của đơn vị."
_LINK = re.compile(r'(?:href|src|action)="(/[^"]*)"')


@pytest.fixture
def nomination(session, clock) -> str:
    office = furnish(session, now=clock.now())
    give_passwords(session)
    return f"{SITE}/nominations/{submitted(office, clock.now())}"


@pytest.fixture
def guest(nomination, database, clock) -> Browser:
    return browser(database.sessions, clock, base_url=f"{BASE}{SITE}")


@pytest.fixture
def reviewer(guest: Browser, nomination: str) -> Browser:
    guest.open(f"{SITE}/sign-in")
    assert guest.send("/sign-in", {"email": REVIEWER, "password": PASSWORD}).location == f"{SITE}/"
    guest.open(nomination)
    return guest


def stays_inside(reader: Browser) -> None:
    """Assert that each link of the open page lies under the path of the site."""
    assert reader.page is not None
    links = _LINK.findall(reader.page.get_data(as_text=True))
    assert links
    assert [link for link in links if not link.startswith(f"{SITE}/")] == []


def test_a_link_of_a_letter_is_there_after_signing_in(guest: Browser, nomination: str) -> None:
    guest.open(f"{nomination}?tab=words")
    guest.follow()
    answer = guest.send("/sign-in", {"email": REVIEWER, "password": PASSWORD})
    assert answer.location == f"{nomination}?tab=words"
    guest.open(f"{SITE}/")
    assert guest.page is not None
    assert "next" not in guest.page.request.args


def test_a_refused_form_has_its_page_and_keeps_its_words_in_another_language(
    reviewer: Browser, nomination: str
) -> None:
    assert reviewer.send("/actions/return", {"comment": COMMENT, "to_step": "draft"}).status_code == 422
    assert reviewer.page is not None
    assert reviewer.page.request.path.startswith(f"{SITE}/seen/")
    stays_inside(reviewer)
    assert reviewer.send("/language", {"locale": "en"}).location == nomination
    reviewer.follow()
    assert form_of(reviewer.page, "/actions/return")["comment"].strip() == COMMENT
    # A form that was mended leads from there to how things stand.
    refused = reviewer.send("/actions/return", {"comment": COMMENT, "to_step": "draft"}).request.path
    said = {"reason_code": "dossier_incomplete", "to_step": "draft"}
    assert reviewer.send("/actions/return", said).location.startswith(f"{SITE}/")
    assert reviewer.open(refused).location == nomination


def test_after_an_ended_session_words_are_back_in_their_form(
    reviewer: Browser, nomination: str, clock
) -> None:
    clock.advance(timedelta(days=60))
    assert reviewer.send("/actions/return", {"comment": COMMENT, "to_step": "draft"}).status_code == 401
    reviewer.open(f"{SITE}/sign-in?next={nomination}")
    assert reviewer.send("/sign-in", {"email": REVIEWER, "password": PASSWORD}).location == nomination
    reviewer.follow()
    assert form_of(reviewer.page, "/actions/return")["comment"].strip() == COMMENT


@pytest.mark.parametrize(
    "path", ["/", "/nominations", "/submissions", "/rounds", "/bottlenecks", "/forecast"]
)
def test_a_page_marks_its_place_and_leads_nowhere_else(reviewer: Browser, path: str) -> None:
    page = reviewer.open(f"{SITE}{path}").get_data(as_text=True)
    assert f'href="{SITE}{path}" aria-current="page"' in " ".join(page.split()) or re.search(
        rf'href="{re.escape(SITE + path)}"[^>]*aria-current="page"', page
    )
    stays_inside(reviewer)
    reviewer.send("/language", {"locale": "en"})
    assert reviewer.page is not None
    assert reviewer.page.location == f"{SITE}{path}"


def test_what_is_wrong_in_an_address_leads_to_the_page_without_it(reviewer: Browser) -> None:
    reviewer.open(f"{SITE}/nominations?stage=none&q=an")
    stays_inside(reviewer)
    assert f'href="{SITE}/nominations?q=an"' in reviewer.page.get_data(as_text=True)


def test_the_address_of_an_answer_leads_to_the_page_of_its_form(reviewer: Browser, nomination: str) -> None:
    assert reviewer.open(f"{nomination}/actions/return").location == nomination


def test_installations_on_one_host_sign_nobody_out_of_each_other(nomination: str, database, clock) -> None:
    sites = [
        browser(database.sessions, clock, base_url=url)
        for url in (BASE, "http://127.0.0.1:8001", f"{BASE}{SITE}", "http://127.0.0.1:80")
    ]
    names = []
    for site in sites:
        root = SITE if site is sites[2] else ""
        site.open(f"{root}/sign-in")
        site.send("/sign-in", {"email": REVIEWER, "password": PASSWORD})
        names.append({key[2] for key in site.client._cookies if not key[2].endswith("-device")})
    assert names == [{"commendo"}, {"commendo-8001"}, {f"commendo-{SITE[1:]}"}, {"commendo-80"}]

"""A form that was refused is seen again by its address: with what was typed, why, and nothing carried out."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests.support.office import furnish
from tests.support.pages import BASE, Browser, browser, form_of, give_passwords, text_of
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.store.access import Grant
from workflow.store.history import Event
from workflow.store.sent_forms import SentForm

REVIEWER, NOMINATOR = "nv02@example.vn", "nv01@example.vn"
WORDS = "Bổ sung biên bản họp xét."

Desk = Callable[[str], Browser]


@pytest.fixture
def nomination(session: Session, clock: FixedClock) -> str:
    office = furnish(session, now=clock.now())
    give_passwords(session)
    return f"/nominations/{submitted(office, clock.now())}"


@pytest.fixture
def desk(nomination: str, database, clock: FixedClock) -> Desk:
    def sit(email: str) -> Browser:
        seated = browser(database.sessions, clock)
        assert seated.sign_in(email).status_code == 303
        seated.open(nomination)
        return seated

    return sit


@pytest.fixture
def reviewer(desk: Desk) -> Browser:
    return desk(REVIEWER)


@pytest.fixture
def refused(reviewer: Browser) -> str:
    """Give the address at which a return without a reason was refused."""
    assert reviewer.send("/actions/return", {"comment": WORDS}).status_code == 422
    return reviewer.page.request.path


def events(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Event)) or 0


def kept(session: Session) -> list[list[str]]:
    session.rollback()
    return [field for form in session.scalars(select(SentForm)) for field in form.fields]


def test_a_refused_form_has_an_address_with_what_was_typed_and_why(
    reviewer: Browser, nomination: str, refused: str, session: Session
) -> None:
    assert re.fullmatch(f"/seen/[^/]+{nomination}/actions/return", refused)
    said, count = text_of(reviewer.page), events(session)
    for _ in range(2):
        assert reviewer.open(refused).status_code == 422
        assert text_of(reviewer.page) == said
        assert form_of(reviewer.page, "/actions/return")["comment"].strip() == WORDS
        assert 'aria-invalid="true"' in reviewer.page.get_data(as_text=True)
        assert reviewer.page.headers["Cache-Control"] == "no-store"
    assert events(session) == count


def test_it_is_mended_where_it_is_seen_again(reviewer: Browser, nomination: str, refused: str) -> None:
    reviewer.open(refused)
    answer = reviewer.send("/actions/return", {"reason_code": "dossier_incomplete", "to_step": "draft"})
    assert answer.status_code == 303
    assert answer.location == nomination


def test_once_it_was_mended_its_address_leads_to_how_things_stand(
    desk: Desk, reviewer: Browser, nomination: str, refused: str
) -> None:
    # What somebody else sends with its key mends nothing, and what is sent from another page neither.
    token = form_of(reviewer.open(nomination), "/sign-out")["csrf_token"]
    key = refused.split("/")[2]
    said = {"csrf_token": token, "text": "Đã gọi.", "mends": key, "audience": "unit"}
    reviewer.answer_to(f"{nomination}/comments", said)
    assert reviewer.open(refused).status_code == 422
    reviewer.send("/actions/return", {"reason_code": "dossier_incomplete", "to_step": "draft"})
    assert reviewer.open(refused).location == nomination


def test_it_is_nobody_elses(desk: Desk, refused: str) -> None:
    nominator = desk(NOMINATOR)
    unknown = nominator.open(refused.replace("/seen/", "/seen/x"))
    assert unknown.status_code == 404
    assert text_of(nominator.open(refused)) == text_of(unknown)


def test_who_loses_the_right_later_finds_what_they_wrote_to_copy(
    reviewer: Browser, refused: str, session: Session
) -> None:
    session.execute(delete(Grant))
    session.commit()
    for _ in range(2):
        assert reviewer.open(refused).status_code == 404
        [box] = re.findall(
            r"<textarea[^>]* readonly>([^<]*)</textarea>", reviewer.page.get_data(as_text=True)
        )
        assert unescape(box) == WORDS


def test_what_no_page_says_beside_its_form_has_an_address_too(
    reviewer: Browser, nomination: str, session: Session
) -> None:
    session.execute(delete(Grant))
    session.commit()
    assert reviewer.send("/actions/return", {"comment": WORDS}).status_code == 404
    refused = reviewer.page.request.path
    assert re.fullmatch(f"/seen/[^/]+{nomination}/actions/return", refused)
    assert WORDS in reviewer.text
    assert reviewer.open(refused).status_code == 404
    assert WORDS in reviewer.text


def test_neither_passwords_nor_files_are_kept(reviewer: Browser, nomination: str, session: Session) -> None:
    assert reviewer.send("/actions/return", {"comment": WORDS, "password": "bí mật"}).status_code == 422
    reviewer.open(nomination)
    path = re.findall(r'action="(/nominations/\d+/papers[^"]*)"', reviewer.page.get_data(as_text=True))[0]
    token = form_of(reviewer.page, "/actions/return")["csrf_token"]
    film = {"file": (BytesIO(b"MZ phim"), "phim.exe"), "kind": "other", "csrf_token": token}
    assert reviewer.post(path, film).status_code == 422
    assert reviewer.open(reviewer.page.request.path).status_code == 422
    fields = {field[0]: field[1] for field in kept(session)}
    assert fields["comment"] == WORDS
    assert fields.keys() & {"password", "csrf_token", "key", "file"} == set()
    assert "phim" not in str(kept(session))


def test_an_address_of_nothing_carries_nothing_out(reviewer: Browser, nomination: str) -> None:
    for path in (f"{nomination}/actions/return", nomination, "/sign-out", "/nowhere", "/api/v1/nominations"):
        assert reviewer.open(f"/seen/{'x' * 43}{path}").status_code == 404


def test_nobody_is_asked_for_a_form_at_its_address(nomination: str, refused: str, database, clock) -> None:
    guest = browser(database.sessions, clock)
    assert guest.open(refused).location.startswith("/sign-in?next=")


def test_a_strangers_form_is_not_kept(reviewer: Browser, nomination: str, session: Session) -> None:
    data = {"comment": "Gài vào", "csrf_token": "x"}
    answer = reviewer.client.post(f"{nomination}/actions/return", data=data, base_url=BASE)
    assert answer.status_code == 400
    assert kept(session) == []

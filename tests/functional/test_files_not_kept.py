"""A file that came with a refused form is named beside its field: it is to be chosen again."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office, furnish
from tests.support.pages import PASSWORD, Browser, browser, form_of, give_passwords
from workflow.clock import FixedClock
from workflow.store.awards import AwardEdition

NOMINATOR, ADMIN = "nv01@example.vn", "nv24@example.vn"
NAME = "bản  khai <1>.pdf"
SHOWN = "bản khai <1>.pdf"
Desk = Callable[[str], Browser]


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    office = furnish(session, now=clock.now())
    session.execute(update(AwardEdition).values(papers=["achievement_report"]))
    give_passwords(session)
    return office


@pytest.fixture
def desk(database: Database, clock: FixedClock, office: Office, tmp_path: Path) -> Desk:
    def sit(email: str) -> Browser:
        seated = browser(database.sessions, clock, data_dir=tmp_path)
        assert seated.sign_in(email).status_code == 303
        return seated

    return sit


def send(seated: Browser, action: str, **changes: str) -> int:
    fields = form_of(seated.page, action)
    path = fields.pop("")
    data = {**fields, **changes, "file": (BytesIO(b"\xff\x00"), NAME)}
    return seated.post(path, data, content_type="multipart/form-data").status_code


def beside(seated: Browser) -> list[str]:
    """Return what stands right behind each field for a file."""
    assert seated.page is not None
    fields = seated.page.get_data(as_text=True).split('type="file"')[1:]
    said = [field.partition(">")[2].partition("<input")[0] for field in fields]
    return [unescape(one.partition('">')[2].partition("</div>")[0]) for one in said if "not-kept" in one]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("vi", f"Máy chủ chưa giữ lại gì của {SHOWN}; hãy chọn lại tại đây"),
        ("en", f"Nothing was kept of {SHOWN}: choose it here again"),
    ],
)
def test_it_is_said_at_the_form_it_came_with_and_again_by_the_address_of_that_page(
    desk: Desk, office: Office, clock: FixedClock, locale: str, words: str
) -> None:
    seated = desk(NOMINATOR)
    page = f"/nominations/{office.draft(clock.now()).nomination_id}"
    seated.open(page)
    seated.send("/language", {"locale": locale})
    seated.open(page)
    assert beside(seated) == []
    assert send(seated, "?as=any", kind="", confirms_not_secret="true") == 422
    assert [one.startswith(words) for one in beside(seated)] == [True]
    assert 'paper-any-error paper-any-file-not-kept"' in seated.page.get_data(as_text=True)
    seated.open(seated.page.request.full_path)
    assert [one.startswith(words) for one in beside(seated)] == [True]
    seated.open(page)
    assert beside(seated) == []


@pytest.mark.parametrize(
    ("page", "action", "changes"),
    [
        ("/admin/imports", "/admin/imports/look", {"kind": ""}),
        ("/forms", "/forms", {"purpose": ""}),
        ("/admin/routes", "/admin/routes/check", {}),
    ],
)
def test_it_is_said_on_the_pages_of_the_office_too(
    desk: Desk, page: str, action: str, changes: dict[str, str]
) -> None:
    seated = desk(ADMIN)
    seated.open(page)
    assert send(seated, action, **changes) == 422
    assert [SHOWN in one for one in beside(seated)] == [True]


def test_after_an_ended_session_the_file_is_to_be_chosen_again(
    desk: Desk, office: Office, clock: FixedClock
) -> None:
    seated = desk(NOMINATOR)
    page = f"/nominations/{office.draft(clock.now()).nomination_id}"
    seated.open(page)
    clock.advance(timedelta(days=60))
    assert send(seated, "?as=any", kind="other") == 401
    seated.open(f"/sign-in?next={page}")
    seated.send("/sign-in", {"email": NOMINATOR, "password": PASSWORD})
    seated.follow()
    assert f"Máy chủ chưa giữ lại gì của {SHOWN}" in seated.text

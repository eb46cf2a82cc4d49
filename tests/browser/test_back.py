"""Back, forward and reload at 360 px, while a head decides on a list: no page asks for its form again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import Database
from tests.support.chromium import PHONE, STICKS_OUT, enter, opened, served, watched
from tests.support.sector import FIRST, colleagues_of
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock
from workflow.settings import Settings
from workflow.store.history import Event

pytestmark = pytest.mark.browser
HEAD = f"{FIRST}-TT"
PEOPLE = colleagues_of(FIRST, 3)
WORDS = "Bổ sung biên bản họp xét."


@pytest.fixture
def paper(session: Session, database: Database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have three names wait for the head of a unit."""
    return waiting_paper(session, database, clock, tmp_path, PEOPLE)


@pytest.fixture
def address(paper: Paper, database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path)
    with served(create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest, chromium: Browser, address: str, paper: Paper) -> Page:
    """Give the names as the head has them on a telephone, the first of them to go back."""
    page = opened(chromium, size=PHONE, scripts=request.param)
    page.goto(f"{address}{paper.path}/decide")
    enter(page, HEAD)
    choice(page, paper).check()
    return page


def choice(page: Page, paper: Paper) -> Locator:
    return page.locator(f"[name=pick-{first(paper)}][value=return]")


def first(paper: Paper) -> int:
    return paper.names[PEOPLE[0]]


def is_asked(answer: Response | None) -> bool:
    """Tell whether a page was asked for by its address alone."""
    return answer is not None and answer.request.method == "GET" and answer.ok


def decisions(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(Event.action.in_(["approve", "return"]))) or 0


def test_a_head_who_goes_back_and_forward_loses_nothing_and_decides_once(
    page: Page, paper: Paper, session: Session
) -> None:
    complaints = watched(page)
    names = page.url
    page.get_by_role("button", name="Xem lại trước khi xác nhận").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại và xác nhận")
    sheet = page.url
    page.get_by_text("Hồ sơ chưa đầy đủ", exact=True).click()
    words = page.locator(f"#comment-{first(paper)}")
    words.fill(WORDS)

    assert is_asked(page.go_back())
    assert page.url == names
    expect(choice(page, paper)).to_be_checked()
    assert is_asked(page.go_forward())
    assert page.url == sheet
    expect(words).to_have_value(WORDS)
    assert is_asked(page.reload())
    words.fill(WORDS)
    page.get_by_text("Hồ sơ chưa đầy đủ", exact=True).click()
    page.get_by_role("button", name="Xác nhận xử lý 3 đề nghị").click()

    expect(page.get_by_role("status")).to_contain_text("Đã xử lý 3 đề nghị.")
    result = page.url
    assert decisions(session) == 3
    # The sheet leads to what came of it, and the names to what still waits.
    assert is_asked(page.go_back())
    assert page.url == result
    expect(page.get_by_role("status")).to_contain_text("Đã xử lý 3 đề nghị.")
    assert is_asked(page.reload())
    assert is_asked(page.go_back())
    assert page.url == names
    assert is_asked(page.go_forward())
    assert is_asked(page.go_forward())
    assert page.url == result
    assert decisions(session) == 3
    assert page.evaluate(STICKS_OUT) == []
    assert complaints == []


def test_a_refused_confirmation_is_no_dead_end_on_the_way_back(
    page: Page, paper: Paper, session: Session
) -> None:
    page.get_by_role("button", name="Xem lại trước khi xác nhận").click()
    words = page.locator(f"#comment-{first(paper)}")
    words.fill(WORDS)
    page.get_by_role("button", name="Xác nhận xử lý 3 đề nghị").click()
    expect(page.get_by_role("alert").first).to_contain_text("bên dưới")
    expect(words).to_have_value(WORDS)
    page.get_by_role("link", name="Chọn lại").click()
    expect(choice(page, paper)).to_be_checked()
    answer = page.go_back()
    assert answer is not None
    assert answer.request.method == "GET"
    expect(words).to_have_value(WORDS)
    page.get_by_text("Hồ sơ chưa đầy đủ", exact=True).click()
    page.get_by_role("button", name="Xác nhận xử lý 3 đề nghị").click()
    expect(page.get_by_role("status")).to_contain_text("Đã xử lý 3 đề nghị.")
    for _ in range(2):
        assert is_asked(page.go_back())
        expect(page.get_by_role("status")).to_contain_text("Đã xử lý 3 đề nghị.")
    assert decisions(session) == 3

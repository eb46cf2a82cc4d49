"""At a desk: three years of awards, what is missing asked in one click, the list in the office's form."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pydantic import SecretStr
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import Database
from tests.support.chromium import STICKS_OUT, served, sit, speak, watched
from tests.support.forms import text_form, words_in
from tests.support.importing import Desk
from tests.support.lists import compose, row
from tests.support.office import AG, Office
from workflow.clock import FixedClock
from workflow.domain.facts import SignedDocument
from workflow.settings import Settings

pytestmark = pytest.mark.browser
YEARS = (2023, 2024, 2025)
FORM = text_form("VIỆN KIỂM SÁT NHÂN DÂN", "Biểu mẫu số 7: {{ don_vi }}, tờ trình {{ so_to_trinh }}")
FIND, ASK = re.compile("^(Tra cứu|Look up)$"), re.compile("(Xếp loại|Grade).* 2026")


@pytest.fixture
def paper(session: Session, office: Office, clock: FixedClock) -> int:
    """Bring in somebody with three years of awards, who stands on a signed list of their unit."""
    desk = Desk(session, clock.now())
    desk.take("people", f"code,name,unit\nNV61,Nguyễn Huy Tiến,{AG}\n")
    rows = "".join(f"{year},CSTDCS,NV61,{AG},{year}/QĐ\n" for year in YEARS)
    desk.take("history", f"year,award,person,unit,number\n{rows}")
    signed = SignedDocument("12/TTr-VKS", clock.now().date(), "Trần Thị Bích")
    [made] = compose(office, [row("NV61")], clock.now(), paper=signed).submissions
    return made.submission_id


@pytest.fixture
def address(paper: int, office: Office, database: Database, clock: FixedClock) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32))
    with served(create_app(settings, sessions=database.sessions, clock=clock)) as address:
        yield address


def kept(chromium: Browser, address: str, folder: Path) -> None:
    """Have the office keep a form of its own."""
    folder.joinpath("bieu-mau-7.docx").write_bytes(FORM)
    page = sit(chromium, address, "nv23")
    page.goto(f"{address}/forms")
    page.locator("#purpose").select_option("list_annex")
    page.locator("#unit").select_option(index=1)
    page.locator("input[type=file]").first.set_input_files(folder / "bieu-mau-7.docx")
    page.locator("button[name=what][value=keep]").first.click()
    expect(page.locator("#kept ~ ul")).to_contain_text("bieu-mau-7.docx")


@pytest.mark.parametrize("looks", [("vi", 1280), ("en", 360)])
def test_what_is_missing_is_asked_in_one_click_and_the_list_taken_in_the_offices_form(
    chromium: Browser, address: str, paper: int, tmp_path: Path, looks: tuple[str, int]
) -> None:
    kept(chromium, address, tmp_path)
    language, width = looks
    size: ViewportSize = {"width": width, "height": 812}
    page = sit(chromium, address, "nv02", scripts=language == "vi", size=size)
    complaints = watched(page)
    speak(page, language)
    page.goto(f"{address}/people")
    page.locator("#people-q").fill("nguyen huy tien")
    page.get_by_role("button", name=FIND).click()
    page.get_by_role("link", name="Nguyễn Huy Tiến").click()
    for year in YEARS:
        expect(page.get_by_text(f"{year}/QĐ")).to_be_visible()
    asked_for(page)
    expect(page.locator(".chip").filter(has_text=re.compile("đã hỏi|asked")).first).to_be_attached()
    assert page.evaluate(STICKS_OUT) == []
    page.goto(f"{address}/submissions/{paper}")
    with page.expect_download() as download:
        page.locator(f"a[href='/submissions/{paper}/annex.docx']").click()
    words = words_in(download.value.path().read_bytes())
    assert words[:2] == ["VIỆN KIỂM SÁT NHÂN DÂN", words[1]]
    assert "12/TTr-VKS" in words[1]
    assert "Nguyễn Huy Tiến" in words
    assert complaints == []


def asked_for(page: Page) -> None:
    """Open what the next award wants and ask the unit for one of its facts."""
    button = page.get_by_role("button", name=ASK, include_hidden=True)
    page.locator("details.panel", has=button).first.locator("summary").first.click()
    page.get_by_role("button", name=ASK).first.click()

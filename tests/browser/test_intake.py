"""Five names of one award get their papers: one by one on their own pages, and on the page of all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.support.axe import violations
from tests.support.chromium import DESK, PHONE, STICKS_OUT, enter, opened, served, speak, watched
from tests.support.office import AG, ROUND
from tests.support.papers import minimal_pdf
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.settings import Settings
from workflow.store.attachments import Attachment
from workflow.store.awards import AwardEdition

pytestmark = pytest.mark.browser
PAPERS = ("achievement_report", "initiative_certificate", "summary_report")
FIVE = 5
PAGE = f"/rounds/{ROUND}/papers"
SEND = {"vi": "Gửi các tệp đã chọn", "en": "Send the files chosen"}


class Clicks:
    """Counts what a hand does: each press, and each file that is chosen."""

    def __init__(self) -> None:
        self.count = 0

    def press(self, target: Locator) -> None:
        self.count += 1
        target.click()

    def choose(self, target: Locator, file: Path) -> None:
        self.count += 1
        target.set_input_files(file)


@pytest.fixture
def names(session, office, clock) -> list[int]:
    """Draft five names of one award that asks for three papers of each."""
    people = [NewPerson(f"P{n}", f"Nguyễn Thị Người {n}", AG, "Kiểm sát viên") for n in range(FIVE)]
    add_people(session, people)
    session.execute(update(AwardEdition).values(papers=list(PAPERS)))
    session.commit()
    return [office.draft(clock.now(), person_code=one.code).nomination_id for one in people]


@pytest.fixture
def address(names, database, clock, tmp_path: Path) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path / "data")
    with served(create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)) as address:
        yield address


@pytest.fixture
def files(names, tmp_path: Path) -> dict[tuple[int, str], Path]:
    """Lay ready a scan of each paper of each name."""
    found = {}
    for name in names:
        for kind in PAPERS:
            found[name, kind] = tmp_path / f"{kind} {name}.pdf"
            found[name, kind].write_bytes(minimal_pdf(f"{kind} {name}"))
    return found


def seated(browser: Browser, place: str, size: ViewportSize, language: str, *, scripts: bool) -> Page:
    page = opened(browser, size=size, scripts=scripts)
    page.goto(place)
    enter(page, "NV01")
    if language != "vi":
        speak(page, language)
        page.goto(place)
    return page


def lying(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Attachment)) or 0


def test_five_names_cost_one_click_a_paper_and_two_more(
    chromium: Browser, address: str, files, session, capsys
) -> None:
    names = list(dict.fromkeys(name for name, _ in files))
    one_by_one = Clicks()
    page = seated(chromium, f"{address}/nominations/{names[0]}", DESK, "vi", scripts=False)
    # One name on its own page, as all five were before; each further name costs the same and its opening.
    for kind in PAPERS:
        form = page.locator(f"form[action$='as={kind}']")
        one_by_one.press(page.locator("details.move", has=form).locator("summary"))
        one_by_one.choose(form.locator("input[type=file]"), files[names[0], kind])
        one_by_one.press(form.locator("[name=confirms_not_secret]"))
        one_by_one.press(form.locator("button[type=submit]"))
    assert lying(session) == len(PAPERS)
    before = FIVE * one_by_one.count

    together = Clicks()
    page.goto(f"{address}{PAGE}")
    for name in names[1:]:
        for kind in PAPERS:
            together.choose(page.locator(f"#file-nomination-{name}-{kind}"), files[name, kind])
    together.press(page.locator("[name=confirms_not_secret]"))
    together.press(page.get_by_role("button", name=SEND["vi"]))
    expect(page.get_by_role("status")).to_contain_text("12")
    assert lying(session) == len(files)
    after = together.count + len(PAPERS)
    with capsys.disabled():
        print(f"\nfive names of three papers: {before} clicks before, {after} now")  # noqa: T201 - it is to be seen
    assert (before, after) == (60, 17)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_fits_and_is_for_everybody(
    chromium: Browser, address: str, files, size: ViewportSize, language: str
) -> None:
    first = next(name for name, _ in files)
    page = seated(chromium, f"{address}{PAGE}", size, language, scripts=True)
    complaints = watched(page)
    assert page.evaluate(STICKS_OUT) == []
    assert violations(page) == []
    bad = next(iter(files.values())).with_name("xấu.pdf")
    bad.write_bytes(b"no paper")
    page.locator(f"#file-nomination-{first}-{PAPERS[0]}").set_input_files(bad)
    page.locator(f"#file-nomination-{first}-{PAPERS[1]}").set_input_files(files[first, PAPERS[1]])
    page.locator("[name=confirms_not_secret]").press("Space")
    page.get_by_role("button", name=SEND[language]).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("xấu.pdf")
    assert page.evaluate(STICKS_OUT) == []
    assert violations(page) == []
    assert complaints == []

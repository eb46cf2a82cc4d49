"""Five names of one award get their papers: one by one on their own pages, and on the page of all of them."""

from collections.abc import Iterator
from pathlib import Path
from socket import SHUT_RDWR

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.support.axe import violations
from tests.support.chromium import (
    DESK,
    PHONE,
    STICKS_OUT,
    TABLET,
    TOUCHES,
    enter,
    opened,
    served,
    speak,
    watched,
)
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
ALL = {"vi": "Đã nhận 15 tài liệu", "en": "Papers taken: 15"}
NONE = {"vi": "Đã đủ tài liệu.", "en": "No paper is missing."}
TITLES = {
    "achievement_report": "Bao cao thanh tich",
    "initiative_certificate": "Chung nhan sang kien, de tai",
    "summary_report": "bao_cao_tom_tat_thanh_tich",
}
SEND = {"vi": "Gửi các tệp đã chọn", "en": "Send the files chosen"}


class Clicks:
    """Counts what a hand does: each press, and each file that is chosen."""

    def __init__(self) -> None:
        self.count = 0

    def press(self, target: Locator) -> None:
        self.count += 1
        target.click()

    def choose(self, target: Locator, file: Path | list[Path]) -> None:
        self.count += 1
        target.set_input_files(file)


@pytest.fixture
def names(session, office, clock) -> list[int]:
    """Draft five names of one award that asks for three papers of each."""
    people = [NewPerson(f"P{n}", f"Nguyễn Thị Người {n}", AG, "Kiểm sát viên") for n in range(1, FIVE + 1)]
    add_people(session, people)
    session.execute(update(AwardEdition).values(papers=list(PAPERS)))
    session.commit()
    return [office.draft(clock.now(), person_code=one.code).nomination_id for one in people]


@pytest.fixture
def lost() -> list[str]:
    """Give a list of answers to come: for each one in it a form is carried out and its connection cut."""
    return []


@pytest.fixture
def address(names, database, clock, tmp_path: Path, lost: list[str]) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path / "data")
    app = create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)
    answered = app.wsgi_app

    def cut(environ, start_response):
        answer = answered(environ, start_response)
        if lost and environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == PAGE:
            lost.pop()
            environ["werkzeug.socket"].shutdown(SHUT_RDWR)
        return answer

    vars(app)["wsgi_app"] = cut
    with served(app) as address:
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


def named_for(nomination_id: int, kind: str) -> str:
    """Return what somebody calls a scan: the kind of paper and the name, without marks."""
    return f"{TITLES[kind]} - Nguyen Thi Nguoi {nomination_id}.pdf"


@pytest.fixture
def named(files, tmp_path: Path) -> list[Path]:
    """Lay ready the same scans under the names that people give them."""
    found = []
    for (name, kind), file in files.items():
        found.append(tmp_path / named_for(name, kind))
        found[-1].write_bytes(file.read_bytes())
    return found


def seated(browser: Browser, place: str, size: ViewportSize, language: str, *, scripts: bool) -> Page:
    page = opened(browser, size=size, scripts=scripts)
    page.goto(place)
    enter(page, "NV01")
    if language != "vi":
        speak(page, language)
        page.goto(place)
    if scripts:
        # The last that the script does when it has begun.
        expect(page.locator("#intake-drop")).to_be_visible()
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
@pytest.mark.parametrize("size", [PHONE, TABLET, DESK], ids=["phone", "tablet", "desk"])
def test_the_page_fits_and_is_for_everybody(
    chromium: Browser, address: str, files, size: ViewportSize, language: str
) -> None:
    first = next(name for name, _ in files)
    page = seated(chromium, f"{address}{PAGE}", size, language, scripts=True)
    complaints = watched(page)
    assert page.evaluate(STICKS_OUT) == []
    assert page.evaluate(TOUCHES) == []
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


@pytest.mark.parametrize("language", ["vi", "en"])
def test_all_files_chosen_at_once_find_their_places_by_their_names(
    chromium: Browser, address: str, named, session, language: str
) -> None:
    page = seated(chromium, f"{address}{PAGE}", PHONE, language, scripts=True)
    complaints, clicks = watched(page), Clicks()
    clicks.choose(page.locator("#intake-many"), named)
    expect(page.locator("#intake-tray li")).to_have_count(len(named))
    assert page.evaluate(STICKS_OUT) == []
    assert violations(page) == []
    clicks.press(page.locator("[name=confirms_not_secret]"))
    clicks.press(page.get_by_role("button", name=SEND[language]))
    expect(page.locator("#intake-said")).to_contain_text(ALL[language])
    assert lying(session) == len(named)
    expect(page.locator("#intake-missing")).to_have_text(NONE[language])
    rows = select(Attachment.nomination_id, Attachment.kind, Attachment.filename)
    for nomination_id, kind, filename in session.execute(rows):
        assert named_for(nomination_id, kind) == filename
    assert violations(page) == []
    assert complaints == []
    assert clicks.count == 3


def test_the_page_asks_where_two_places_fit(chromium: Browser, address: str, named, session) -> None:
    page = seated(chromium, f"{address}{PAGE}", DESK, "vi", scripts=True)
    unclear = named[0].with_name("Người 1.pdf")
    unclear.write_bytes(minimal_pdf("chưa rõ"))
    page.locator("#intake-many").set_input_files([unclear, named[0]])
    row = page.locator("#intake-tray li", has_text="Người 1.pdf")
    expect(row).to_contain_text("hợp với nhiều ô")
    page.locator("[name=confirms_not_secret]").check()
    page.get_by_role("button", name=SEND["vi"]).click()
    expect(page.locator("#intake-said")).to_contain_text("Còn 1 tệp chưa chọn ô")
    expect(row.locator("select")).to_be_focused()
    assert lying(session) == 0
    row.locator("select").select_option(index=1)
    page.get_by_role("button", name=SEND["vi"]).click()
    expect(page.locator("#intake-said")).to_contain_text("Đã nhận 2 tài liệu")
    assert lying(session) == 2


def test_what_was_dropped_goes_before_one_file_for_several_names(
    chromium: Browser, address: str, named, session
) -> None:
    page = seated(chromium, f"{address}{PAGE}", DESK, "vi", scripts=True)
    page.locator("#intake-many").set_input_files(named[:2])
    page.locator(".intake-shared summary").click()
    page.locator("#shared_kind").select_option("other")
    page.locator("#shared").set_input_files(named[2])
    for box in page.locator("[name=shared_names]").all()[:2]:
        box.check()
    page.locator("[name=confirms_not_secret]").check()
    page.get_by_role("button", name=SEND["vi"]).click()
    expect(page.locator(".alert-success")).to_contain_text("Đã nhận 2 tài liệu")
    assert lying(session) == 4


def test_a_lost_connection_is_said_and_another_try_sends_nothing_twice(
    chromium: Browser, address: str, named, session, lost: list[str]
) -> None:
    page = seated(chromium, f"{address}{PAGE}", DESK, "vi", scripts=True)
    lost.append("the answer to the first file")
    page.locator("#intake-many").set_input_files(named[:2])
    page.locator("[name=confirms_not_secret]").check()
    page.get_by_role("button", name=SEND["vi"]).click()
    expect(page.locator("#intake-said")).to_contain_text("1 tệp chưa gửi được")
    row = page.locator("#intake-tray li", has_text="Mất kết nối")
    again = row.get_by_role("button", name="Thử lại")
    expect(again).to_be_focused()
    assert lying(session) == 2
    again.press("Enter")
    expect(page.locator("#intake-said")).to_contain_text("Đã nhận 1 tài liệu")
    assert lying(session) == 2


def test_a_file_dropped_on_a_cell_belongs_there_and_one_refused_says_why(
    chromium: Browser, address: str, files, session
) -> None:
    page = seated(chromium, f"{address}{PAGE}", DESK, "vi", scripts=True)
    first = next(name for name, _ in files)
    dropped = page.evaluate_handle(
        """() => {
          const given = new DataTransfer();
          given.items.add(new File(["no paper"], "quét 001.pdf", {type: "application/pdf"}));
          return given;
        }"""
    )
    cell = page.locator("td", has=page.locator(f"#file-nomination-{first}-{PAPERS[2]}"))
    cell.dispatch_event("drop", {"dataTransfer": dropped})
    row = page.locator("#intake-tray li")
    expect(row.locator("select")).to_have_value(f"file-nomination-{first}-{PAPERS[2]}")
    page.locator("[name=confirms_not_secret]").check()
    page.get_by_role("button", name=SEND["vi"]).click()
    expect(row).to_contain_text("không phải PDF, PNG, JPEG hay TIFF")
    expect(row.get_by_role("button", name="Thử lại")).to_be_visible()
    row.get_by_role("button", name="Bỏ tệp này").click()
    expect(row).to_have_count(0)
    assert lying(session) == 0

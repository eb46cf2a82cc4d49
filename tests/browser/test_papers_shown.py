"""Papers on the page of their nomination: seen where they are, nothing in them runs, nothing leads away."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from pydantic import SecretStr
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import Database
from tests.support.axe import violations
from tests.support.chromium import DESK, PHONE, STICKS_OUT, served, sit, speak
from tests.support.interface import DRAFT, Interface, settings_for_tests
from tests.support.office import furnish
from tests.support.pages import give_passwords
from tests.support.papers import hostile_pdf, minimal_png, painted_pdf, sent
from workflow.clock import FixedClock
from workflow.settings import Settings

pytestmark = pytest.mark.browser
# A page of a site, under the name and with the marks of a PDF: what is stored as one.
HTML = (
    b"<!doctype html><script>top.location='/nothing';alert(1);"
    b"fetch('/mailbox')</script><h1>Ran</h1><img src=x onerror=alert(2)>%PDF-1.4\n%%EOF"
)
# How many pixels of a picture of the screen have one colour.
COUNT = """async ([data, red, green, blue]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + data;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  let count = 0;
  for (let i = 0; i < pixels.length; i += 4)
    if (pixels[i] === red && pixels[i + 1] === green && pixels[i + 2] === blue) count += 1;
  return count;
}"""
LEAST = 5000
RED = [255, 0, 0]
SHOW = {"vi": "Xem tại đây", "en": "Show it here"}


@pytest.fixture
def desk(session: Session, database: Database, clock: FixedClock, tmp_path: Path) -> Interface:
    office = furnish(session, now=clock.now())
    give_passwords(session)
    app = create_app(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock, wake=lambda: None)
    return Interface(app, office, clock)


@pytest.fixture
def number(desk: Interface) -> int:
    return int(desk.post("nominator", "/nominations", DRAFT).json["id"])


@pytest.fixture
def address(desk: Interface, database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path)
    with served(create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)) as address:
        yield address


def attach(desk: Interface, number: int, name: str, content: bytes) -> None:
    path = f"/nominations/{number}/attachments"
    filed = sent(desk, "nominator", path, kind="other", name=name, content=content)
    assert filed.status_code == 201, filed.text


def shown(page: Page, locale: str, name: str) -> Locator:
    """Open a paper by the keyboard and return its frame."""
    paper = page.locator("li.paper", has_text=name)
    summary = paper.locator("summary", has_text=SHOW[locale])
    summary.focus()
    page.keyboard.press("Enter")
    frame = paper.locator("iframe")
    expect(frame).to_be_visible()
    frame.scroll_into_view_if_needed()
    return frame


def wait_for_red(frame: Locator, blank: Page) -> None:
    """Look at the screen until much of the frame is red; a viewer says to nobody when it is done."""
    for _ in range(600):
        data = b64encode(frame.screenshot()).decode()
        if blank.evaluate(COUNT, [data, *RED]) > LEAST:
            return
        blank.wait_for_timeout(500)
    pytest.fail("nothing red in the frame")


@pytest.mark.parametrize("seen", [("vi", PHONE), ("en", DESK)])
def test_a_pdf_and_a_picture_are_seen_on_the_page_once_they_are_opened(
    chromium: Browser,
    address: str,
    desk: Interface,
    number: int,
    tmp_path: Path,
    *,
    seen: tuple[str, ViewportSize],
) -> None:
    locale, size = seen
    attach(desk, number, "red.pdf", painted_pdf())
    attach(desk, number, "red.png", minimal_png(200, is_red=True))
    attach(desk, number, "lost.png", minimal_png(7))
    lost = next(one for one in tmp_path.rglob("*") if one.is_file() and one.read_bytes() == minimal_png(7))
    lost.unlink()
    page = sit(chromium, address, "nv01", size=size)
    speak(page, locale)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/nominations/{number}")
    assert not [url for url in asked if url.endswith("/shown")], "nothing is fetched before it is opened"
    blank = chromium.new_page()
    wait_for_red(shown(page, locale, "red.png"), blank)
    wait_for_red(shown(page, locale, "red.pdf"), blank)
    shown(page, locale, "lost.png")
    words = {"vi": "khôi phục từ bản sao lưu", "en": "come back from a backup"}[locale]
    expect(
        page.locator("li.paper", has_text="lost.png").frame_locator("iframe").locator("p")
    ).to_contain_text(words)
    assert page.evaluate(STICKS_OUT) == []
    assert violations(page) == []
    words_alone = {"vi": "Mở ở thẻ mới", "en": "Open it in a new tab"}[locale]
    link = page.locator("li.paper", has_text="red.png").get_by_role("link", name=words_alone)
    # By its address: of a click beside frames that still load a busy machine told of no new tab.
    assert link.get_attribute("target") == "_blank"
    alone = page.context.new_page()
    alone.goto(f"{address}{link.get_attribute('href')}")
    expect(alone.locator("img")).to_be_visible()


def test_what_is_no_paper_but_a_page_and_a_paper_that_wants_to_act_do_nothing(
    chromium: Browser, address: str, desk: Interface, number: int
) -> None:
    attach(desk, number, "page.pdf", HTML)
    attach(desk, number, "acting.pdf", hostile_pdf(f"{address}/nothing"))
    page = sit(chromium, address, "nv01")
    page.goto(f"{address}/nominations/{number}")
    said: list[str] = []
    asked: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    shown(page, "vi", "page.pdf")
    with page.expect_event("dialog"):
        # The engine of a viewer may speak up for a PDF, as for one that was saved; more it does not get.
        wait_for_red(shown(page, "vi", "acting.pdf"), chromium.new_page())
    assert said == ["of the PDF"], "nothing of the page in disguise ran"
    assert page.url == f"{address}/nominations/{number}"
    assert len(page.context.pages) == 1
    assert not {"/nothing", "/mailbox"} & set(asked)


def test_a_page_frames_nothing_but_what_lets_itself_be_framed(
    chromium: Browser, address: str, desk: Interface, number: int
) -> None:
    attach(desk, number, "red.pdf", painted_pdf())
    page = sit(chromium, address, "nv01")
    page.goto(f"{address}/nominations/{number}")
    put = """(source) => { const frame = document.createElement("iframe");
      frame.id = "put"; frame.src = source; document.body.append(frame); }"""
    for source in (f"{address}/nominations", address.replace("127.0.0.1", "localhost")):
        with page.expect_console_message(lambda said: "frame" in said.text.lower()):
            page.evaluate(put, source)
        expect(page.frame_locator("#put").locator("form")).to_have_count(0)
        page.reload()


def test_what_can_be_done_stays_in_sight_at_a_desk_while_papers_and_history_are_read(
    chromium: Browser, address: str, desk: Interface, number: int
) -> None:
    for place in range(30):
        attach(desk, number, f"{place}.png", minimal_png(place + 1))
    page = sit(chromium, address, "nv01")
    page.goto(f"{address}/nominations/{number}")
    for size, is_kept in ((DESK, True), (PHONE, False)):
        page.set_viewport_size(size)
        page.locator("#history").scroll_into_view_if_needed()
        box = page.locator("#moves").bounding_box()
        assert box is not None
        assert (0 <= box["y"] <= size["height"]) is is_kept, (size, box)
        assert page.evaluate(STICKS_OUT) == []

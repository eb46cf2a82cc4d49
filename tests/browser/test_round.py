"""A round in a real browser: who has not sent, a list decided name by name, counts, a signed decision."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from api.wsgi import create_app
from tests.support.chromium import DESK, PHONE, STICKS_OUT, served, sit, speak, watched
from tests.support.interface import Interface
from tests.support.pages import give_passwords
from tests.support.sector import (
    FIRST,
    OPENING,
    ROUND,
    UNITS,
    colleagues_of,
    name_of,
    rows_for,
    sector_files,
    settle,
    telephone_of,
)
from tests.support.unit_paper import Paper, sent_by
from workflow.settings import Settings

pytestmark = pytest.mark.browser
SHORT = UNITS[:5]
SILENT = SHORT[3:]
HEAD = f"{FIRST}-TT"
PEOPLE = colleagues_of(FIRST, 3)
NUMBERED = [f"Người số {number} của {FIRST}" for number in (1, 2, 3)]


@pytest.fixture
def sector(session, database, clock, tmp_path: Path) -> Interface:
    """Set up five units of which two stay silent; the first one's list waits for its head."""
    office = settle(session, clock.now(), sector_files(SHORT, len(PEOPLE)))
    give_passwords(session)
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path)
    app = create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)
    interface = Interface(app, office, clock)
    assert interface.post("GS", "/rounds", OPENING).status_code == 201
    for unit in SHORT[1:3]:
        sent_by(interface, unit)
    return interface


@pytest.fixture
def paper(sector: Interface) -> Paper:
    paper = Paper(sector, FIRST, rows_for([*PEOPLE, HEAD]))
    assert paper.act(f"{FIRST}-CB", "submit").json["done"] == 4
    return paper


@pytest.fixture
def address(sector: Interface) -> Iterator[str]:
    with served(sector.app) as address:
        yield address


def open_list(page: Page, address: str) -> None:
    """Go from the work page to the list of the first unit."""
    page.goto(address)
    page.get_by_role("link", name=f"Tờ trình của {name_of(FIRST)}").click()
    expect(page.get_by_role("heading", name="Danh sách", exact=True)).to_be_visible()


def confirm(page: Page, action: str, count: int) -> None:
    page.get_by_role("button", name=f"Xác nhận: {action} ({count})").click()
    expect(page.get_by_role("status")).to_contain_text(f"Đã xử lý {count} đề nghị.")


def test_the_office_sees_who_is_silent_and_a_list_goes_through_hand_by_hand(
    chromium, address, sector, paper
) -> None:
    office = sit(chromium, address, "GS", size=DESK)
    complaints = [watched(office)]
    office.goto(f"{address}/rounds/{ROUND}/board")
    for place, unit in enumerate(SILENT):
        line = office.locator("table.board tbody tr").nth(place)
        for words in (name_of(unit), f"{unit} CB", telephone_of(unit), "Chưa có gì"):
            expect(line).to_contain_text(words)
    office.get_by_text("báo cáo tuần").first.click()
    expect(office.locator("#report")).to_have_value(re.compile("2/5 đơn vị đã gửi"))

    head = sit(chromium, address, HEAD, size=PHONE)
    complaints.append(watched(head))
    open_list(head, address)
    first, second = (head.get_by_label(name, exact=True) for name in NUMBERED[:2])
    expect(second).to_be_checked()
    first.uncheck()
    head.get_by_role("button", name="Nhất trí đề nghị").click()
    expect(head.get_by_text("2 đề nghị sẽ được xử lý")).to_be_visible()
    # Who is left out is said so, beside those it takes.
    expect(head.locator("section", has_text="Bạn không đánh dấu")).to_contain_text(NUMBERED[0])
    assert head.evaluate(STICKS_OUT) == []
    confirm(head, "Nhất trí đề nghị", 2)
    assert head.evaluate(STICKS_OUT) == []

    head.get_by_role("link", name="Về tờ trình").click()
    expect(first).to_be_checked()
    head.get_by_role("button", name="Trả lại để hoàn thiện").click()
    head.get_by_role("button", name="Xác nhận: Trả lại để hoàn thiện (1)").click()
    expect(head.get_by_text("Hãy chọn một lý do.")).to_be_visible()
    head.locator("#list-reason").select_option("dossier_incomplete")
    head.locator("#list-comment").fill("Bổ sung báo cáo thành tích.")
    confirm(head, "Trả lại để hoàn thiện", 1)
    assert paper.states()[PEOPLE[0]] == "draft"

    assert paper.act(f"{FIRST}-PT", "approve").json["done"] == 1
    for state in ("reception", "appraisal"):
        assert paper.act("TD", "approve", state=state).json["done"] == 3

    secretary = sit(chromium, address, "TK", size=DESK)
    open_list(secretary, address)
    expect(secretary.get_by_text(NUMBERED[0])).to_have_count(0)
    secretary.get_by_role("button", name="Hội đồng đề nghị").click()
    for label, votes in (
        ("Tổng số thành viên", 9),
        ("Đồng ý", 7),
        ("Không đồng ý", 1),
        ("Trắng, không hợp lệ", 1),
    ):
        secretary.get_by_label(label, exact=True).fill(str(votes))
    confirm(secretary, "Hội đồng đề nghị", 3)

    chief = sit(chromium, address, "VT", size=DESK)
    open_list(chief, address)
    chief.get_by_role("button", name="Ký quyết định").click()
    chief.get_by_label("Số quyết định").fill("88/QĐ-VKSTC")
    chief.get_by_label("Người ký").fill("Nguyễn Minh Trí")
    confirm(chief, "Ký quyết định", 3)
    assert sorted(paper.states().values()) == ["approved", "approved", "approved", "draft"]
    # A form that answers 422 on purpose is no complaint.
    assert [words for told in complaints for words in told if "422" not in words] == []


def test_no_page_of_a_round_is_wider_than_a_phone(chromium, address, sector, paper) -> None:
    page = sit(chromium, address, "GS", size=PHONE)
    complaints = [watched(page)]
    nomination_id = paper.names[PEOPLE[0]]
    [cluster_id] = (one["id"] for one in sector.get("GS", "/clusters?year=2026").json["items"])
    head = sit(chromium, address, HEAD, size=PHONE)
    complaints.append(watched(head))
    sights = {
        page: (
            "/",
            "/rounds",
            f"/rounds/{ROUND}",
            f"/rounds/{ROUND}/board",
            f"/rounds/new?like={ROUND}",
            "/clusters?year=2026",
            f"/clusters/{cluster_id}",
            "/campaigns",
            "/submissions",
        ),
        head: ("/", paper.path, f"/nominations/{nomination_id}", f"/rounds/{ROUND}", "/submissions"),
    }
    for seat, paths in sights.items():
        for language in ("vi", "en"):
            seat.goto(address)
            speak(seat, language)
            for path in paths:
                answer = seat.goto(address + path)
                assert answer.status == 200, path
                assert seat.evaluate(STICKS_OUT) == [], path
        seat.goto(address)
        speak(seat, "vi")

    # What an extension moves is shown before it is made.
    page.goto(f"{address}/rounds/{ROUND}")
    page.get_by_text("Gia hạn", exact=True).click()
    page.locator("select[name='name']").select_option("unit_deadline")
    page.get_by_label("Ngày mới").fill("2026-07-03")
    page.locator("#reason").fill("Bão số 3")
    page.get_by_text("Chỉ cho một số đơn vị").click()
    page.get_by_label(name_of(SILENT[0]), exact=True).check()
    page.get_by_role("button", name="Xem trước những gì thay đổi").click()
    expect(page.get_by_text("Ngày mới vượt quá hạn gửi cấp trên.")).to_be_visible()
    assert page.evaluate(STICKS_OUT) == []
    assert complaints == [[], []]

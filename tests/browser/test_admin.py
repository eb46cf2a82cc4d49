"""Whoever runs the installation, in a real browser without scripts: a file goes in, out and in again."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import DESK, HALF_WORDS, PHONE, STICKS_OUT, TABLET, TOUCHES, follow, sit, speak
from tests.support.office import AG
from tests.support.workbooks import PEOPLE, book

pytestmark = pytest.mark.browser
_PICTURES = os.environ.get("COMMENDO_TEST_PICTURES")


def look(page: Page, name: str) -> None:
    """Nothing may stick out of the page or touch another; a picture is kept where somebody asks for it."""
    if _PICTURES:
        page.screenshot(path=str(Path(_PICTURES) / f"{name}.png"), full_page=True)
    assert page.evaluate(STICKS_OUT) == [], name
    assert page.evaluate(TOUCHES) == [], name
    assert page.evaluate(HALF_WORDS) == [], name


def choose(page: Page, content: bytes) -> None:
    """Choose a workbook of people and look at what it would change."""
    page.get_by_label("Các dòng là gì").select_option("people")
    page.get_by_label("Tệp", exact=True).set_input_files(
        {
            "name": "can bo.xlsx",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": content,
        }
    )
    page.get_by_role("button", name="Xem trước").click()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
def test_a_workbook_goes_in_out_and_in_again(chromium, address, office, size):
    width = size["width"]
    page = sit(chromium, address, "nv24", scripts=False, size=size)
    page.goto(f"{address}/admin")
    look(page, f"admin-home-{width}-vi")
    page.goto(f"{address}/admin/imports?kind=people")
    look(page, f"admin-imports-{width}-vi")
    title = ["DANH SÁCH CÁN BỘ", None, None, None]
    rows = [[f"X{number}", f"Nguyễn Văn {number}", AG, "Kiểm sát viên"] for number in range(8)]
    bad = [["X1", "Hai lần", AG, ""], ["X9", "", AG, ""], ["", "Không mã", "VIỆN-LẠ", ""]]
    choose(page, book(title, PEOPLE, *rows, *bad, then=lambda sheet: sheet.merge_cells("A1:D1")))
    expect(page.get_by_role("alert")).to_contain_text("có 3 ô không nhận được")
    look(page, f"admin-bad-{width}-vi")
    for _ in range(2):
        choose(page, book(title, PEOPLE, *rows, ["NV01", "Người đổi tên", AG, "Trưởng phòng"]))
        expect(page.get_by_role("heading", name="Tệp sẽ thay đổi những gì")).to_be_visible()
        look(page, f"admin-preview-{width}-vi")
        page.get_by_role("button", name="Nhập tệp này").click()
        expect(page.get_by_role("status")).to_contain_text("Đã nhập")
        follow(page.get_by_role("button", name="Hoàn lại …"))
        look(page, f"admin-undo-{width}-vi")
        page.get_by_role("button", name="Hoàn lại", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Đã hoàn lại")


@pytest.mark.parametrize("size", [PHONE, TABLET, DESK], ids=["360", "768", "1280"])
def test_nothing_sticks_out_in_either_language(chromium, address, office, size):
    width = size["width"]
    page = sit(chromium, address, "nv24", scripts=False, size=size)
    someone = f"/admin/accounts/{office.ids['nominator']}"
    for locale in ("vi", "en"):
        if locale == "en":
            speak(page, "en")
        for path in (
            *("/admin", "/admin/imports", "/admin/accounts", "/admin/accounts/new", someone),
            *("/admin/routes", "/admin/routes/standard/3", "/admin/awards", "/admin/calendar"),
        ):
            page.goto(f"{address}{path}")
            name = path.strip("/").replace("/", "-")
            look(page, f"{name}-{width}-{locale}")
    page.goto(f"{address}{someone}")
    page.get_by_role("button", name="New link to set the password").click()
    expect(page.get_by_label("To copy")).to_have_value(re.compile(r"/password/[\w-]{40,}"))
    look(page, f"admin-secret-{width}-en")

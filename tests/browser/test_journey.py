"""One day in a real browser: one nomination goes back, another through to a signed decision; mails tell."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests.support.chromium import (
    PHONE,
    STICKS_OUT,
    press_by_key,
    sit,
    speak,
    tab_to,
    watched,
)
from workflow.domain.mails.preferences import UNFOLDED
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.mailbox import Mailbox
from workflow.operations.mail.post import Post
from workflow.store.nominations import Nomination

pytestmark = pytest.mark.browser


@pytest.fixture
def keep_mails(database, clock):
    """Return what the worker does where there is no mail server: it keeps the mails, to be read on a page."""
    post = Post(
        Mailbox(database.sessions),
        "Commendo <commendo@example.vn>",
        "http://127.0.0.1:8000",
        preferences=UNFOLDED,
    )
    return lambda: deliver(database.sessions, clock=clock, post=post)


def confirm(page: Page, action: str) -> None:
    page.get_by_role("button", name=f"Xác nhận: {action}").click()
    expect(page.get_by_role("status")).to_contain_text(f"Đã thực hiện: {action}")


def test_one_nomination_is_returned_and_another_goes_through_to_a_signed_decision(
    chromium, address, office, clock, keep_mails
):
    session, now = office.session, clock.now()
    returned, approved = (office.draft(now, person_code=code).nomination_id for code in ("NV04", "NV03"))
    for nomination_id in (returned, approved):
        office.act("nominator", nomination_id, "submit", now)

    # The unit's reviewer works on a phone without scripts.
    page = sit(chromium, address, "nv02", scripts=False, size=PHONE)
    page.get_by_role("link", name="Đặng Quốc Dũng", exact=True).click()
    page.locator("summary", has_text="Trả lại để hoàn thiện").click()
    page.get_by_role("button", name="Xác nhận: Trả lại để hoàn thiện").click()
    expect(page.get_by_text("Hãy chọn một lý do.")).to_be_visible()
    page.locator("#move-return-reason").select_option("dossier_incomplete")
    page.locator("#move-return-comment").fill("Đề nghị bổ sung biên bản họp xét.")
    confirm(page, "Trả lại để hoàn thiện")

    page.get_by_role("link", name="Việc cần xử lý").click()
    page.locator("summary", has_text="Việc khác: Lý Thị Cúc").click()
    page.get_by_role("button", name=re.compile("Nhận xử lý.*Lý Thị Cúc")).click()
    page.locator("summary", has_text="Nhất trí đề nghị").click()
    confirm(page, "Nhất trí đề nghị")

    secretary = sit(chromium, address, "nv21")
    complaints = watched(secretary)
    secretary.get_by_role("link", name="Lý Thị Cúc", exact=True).click()
    secretary.locator("summary", has_text="Hội đồng đề nghị").click()
    confirm(secretary, "Hội đồng đề nghị")
    assert complaints == []

    head = sit(chromium, address, "nv22")
    head.get_by_role("link", name="Lý Thị Cúc", exact=True).click()
    head.locator("summary", has_text="Ký quyết định").click()
    head.get_by_label("Số quyết định").fill("125/QĐ-VKSTC")
    head.get_by_label("Ngày ký").fill("2026-03-02")
    head.get_by_label("Người ký").fill("Lê Minh Trí")
    confirm(head, "Ký quyết định")
    expect(head.get_by_text("Số 125/QĐ-VKSTC, thứ Hai, ngày 2/3/2026, người ký: Lê Minh Trí")).to_be_visible()

    session.expire_all()
    states = [session.get_one(Nomination, nomination_id).state for nomination_id in (returned, approved)]
    assert states == ["draft", "approved"]

    # Without a mail server the mails are kept, and their readers find them on a page.
    keep_mails()
    nominator = sit(chromium, address, "nv01")
    nominator.locator("summary", has_text="Thêm").click()
    nominator.get_by_role("link", name="Hộp thư").click()
    expect(nominator.locator(".row-title")).to_have_count(2)
    nominator.locator(".row-title", has_text="Đặng Quốc Dũng").click()
    expect(nominator.locator("pre")).to_contain_text("Đề nghị bổ sung biên bản họp xét.")
    frame = nominator.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Đề nghị bổ sung biên bản họp xét.")


def test_the_keyboard_alone_leads_to_a_decision(chromium, address, office, clock):
    office.act("nominator", office.draft(clock.now()).nomination_id, "submit", clock.now())
    page = sit(chromium, address, "nv02")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Đến nội dung chính")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    tab_to(page.get_by_role("link", name="Đặng Quốc Dũng", exact=True), at_most=12)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Đặng Quốc Dũng", level=1)).to_be_visible()
    tab_to(page.locator("summary", has_text="Nhất trí đề nghị"), at_most=40)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Xác nhận: Nhất trí đề nghị")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("Nhất trí")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã thực hiện: Nhất trí đề nghị")


def chosen(choice: Locator, value: str) -> None:
    """Choose from a list with the arrow."""
    tab_to(choice)
    for _ in range(choice.locator("option").count()):
        if choice.input_value() == value:
            return
        choice.page.keyboard.press("ArrowDown")
    pytest.fail(f"the arrow does not lead to {value}")


@pytest.mark.deep
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_keyboard_alone_leads_from_an_empty_form_to_a_signed_decision(chromium, address, office, locale):
    """Let each seat of the route do its step without a mouse; where a page is is typed, as an address is."""
    page = sit(chromium, address, "nv01")
    complaints = watched(page)
    speak(page, locale)
    page.goto(f"{address}/nominations/new")
    chosen(page.locator("#award"), "CSTDCS")
    chosen(page.locator("#person"), "NV04")
    press_by_key(page.locator("main form .btn-primary"))
    tab_to(page.locator("#achievement"))
    page.keyboard.type("Dẫn đầu phong trào thi đua.")
    press_by_key(page.locator("main form .btn-primary"))
    expect(page.locator("h1")).to_contain_text("Đặng Quốc Dũng")
    place = page.url
    move_by_key(page, "submit")
    for code in ("nv02", "nv21", "nv22"):
        page = sit(chromium, address, code)
        complaints += watched(page)
        speak(page, locale)
        page.goto(place)
        typed = (
            {"decision_number": "125/QĐ-VKSTC", "decision_signer": "Lê Minh Trí"} if code == "nv22" else {}
        )
        move_by_key(page, "approve", **typed)
    assert office.session.scalar(select(Nomination.state)) == "approved"
    assert complaints == []


def move_by_key(page: Page, action: str, **typed: str) -> None:
    """Open the form of a move, type what it asks for and send it; the page says that it was done."""
    form = page.locator(f"form[action$='/actions/{action}']")
    press_by_key(page.locator("details.move", has=form).locator("summary"))
    for name, text in typed.items():
        tab_to(form.locator(f"[name={name}]"))
        page.keyboard.type(text)
    press_by_key(form.locator("button[type=submit]"))
    expect(page.get_by_role("status")).to_be_visible()


def test_no_page_is_wider_than_a_phone(chromium, address, office, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    page = sit(chromium, address, "nv01", size=PHONE)
    complaints = watched(page)
    for language in ("vi", "en"):
        page.goto(address)
        speak(page, language)
        for path in (
            "/",
            "/nominations",
            "/nominations/new",
            f"/nominations/{nomination_id}",
            "/bottlenecks?by=unit",
            "/mailbox",
        ):
            page.goto(address + path)
            assert page.evaluate(STICKS_OUT) == [], path
    assert complaints == []

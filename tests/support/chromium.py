"""A real browser on a real server: where to find one, and the application behind a port of its own."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.pages import PASSWORD
from tests.support.patience import PATIENCE

PHONE: ViewportSize = {"width": 360, "height": 740}
TABLET: ViewportSize = {"width": 768, "height": 1024}
DESK: ViewportSize = {"width": 1280, "height": 800}
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The width at which something sticks out of the page, and what it is.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  if (whole <= width) return [];
  // What lies in a box that scrolls makes that box no wider.
  const scrolls = e => e.parentElement &&
    (getComputedStyle(e.parentElement).overflowX !== "visible" || scrolls(e.parentElement));
  const found = [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > width && !scrolls(e))
    .map(e => `${e.tagName.toLowerCase()}.${e.className}: ${e.textContent.trim().slice(0, 40)}`);
  // A text may go on beyond the box that it is in.
  return found.length ? found : [`the page is ${whole} px wide`];
}"""
# A point that parts two things and stands at the end of a line, away from what it leads to.
POINTS_END = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  const isSeen = text => text.parentElement.checkVisibility();
  while (walker.nextNode()) if (isSeen(walker.currentNode)) texts.push(walker.currentNode);
  const box = (node, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect();
  };
  const after = (index, at) => {
    for (let text = texts[index]; text; text = texts[++index], at = 0) {
      const found = text.data.slice(at).search(/\\S/);
      // What is said to those who hear a page has no place on a line.
      if (found >= 0 && !text.parentElement.closest(".visually-hidden")) return box(text, at + found);
    }
    return null;
  };
  const found = [];
  texts.forEach((text, index) => [...text.data.matchAll(/·/g)].forEach(({ index: at }) => {
    const point = box(text, at), next = after(index, at + 1);
    if (!point.width || !next || next.top < point.bottom) return;
    found.push(text.parentElement.textContent.trim().slice(0, 60));
  }));
  return found;
}"""
# What asks to be pressed first, where there is more than one of it in sight.
PRESSED_FIRST = """() => {
  const found = [...document.querySelectorAll("main .btn-primary")].filter(e => e.checkVisibility());
  return found.length > 1 ? found.map(e => e.textContent.trim().slice(0, 40)) : [];
}"""
# Two things to be pressed or filled in that lie so close that a finger meets the other one; a field and its
# own button are one thing.
TOUCHES = """() => {
  const what = "main :is(.btn, button, select, textarea, input:not([type=hidden]), .chip, .stage)";
  const isChip = e => e.matches(".chip, .stage");
  // What sticks to the foot lies over what scrolls.
  const lies = e => !e.closest(".decide-bar, .intake-send");
  const all = [...document.querySelectorAll(what)].filter(e => e.checkVisibility() && lies(e));
  const group = e => e.closest(".input-group");
  const boxes = all.map(e => e.getBoundingClientRect());
  const words = e => (e.textContent || e.name).trim().slice(0, 40);
  const name = e => `${e.tagName.toLowerCase()}.${e.className}: ${words(e)}`;
  const found = [];
  boxes.forEach((a, i) => boxes.slice(0, i).forEach((b, j) => {
    const apart = Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
    // Chips are read and not pressed: a line between two is enough, and they may stand beside anything else.
    if (isChip(all[i]) !== isChip(all[j])) return;
    const isOne = all[j].contains(all[i]) || (group(all[i]) && group(all[i]) === group(all[j]));
    if (Math.min(a.width, b.width) > 1 && apart < (isChip(all[i]) ? 1.5 : 3.5) && !isOne)
      found.push(`${name(all[j])} / ${name(all[i])}`);
  }));
  return found;
}"""
CUT_OFF = """() => [...document.querySelectorAll("main *")]
  .filter(e => getComputedStyle(e).overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1)
  .filter(e => e.clientWidth > 1)
  .map(e => `${e.tagName.toLowerCase()}.${e.className}`)"""

# A word that goes on in the next line of its column; one of a code may.
HALF_WORDS = """() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    const isOutOfSight = !box.checkVisibility() || box.closest("thead")?.offsetWidth === 1;
    if (isOutOfSight || box.closest("code, .letter-text, .visually-hidden")) continue;
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const tops = [...range.getClientRects()].filter(one => one.width > 0).map(one => Math.round(one.top));
      if (new Set(tops).size > 1)
        found.push(`${box.tagName.toLowerCase()}.${box.className}: ${word[0].slice(0, 40)}`);
    }
  }
  return found;
}"""


class _Silent(WSGIRequestHandler):
    def log(self, *_args: object) -> None:
        """Say nothing: the test says what went wrong."""


def found_browser() -> str | None:
    """Return the browser of this machine, None when there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def is_required() -> bool:
    """Return whether a missing browser is a failure, as in the gate that installs one."""
    return os.environ.get("COMMENDO_REQUIRE_BROWSER") == "1"


@contextmanager
def served(app: Flask, *, tls: bool = False) -> Iterator[str]:
    """Serve an application on a free port for as long as the block lasts; give its address.

    With `tls` by a certificate that nobody signed, for who looks away from that.
    """
    server = make_server(
        "127.0.0.1",
        0,
        app,
        threaded=True,
        request_handler=_Silent,
        ssl_context="adhoc" if tls else None,
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=PATIENCE)
        server.server_close()


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Start the browser for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET), timeout=PATIENCE * 1000)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, *, size: ViewportSize, scripts: bool = True) -> Page:
    """Open a window with a session of its own, in which a step may take as long as a busy machine needs."""
    page = browser.new_context(viewport=size, java_script_enabled=scripts).new_page()
    page.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    return page


def watched(page: Page) -> list[str]:
    """Return a list that fills with what the browser complains about: errors, and what the policy refused."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    return complaints


def speak(page: Page, locale: str) -> None:
    """Press the button of a language: a guest sees it, of somebody signed in it is in a menu of their own."""
    button = page.locator(f"button[name=locale][value={locale}]")
    menu = page.locator("details.menu", has=button)
    if menu.count() and not button.is_visible():
        menu.locator("summary").click()
    button.click()
    expect(page.locator("html")).to_have_attribute("lang", locale)


def enter(page: Page, code: str) -> None:
    """Fill in who somebody is, by the part before the @ of their address, and go in."""
    page.get_by_label("Địa chỉ thư điện tử").fill(f"{code.lower()}@example.vn")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def sit(
    browser: Browser, address: str, code: str, *, scripts: bool = True, size: ViewportSize = DESK
) -> Page:
    """Sign somebody in, in a browser window of their own."""
    page = opened(browser, size=size, scripts=scripts)
    page.goto(address)
    enter(page, code)
    expect(page.get_by_role("heading", name="Việc cần xử lý", level=1)).to_be_visible()
    return page


def follow(target: Locator) -> None:
    """Press what leads to another page and wait until it is there: a press alone returns before.

    What is asked of the page at once, as by `evaluate`, would be asked of the old page or of none.
    """
    with target.page.expect_navigation():
        target.click()


def tab_to(target: Locator, at_most: int = 200) -> None:
    """Press Tab until something has the focus; fails when it takes more than `at_most`."""
    for _ in range(at_most):
        target.page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"{target} is not reached by {at_most} Tabs")


def press_by_key(target: Locator) -> None:
    """Go to something and press it with nothing but the keyboard."""
    tab_to(target)
    target.page.keyboard.press("Enter")

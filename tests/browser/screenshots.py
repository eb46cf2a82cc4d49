"""A picture of every page under `.screenshots/`, at two widths and in both languages, dark at one width.

`make screenshots` makes a demo in a private database of its own and signs in as everybody. It fails when a
page sticks out at the side or the browser complains.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import func, select

from api.wsgi import create_app
from tests.browser.demo import demo, known_sights
from tests.browser.sights import BY_LINK, Seat, Sight, sights
from tests.support.chromium import CUT_OFF, STICKS_OUT, found_browser, launched, served, speak, watched
from tests.support.patience import PATIENCE
from workflow.clock import DatabaseClock
from workflow.settings import Settings
from workflow.simulate.demo.passwords import SignIn
from workflow.store.database import Sessions
from workflow.store.nominations import Visit

FOLDER = Path(__file__).parents[2] / ".screenshots"
LOCALES = ("vi", "en")
Scheme = Literal["light", "dark"]
LOOKS: Sequence[tuple[int, Scheme]] = ((360, "light"), (1280, "light"), (1280, "dark"))
# Who is asked first to open a page of which nobody is named below.
ORDER = (
    "supervisor",
    "unit head",
    "nominator",
    "council secretary",
    "admin",
    "head",
    "cluster head",
    "appraiser",
    "unit deputy",
)
# Who looks at what; a page of everybody's is taken as the one who sees most on it.
SIGHTS: dict[str, Sequence[tuple[str, str]]] = {
    "unit head": (("work", "/"), ("nominations", "/nominations"), ("mailbox", "/mailbox")),
    "nominator": (("work-nominator", "/"), ("draft", "/nominations/new")),
    "unit deputy": (("work-deputy", "/"), ("set-aside", "/inbox/aside")),
    "head": (("work-head", "/"),),
    "cluster head": (("work-cluster", "/"),),
    "appraiser": (("work-appraiser", "/"),),
    "council secretary": (("work-council", "/"),),
    "supervisor": (
        ("work-supervisor", "/"),
        ("nominations-late", "/nominations?flag=late&order=due"),
        ("bottlenecks", "/bottlenecks"),
        ("bottlenecks-by-unit", "/bottlenecks?by=unit"),
        ("dead-mails", "/mails/dead"),
        ("obstacles", "/obstacles"),
        ("escalations", "/escalations?days=10"),
        ("my-calendar", "/me/calendar"),
        ("forecast", "/forecast?days=14"),
        ("my-mails", "/me/mails"),
        ("my-absence", "/me/absence"),
        ("absences", "/absences"),
    ),
    "admin": (
        ("mailbox-all", "/mailbox"),
        ("impact", "/workflows/impact"),
        ("not-found", "/nominations/999999"),
    ),
}


class Album:
    """Takes pictures and remembers what was wrong with a page."""

    def __init__(self, address: str, locale: str, width: int, scheme: Scheme) -> None:
        self.address, self.locale, self.width, self.scheme = address, locale, width, scheme
        self.problems: list[str] = []
        self.count = 0

    def take(self, page: Page, name: str, complaints: list[str]) -> None:
        found = [f"sticks out: {what}" for what in page.evaluate(STICKS_OUT)]
        found += [f"cut off: {what}" for what in page.evaluate(CUT_OFF)]
        # A page that answers 404 or 422 on purpose is no complaint.
        found += [what for what in complaints if "Failed to load resource" not in what]
        complaints.clear()
        look = f"{self.width}-{self.locale}" + ("-dark" if self.scheme == "dark" else "")
        file = FOLDER / f"{name}-{look}.png"
        page.screenshot(path=file, full_page=True)
        self.problems += [f"{file.name}: {problem}" for problem in found]
        self.count += 1


def main() -> int:
    """Take every picture and return 0, or 1 with what is wrong on stderr."""
    path = found_browser()
    if path is None:
        sys.stderr.write("No chromium found on this machine; install it to take screenshots.\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with demo() as (sessions, people, link), launched(path) as browser:
        settings = Settings(
            secret_key="x" * 32, officer_name="Nguyễn Thị Minh Hạnh", officer_telephone="024 3825 5058"
        )
        app = create_app(settings, sessions=sessions)
        rest = _not_named(app, sessions, people)
        with served(app) as address:
            albums = [Album(address, locale, *look) for locale in LOCALES for look in LOOKS]
            for album in albums:
                _fill(album, browser, people, link, sessions)
                _fill_rest(album, browser, people, rest)
    problems = [problem for album in albums for problem in album.problems]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    sys.stdout.write(f"{sum(album.count for album in albums)} pictures under {FOLDER.name}/\n")
    return 1 if problems else 0


def named_endpoints(app: Flask) -> set[str]:
    """Return the pages that are named here with who looks at them."""
    adapter = app.url_map.bind("localhost")
    paths = [path for named in SIGHTS.values() for _, path in named]
    return {adapter.match(path.partition("?")[0], method="GET")[0] for path in paths if "999999" not in path}


def seats_of(people: Mapping[str, SignIn]) -> list[Seat]:
    """Return everybody who may be asked to open a page, whoever sees most first."""
    return [Seat(name, people[name].email, people[name].password) for name in ORDER]


def _not_named(app: Flask, sessions: Sessions, people: Mapping[str, SignIn]) -> list[Sight]:
    """Return every page of the application that is not named here."""
    named = named_endpoints(app) | BY_LINK
    with sessions() as session:
        known = known_sights(session, people)
        today = DatabaseClock().now(session).date()
        found = sights(app, session, seats_of(people), today, known)
    return [sight for sight in found if sight.endpoint not in named]


def _fill_rest(album: Album, browser: Browser, people: Mapping[str, SignIn], rest: Sequence[Sight]) -> None:
    for seat in dict.fromkeys(sight.seat for sight in rest):
        who = _signed_in(album, browser, people[seat]) if seat else _opened(album, browser)
        context, page, complaints = who
        for sight in rest:
            if sight.seat == seat:
                page.goto(album.address + sight.path)
                album.take(page, sight.name, complaints)
        context.close()


def _fill(album: Album, browser: Browser, people: dict[str, SignIn], link: str, sessions: Sessions) -> None:
    """Take every page at one width in one language."""
    _strangers(album, browser, link)
    for part, named in SIGHTS.items():
        context, page, complaints = _signed_in(album, browser, people[part])
        for name, path in named:
            page.goto(album.address + path)
            album.take(page, name, complaints)
        if part == "unit head":
            _reviews(album, page, complaints)
        elif part == "nominator":
            _drafts(album, page, complaints)
        elif part == "head":
            _first_of(album, page, complaints, "decision", "/nominations?state=decision&order=due")
        elif part == "admin":
            page.goto(album.address + "/mailbox")
            page.locator(".row-title").first.click()
            page.wait_for_load_state()
            album.take(page, "letter", complaints)
            for stage in ("approved", "rejected", "withdrawn", "cluster_review"):
                page.goto(f"{album.address}/nominations?stage={stage}")
                page.locator(".row-title").first.click()
                page.wait_for_load_state()
                album.take(page, f"nomination-{stage}", complaints)
            returned = _returned(sessions)
            page.goto(f"{album.address}/nominations/{returned}")
            album.take(page, "nomination-returned", complaints)
        context.close()


def _strangers(album: Album, browser: Browser, link: str) -> None:
    context, page, complaints = _opened(album, browser)
    for name, path in (("password", f"/password/{link}"), ("password-over", "/password/none")):
        page.goto(album.address + path)
        album.take(page, name, complaints)
    page.goto(album.address + "/sign-in")
    page.fill("#email", "nobody@demo.example")
    page.fill("#password", "sai mật khẩu")
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    album.take(page, "sign-in-refused", complaints)
    context.close()


def _reviews(album: Album, page: Page, complaints: list[str]) -> None:
    """Open a nomination to review, its forms, and a form that was refused."""
    _first_of(album, page, complaints, "review")
    form = page.locator("#move-return-comment")
    if form.count():
        page.locator("details.move", has=form).locator("button[type=submit]").click()
        page.wait_for_load_state()
        album.take(page, "nomination-return-refused", complaints)


def _first_of(album: Album, page: Page, complaints: list[str], name: str, path: str = "/") -> None:
    page.goto(album.address + path)
    page.locator(".row-title").first.click()
    page.wait_for_load_state()
    album.take(page, f"nomination-{name}", complaints)
    # By attribute: a menu of the bar, once open, lies over what is to be pressed next.
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    album.take(page, f"nomination-{name}-open", complaints)


def _drafts(album: Album, page: Page, complaints: list[str]) -> None:
    page.goto(album.address + "/nominations/new")
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    album.take(page, "draft-refused", complaints)
    page.goto(album.address + "/nominations?stage=draft")
    page.locator(".row-title").first.click()
    page.wait_for_load_state()
    album.take(page, "nomination-draft", complaints)
    page.goto(page.url + "/edit")
    album.take(page, "edit", complaints)


def _returned(sessions: Sessions) -> int:
    """Return the nomination that went back and forth most."""
    with sessions() as session:
        most = (
            select(Visit.nomination_id)
            .group_by(Visit.nomination_id)
            .order_by(func.count().desc(), Visit.nomination_id)
            .limit(1)
        )
        return session.scalars(most).one()


def _opened(album: Album, browser: Browser) -> tuple[BrowserContext, Page, list[str]]:
    context = browser.new_context(
        viewport={"width": album.width, "height": 800}, color_scheme=album.scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.goto(album.address + "/sign-in")
    if page.locator("html").get_attribute("lang") != album.locale:
        speak(page, album.locale)
    return context, page, watched(page)


def _signed_in(album: Album, browser: Browser, who: SignIn) -> tuple[BrowserContext, Page, list[str]]:
    context, page, complaints = _opened(album, browser)
    page.fill("#email", who.email)
    page.fill("#password", who.password)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"/$"))
    if page.locator("html").get_attribute("lang") != album.locale:
        speak(page, album.locale)
    return context, page, complaints


if __name__ == "__main__":
    sys.exit(main())

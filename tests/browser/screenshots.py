"""A picture of every page under `.screenshots/`, at two widths and in both languages, dark at one width.

`make screenshots` makes a demo in a private database of its own and signs in as everybody. It fails when a
page sticks out at the side, cannot be opened or the browser complains, and goes on all the same. A run that
was stopped, or that found faults, goes on where it stopped. With `ARGS="nomination-* rounds"` it takes those
pages again and no others.
"""

import sys
from collections.abc import Mapping, Sequence

from flask import Flask
from sqlalchemy import func, select

from api.wsgi import create_app
from tests.browser.album import FOLDER, LOCALES, Album, Window, begin, end
from tests.browser.demo import demo, known_sights
from tests.browser.sights import BY_LINK, PRESSED, Seat, Sight, sights
from tests.browser.went_wrong import (
    OFFICER,
    TELEPHONE,
    broken_pages,
    closed_door,
    pages_of_errors,
    try_door,
)
from tests.support.chromium import found_browser, launched, served
from workflow.clock import DatabaseClock
from workflow.settings import Settings
from workflow.simulate.demo.passwords import SignIn
from workflow.store.database import Sessions
from workflow.store.nominations import Visit

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
        ("verification", "/audit/verify"),
        ("counting-anew", "/admin/calendar/anew"),
        ("going-over", "/admin/routes/standard/migrate"),
    ),
}


def main(only: Sequence[str]) -> int:
    """Take every picture that is not there yet and return 0, or 1 with what is wrong on stderr."""
    path = found_browser()
    if path is None:
        sys.stderr.write("No chromium found on this machine; install it to take screenshots.\n")
        return 1
    begin(only)
    with demo() as (sessions, people, link), launched(path) as browser:
        settings = Settings(secret_key="x" * 32, officer_name=OFFICER, officer_telephone=TELEPHONE)
        app = create_app(settings, sessions=sessions)
        rest = _not_named(app, sessions, people)
        with served(app) as address:
            albums = [Album(browser, address, locale, only) for locale in LOCALES]
            for album in albums:
                _fill(album, people, link, _returned(sessions))
                _fill_rest(album, people, rest)
                pages_of_errors(album, people)
                broken_pages(album)
            for album in albums:
                closed_door(album)
    count, faults = end(only)
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    sys.stdout.write(f"{count} pictures under {FOLDER.name}/\n")
    return 1 if faults else 0


def named_endpoints(app: Flask) -> set[str]:
    """Return the pages that are named here with who looks at them."""
    adapter = app.url_map.bind("localhost")
    paths = [path for named in SIGHTS.values() for _, path in named]
    return {adapter.match(path.partition("?")[0], method="GET")[0] for path in paths}


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


def _fill_rest(album: Album, people: Mapping[str, SignIn], rest: Sequence[Sight]) -> None:
    wanted = [sight for sight in rest if album.lacks(sight.name)]
    for seat in dict.fromkeys(sight.seat for sight in wanted):
        with album.signed_in(people[seat]) if seat else album.guest() as window:
            for sight in wanted:
                if sight.seat == seat:
                    _, button = PRESSED.get(sight.endpoint, ("", ""))
                    album.show(window, sight.name, sight.path, press=button)


def _fill(album: Album, people: Mapping[str, SignIn], link: str, returned: int) -> None:
    """Take every page that is named here."""
    _strangers(album, link)
    for part, named in SIGHTS.items():
        with album.signed_in(people[part]) as window:
            for name, path in named:
                album.show(window, name, path)
            if part == "unit head":
                _reviews(album, window)
            elif part == "nominator":
                _drafts(album, window)
            elif part == "head":
                _first_of(album, window, "decision", "/nominations?state=decision&order=due")
            elif part == "admin":
                _nominations(album, window, returned)


def _nominations(album: Album, window: Window, returned: int) -> None:
    for stage in ("approved", "rejected", "withdrawn", "cluster_review"):
        with album.trying(f"nomination-{stage}"):
            window.open_first_name(f"{album.address}/nominations?stage={stage}")
            album.take(window, f"nomination-{stage}")
    album.show(window, "nomination-returned", f"/nominations/{returned}")


def _strangers(album: Album, link: str) -> None:
    with album.guest() as window:
        album.show(window, "password", f"/password/{link}")
        for name, path in (
            ("password", "/password/none"),
            ("link", "/act/none"),
            ("mails-off", "/mails/off/none"),
        ):
            album.show(window, f"{name}-over", path)
        with album.trying("sign-in-refused"):
            window.page.goto(album.address + "/sign-in")
            try_door(window)
            album.take(window, "sign-in-refused")


def _reviews(album: Album, window: Window) -> None:
    """Open a nomination to review, its forms, and a form that was refused."""
    _first_of(album, window, "review")
    form = window.page.locator("#move-return-comment")
    if form.count():
        with album.trying("nomination-return-refused"):
            window.page.locator("details.move", has=form).locator("button[type=submit]").click()
            window.page.wait_for_load_state()
            album.take(window, "nomination-return-refused")


def _first_of(album: Album, window: Window, name: str, path: str = "/") -> None:
    with album.trying(f"nomination-{name}"):
        window.open_first_name(album.address + path)
        album.take(window, f"nomination-{name}")
        # By attribute: a menu of the bar, once open, lies over what is to be pressed next.
        window.page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        album.take(window, f"nomination-{name}-open")


def _drafts(album: Album, window: Window) -> None:
    with album.trying("draft-refused"):
        window.page.goto(album.address + "/nominations/new")
        window.page.click("main button.btn-primary[type=submit]")
        window.page.wait_for_load_state()
        album.take(window, "draft-refused")
    with album.trying("nomination-draft"):
        window.open_first_name(f"{album.address}/nominations?stage=draft")
        album.take(window, "nomination-draft")


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

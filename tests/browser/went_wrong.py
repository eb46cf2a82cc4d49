"""The pages of what went wrong: not there, not yours, changed since, too large, too often, out of order."""

from collections.abc import Mapping
from typing import Final

from pydantic import SecretStr
from sqlalchemy import create_engine

from api.wsgi import create_app
from tests.browser.album import Album, Window
from tests.support.chromium import served
from workflow.settings import Settings
from workflow.simulate.demo.passwords import SignIn
from workflow.store.database import make_sessions

# More tries than anybody has before they are asked to wait.
_TRIES: Final = 40
# Whom the foot of every page names, these pages too.
OFFICER: Final = "Nguyễn Thị Minh Hạnh"
TELEPHONE: Final = "024 3825 5058"
_MOST_BYTES: Final = 2000
_NOWHERE: Final = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def pages_of_errors(album: Album, people: Mapping[str, SignIn]) -> None:
    """Take what somebody signed in meets: no such page, no right, a form too late."""
    with album.signed_in(people["unit head"]) as window:
        album.show(window, "error-404", "/nominations/999999")
        album.show(window, "error-403", "/admin/accounts")
        if album.lacks("error-409"):
            with album.trying("error-409"):
                _stale_form(album, window)
                album.take(window, "error-409")


def broken_pages(album: Album) -> None:
    """Take what anybody meets while the database cannot be reached, and of a form that is too large."""
    if not (album.lacks("error-503") or album.lacks("error-413")):
        return
    nowhere = make_sessions(create_engine(_NOWHERE), timezone="UTC")
    app = create_app(
        Settings(secret_key=SecretStr("x" * 32), officer_name=OFFICER, officer_telephone=TELEPHONE),
        sessions=nowhere,
    )
    # As small as a form of somebody who comes in: a browser is told of a megabyte by a connection that ends.
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    with served(app) as address, album.trying("error-503"):
        broken = Album(album.browser, address, album.locale, album.only)
        with broken.guest() as window:
            broken.show(window, "error-503", "/password/none")
            if broken.lacks("error-413"):
                with broken.trying("error-413"):
                    window.page.goto(f"{address}/sign-in")
                    try_door(window, "x" * _MOST_BYTES)
                    broken.take(window, "error-413")


def closed_door(album: Album) -> None:
    """Take the door after too many tries; nobody comes in from here for a while, so it is the last."""
    if not album.lacks("error-429"):
        return
    with album.guest() as window, album.trying("error-429"):
        for _ in range(_TRIES):
            if try_door(window) == "429":
                break
        album.take(window, "error-429")


def try_door(window: Window, typed: str = "sai mật khẩu") -> str:
    """Try to come in with a password that is wrong; return the status of the answer."""
    page = window.page
    page.fill("#email", "nobody@demo.example")
    page.locator("#password").evaluate("(field, value) => { field.value = value; }", typed)
    with page.expect_navigation() as answer:
        page.click("main button[type=submit]")
    return str(answer.value.status if answer.value else "")


def _stale_form(album: Album, window: Window) -> None:
    """Send a form of a nomination as somebody who saw it before its last change."""
    page = window.page
    window.open_first_name(f"{album.address}/")
    form = page.locator("main form", has=page.locator("input[name=version]")).first
    form.locator("input[name=version]").evaluate("field => { field.value = '0'; }")
    with page.expect_navigation():
        form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")

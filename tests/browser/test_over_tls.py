"""Over TLS, as people meet an installation: a browser signs in and acts; another site only leads here."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from api.wsgi import create_app
from tests.support.chromium import DESK, enter, follow, served, speak
from tests.support.patience import PATIENCE
from workflow.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def site(database, clock, office) -> Iterator[str]:
    """Serve the office's pages over TLS."""
    settings = Settings(secret_key=SecretStr("x" * 32), base_url="https://127.0.0.1")
    with served(create_app(settings, sessions=database.sessions, clock=clock), tls=True) as address:
        yield address


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Serve a page of another site, as a webmail is one: a link to us, and a form that is not ours."""
    app = Flask("elsewhere")
    app.add_url_rule("/", view_func=lambda: _FOREIGN)
    with served(app) as address:
        # Another name is another site, whatever machine it leads to.
        yield address.replace("127.0.0.1", "localhost")


_FOREIGN = """<a>Thư</a>
<form method="post" target="_top"><input name="locale" value="en"><button>Gửi</button></form>"""


def inside(chromium: Browser, site: str) -> Page:
    """Sign the head of the unit in."""
    context = chromium.new_context(viewport=DESK, ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(site)
    enter(page, "nv02")
    expect(page.get_by_role("heading", name="Việc cần xử lý", level=1)).to_be_visible()
    return page


def test_somebody_signs_in_changes_something_and_leaves(chromium: Browser, site: str) -> None:
    page = inside(chromium, site)
    [session] = [one for one in page.context.cookies() if one["name"] == "__Host-commendo"]
    assert (session["secure"], session["httpOnly"], session["sameSite"]) == (True, True, "Lax")
    speak(page, "en")
    # By its form: of what lies in a menu that is closed nothing has a role.
    page.locator("details.menu", has=page.locator("form[action$='/sign-out']")).locator("summary").click()
    follow(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_link_of_another_site_finds_one_signed_in_and_its_form_does_nothing(
    chromium: Browser, site: str, elsewhere: str
) -> None:
    page = inside(chromium, site)
    page.goto(elsewhere)
    page.locator("a").evaluate("(link, to) => { link.href = to }", f"{site}/nominations")
    follow(page.get_by_text("Thư"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Đăng nhập")
    page.goto(elsewhere)
    page.locator("form").evaluate("(form, to) => { form.action = to }", f"{site}/language")
    with page.expect_response(f"{site}/language") as answer:
        page.get_by_role("button", name="Gửi").click()
    assert answer.value.status == 400
    page.goto(site)
    expect(page.locator("html")).to_have_attribute("lang", "vi")

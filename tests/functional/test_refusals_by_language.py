"""Whatever is refused on a page is refused in its reader's language, the library's own messages included."""

import inspect
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask import session as flask_session

from api import problems
from api.pages.errors import page_of
from api.problems import problem_of
from api.wsgi import create_app
from tests.conftest import MONDAY, own_database
from tests.support.interface import settings_for_tests
from tests.support.office import furnish
from tests.support.pages import BASE, Browser, browser, give_passwords
from tests.support.refusal_words import refusal_words
from workflow.clock import FixedClock
from workflow.domain import errors
from workflow.domain.errors import Reason, Refusal
from workflow.embedded import Services
from workflow.queries import paging
from workflow.words.catalogue import LOCALES

# Words that a sentence of one language can hardly do without and the other never has.
ENGLISH = re.compile(
    r"\b(the|is|are|was|were|not|this|that|must|may|your|you|has|have|of|to|please|field|valid|with)\b",
    re.IGNORECASE,
)
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
FOREIGN = {"vi": ENGLISH, "en": VIETNAMESE}
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_TROUBLE = re.compile(r'class="(?:invalid-feedback|alert alert-danger)[^>]*>(.*?)</div>', re.DOTALL)
REFUSALS = sorted(
    {
        kind
        for module in (errors, problems, paging)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Refusal) and kind is not Refusal
    },
    key=lambda kind: kind.__name__,
)


class Anything(dict[str, Any]):
    """Parameters of a sentence, whichever it asks for."""

    def __missing__(self, key: str) -> str:
        return "7"


def said(html: str) -> str:
    """Return what a page says in its middle, without the language buttons around it."""
    found = MAIN.search(html)
    assert found, html[:500]
    return " ".join(TAGS.sub(" ", found[0]).split())


@pytest.fixture(scope="module")
def app(postgres: Services, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make one application for all refusals: none of them leaves anything behind."""
    settings, clock = settings_for_tests(tmp_path_factory.mktemp("refusals")), FixedClock(MONDAY)
    with own_database(postgres, template) as database:
        yield create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)


@pytest.fixture
def desk(session, database, clock: FixedClock, tmp_path: Path) -> Callable[[str], Browser]:
    furnish(session, now=clock.now())
    give_passwords(session)

    def sit(locale: str) -> Browser:
        seated = browser(database.sessions, clock, data_dir=tmp_path)
        assert seated.sign_in("nv01@example.vn").status_code == 303
        seated.open("/")
        seated.send("/language", {"locale": locale})
        return seated

    return sit


def check(html: str, locale: str, code: str = "") -> None:
    text = said(html).replace(code, "") if code else said(html)
    assert not FOREIGN[locale].findall(text), text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_as_a_page_speaks_its_readers_language(
    app: Flask, kind: type[Refusal], locale: str
) -> None:
    for refusal in (
        kind("It is not what the rules have."),
        kind("It is not so.", **Anything({"version": "7"})),
    ):
        with app.test_request_context("/", base_url=BASE):
            flask_session["locale"] = locale
            page = page_of(problem_of(refusal, locale))
        check(page.get_data(as_text=True), locale, kind.code)


@pytest.mark.parametrize("code", sorted(refusal_words("reasons")))
def test_every_reason_on_a_page_is_vietnamese(app: Flask, code: str) -> None:
    with app.test_request_context("/", base_url=BASE):
        flask_session["locale"] = "vi"
        reason = Reason(code, "It is not what the rules have.", Anything())
        page = page_of(problem_of(errors.RequirementsMissing("It is not so.", reasons=(reason,)), "vi"))
    check(page.get_data(as_text=True), "vi", "requirements-missing")


@pytest.mark.parametrize("locale", LOCALES)
def test_what_the_web_server_refuses_speaks_the_readers_language(
    desk: Callable[[str], Browser], locale: str
) -> None:
    seated = desk(locale)
    seated.open("/nominations/new")
    token = form_token(seated)
    tries = [
        (404, lambda: seated.open("/no/such/page")),
        (404, lambda: seated.open("/nominations/999999")),
        (405, lambda: seated.client.put("/nominations", base_url=BASE)),
        (400, lambda: seated.answer_to("/nominations/new", {"achievement": "x"})),
        (413, lambda: seated.answer_to("/nominations/new", {"a": "x" * 30_000_000})),
        (422, lambda: seated.answer_to("/nominations/new", {"csrf_token": token})),
    ]
    for status, attempt in tries:
        page = attempt()
        assert page.status_code == status, page.get_data(as_text=True)[:300]
        html = page.get_data(as_text=True)
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            # The form also offers awards and rounds, which have the names they have.
            told = re.findall(
                r'class="(?:invalid-feedback|alert alert-danger)[^>]*>(.*?)</div>', html, re.DOTALL
            )
            assert len(told) > 1
            html = f"<main>{' '.join(told)}</main>"
        check(re.sub(r'<p class="small text-secondary">.*?</p>', "", html), locale)


def form_token(seated: Browser) -> str:
    """Return what a form of the page proves with that the page made it."""
    assert seated.page is not None
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', seated.page.get_data(as_text=True))
    assert found
    return found[1]

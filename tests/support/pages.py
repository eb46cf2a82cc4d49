"""The pages as a browser without scripts meets them: forms are sent as the page has them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.applications import application
from workflow.clock import Clock
from workflow.operations.people.passwords import hash_password
from workflow.settings import Settings
from workflow.store.access import Account
from workflow.store.database import Sessions

PASSWORD = "một mật khẩu đủ dài"
BASE = "http://127.0.0.1:8000"


# Where the page that answers a form is seen.
_ANSWER = re.compile("/seen/|/act/[^/]+/code$|/mails/off/")

# What leads back to where somebody was.
_LEAD_BACK = frozenset({"/language", "/sign-in"})


class _Forms(HTMLParser):
    """Reads every form of a page with the fields it would send untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.sends: list[bool] = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self.forms.append({"": given.get("action") or ""})
            self.sends.append((given.get("method") or "").lower() == "post")
        elif self.forms and (name := given.get("name")):
            form = self.forms[-1]
            if tag == "input" and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
                form[name] = given.get("value") or ""
            elif tag == "textarea":
                self._area, form[name] = name, ""
            elif tag == "select":
                self._select = name
        elif tag == "option" and self.forms and self._select:
            kept = given.get("value") or ""
            form = self.forms[-1]
            form[self._select] = kept if "selected" in given else form.get(self._select, kept)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1][self._area] += data


@dataclass
class Browser:
    """A browser without scripts: keeps cookies, sends forms as the page has them with some fields changed."""

    client: FlaskClient
    page: TestResponse | None = None

    def open(self, path: str, **headers: str) -> TestResponse:
        self.page = self.client.get(path, base_url=BASE, headers=headers)
        return self.page

    @property
    def text(self) -> str:
        """The words of the page, without its tags."""
        return text_of(self.page)

    def send(self, action: str, changes: Mapping[str, object] | None = None) -> TestResponse:
        """Send the page's form with that action; a field the form does not have may be added."""
        assert self.page is not None
        fields = form_of(self.page, action)
        path = fields.pop("") or self.page.request.path
        return self.post(path, {**fields, **(changes or {})})

    def post(self, path: str, data: Mapping[str, object], **options: Any) -> TestResponse:
        """Send a form, and look at the page that answers it, which has an address of its own."""
        self.page = self.answer_to(path, data, **options)
        return self.page

    def answer_to(self, path: str, data: Mapping[str, object], **options: Any) -> TestResponse:
        """Send a form, and return the page that answers it; the one that is open stays open."""
        answer = self.client.post(path, data=data, base_url=BASE, **options)
        return answer if path in _LEAD_BACK else seen(self.client, answer)

    def follow(self) -> TestResponse:
        """Go where the last answer sends."""
        assert self.page is not None
        assert self.page.status_code == 303, self.page.status
        return self.open(self.page.location)

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        self.open("/sign-in")
        return self.send("/sign-in", {"email": email, "password": password})


def seen(client: FlaskClient, answer: TestResponse) -> TestResponse:
    """Return the page that a form was answered by, which has an address of its own."""
    while answer.status_code == 303 and _ANSWER.search(answer.location):
        answer = client.get(answer.location, base_url=BASE)
    return answer


def fields_of_forms(page: TestResponse) -> list[dict[str, str]]:
    """Return the fields of every form of a page in their order, its address under the empty name."""
    parser = _Forms()
    parser.feed(page.get_data(as_text=True))
    return parser.forms


def forms_of(page: TestResponse, action: str) -> list[dict[str, str]]:
    """Return the fields of every form with that action, its address under the empty name."""
    return [form for form in fields_of_forms(page) if (form[""].endswith(action) if action else not form[""])]


def form_of(page: TestResponse, action: str) -> dict[str, str]:
    """Return the fields of the one form with that action; one that is sent, where another only asks."""
    parser = _Forms()
    parser.feed(page.get_data(as_text=True))
    found = forms_of(page, action)
    if len(found) > 1:
        sent = [form for form, is_sent in zip(parser.forms, parser.sends, strict=True) if is_sent]
        found = [form for form in found if form in sent]
    assert len(found) == 1, f"{len(found)} forms with {action} on {page.request.path}"
    return found[0]


def text_of(page: TestResponse) -> str:
    """Return the words of a page in one line."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", page.get_data(as_text=True), flags=re.DOTALL)
    # A name within a sentence is marked as one, which parts no words.
    html = re.sub(r'<span translate="no">([^<]*)</span>', r"\1", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def browser(sessions: Sessions, clock: Clock, **settings: Any) -> Browser:
    """Return a fresh browser on an application of its own."""
    app = application(Settings(secret_key="x" * 32, **settings), sessions=sessions, clock=clock)
    return Browser(app.test_client())


def give_passwords(session: Session) -> None:
    """Give every account the same password, computed once."""
    session.execute(update(Account).values(password_hash=_hashed(PASSWORD)))
    session.commit()


@cache
def _hashed(password: str) -> str:
    return hash_password(password)

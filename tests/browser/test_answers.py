"""Every form of the demo, sent as its page has it: what answers by a page has an address of its own."""

import sys
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.wsgi import create_app
from tests.browser.demo import Played, demo, known_sights
from tests.browser.refusing import Found, every_form, reader_of
from tests.browser.screenshots import seats_of
from tests.browser.sights import Seat, Sight, every_try, sights
from tests.support.in_place import IN_PLACE
from tests.support.pages import Browser, fields_of_forms
from workflow.clock import DatabaseClock
from workflow.settings import Settings
from workflow.simulate.demo.passwords import SignIn
from workflow.store.database import Sessions

# They answer by a way to where somebody was, or end the session that the next form needs.
_NEVER = frozenset({"pages.sign_out", "pages.choose_language"})
# A walk that met none of these did not look.
_MUST_BE_SEEN = frozenset({"pages.weigh_names_seen", "pages.review_list_seen", "pages.extend_seen"})


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_no_form_of_the_demo_is_answered_by_a_page_without_an_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with demo() as (sessions, people, _link):
        seats = seats_of(people)
        app = create_app(Settings(secret_key="x" * 32), sessions=sessions)
        known = [(one.seat, one.path) for one in _pages(app, sessions, seats, people)]
        forms = every_form(app, _doors(app, seats), known)
        played = Played(sessions)
        app = create_app(Settings(secret_key="x" * 32), sessions=played.sessions)
        seen: Counter[str] = Counter()
        wrong = []
        for form in [one for one in forms if one.endpoint not in _NEVER]:
            played.put_back()
            answer = _sent(_doors(app, [one for one in seats if one.name == form.seat])[form.seat], form)
            is_page = answer.status_code == 200 and answer.mimetype == "text/html"
            if answer.request.method == "GET":
                endpoint, _ = app.url_map.bind("localhost").match(answer.request.path, method="GET")
                seen[endpoint] += 1
            if answer.status_code >= 500 or (
                is_page and answer.request.method == "POST" and form.endpoint not in IN_PLACE
            ):
                wrong.append(f"{form}: {answer.status}")
    with capsys.disabled():
        sys.stdout.write(f"\n{len(forms)} forms; seen again: {dict(seen)}\n")
    assert wrong == []
    assert _MUST_BE_SEEN - seen.keys() == set()


def _pages(app: Flask, sessions: Sessions, seats: list[Seat], people: Mapping[str, SignIn]) -> list[Sight]:
    with sessions() as session:
        today = DatabaseClock().now(session).date()
        found = sights(app, session, seats, today, known_sights(session, people))
        tries = every_try(app, session, seats, today)
        session.rollback()
    shown = {one.endpoint for one in found}
    pages = [*found, *(one for tried in tries.values() for one in tried if one.endpoint in shown)]
    return [one for one in pages if one.endpoint != "pages.styleguide"]


def _doors(app: Flask, seats: list[Seat]) -> dict[str | None, Browser]:
    doors: dict[str | None, Browser] = {seat.name: Browser(app.test_client()) for seat in seats}
    for seat in seats:
        assert doors[seat.name].sign_in(seat.email, seat.password).status_code == 303
    doors[None] = Browser(app.test_client())
    return doors


def _sent(door: Browser, form: Found) -> TestResponse:
    """Send a form as its page has it, by one of its buttons; look at the page that answers it."""
    page = door.open(form.page)
    buttons = reader_of(page.get_data(as_text=True)).forms[form.index].buttons
    name, value, elsewhere = buttons[form.button] if buttons else ("", "", "")
    fields = fields_of_forms(page)[form.index]
    path = urlsplit(elsewhere or fields.pop("") or form.page)
    pressed = {name: value} if name else {}
    fields.pop("", None)
    return door.post(f"{path.path}?{path.query}".rstrip("?"), {**fields, **pressed})

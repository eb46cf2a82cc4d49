"""No form keeps anybody out where it is refused: each is sent empty, wrong and too late, as every role."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from api.wsgi import create_app
from tests.browser.demo import Played, demo, known_sights
from tests.browser.losing import LOST, is_shown, lost, send_written
from tests.browser.refusing import Found, every_form, forms_on, send
from tests.browser.screenshots import seats_of
from tests.browser.sights import Seat, every_try, sights
from tests.browser.test_accessible import looked_at, signed_in
from tests.browser.test_sights import application
from tests.support.chromium import DESK, PHONE, STICKS_OUT, TOUCHES, opened, served, sit, speak
from tests.support.office import ROLES, Office
from tests.support.pages import Browser as Reader
from workflow.clock import DatabaseClock, FixedClock
from workflow.settings import Settings
from workflow.simulate.demo.passwords import SignIn
from workflow.store.database import Sessions

pytestmark = pytest.mark.browser
# They refuse nothing: what they ask is who somebody is, and in which language.
_NEVER = frozenset({"pages.sign_out", "pages.choose_language"})
_REFUSED = range(400, 500)
# A walk that met none of these forms, or so few refusals, did not look.
_MUST_BE_TRIED = frozenset(
    {
        "pages.act",
        "pages.attach_to_nomination",
        "pages.check_sign_in",
        "pages.comment",
        "pages.enter_votes",
        "pages.extend",
        "pages.give_role",
        "pages.look_at_import",
        "pages.make_cluster",
        "pages.open_new_round",
        "pages.review_list",
        "pages.save_nomination",
        "pages.weigh_names",
        "pages.write_submission",
    }
)
_FEW = 120
_FEW_ANSWERS = 90
_AT_LEAST = {"reviewer": 4, "nominator": 3}
# What was refused is said where it is seen, beside its field or above the form.
# A page without a form is one of errors.
_UNSAID = """() => {
  const all = [...document.querySelectorAll("main [role=alert], main [aria-invalid=true]")];
  if (!all.length && document.querySelector("main form[method=post]")) return ["nothing says what is wrong"];
  return all.filter(one => !one.checkVisibility()).map(one => `not in sight: ${one.outerHTML.slice(0, 120)}`);
}"""


@dataclass(frozen=True, slots=True)
class Place:
    """A copy of the demo, being served to windows of everybody, and the forms that are on its pages."""

    address: str
    played: Played
    windows: dict[str | None, Page]
    emails: dict[str | None, str]
    forms: list[Found]


@pytest.fixture(scope="module", params=["vi", "en"])
def place(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Place]:
    locale = request.param
    with demo() as (sessions, people, _link):
        app = create_app(Settings(secret_key="x" * 32), sessions=sessions)
        seats = seats_of(people)
        with served(app) as address:
            windows: dict[str | None, Page] = {
                seat.name: signed_in(chromium, address, seat, locale) for seat in seats
            }
            windows[None] = opened(chromium, size=DESK)
            windows[None].goto(f"{address}/sign-in")
            speak(windows[None], locale)
        forms = _forms(app, sessions, seats, people)
        played = Played(sessions)
        with served(create_app(Settings(secret_key="x" * 32), sessions=played.sessions)) as address:
            yield Place(address, played, windows, {seat.name: seat.email for seat in seats}, forms)


def _forms(app: Flask, sessions: Sessions, seats: Sequence[Seat], people: dict[str, SignIn]) -> list[Found]:
    """Return every form of the pages that anybody can open."""
    doors: dict[str | None, Reader] = {seat.name: Reader(app.test_client()) for seat in seats}
    for seat in seats:
        assert doors[seat.name].sign_in(seat.email, seat.password).status_code == 303
    doors[None] = Reader(app.test_client())
    with sessions() as session:
        today = DatabaseClock().now(session).date()
        known = known_sights(session, people)
        found = sights(app, session, seats, today, known)
        tries = every_try(app, session, seats, today)
        session.rollback()
    shown = {one.endpoint for one in found}
    pages = [*found, *(one for tried in tries.values() for one in tried if one.endpoint in shown)]
    # What stands on the page of styles goes nowhere.
    pages = [one for one in pages if one.endpoint != "pages.styleguide"]
    return [
        one
        for one in every_form(app, doors, [(page.seat, page.path) for page in pages])
        if one.endpoint not in _NEVER
    ]


@pytest.mark.deep
@pytest.mark.timeout(7200)
def test_axe_finds_nothing_where_a_form_was_refused(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    found: list[str] = []
    answers: Counter[str] = Counter()
    for form in place.forms:
        for way in form.ways:
            page = place.windows[form.seat]
            page.set_viewport_size(DESK)
            page.goto(place.address + form.page)
            status = send(page, form, way)
            answers[f"{way} {status}"] += 1
            found += _looked_at(page, f"{form} {way} {status}", is_refused=status in _REFUSED)
            if status not in _REFUSED:
                place.played.put_back()
    addresses = {one.endpoint for one in place.forms}
    with capsys.disabled():
        sys.stdout.write(f"\n{len(place.forms)} forms of {len(addresses)} addresses: {dict(answers)}\n")
        for form in place.forms:
            sys.stdout.write(f"{form}: {', '.join(form.ways) or 'asks for nothing'}\n")
    assert _MUST_BE_TRIED - addresses == set()
    assert sum(count for answer, count in answers.items() if int(answer[-3:]) in _REFUSED) > _FEW
    assert found == []


@pytest.mark.deep
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("what", list(LOST))
def test_whoever_lost_their_right_or_their_session_is_told_and_keeps_what_they_wrote(
    place: Place, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    found: list[str] = []
    answers: Counter[int] = Counter()
    seen: set[tuple[str, str, bool]] = set()
    for form in (one for one in place.forms if one.seat is not None):
        page, email = place.windows[form.seat], place.emails[form.seat]
        page.set_viewport_size(DESK)
        opened_as = page.goto(place.address + form.page)
        assert opened_as is not None
        assert opened_as.status == 200, f"{form} cannot be opened: {page.inner_text('main')}"
        with lost(place.played.sessions, what, email):
            status, has_words = send_written(page, form)
            found += [f"{form} {status} {one}" for one in _told(page, status, seen, has_words=has_words)]
        answers[status] += 1
        if status not in _REFUSED:
            place.played.put_back()
        elif what == "session" and has_words and not _is_back(page, place.address):
            found.append(f"{form}: what was written is not there after signing in")
    with capsys.disabled():
        sys.stdout.write(f"\n{what} lost: {dict(answers)}, {len(seen)} kinds of answers\n")
    assert found == []
    assert sum(answers[status] for status in _REFUSED) > _FEW_ANSWERS
    assert what != "session" or set(answers) == {401}


def _told(page: Page, status: int, seen: set[tuple[str, str, bool]], *, has_words: bool) -> list[str]:
    """Return what is wrong with an answer; one that looks as another did is not gone through again."""
    if status not in _REFUSED:
        return []
    is_copied = is_shown(page)
    found = ["what was written is lost"] if has_words and not is_copied else []
    found += page.evaluate(_UNSAID)
    kind = (page.url.partition("?")[0].rpartition("/")[2], page.title(), is_copied)
    if kind in seen:
        return found
    seen.add(kind)
    return found + _looked_at(page, "", is_refused=False)


def _is_back(page: Page, address: str) -> bool:
    """Return whether what was written is in its form once one is signed in again."""
    link = page.locator("main a.btn-primary").get_attribute("href") or ""
    home = parse_qs(urlsplit(link).query).get("next", ["/"])[0]
    page.goto(address + home)
    return is_shown(page)


def _looked_at(page: Page, place: str, *, is_refused: bool) -> list[str]:
    """Return what is wrong with an answer, as it is and on a phone."""
    found = [f"{place}: {what}" for what in (page.evaluate(_UNSAID) if is_refused else ())]
    found += looked_at(page, place, ("light",))
    page.set_viewport_size(PHONE)
    found += [f"{place} on a phone: {what}" for what in page.evaluate(STICKS_OUT)]
    return found + [f"{place} on a phone touches: {what}" for what in page.evaluate(TOUCHES)]


@pytest.mark.parametrize("looks", [("vi", "reviewer"), ("en", "nominator")])
def test_the_forms_of_a_nomination_say_what_is_wrong_where_they_are_refused(
    chromium: Browser, address: str, office: Office, clock: FixedClock, looks: tuple[str, str]
) -> None:
    now, (locale, part) = clock.now(), looks
    nomination_id = office.draft(now).nomination_id
    if part == "reviewer":
        office.act("nominator", nomination_id, "submit", now)
    page, path = sit(chromium, address, ROLES[part][0], size=DESK), f"/nominations/{nomination_id}"
    speak(page, locale)
    app, found, refused = application(), [], set()
    page.goto(address + path)
    met = {(one.endpoint, one.said) for one in forms_on(app, part, path, page.content())}
    for endpoint, said in sorted(met):
        for way in ("empty", "wrong"):
            page.set_viewport_size(DESK)
            page.goto(address + path)
            again = [one for one in forms_on(app, part, path, page.content()) if one.endpoint == endpoint]
            form = next((one for one in again if one.said == said and one.names), None)
            if form is None or endpoint in _NEVER:
                continue
            status = send(page, form, way)
            if status in _REFUSED:
                refused.add((endpoint, said, way))
                found += _looked_at(page, f"{form} {way} {status}", is_refused=True)
    assert len(refused) >= _AT_LEAST[part]
    assert found == []

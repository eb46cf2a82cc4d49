"""An address of every page and who can open it, as the application itself lists them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from http import HTTPStatus
from typing import Final

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from api.sheets.table import FileKind
from tests.benchmarks.web.addresses import addresses
from tests.benchmarks.web.served import Reader
from tests.support.pages import Browser
from workflow.store.access import Account
from workflow.store.people import load_actor

# No pages but files, by how their addresses end; and a letter's own page, which is shown in a frame of ours.
_ENDINGS: Final = (
    *(f".{kind}" for kind in FileKind),
    ".docx",
    ".txt",
    ".<kind>",
    "/file",
    "/shown",
    "/sample",
    "/html",
)
FILES: Final = frozenset(
    {"pages.static", "pages.fetch_paper", "pages.feed", "pages.import_template", "pages.export_history"}
)
# What only its own link opens; without one these say that it is over.
BY_LINK: Final = frozenset({"pages.follow_link", "pages.ask_information_off", "pages.password"})
# What answers a form: unsent, its address shows the page of the form. Of each, what that page has where there
# is something to send, and the button that sends it.
PRESSED: Final[Mapping[str, tuple[str, str]]] = {
    "pages.names_sheet": ('name="seen"', ".decide-bar button[type=submit]"),
    "pages.prepared_sheet": ('name="seen"', ".decide-bar button[type=submit]"),
    "pages.review_sheet": ('name="what"', "main button[name=what]"),
}
_TRIES: Final = 4
# What a page has in place of a list without a line; a picture of it shows nobody how the page looks.
_EMPTY: Final = 'class="empty"'


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who can look: how they sign in."""

    name: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Sight:
    """A page somebody can open; `seat` is None where nobody is signed in."""

    endpoint: str
    path: str
    seat: str | None

    @property
    def name(self) -> str:
        """Return a name for a file."""
        return self.endpoint.rpartition(".")[2].replace("_", "-")


def page_routes(app: Flask) -> list[Rule]:
    """Return the route of every page of the product."""
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    return [rule for rule in rules if is_of_people(rule) and not is_file(rule) and not is_answer(rule)]


def is_of_people(rule: Rule) -> bool:
    """Return whether people look at what is there, and not only programs."""
    return str(rule.endpoint).startswith("pages.") or str(rule.endpoint) == "docs.read_docs"


def is_answer(rule: Rule) -> bool:
    """Return whether what is there answers a form: nobody is led there who did not send it."""
    return rule.rule.endswith("/act/<token>/code") or "/seen/<form_key>" in rule.rule


def is_file(rule: Rule) -> bool:
    """Return whether what is there is kept or shown by something else than a page of ours."""
    return str(rule.endpoint) in FILES or rule.rule.endswith(_ENDINGS)


def sights(
    app: Flask, session: Session, seats: Sequence[Seat], today: date, known: Iterable[Sight] = ()
) -> list[Sight]:
    """Return each page with the first seat that can open it; a page that nobody can open is an error."""
    doors = {seat.name: Browser(app.test_client()) for seat in seats}
    for seat in seats:
        assert doors[seat.name].sign_in(seat.email, seat.password).status_code == 303
    tries = every_try(app, session, seats, today)
    # What was read is over before the pages are: they take their time.
    session.rollback()
    found = {rule.endpoint: _by_itself(rule) for rule in page_routes(app)}
    found |= {sight.endpoint: sight for sight in known}
    for endpoint in (endpoint for endpoint, sight in found.items() if sight is None):
        found[endpoint] = fullest(doors, tries.get(endpoint, ()), PRESSED.get(endpoint, ("", ""))[0])
    linked = _linked(app, doors, [sight for sight in found.values() if sight and sight.seat])
    for endpoint in (endpoint for endpoint, sight in found.items() if sight is None):
        found[endpoint] = fullest(doors, linked.get(endpoint, ()))
    closed = [endpoint for endpoint, sight in found.items() if sight is None]
    assert closed == [], f"nobody of {', '.join(doors)} can open {closed}"
    return [sight for sight in found.values() if sight]


def _by_itself(rule: Rule) -> Sight | None:
    if rule.endpoint in BY_LINK or rule.endpoint in {"pages.sign_in", "docs.read_docs"}:
        return Sight(rule.endpoint, rule.rule.replace("<token>", "none"), None)
    return None


def _linked(app: Flask, doors: Mapping[str, Browser], opened: Sequence[Sight]) -> dict[str, list[Sight]]:
    """Return what the pages lead to, for those pages that take more than an address."""
    adapter = app.url_map.bind("localhost")
    found: dict[str, list[Sight]] = {}
    for sight in opened:
        assert sight.seat is not None
        text = doors[sight.seat].open(sight.path).get_data(as_text=True)
        for link in sorted(set(re.findall(r'href="(/[^"#]*)', text))):
            path = unescape(link)
            try:
                endpoint, _ = adapter.match(path.partition("?")[0], method="GET")
            except HTTPException:
                continue
            found.setdefault(endpoint, []).append(Sight(endpoint, path, sight.seat))
    return found


def fullest(doors: Mapping[str, Browser], tries: Iterable[Sight], has: str = "") -> Sight | None:
    """Return the first that opens and has something to show, and `has` in it, else the first that opens."""
    opened: Sight | None = None
    for sight in tries:
        assert sight.seat is not None
        answer = doors[sight.seat].open(sight.path)
        if answer.status_code == HTTPStatus.OK and answer.mimetype == "text/html":
            text = answer.get_data(as_text=True)
            if _EMPTY not in text and has in text:
                return sight
            opened = opened or sight
    return opened


def every_try(app: Flask, session: Session, seats: Sequence[Seat], today: date) -> dict[str, list[Sight]]:
    """Return for each endpoint what may be tried, the first seat's addresses first."""
    adapter = app.url_map.bind("localhost")
    tries: dict[str, list[Sight]] = {}
    for reader in _readers(session, seats, today):
        for address in addresses(app, session, [reader]):
            for path in dict.fromkeys(address.paths[:_TRIES]):
                endpoint, _ = adapter.match(path.partition("?")[0], method="GET")
                tries.setdefault(endpoint, []).append(Sight(endpoint, path, reader.name))
    return tries


def _readers(session: Session, seats: Sequence[Seat], today: date) -> Iterator[Reader]:
    for seat in seats:
        account_id = session.scalars(select(Account.id).where(Account.email == seat.email)).one()
        actor = load_actor(session, account_id, today=today)
        assert actor is not None
        yield Reader(seat.name, actor, token="", cookie="")

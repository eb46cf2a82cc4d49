"""What one edge refuses, the other refuses: a page and a program send the same, and hear the same."""

import json
import re
from itertools import islice, product

import pytest
from sqlalchemy import select

from tests.support.hostile import NUL
from tests.support.interface import Interface
from tests.support.office import AG, ROUND
from tests.support.pages import Browser, browser, give_passwords
from tests.support.twins import UNSEEN, Twin, at, by_program, on_page, twins
from workflow.store.organisation import Cluster

PEOPLE = {"nominator": "nv01", "supervisor": "nv23", "admin": "nv24"}
TEXTS = (
    f"a{NUL}b",
    "\ud800",
    "9" * 5000,
    "999999999999",
    "-1",
    "²",
    "２０２６",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "\u202eab",
    "NV\u200b04",
    "N\u0412\u041a",
    "\ufffd",
    "x/board",
    "x" * 101,
    "x" * 300,
    "x" * 301,
    "ế" * 300,
    "e\u0302\u0301" * 300,
    "x" * 20_000,
    "x\r\n" * 6_667,
    "x" * 20_001,
    "",
    "   ",
    "\u3000",
    "new",
    "{}",
)
# A form has no half of a letter: what a browser sends for one is a sign that a letter was lost.
NAMELESS = {f"a{NUL}b", "\ud800"}
TYPED = {"\ud800": "\ufffd"}


@pytest.fixture
def seats(interface: Interface, database, clock, session, tmp_path) -> dict[str, Browser]:
    """Seat the people of the twins before a browser."""
    give_passwords(session)
    found = {}
    for part, name in PEOPLE.items():
        found[part] = browser(database.sessions, clock, data_dir=tmp_path)
        assert found[part].sign_in(f"{name}@example.vn").status_code == 303
    return found


@pytest.fixture
def every(interface: Interface, seats, session) -> list[Twin]:
    """Furnish every twin; the fields of a row are read off the page."""
    page = seats["nominator"].open(f"/submissions/new?round={ROUND}&unit={AG}").get_data(as_text=True)
    number = re.search('name="code-([0-9]+)" value="NV05"', page)
    assert number is not None
    rows = {name: f"{name}-{number[1]}" for name in ("code", "awards", "achievement")}
    cluster_id = session.scalar(select(Cluster.id))
    session.rollback()
    return list(twins(interface, cluster_id=cluster_id, rows={**rows, "proposer": "proposer"}))


@pytest.fixture
def tokens(seats) -> dict[str, str]:
    """Return what makes a form one of our own, for each browser."""
    found = {}
    for part, seat in seats.items():
        page = seat.open("/work").get_data(as_text=True)
        token = re.search('name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        found[part] = token[1]
    return found


def differences(interface: Interface, seats, tokens, every: list[Twin], *, step: int) -> list[tuple]:
    """Send both spellings of every `step`th pair of field and text; return where the answers differ."""
    found: list[tuple] = []
    over: set[str] = set()
    pairs = ((twin, place, text) for twin in every for place, text in product(twin.fields, TEXTS))
    for twin, place, text in islice(pairs, 0, None, step):
        if twin.name in over:
            continue
        body, _ = twin.spelled(place, text)
        _, form = twin.spelled(place, TYPED.get(text, text))
        if twin.is_multipart:
            body = form
        said = by_program(interface, twin, body)
        name = twin.fields[place]
        shown = on_page(seats[twin.part].client, tokens[twin.part], twin, form, name=name)
        is_alike = said.is_refused == shown.is_refused and max(said.status, shown.status) < 500
        # A NUL comes no further than the gate of pages, half a letter no further than the reader of JSON.
        if is_alike and twin.is_shown and text not in NAMELESS:
            is_alike = said.names - UNSEEN == shown.names
        if twin.is_once and not said.is_refused:
            over.add(twin.name)
        if not is_alike:
            found.append((twin.name, place, text[:12], len(text), said, shown))
    return found


def test_both_edges_refuse_the_same(interface, seats, tokens, every) -> None:
    assert differences(interface, seats, tokens, every, step=17) == []


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_both_edges_refuse_the_same_whatever_is_sent(interface, seats, tokens, every) -> None:
    assert differences(interface, seats, tokens, every, step=1) == []


def test_what_both_edges_mean_is_taken_by_both(interface, seats, tokens, every) -> None:
    for twin in every:
        said = by_program(interface, twin, twin.form() if twin.is_multipart else twin.body)
        shown = on_page(seats[twin.part].client, tokens[twin.part], twin, twin.form())
        assert not said.is_refused, (twin.name, said)
        assert not shown.is_refused, (twin.name, shown)


def test_what_is_said_twice_is_refused_by_both(interface, seats, tokens, every) -> None:
    for twin in every:
        place, name = next(
            (one, name) for one, name in twin.fields.items() if not isinstance(at(twin.body, one), list)
        )
        key = f'"{place.rpartition(".")[2]}": '
        twice = json.dumps(twin.body, ensure_ascii=False).replace(key, f"{key}null, {key}", 1).encode()
        assert twin.is_multipart or by_program(interface, twin, twice).status == 400, twin.name
        form = {**twin.form(), name: [twin.form()[name]] * 2}
        shown = on_page(seats[twin.part].client, tokens[twin.part], twin, form, name=name)
        assert shown.is_refused, twin.name
        assert not twin.is_shown or shown.names == {name} - UNSEEN, twin.name


def test_a_text_too_long_is_a_value_that_cannot_be_taken(interface: Interface) -> None:
    movement = {"code": "PT", "title": "x" * 301, "year": 2026, "owner": "VKSTC"}
    answer = interface.post("admin", "/campaigns", movement)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "title")
    # Counted as it is stored: two code points a letter here, one there.
    assert interface.post("admin", "/campaigns", {**movement, "title": "e\u0302" * 300}).status_code == 201

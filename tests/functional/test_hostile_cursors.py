"""Cursors of another list, of another question, and of nobody's making: told so, never half a list."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, product
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.functional import test_hostile_pages as hostile
from tests.functional.test_api_reference import CONTRACT
from tests.support.interface import Interface
from tests.support.office import AG, ROUND
from tests.support.pages import BASE, Browser
from workflow.queries import paging
from workflow.queries.paging import encode_cursor

known, seats = hostile.known, hostile.seats
Kinds = Sequence[Callable[[Any], object]]
# What a place may be that this kind reads, though no page gives it; what it must refuse.
_EDGES: dict[Callable[[Any], object], tuple[tuple[object, ...], tuple[object, ...]]] = {
    paging.whole: ((0, -1, 2**63 - 1, -(2**63 - 1)), (2**63, "1", 1.5, True, None)),
    paging.text: (("", "x", "\uffff", "a" * 300), ("a\0", 1, None, [])),
    paging.number: ((0, -1e18, 9e18), ("NaN", None, True)),
    paging.truth: ((True, False), (1, None, "true")),
    paging.uuid: ((str(UUID(int=0)), str(UUID(int=2**128 - 1))), ("x", 1, None)),
}
_INSTANTS = ("2026-03-02T08:00:00+07:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
_NO_INSTANTS = ("2026-03-02T08:00:00", "yesterday", 5, "9999-12-31T23:59:60+00:00")
_EDGES[paging.instant] = (_INSTANTS, (*_NO_INSTANTS, None))
_EDGES[paging.instant_or_none] = ((*_INSTANTS, None), _NO_INSTANTS)
_OWN: tuple[tuple[object, ...], tuple[object, ...]] = (
    ("0001-01-01", "9999-12-31", 0, str(UUID(int=0))),
    ("x\0", [], {}),
)


@dataclass(frozen=True)
class Listed:
    """A list that takes cursors: who asks, where, what its cursors are called and of which kinds they are."""

    ask: Callable[[str], Any]
    where: str
    name: str
    kinds: Kinds


def asked(interface: Interface, path: str, cursor: str) -> TestResponse:
    """Ask a list of the interface from a cursor on."""
    return interface.get("admin", path, query_string={"cursor": cursor})


def opened(client: FlaskClient, path: str, cursor: str) -> TestResponse:
    """Open a page from a cursor on."""
    return client.get(path, base_url=BASE, query_string={"cursor": cursor})


@dataclass
class Listener:
    """Notes which cursor a request had read, as what."""

    heard: list[tuple[str, Kinds]]

    def __call__(self, name: str, _cursor: str) -> list[object]:
        self.heard.append((name, sys._getframe(1).f_locals["kinds"]))
        raise ValueError(name)


def heard_in(
    asks: Iterator[tuple[Callable[[str], Any], str]], monkeypatch: pytest.MonkeyPatch
) -> list[Listed]:
    """Return the lists behind addresses; one address has several where a page has several."""
    found = []
    with monkeypatch.context() as patched:
        patched.setattr(paging, "_places", listener := Listener([]))
        for ask, where in asks:
            listener.heard.clear()
            ask("x")
            found += [Listed(ask, where, name, kinds) for name, kinds in listener.heard]
    return found


def crafted(one: Listed, others: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Give cursors for a list, each with whether it is one of its own form."""
    good = [_EDGES.get(kind, _OWN)[0] for kind in one.kinds]
    bad = [_EDGES.get(kind, _OWN)[1] for kind in one.kinds]
    for places in islice(product(*good), 0, None, max(1, len(list(product(*good))) // 12)):
        yield encode_cursor(one.name, *places), True
    usual = [edges[0] for edges in good]
    for at, wrong in enumerate(bad):
        for place in wrong:
            yield encode_cursor(one.name, *usual[:at], place, *usual[at + 1 :]), False
    yield encode_cursor(one.name, *usual, 1), False
    yield encode_cursor(one.name, *usual[:-1]), False
    for other in others:
        if other != one.name:
            yield encode_cursor(other, *usual), False
    own = encode_cursor(one.name, *usual)
    yield from ((text, False) for text in (own[1:], f"{own[:-3]}", f"%{own}", "²", "\x00", "-1", own * 9))


def faults(lists: Sequence[Listed], *, step: int) -> list[object]:
    """Ask each list with every `step`th of its hostile cursors, each list beginning with another.

    Whatever the step, from the farthest place of its own form: its numbers are larger than some columns.
    """
    names = sorted({one.name for one in lists})
    found: list[object] = []
    for number, one in enumerate(lists):
        others = [names[(number + step) % len(names)] for step in (1, 2, 3)]
        farthest = encode_cursor(one.name, *(_EDGES.get(kind, _OWN)[0][-1] for kind in one.kinds))
        some = islice(crafted(one, others), number % step, None, step)
        for cursor, is_own_form in chain([(farthest, True)], some):
            answer = one.ask(cursor)
            # Of its own form with texts that stand for no row: a place in the list, or not one.
            allowed = {200, 422} if is_own_form else {422}
            if answer.status_code not in allowed:
                found.append((answer.status_code, one.where, one.name, cursor, is_own_form))
    return found


EACH = [5, pytest.param(1, marks=pytest.mark.deep)]


@pytest.mark.parametrize("step", EACH)
@pytest.mark.timeout(600)
def test_a_cursor_of_another_list_or_of_nobodys_making_is_refused_by_every_list_of_the_interface(
    interface: Interface, known: dict[str, str], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    described = interface.app.test_client().get("/openapi.json").json["paths"]

    def asks() -> Iterator[tuple[Callable[[str], Any], str]]:
        for method, path in sorted(CONTRACT):
            names = [one["name"] for one in described[f"/api/v1{path}"][method.lower()].get("parameters", [])]
            if method == "GET" and "cursor" in names:
                here = path
                for name, value in known.items():
                    here = here.replace("{" + name + "}", value)
                yield partial(asked, interface, here), here

    lists = heard_in(asks(), monkeypatch)
    assert len(lists) > 15
    assert faults(lists, step=step) == []


@pytest.mark.parametrize("step", EACH)
@pytest.mark.timeout(600)
def test_a_cursor_of_another_list_or_of_nobodys_making_is_refused_by_every_page(
    seats: dict[str, Browser], known: dict[str, str], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    client = seats["supervisor"].client

    def asks() -> Iterator[tuple[Callable[[str], Any], str]]:
        for method, path, spoil in hostile.addresses(client.application, known):
            if method == "GET" and not spoil:
                yield partial(opened, client, path), path

    lists = heard_in(asks(), monkeypatch)
    assert len(lists) > 8
    assert faults(lists, step=step) == []


@pytest.mark.parametrize("page", ["/rounds/2027", "/rounds/2027/board"])
def test_a_place_in_a_table_is_a_number(seats: dict[str, Browser], page: str) -> None:
    supervisor = seats["supervisor"]
    assert supervisor.open(f"{page}?cursor=0").status_code == 200
    for cursor in ("x", "-1", "²", "9" * 400, "", encode_cursor("rounds", 1)):
        answer = supervisor.client.get(page, base_url=BASE, query_string={"cursor": cursor})
        assert answer.status_code == 422, cursor


def test_a_cursor_goes_on_with_the_question_that_gave_it(interface: Interface) -> None:
    for person in ("NV04", "NV05"):
        interface.act("nominator", interface.drafted(person=person), "submit")
    for path, question, other in (
        ("/forecast", {"days": 20}, {"days": 21}),
        ("/analytics/bottlenecks", {"time": "working"}, {"time": "calendar"}),
        ("/analytics/bottlenecks", {"by": "unit"}, {}),
        ("/nominations", {"order": "due"}, {"order": "due", "unit": AG}),
        ("/nominations", {"unit": AG}, {"round": ROUND}),
    ):
        page = interface.get("admin", path, query_string={**question, "limit": 1}).json
        assert page["next"] is not None, path
        place = {"limit": 1, "cursor": page["next"]}
        assert interface.get("admin", path, query_string={**question, **place}).status_code == 200
        answer = interface.get("admin", path, query_string={**other, **place})
        assert (answer.status_code, answer.json["code"]) == (422, "unreadable-cursor"), (path, other)


@pytest.mark.parametrize("path", ["/inbox", "/inbox/groups"])
def test_a_cursor_of_an_inbox_goes_on_with_its_own_tab_and_filters(interface: Interface, path: str) -> None:
    for person in ("NV04", "NV05"):
        interface.act("nominator", interface.drafted(person=person), "submit")
    questions: tuple[dict[str, object], ...] = (
        {},
        {"tab": "groups"},
        {"unit": AG},
        {"q": "an giang"},
        {"unit": AG, "flag": "unclaimed"},
    )
    for question in questions:
        page = interface.get("reviewer", path, query_string={**question, "limit": 1}).json
        for other in questions:
            asked = {**other, "limit": 1, "cursor": page["next"]}
            answer = interface.get("reviewer", path, query_string=asked)
            assert answer.status_code == (200 if other == question else 422), (question, other)

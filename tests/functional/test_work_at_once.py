"""Whoever signs or enters votes for many lists is led from their work to the page that takes them at once."""

from collections.abc import Callable

import pytest

from tests.conftest import MONDAY
from tests.support.council import at_the_council, on_the_heads_desk, people, rows_of
from tests.support.office import ROUND, Office
from tests.support.pages import Browser
from tests.support.yearly import make_yearly

Desk = Callable[..., Browser]
SEATS = {"nv22@example.vn": "signing", "nv21@example.vn": "votes"}


@pytest.mark.parametrize("email", list(SEATS))
@pytest.mark.parametrize("lists", [1, 2])
def test_work_of_several_lists_leads_to_where_it_is_done_at_once(
    office: Office, desk: Desk, email: str, lists: int
) -> None:
    codes = people(make_yearly(office, MONDAY), [f"Người số {number}" for number in range(1, 2 * lists + 1)])
    carry = on_the_heads_desk if SEATS[email] == "signing" else at_the_council
    carry(office, [rows_of(codes[2 * one : 2 * one + 2], "CSTDCS") for one in range(lists)], MONDAY)
    page = desk(email).open("/").get_data(as_text=True)
    doors = [door for door in SEATS.values() if f'href="/rounds/{ROUND}/{door}"' in page]
    assert doors == ([SEATS[email]] if lists > 1 else [])
    assert (f"{lists} danh sách" in page) is (lists > 1)


@pytest.mark.parametrize(("address", "style"), [("/", "btn-primary"), ("/?more=1", "btn-outline-primary")])
def test_what_is_done_at_once_is_to_be_pressed_first_where_nothing_else_waits(
    office: Office, desk: Desk, address: str, style: str
) -> None:
    codes = people(make_yearly(office, MONDAY), [f"Người số {number}" for number in range(1, 5)])
    on_the_heads_desk(office, [rows_of(codes[:2], "CSTDCS"), rows_of(codes[2:], "CSTDCS")], MONDAY)
    # Whoever opened the conditions is about to narrow what they see.
    page = desk("nv22@example.vn").open(address).get_data(as_text=True)
    assert f'class="btn {style}" href="/rounds/{ROUND}/signing"' in page

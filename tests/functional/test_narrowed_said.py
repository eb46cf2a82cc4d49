"""What a list is narrowed to is said above it, and no link of its own lets go of it unasked."""

from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.functional.test_hostile_pages import Fields, known, seats
from tests.support.office import AG, ROUND
from tests.support.pages import BASE, Browser

__all__ = ["known", "seats"]

BOARD = f"/rounds/{ROUND}/board"


def narrowed(page: str) -> str:
    """Return the sentence above a list, empty where there is none."""
    return unescape(page.partition('id="narrowed">')[2].partition("<")[0])


@pytest.mark.parametrize(
    ("seat", "address", "said"),
    [
        ("supervisor", "/obstacles", ""),
        ("supervisor", f"/obstacles?reason=away&unit={AG}", "Only: Away, and nobody stands in; VKS-AG."),
        ("admin", "/audit", ""),
        (
            "admin",
            f"/audit?kind=round&code={ROUND}&unit={AG}&until=02/03/2026",
            f"Only: Round; {ROUND}; VKSND tỉnh An Giang; until Monday, 2 March 2026.",
        ),
        ("admin", "/audit?action=grant", "Only: Gave a role."),
        ("admin", "/admin/units", ""),
        (
            "admin",
            f"/admin/units?parent={AG}&state=unseated",
            "Only: VKSND tỉnh An Giang; nobody sits there.",
        ),
        ("admin", f"/admin/people?unit={AG}&account=without", "Only: VKSND tỉnh An Giang; no account."),
    ],
)
def test_a_list_says_what_its_address_narrows_it_to(
    seats: dict[str, Browser], seat: str, address: str, said: str
) -> None:
    reader = seats[seat]
    reader.open("/nominations")
    reader.send("/language", {"locale": "en"})
    assert narrowed(reader.open(address).get_data(as_text=True)) == said


def test_the_inbox_says_the_state_that_it_has_no_field_for(seats: dict[str, Browser]) -> None:
    assert narrowed(seats["nominator"].open("/?state=draft").get_data(as_text=True)).startswith("Chỉ gồm: ")
    assert narrowed(seats["nominator"].open("/").get_data(as_text=True)) == ""


@pytest.mark.parametrize("address", ["/?state=decision", "/nominations?state=decision&stage=draft"])
def test_a_state_that_nothing_is_in_is_called_by_its_name(seats: dict[str, Browser], address: str) -> None:
    page = seats["nominator"].open(address).get_data(as_text=True)
    assert "row-title" not in page
    assert "Chờ ký quyết định" in narrowed(page)


@pytest.mark.parametrize(
    ("seat", "address"),
    [
        ("supervisor", f"{BOARD}?show=silent&cluster=none&only={AG},VKS-CM"),
        ("supervisor", f"/nominations?stage=draft&unit={AG}&order=due"),
        ("nominator", f"/?tab=mine&due=later&unit={AG}"),
        ("supervisor", f"/submissions?round={ROUND}&unit={AG}&status=sent"),
        ("supervisor", f"/bottlenecks?round={ROUND}&unit={AG}&by=unit&time=calendar"),
        ("supervisor", f"/obstacles?reason=away&unit={AG}"),
        ("admin", f"/audit?kind=round&code={ROUND}&since=01/02/2026"),
        ("admin", "/admin/units?q=vks&state=today"),
        ("admin", f"/admin/people?unit={AG}&account=without"),
        ("supervisor", "/forecast?days=3&mine=true"),
    ],
)
def test_a_link_of_a_narrowed_page_lets_go_of_one_condition_or_of_all(
    seats: dict[str, Browser], seat: str, address: str
) -> None:
    """One that leads to the same list, or to its file, without two of three is an oversight."""
    page = Fields()
    answer = seats[seat].client.get(address, base_url=BASE)
    assert answer.status_code == 200
    page.feed(answer.get_data(as_text=True).partition("<main")[2])
    path, given = urlsplit(address).path, dict(parse_qsl(urlsplit(address).query))
    for link in page.links:
        there = urlsplit(link)
        if there.path.removesuffix(".csv").removesuffix(".xlsx") != path:
            continue
        kept = dict(parse_qsl(there.query, keep_blank_values=True))
        changed = {name for name, word in given.items() if kept.get(name) != word}
        # Who clears the conditions of the inbox stays in its tab.
        assert len(changed) <= 1 or not kept.keys() - {"tab"}, link


def test_the_buttons_of_a_board_count_and_keep_what_it_is_narrowed_to(seats: dict[str, Browser]) -> None:
    page = seats["supervisor"].open(f"{BOARD}?only={AG}&cluster=none").get_data(as_text=True)
    for show in ("all", "silent", "late", "held"):
        assert f"{BOARD}?show={show}&amp;cluster=none&amp;only={AG}" in page, show


@pytest.mark.parametrize(
    ("seat", "address", "said", "without"),
    [
        ("supervisor", "/nominations?state=a&state=b", "state “b”", "/nominations?state=a"),
        ("supervisor", f"/obstacles?unit={AG}&unit=X&unit=Y", "Unit “X”, Unit “Y”", f"/obstacles?unit={AG}"),
        ("supervisor", "/submissions?status=&status=sent", "Status “sent”", "/submissions?status="),
        ("admin", "/admin/units?q=an&q=ca", "Name of the nominee “ca”", "/admin/units?q=an"),
    ],
)
def test_a_word_that_is_there_twice_is_read_once_and_the_rest_is_named(
    seats: dict[str, Browser], seat: str, address: str, said: str, without: str
) -> None:
    reader = seats[seat]
    reader.open("/nominations")
    reader.send("/language", {"locale": "en"})
    page = reader.open(address)
    assert page.status_code == 200
    notice = page.get_data(as_text=True).partition('id="unheard"')[2].partition("</div>")[0]
    assert said in notice
    assert f'href="{without}"' in notice
    assert 'id="unheard"' not in reader.open(without).get_data(as_text=True)
    # Said twice the same, nothing is lost.
    assert 'id="unheard"' not in reader.open("/nominations?stage=draft&stage=draft").get_data(as_text=True)


def test_a_file_of_a_word_that_is_there_twice_is_refused(seats: dict[str, Browser]) -> None:
    for seat, address in (
        ("supervisor", "/nominations.csv?stage=draft&stage=council"),
        ("supervisor", f"{BOARD}.csv?show=all&show=late"),
        ("admin", "/admin/units.xlsx?q=an&q=ca"),
    ):
        assert seats[seat].client.get(address, base_url=BASE).status_code == 422, address


@pytest.mark.parametrize(
    "address",
    [
        "/admin/units?state=gone",
        "/admin/people?account=maybe",
        "/audit?kind=colour",
        "/audit?since=31/02/2026",
    ],
)
def test_a_list_with_a_wrong_word_answers_422_with_its_page(seats: dict[str, Browser], address: str) -> None:
    answer = seats["admin"].client.get(address, base_url=BASE)
    assert answer.status_code == 422
    assert f'action="{address.partition("?")[0]}"' in answer.get_data(as_text=True)

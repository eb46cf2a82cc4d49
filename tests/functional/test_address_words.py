"""A word of an address that a page does not know is named there; one that it cannot take is refused."""

import re
from pathlib import Path

import pytest

import api.pages
from api.pages.frame.address_words import words_of_view
from tests.functional.test_hostile_pages import Fields, _filled, known, seats
from tests.support.office import ROUND
from tests.support.pages import BASE, Browser

__all__ = ["known", "seats"]

TEMPLATES = Path(api.pages.__file__).parent / "templates"
LISTS = re.compile(
    r"""pager\("(pages\.\w+)"|class="filters" method="get" action="\{\{ url_for\('(pages\.\w+)'"""
)
UNHEARD = 'id="unheard"'


def lists() -> set[str]:
    """Return the endpoint of every page whose list has pages, or a form that narrows it."""
    texts = (path.read_text("utf-8") for path in TEMPLATES.rglob("*.html") if path.stem != "styleguide")
    return {name for text in texts for found in LISTS.findall(text) for name in found if name}


def test_every_list_says_by_which_words_it_is_narrowed(
    seats: dict[str, Browser], known: dict[str, str]
) -> None:
    """And its own form asks by no other."""
    app = seats["admin"].client.application
    assert [name for name in sorted(lists()) if words_of_view(app.view_functions[name]) is None] == []
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    seen = 0
    for endpoint in sorted(lists()):
        words, path = words_of_view(app.view_functions[endpoint]), _filled(rules[endpoint], known, {})
        for browser in seats.values():
            page = Fields()
            page.feed(browser.open(path).text)
            asked = {
                name
                for action, way, fields in page.forms
                if (action, way) == (path, "get")
                for name in fields
            }
            assert asked <= words, path
            seen += bool(asked)
            named = browser.open(f"{path}?nonsense=1")
            assert named.status_code != 200 or UNHEARD in named.text, path
    assert seen


@pytest.mark.parametrize(
    ("asked", "said", "without"),
    [
        ("/nominations?due=overdue&unit=VKS-AG", "Due “overdue”", "/nominations?unit=VKS-AG"),
        ("/nominations?colour=red", "colour “red”", "/nominations"),
        ("/bottlenecks?flag=late", "Status “late”", "/bottlenecks"),
        ("/?stage=draft&due=today", "Stage “draft”", "/?due=today"),
        ("/submissions?flag=late&q=12", "Status “late”", "/submissions?q=12"),
        ("/people?name=an", "name “an”", "/people"),
        ("/rounds?year=2026", "Year “2026”", "/rounds"),
        ("/forecast?days=3&unit=VKS-AG", "Unit “VKS-AG”", "/forecast?days=3"),
    ],
)
def test_an_unknown_word_is_named_with_the_way_to_the_page_without_it(
    seats: dict[str, Browser], asked: str, said: str, without: str
) -> None:
    supervisor = seats["supervisor"]
    supervisor.open("/nominations")
    supervisor.send("/language", {"locale": "en"})
    page = supervisor.open(asked)
    assert page.status_code == 200
    notice = page.text.partition(UNHEARD)[2].partition("</div>")[0]
    assert said in notice
    assert f'href="{without.replace("&", "&amp;")}"' in notice
    assert UNHEARD not in supervisor.open(without).text


def test_what_counts_the_readers_of_a_link_is_passed_over(seats: dict[str, Browser]) -> None:
    counted = "/nominations?stage=draft&utm_source=zalo&utm_medium=chat&zarsrc=30&fbclid=x&colour="
    assert UNHEARD not in seats["supervisor"].open(counted).text
    assert seats["supervisor"].open("/nominations.csv?utm_source=zalo").status_code == 200


@pytest.mark.parametrize(
    ("seat", "path"),
    [
        ("supervisor", "/nominations.csv?due=overdue"),
        ("supervisor", "/inbox.xlsx?stage=draft"),
        ("supervisor", f"/rounds/{ROUND}/board.csv?unit=C1"),
        ("admin", "/audit.csv?who=me"),
        ("admin", "/admin/units.csv?name=an"),
        ("admin", "/admin/people.xlsx?name=an"),
    ],
)
def test_a_file_that_cannot_say_so_is_refused(seats: dict[str, Browser], seat: str, path: str) -> None:
    answer = seats[seat].client.get(path, base_url=BASE)
    assert answer.status_code == 422
    assert f'href="{path.partition("?")[0]}"' in answer.text


@pytest.mark.parametrize(
    ("seat", "path"),
    [
        ("supervisor", "/nominations?stage=proposed"),
        ("supervisor", "/submissions?status=late"),
        ("supervisor", "/bottlenecks?by=person"),
        ("supervisor", "/bottlenecks?time=lunar"),
        ("supervisor", "/clusters?year=20266"),
        ("supervisor", "/clusters?year=this"),
        ("supervisor", "/escalations?days=many"),
        ("supervisor", f"/rounds/{ROUND}/board?show=nobody"),
        ("admin", "/admin/calendar?year=last"),
    ],
)
def test_a_value_that_a_word_may_not_have_is_refused(seats: dict[str, Browser], seat: str, path: str) -> None:
    answer = seats[seat].client.get(path, base_url=BASE)
    assert answer.status_code == 422
    assert f'href="{path.partition("?")[0]}"' in answer.text


def test_reports_of_another_number_of_days_than_those_offered_are_shown(seats: dict[str, Browser]) -> None:
    assert '<option value="2" selected>' in seats["supervisor"].open("/escalations?days=2").text

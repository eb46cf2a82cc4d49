"""A list that looked through a part of itself says so, and goes on from there."""

import re

import pytest

from tests.support.lists import add_colleagues, compose, row
from workflow.queries.nominations import nominations
from workflow.queries.submissions import submissions

ADMIN = "nv24@example.vn"
SAID = "trang này mới tìm một phần, trang sau tìm tiếp từ đó"


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nominations, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(submissions, "MOST_COUNTED", 2)


@pytest.fixture
def most_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every word stand in more names than are looked up."""
    monkeypatch.setattr("workflow.store.sightings._MOST_NAMES", 0)


def pages(reader, path: str) -> list[str]:
    """Return the text of each page from an address on, by the way that it offers."""
    found = []
    while True:
        text = reader.open(path).get_data(as_text=True)
        found.append(text)
        ways = re.findall(r'href="([^"]*cursor=[^"]*)"', text)
        if not ways:
            return found
        path = ways[-1].replace("&amp;", "&")


def test_a_page_that_is_not_full_says_that_the_next_looks_on(desk, office, clock, most_have_it):
    for code in ("NV04", "NV05", "NV03", "NV01"):
        office.draft(clock.now(), person_code=code)
    empty, last, *more = pages(desk(ADMIN), "/nominations?q=dang+quoc")
    assert SAID in empty
    assert "Không có hồ sơ nào khớp" not in empty
    assert "row-title" not in empty
    assert "/nominations.xlsx?" in empty
    assert last.count("row-title") == 1
    # The stretch ended with the list: the page that follows says that there was more before.
    [none] = more
    assert SAID not in none
    assert "Không còn mục nào khớp nữa." in none
    assert "/nominations.xlsx?" in none


def test_few_names_are_found_by_their_index_however_old(desk, office, clock):
    for code in ("NV04", "NV05", "NV03", "NV01"):
        office.draft(clock.now(), person_code=code)
    [only] = pages(desk(ADMIN), "/nominations?q=dang+quoc")
    assert only.count("row-title") == 1


def test_lists_say_it_too(desk, office, session, clock):
    for code in add_colleagues(session, 5):
        compose(office, [row(code)], clock.now())
    found = pages(desk(ADMIN), "/submissions?status=decided")
    assert [SAID in page for page in found] == [True, True, False]
    assert 'class="rows"' not in found[0]
    assert "Không còn mục nào khớp nữa." in found[-1]


def test_a_file_holds_what_all_pages_hold(desk, office, clock):
    for code in ("NV04", "NV05", "NV03", "NV01"):
        office.draft(clock.now(), person_code=code)
    found = desk(ADMIN).open("/nominations.csv?stage=draft").get_data(as_text=True)
    assert len(found.strip().splitlines()) == 1 + 4

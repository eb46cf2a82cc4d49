"""A list that looked through a part of itself says so, and goes on from there."""

import re

import pytest

from tests.support.lists import add_colleagues, compose, row
from workflow.queries.nominations import nominations
from workflow.queries.submissions import submissions

ADMIN = "nv24@example.vn"
SAID = "trang này mới tìm qua một phần, trang sau tìm tiếp từ đó"


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nominations, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(submissions, "MOST_COUNTED", 2)


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


def test_a_page_that_is_not_full_says_that_the_next_looks_on(desk, office, clock):
    for code in ("NV04", "NV05", "NV03", "NV01"):
        office.draft(clock.now(), person_code=code)
    empty, last, *more = pages(desk(ADMIN), "/nominations?q=dang+quoc")
    assert SAID in empty
    assert "Không có hồ sơ nào khớp" not in empty
    assert "row-title" not in empty
    assert "/nominations.xlsx?" in empty
    assert last.count("row-title") == 1
    # Where the stretch ends with the list, the page that follows says that nothing is left.
    assert [SAID in page for page in more] in ([], [False])


def test_lists_say_it_too(desk, office, session, clock):
    for code in add_colleagues(session, 5):
        compose(office, [row(code)], clock.now())
    found = pages(desk(ADMIN), "/submissions?status=decided")
    assert [SAID in page for page in found] == [True, True, False]
    assert 'class="rows"' not in found[0]
    assert "Không có tờ trình nào khớp" in found[-1]


def test_a_file_holds_what_all_pages_hold(desk, office, clock):
    for code in ("NV04", "NV05", "NV03", "NV01"):
        office.draft(clock.now(), person_code=code)
    found = desk(ADMIN).open("/nominations.csv?stage=draft").get_data(as_text=True)
    assert len(found.strip().splitlines()) == 1 + 4

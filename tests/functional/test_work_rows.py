"""What a row of the work to do tells of a list: that names came back, and which of two of one unit it is."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.pages import Browser, browser
from tests.support.sector import FIRST, colleagues_of
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock

COLLEAGUES = colleagues_of(FIRST, 2)
HEAD, NOMINATOR = f"{FIRST}-TT", f"{FIRST}-CB"
OTHERS: list[dict[str, object]] = [{"person": COLLEAGUES[1], "awards": ["CSTDCS"]}]
MENDED = {"reason_code": "dossier_incomplete", "to_step": "draft", "comment": "Bổ sung biên bản."}


@pytest.fixture
def paper(session: Session, database, clock: FixedClock, tmp_path: Path) -> Paper:
    return waiting_paper(session, database, clock, tmp_path, COLLEAGUES)


@pytest.fixture
def nominator(paper: Paper, database, clock: FixedClock) -> Browser:
    seated = browser(database.sessions, clock)
    assert seated.sign_in(f"{NOMINATOR}@example.vn".lower()).status_code == 303
    return seated


def row_of(page: Browser, path: str) -> str:
    """Return what is written in sight in the row of a list."""
    html = page.open("/").get_data(as_text=True)
    [row] = [part for part in html.split('<li class="row-item')[1:] if f'href="{path}"' in part]
    return row.partition("<details")[0]


def test_a_row_says_that_names_of_its_list_came_back(paper: Paper, nominator: Browser) -> None:
    first, second = (paper.names[person] for person in COLLEAGUES)
    paper.act(HEAD, "return", nominations=[first], **MENDED)
    assert "Đã trả lại" in row_of(nominator, paper.path)
    # Beside names that only wait it says how many.
    another = Paper(paper.sector, FIRST, OTHERS, number=13)
    assert "trả lại" not in row_of(nominator, another.path)
    paper.act(HEAD, "return", nominations=[second], **MENDED)
    assert "Đã trả lại" in row_of(nominator, paper.path)


def test_two_lists_of_one_unit_are_told_apart(paper: Paper, nominator: Browser) -> None:
    paper.act(HEAD, "return", nominations=[paper.names[COLLEAGUES[0]]], **MENDED)
    assert "Tờ trình số" not in row_of(nominator, paper.path)
    another = Paper(paper.sector, FIRST, OTHERS, number=13)
    for path, number in ((paper.path, 12), (another.path, 13)):
        assert f"Tờ trình số {number}/TTr-{FIRST}" in row_of(nominator, path)

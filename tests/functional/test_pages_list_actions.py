"""A list whose main action is closed says why, where to mend it, and where each name goes."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.applications import application
from tests.support.interface import Interface, settings_for_tests
from tests.support.pages import Browser, browser, form_of, give_passwords
from tests.support.sector import FIRST, OPENING, ROUND, UNITS, colleagues_of, rows_for, sector_files, settle
from workflow.clock import FixedClock

PEOPLE = colleagues_of(FIRST, 3)


@pytest.fixture
def sector(session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    office = settle(session, clock.now(), sector_files(UNITS[:2], len(PEOPLE)))
    give_passwords(session)
    app = application(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock)
    interface = Interface(app, office, clock)
    assert interface.post("GS", "/rounds", OPENING).status_code == 201
    return interface


def composed(sector: Interface, rows: list[dict[str, object]], **words: str) -> str:
    """Have the first unit compose a list without papers; return its address."""
    made = sector.post(f"{FIRST}-CB", "/submissions", {"round": ROUND, "unit": FIRST, "rows": rows, **words})
    assert made.status_code == 201, made.text
    return f"/submissions/{made.json['submissions'][0]['id']}"


def seated(database, clock: FixedClock, part: str, folder: Path) -> Browser:
    desk = browser(database.sessions, clock, data_dir=folder)
    assert desk.sign_in(f"{FIRST}-{part}@example.vn".lower()).status_code == 303
    return desk


def test_a_list_that_cannot_be_sent_shows_the_closed_button_with_the_names_that_lack_something(
    sector: Interface, database, clock: FixedClock, tmp_path: Path
) -> None:
    rows = rows_for(PEOPLE)
    for row in rows:
        row["achievement"] = ""
    path = composed(sector, rows)
    nominator = seated(database, clock, "CB", tmp_path)
    html = nominator.open(path).get_data(as_text=True)
    assert "Gửi đơn vị bình xét (0 trên 3)" in nominator.text
    assert "Chưa có báo cáo thành tích. 3 đề nghị" in nominator.text
    lacks = html[html.index('class="lacks"') :]
    assert len(re.findall(r'href="/nominations/\d+"', lacks[: lacks.index("</details>")])) == 3
    # The closed button is none: no form can be sent by it.
    assert 'value="submit@draft@annual"' not in html
    answer = nominator.send("/review", {"what": "submit@draft@annual", "names": "1"})
    assert (answer.status_code, "Việc này không còn thực hiện được" in nominator.text) == (422, True)


def test_an_unsigned_list_leads_its_head_to_what_is_missing_on_the_page(
    sector: Interface, database, clock: FixedClock, tmp_path: Path
) -> None:
    path = composed(sector, rows_for(PEOPLE[:1]))
    version = sector.get(f"{FIRST}-CB", path).json["paper"]["version"]
    assert sector.post(f"{FIRST}-CB", f"{path}/actions/submit", {"version": version}).json["done"] == 1
    head = seated(database, clock, "TT", tmp_path)
    html = head.open(path).get_data(as_text=True)
    assert "Nhất trí đề nghị (0 trên 1)" in head.text
    for words in ("Tờ trình chưa có số.", "Tờ trình chưa có người ký.", "Chưa có tài liệu: Tờ trình."):
        assert f"{words} Bổ sung ngay trên trang này 1 đề nghị" in head.text
    for place in ("paper", "papers"):
        assert f'href="#{place}"' in html
        assert f'id="{place}"' in html


def test_a_wrong_file_on_a_list_is_said_beside_its_form_and_the_next_one_is_taken(
    sector: Interface, database, clock: FixedClock, tmp_path: Path
) -> None:
    path = composed(sector, rows_for(PEOPLE[:1]))
    nominator = seated(database, clock, "CB", tmp_path)
    nominator.open(path)
    fields = form_of(nominator.page, "?as=any")
    address = fields.pop("")
    sent = {
        **fields,
        "kind": "other",
        "confirms_not_secret": "true",
        "file": (BytesIO(b"MZ nothing"), "a.pdf"),
    }
    nominator.post(address, sent)
    assert nominator.page.status_code == 422
    assert "không phải PDF, PNG, JPEG hay TIFF" in nominator.text
    html = nominator.page.get_data(as_text=True)
    assert 'id="paper-any-error"' in html
    assert form_of(nominator.page, "?as=any")["kind"] == "other"


def test_the_review_of_a_list_names_each_names_next_step_and_those_left_out(
    sector: Interface, database, clock: FixedClock, tmp_path: Path
) -> None:
    unit: dict[str, object] = {"awards": ["TTLDXS"], "achievement": "Dẫn đầu.", "proposer": "Cán bộ đầu mối"}
    words = {"number": "9/TTr", "signed_on": "2026-03-02", "signer": "Thủ trưởng"}
    path = composed(sector, [*rows_for(PEOPLE), unit], **words)
    nominator = seated(database, clock, "CB", tmp_path)
    nominator.open(path)
    names = re.findall(r'name="names" id="name-(\d+)"', nominator.page.get_data(as_text=True))
    review = nominator.send("/review", {"what": "submit@draft@annual", "names": names[-1]})
    assert review.status_code == 200
    assert "Bạn không đánh dấu, nên giữ nguyên:" in nominator.text
    assert "Người số 1 của DV01" in nominator.text


def test_a_paper_signed_tomorrow_is_refused_in_the_readers_language(
    sector: Interface, database, clock: FixedClock, tmp_path: Path
) -> None:
    path = composed(sector, rows_for(PEOPLE[:1]))
    nominator = seated(database, clock, "CB", tmp_path)
    for signed_on, words in (("31/12/2030", "không sau hôm nay"), ("31/2/2026", "ngày/tháng/năm")):
        nominator.open(path)
        answer = nominator.send("/paper", {"number": "9/TTr", "signed_on": signed_on, "signer": "An"})
        assert answer.status_code == 422
        assert words in nominator.text
        assert "lies in the future" not in nominator.text
        assert form_of(nominator.page, "/paper")["signed_on"] == signed_on
    nominator.open(path)
    nominator.send("/paper", {"version": "x", "number": "9/TTr"})
    assert not re.search(r"[^.]*(version|valid|future|required)[^.]*[.]", nominator.text)

"""Lists as files: the rows of their pages, opened by other readers; nothing is a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from time import process_time
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.pages.exports import parts
from api.sheets.table import FileKind, SheetTable, csv_bytes
from api.sheets.workbook import Cell, workbook_bytes
from tests.functional.test_inbox_narrowed import FITTING, LEAVING_OUT, WRONG, email_of
from tests.support.lists import add_colleagues, compose, row
from tests.support.office import AG, Office
from tests.support.pages import Browser, text_of
from tests.support.plans import ready_made
from tests.support.waiting import many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.imports.reading.workbook.process import read_workbook
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.store.access import Account
from workflow.store.nominations import Nomination

EVIL = ("=HYPERLINK(1)", "+84 290", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.status
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def sheet_of(content: bytes) -> list[list[str]]:
    """Read a workbook with the reader of imports, which is no part of what wrote it."""
    [table] = read_workbook(content)
    return [list(row.cells) for row in table.rows]


def parts_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read("xl/worksheets/sheet1.xml").decode()


@pytest.fixture
def waiting(office: Office, clock: FixedClock) -> int:
    number = submitted(office, clock.now())
    office.session.commit()
    return number


@pytest.fixture
def reviewer(office: Office, waiting: int, desk: Callable[..., Browser]) -> Browser:
    return desk(email_of(office, "reviewer"))


def test_an_inbox_is_saved_with_the_words_of_its_address(reviewer: Browser) -> None:
    for query in FITTING:
        rows = rows_of(reviewer.open(f"/inbox.csv?{urlencode(query)}"))
        assert [row["Họ tên, tên tập thể"] for row in rows] == ["Đặng Quốc Dũng"], query
    for query in LEAVING_OUT:
        assert rows_of(reviewer.open(f"/inbox.csv?{urlencode(query)}")) == [], query
    for query in WRONG:
        assert reviewer.open(f"/inbox.csv?{urlencode(query)}").status_code == 422, query


def test_the_workbook_of_an_inbox_says_what_the_text_says(reviewer: Browser, waiting: int) -> None:
    page = reviewer.open("/?unit=VKS-AG").text
    links = dict(re.findall(r'href="(/inbox\.(?:csv|xlsx)[^"]*)" download>(\w+)<', page))
    assert links == {"/inbox.xlsx?unit=VKS-AG": "Excel", "/inbox.csv?unit=VKS-AG": "CSV"}
    [text] = rows_of(reviewer.open("/inbox.csv"))
    answer = reviewer.open("/inbox.xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="inbox-2026-03-02.xlsx"'
    head, cells = sheet_of(answer.data)
    found = dict(zip(head, cells, strict=True))
    assert list(found) == list(text)
    assert (found["Số hồ sơ"], text["Số hồ sơ"]) == (str(waiting), str(waiting))
    same = [name for name in found if name not in {"Hạn xử lý", "Ở khâu này từ ngày"}]
    assert [found[name] for name in same] == [text[name] for name in same]
    assert text["Hạn xử lý"] == "2026-03-09 17:00"
    assert text["Ở khâu này từ ngày"] == "2026-03-02"
    assert text["Khâu"] == "Bình xét tại đơn vị"


def test_days_are_days_and_numbers_numbers_in_the_workbook(reviewer: Browser, waiting: int) -> None:
    answer = reviewer.open("/inbox.xlsx").data
    cells = list(ET.fromstring(parts_of(answer)).iter(f"{MAIN}c"))  # noqa: S314 - our own
    numbers = [cell.findtext(f"{MAIN}v") for cell in cells if cell.get("t") == "n"]
    # Days since the end of 1899, as spreadsheets count; the due date with its hour.
    epoch = date(1899, 12, 30)
    due, since = (date(2026, 3, 9) - epoch).days + 17 / 24, (date(2026, 3, 2) - epoch).days
    assert numbers[0] == str(waiting)
    assert any(abs(float(number or 0) - due) < 1e-6 for number in numbers)
    assert str(since) in numbers
    assert not [cell for cell in cells if cell.find(f"{MAIN}f") is not None]


def test_what_begins_like_a_formula_is_text_in_both(
    office: Office, session: Session, reviewer: Browser, clock: FixedClock
) -> None:
    name = "=cmd|' /C calc'!A0"
    add_people(session, [NewPerson("E1", name, AG)])
    session.commit()
    submitted(office, clock.now(), person="E1")
    for path in ("/inbox", "/nominations"):
        texts = rows_of(reviewer.open(f"{path}.csv"))
        assert f"'{name}" in [text["Họ tên, tên tập thể"] for text in texts]
        book = reviewer.open(f"{path}.xlsx").data
        assert name in [row[1] for row in sheet_of(book)]
        assert not re.search(r"<f[ >]", parts_of(book))


def test_what_was_decided_is_shown_and_saved_with_what_was_done(
    office: Office, waiting: int, reviewer: Browser, clock: FixedClock
) -> None:
    office.act("reviewer", waiting, "approve", clock.now())
    page = reviewer.open("/?tab=done")
    words = text_of(page)
    assert "Đặng Quốc Dũng" in words
    assert "“Nhất trí đề nghị”" in words
    assert "nay ở:" in words
    [text] = rows_of(reviewer.open("/inbox.csv?tab=done"))
    assert (text["Bạn đã làm"], text["Lúc"]) == ("Nhất trí đề nghị", "2026-03-02 09:00")
    assert "Bạn đã làm" not in sheet_of(reviewer.open("/inbox.xlsx").data)[0]
    assert rows_of(reviewer.open("/inbox.csv")) == []


def test_every_beginning_of_a_formula_is_made_text() -> None:
    table = SheetTable("x", "Tờ [1]: a/b?", ("Cột",), [[word] for word in EVIL])
    written = list(csv.reader(io.StringIO(csv_bytes(table.head, table.rows).decode("utf-8-sig"), newline="")))
    assert [row[0] for row in written[1:]] == [f"'{word}" for word in EVIL]
    sheet = parts_of(workbook_bytes(table.title, table.head, table.rows))
    assert "<f" not in sheet.replace("<font", "")
    assert sheet.count('t="inlineStr"') == len(EVIL) + 1


def test_a_workbook_is_read_by_another_library_as_it_was_meant() -> None:
    at = datetime(2026, 3, 9, 17, 0)  # noqa: DTZ001 - a local one
    rows: list[list[Cell]] = [
        ["\x00\x0b\ufffenét", date(2026, 3, 2), at],
        [None, -1, ""],
        ["a <b> & c", 10**12, "'\"x "],
    ]
    rows += [[word, 0, "]]>"] for word in EVIL]
    sheet = load_workbook(io.BytesIO(workbook_bytes("Tờ [1]: a/b?", ("=Cột", "b", "c"), rows))).worksheets[0]
    assert sheet.title == "Tờ  1   a b "
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:C{len(rows) + 1}")
    head, first, *others = sheet.iter_rows()
    assert [(cell.value, cell.font.bold) for cell in head] == [("=Cột", True), ("b", True), ("c", True)]
    assert [cell.value for cell in first] == ["nét", datetime(2026, 3, 2), at]  # noqa: DTZ001 - as it reads days
    assert [cell.number_format for cell in first] == ["General", "dd/mm/yyyy", "dd/mm/yyyy hh:mm"]
    assert [[cell.value for cell in row] for row in others] == [
        [cell or None if cell != 0 else 0 for cell in row] for row in rows[1:]
    ]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_what_a_spreadsheet_would_read_as_another_text_is_read_as_it_stands() -> None:
    words = ["Nguyễn _x0041_ Văn", "a_x000D_", "_x005F_x0041_", "__x0041__x0042_", "_x41_", "_xyz"]
    assert [row[0] for row in sheet_of(workbook_bytes("x", ("a",), [[word] for word in words]))[1:]] == words
    # It counts as UTF-16 does, and calls a workbook broken that has a longer text.
    [_, [pictures]] = sheet_of(workbook_bytes("x", ("a",), [["😀" * 20_000]]))
    assert pictures == "😀" * 16_383


def test_a_workbook_costs_little_more_than_the_text_of_its_rows() -> None:
    """Where each cell is an object first it costs some nineteen times as much, and who else asks waits."""
    rows: list[list[Cell]] = [
        [number, *(f"Viện kiểm sát {number}" for _ in range(16))] for number in range(3000)
    ]
    head = [f"Cột {number}" for number in range(17)]

    def spent(work: Callable[[], bytes]) -> float:
        began = process_time()
        work()
        return process_time() - began

    text = min(spent(lambda: csv_bytes(head, rows)) for _ in range(3))
    assert min(spent(lambda: workbook_bytes("x", head, rows)) for _ in range(3)) < 8 * text


def test_the_words_of_a_file_are_the_readers(office: Office, reviewer: Browser) -> None:
    office.session.execute(update(Account).values(locale="en"))
    office.session.commit()
    [text] = rows_of(reviewer.open("/inbox.csv"))
    assert (text["Step"], text["Level"]) == ("Unit review", "Unit review")
    assert not [name for name in text if not name.isascii()]


def test_the_list_of_nominations_is_saved_narrowed_in_its_order(
    office: Office, session: Session, reviewer: Browser, clock: FixedClock
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    rows = rows_of(reviewer.open("/nominations.csv?q=kiem+sat"))
    assert [int(row["Số hồ sơ"]) for row in rows] == sorted(ids, reverse=True)
    rows = rows_of(reviewer.open("/nominations.csv?q=kiem+sat&order=due"))
    assert [int(row["Số hồ sơ"]) for row in rows] == sorted(ids)
    assert {row["Mã đơn vị"] for row in rows} == {AG}
    assert reviewer.open("/nominations.csv?stage=nowhere").status_code == 422
    assert 'href="/nominations.xlsx?q=kiem+sat"' in reviewer.open("/nominations?q=kiem+sat").text


def test_nobody_saves_what_they_do_not_see(
    office: Office, session: Session, desk: Callable[..., Browser], clock: FixedClock
) -> None:
    [person] = add_colleagues(session, 1)
    [paper] = compose(office, [row(person)], clock.now()).submissions
    order = ListOrder(paper.submission_id, 1, MoveRequest("submit"), Via.API)
    act_on_submission(session, actor=office.actor("nominator", clock.now()), order=order, now=clock.now())
    path = f"/submissions/{paper.submission_id}"
    mine = desk(email_of(office, "reviewer"))
    [text] = rows_of(mine.open(f"{path}.csv"))
    name = session.scalar(
        select(Nomination.subject_name).where(Nomination.submission_id == paper.submission_id)
    )
    assert text["Họ tên, tên tập thể"] == name
    assert sheet_of(mine.open(f"{path}.xlsx").data)[1][1] == name
    assert f'href="{path}.xlsx"' in mine.open(path).text
    stranger = desk(email_of(office, "stranger"))
    assert stranger.open(f"{path}.csv").status_code == 404
    assert rows_of(stranger.open("/nominations.csv")) == []
    assert rows_of(stranger.open("/inbox.csv")) == []


def test_a_list_longer_than_a_file_holds_is_refused_and_says_what_to_do(
    office: Office,
    session: Session,
    reviewer: Browser,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many_submitted(office, session, 3, clock.now())
    # Read in pages of two: nothing is left out and nothing comes twice.
    for module in ("inbox", "nominations"):
        monkeypatch.setattr(f"api.pages.exports.{module}.READ_AT_ONCE", 2)
    monkeypatch.setattr(parts, "MOST_ROWS", 4)
    for path in ("/inbox.csv", "/inbox.csv?unit=VKS-AG", "/nominations.csv"):
        rows = rows_of(reviewer.open(path))
        assert len({row["Số hồ sơ"] for row in rows}) == len(rows) == 4
    monkeypatch.setattr(parts, "MOST_ROWS", 3)
    for kind in FileKind:
        with ready_made(monkeypatch) as sent:
            refused = reviewer.open(f"/inbox.{kind}")
        assert refused.status_code == 422
        # It is counted first, so far and no further: an office waited five seconds to be refused.
        assert not [text for text, _ in sent if "subject_name" in str(text)]
        assert "Một tệp chứa nhiều nhất 3 dòng; hãy thu hẹp danh sách" in reviewer.text


def test_a_cell_is_no_longer_than_a_spreadsheet_takes() -> None:
    """Words that were put together may be longer: a spreadsheet then calls the whole workbook broken."""
    head, cells = sheet_of(workbook_bytes("Lịch sử", ["Lý do"], [["Ý" * 40_000]]))
    assert (head, cells) == (["Lý do"], ["Ý" * 32_767])

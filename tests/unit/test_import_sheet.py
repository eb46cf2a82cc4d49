"""Files as people's programs write them, and files that want to do harm: each is read, or refused by name."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from workflow.domain.errors import InvalidImport
from workflow.imports.reading.bad_cells import MOST_SHOWN, BadCells
from workflow.imports.reading.cells import Cells, rows_of
from workflow.imports.reading.columns import COLUMNS, ImportKind, template
from workflow.imports.reading.sheet import Sheet, read_sheet

KNOWN = (
    "line 1, column 5 'x': an unknown column; known are code, mã đơn vị, name, tên đơn vị, parent, "
    "đơn vị cấp trên, officer, cán bộ đầu mối, telephone, điện thoại, email, thư điện tử, valid_from, "
    "từ ngày, valid_to, đến ngày, council, hội đồng"
)
DAYS = frozenset({"valid_from", "valid_to", "day", "signed_on"})
PLAIN = 'code,name,parent\r\nA,"Đơn vị ""A"", số 1",\r\n\r\nB,Đơn vị B,A\r\n'


def workbook(*rows: Sequence[object], **others: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for name, lines in others.items():
        sheet = book.create_sheet(name)
        for row in lines:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def refusals(content: bytes, kind: ImportKind = ImportKind.ORG) -> list[str]:
    with pytest.raises(InvalidImport) as refused:
        cells_of(read_sheet(content, "x.csv", kind), kind)
    return [f"{error.field}: {error.message}" for error in refused.value.errors]


def cells_of(sheet: Sheet, kind: ImportKind = ImportKind.ORG) -> tuple[Cells, ...]:
    problems = BadCells()
    _, rows = rows_of(kind, sheet, problems)
    for cells in rows:
        for column in COLUMNS[kind]:
            (cells.day if column.name in DAYS else cells.text)(column.name)
    problems.demand_none()
    return rows


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (PLAIN.encode(), "UTF-8, separated by commas"),
        (PLAIN.encode("utf-8-sig"), "UTF-8 with a byte-order mark, separated by commas"),
        (PLAIN.encode("utf-16"), "UTF-16, separated by commas"),
        ("\ufeff".encode("utf-16-be") + PLAIN.encode("utf-16-be"), "UTF-16, separated by commas"),
        (PLAIN.replace("\r\n", "\n").encode(), "UTF-8, separated by commas"),
        (b'code;name;parent\nA;"\xc4\x90\xc6\xa1n v\xe1\xbb\x8b ""A"", s\xe1\xbb\x91 1";\n;;\nB;'
         + "Đơn vị B".encode() + b";A\n", "UTF-8, separated by semicolons"),
        (PLAIN.replace(",", "\t").replace('""A""\t', '""A"",').encode("utf-16"), "UTF-16, separated by tabs"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_table_reads_the_same(content: bytes, form: str) -> None:
    sheet = read_sheet(content, "units.csv", ImportKind.ORG)
    assert sheet.form == form
    assert sheet.header.cells == ("code", "name", "parent")
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (2, ("A", 'Đơn vị "A", số 1')),
        (4, ("B", "Đơn vị B", "A")),
    ]


def test_a_workbook_reads_the_same_and_shows_days_and_numbers_as_people_do() -> None:
    from datetime import date, datetime  # noqa: PLC0415 - only here

    content = workbook(
        ["Mã đơn vị", "TÊN ĐƠN VỊ", "cap tren", "dien_thoai", "Từ ngày"],
        ["A", "Đơn vị A", None, 2438255058.0, datetime(2025, 7, 1)],  # noqa: DTZ001 - a cell has no zone
        [None, None, None, None, None],
        ["B", "Đơn vị B", "A", "024 3825", date(2025, 7, 2)],
        Khác=[["not", "read"]],
    )
    sheet = read_sheet(content, "units.xlsx", ImportKind.ORG)
    rows = cells_of(sheet)
    assert sheet.form == "a workbook, sheet 'Sheet'; not read: 'Khác'"
    assert [(cells.line, cells.text("code"), cells.text("parent")) for cells in rows] == [
        (2, "A", ""),
        (4, "B", "A"),
    ]
    assert rows[0].text("telephone") == "2438255058"
    assert [cells.day("valid_from") for cells in rows] == [date(2025, 7, 1), date(2025, 7, 2)]


def test_a_quoted_cell_may_hold_lines_and_the_next_row_knows_its_line() -> None:
    text = 'đợt xét,đơn vị,danh hiệu,thành tích\n2026,A,X,"Một\nhai\n\nba"\n2026,B,X,Bốn\n'
    first, second = cells_of(read_sheet(text.encode(), "x.csv", ImportKind.SUBMISSION), ImportKind.SUBMISSION)
    assert first.text("achievement") == "Một\nhai\n\nba"
    assert (first.line, second.line) == (2, 6)


def test_a_header_names_every_column_that_is_wrong() -> None:
    assert refusals(b"name,NAME,parrent,,x\nA,B,C,D,E\n") == [
        "line 1, column 2 'NAME': is there twice; the first is 'name'",
        "line 1, column 3 'parrent': an unknown column; did you mean 'parent'?",
        "line 1, column 4: a column without a name",
        KNOWN,
        "line 1, code: the column 'code' ('mã đơn vị') is missing",
    ]


def test_every_bad_cell_is_named_by_line_column_value_and_reason() -> None:
    text = (
        "mã;tên;từ ngày;điện thoại\n"
        "A;Tên;31/02/2026;\n"
        ";Tên;2026-13-01;\n"
        "C\u202e;T\x00n;hôm nay;1\n"
        'D;"Hai\ndòng";1/7/2025;2;thừa\n'
        f"E;{'x' * 301};01.07.2025;\n"
        "F;Tên;1/1/0026;"
    )
    assert refusals(text.encode()) == [
        "line 2, từ ngày '31/02/2026': there is no such day; days are written 31/12/2026 or 2026-12-31",
        "line 3, mã: is required",
        "line 3, từ ngày '2026-13-01': there is no such day; days are written 31/12/2026 or 2026-12-31",
        "line 4, mã 'C\\u202e': character 2 (U+202E RIGHT-TO-LEFT OVERRIDE) cannot be stored; remove it",
        "line 4, tên 'T\\u0000n': character 2 (U+0000) cannot be stored; remove it",
        "line 4, từ ngày 'hôm nay': is no day; write 2026-12-31 or 31/12/2026",
        "line 5, tên 'Hai\\u000adòng': has a line break; write it on one line",
        "line 5, column 5 'thừa': no column of the header stands above it",
        f"line 7, tên '{'x' * 60}...': has 301 characters; at most 300 are taken",
        "line 8, từ ngày '1/1/0026': the year must lie between 1900 and 2200",
    ]


def test_two_hundred_bad_cells_are_named_and_the_rest_is_counted() -> None:
    lines = "\n".join(f"{number},Tên,hôm nay" for number in range(250))
    named = refusals(f"code,name,valid_from\n{lines}".encode())
    assert len(named) == MOST_SHOWN + 1
    assert named[-1] == "file: 250 problems in all; the first 200 are named"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"\n\n,,\n", "it is empty"),
        ("code,name\nA,Đơn vị".encode("utf-16-le"), "UTF-16 without its mark"),
        ("code,name\nA,Tên\nB,Đơn vị".encode("cp1258", "replace"), "line 2 is not UTF-8: byte 13"),
        (b'code,name\nA,"never closed\n', "quotation marks do not fit together"),
        (b"code,name\n" + b"A,B\n" * 20_001, "more than 20000 rows"),
        (b"a," * 70 + b"b\n", "or 60 columns"),
        (b"x" * (8 * 2**20 + 1), "larger than 8 MB"),
        (b"PK\x03\x04 and then nothing", "is no workbook that can be read"),
    ],
)
def test_what_cannot_be_read_at_all_is_one_line(content: bytes, says: str) -> None:
    [line] = refusals(content)
    assert says in line


def test_a_formula_counts_by_its_saved_value_and_one_without_is_a_bad_cell() -> None:
    content = workbook(["code", "name"], ["A", "=1+1"], ["#REF!", "B"])
    assert refusals(content) == [
        "line 2, name '=1+1': a formula without a saved value; open and save the file, or paste values",
        "line 3, code '#REF!': the spreadsheet computed an error here",
    ]


def packed(content: bytes, name: str, part: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, part)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSE = b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("name", "part", "says"),
    [
        ("xl/media/big.bin", b"\0" * (49 * 2**20), "unpacks to more than 48 MB"),
        (SHEET, OPEN + b"<row>" + b"<c/>" * 300_001 + b"</row>" + CLOSE, "more than 300000 entries"),
        (SHEET, OPEN + b"<row/>" * 300_001 + CLOSE, "more than 300000 entries"),
        ("xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 50_001 + b"</styleSheet>", "more than 50000 entries"),
        (SHEET, b'<!DOCTYPE a [<!ENTITY b "c">]>' + OPEN + CLOSE, "declares a document type"),
        (SHEET, OPEN + b'<row r="1"><c r="XFD1"><v>1</v></c></row>' + CLOSE, "more than 60 columns"),
        (SHEET, OPEN + b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c>'
         b"</row>" + CLOSE, "more than 20000 rows"),
        (SHEET, b"<worksheet", "is no workbook that can be read"),
    ],
)  # fmt: skip
def test_a_workbook_that_would_unpack_without_end_is_refused_before_it_does(
    name: str, part: bytes, says: str
) -> None:
    content = packed(workbook(["code", "name"], ["A", "B"]), name, part)
    assert len(content) < 2**20
    [line] = refusals(content)
    assert says in line


@pytest.mark.parametrize("kind", list(ImportKind))
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_template_of_each_kind_is_a_header_of_it(kind: ImportKind, locale: str) -> None:
    sheet = read_sheet(template(kind, locale).encode(), "x.csv", kind)
    problems = BadCells()
    header, _ = rows_of(kind, sheet, problems)
    assert list(header.places) == [column.name for column in COLUMNS[kind] if column.is_read]
    assert all(column.others == tuple(dict.fromkeys(column.others)) for column in COLUMNS[kind])


@pytest.mark.parametrize("word", ["STT", "tt", "Số TT", "Số thứ tự", "No.", "#", "№"])
@pytest.mark.parametrize("kind", list(ImportKind))
def test_a_column_that_numbers_the_rows_is_known_and_read_by_nobody(kind: ImportKind, word: str) -> None:
    columns = [column for column in COLUMNS[kind] if column.is_read]
    rows = [[word, *(column.vi for column in columns)], ["1", *("x" for _ in columns)], ["2"], ["3"]]
    text = "\n".join(",".join(row) for row in rows)
    for content in (text.encode(), workbook(*rows)):
        sheet = read_sheet(content, "x", kind)
        problems = BadCells()
        header, read = rows_of(kind, sheet, problems)
        problems.demand_none()
        assert len(read) == len(sheet.rows) == 1, "rows that are only numbered are empty"
        assert header.unread == ()
        assert [read[0].raw(column.name) for column in columns] == ["x"] * len(columns)


def test_two_columns_of_row_numbers_are_named() -> None:
    assert refusals(b"STT,TT,code,name\n1,1,A,B\n") == [
        "line 1, column 2 'TT': is there twice; the first is 'STT'"
    ]


OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
SAMPLE = re.compile(r"^\| `(\w+)` \| `([^`]+)`<br>`([^`]+)` \|", re.MULTILINE)


def test_the_samples_of_the_documentation_are_files_that_are_read() -> None:
    samples = SAMPLE.findall(OPERATIONS.read_text(encoding="utf-8"))
    assert [kind for kind, _, _ in samples] == list(ImportKind)
    for kind, header, row in samples:
        assert header == template(ImportKind(kind), "en")
        [cells] = cells_of(
            read_sheet(f"{header}\n{row}\n".encode(), "x.csv", ImportKind(kind)), ImportKind(kind)
        )
        assert cells.line == 2

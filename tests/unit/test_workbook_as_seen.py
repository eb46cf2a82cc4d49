"""What a spreadsheet shows is what is read, or the cell is named: hidden, formatted, on another sheet."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.workbooks import PEOPLE, book, raw_book, read, refusals, saved
from workflow.imports.reading.columns import ImportKind
from workflow.imports.reading.sheet import read_sheet

UNITS = ["mã đơn vị", "tên đơn vị", "đơn vị cấp trên", "từ ngày"]
HEAD = (
    '<row r="1">'
    + "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{word}</t></is></c>'
        for letter, word in zip("ABCD", PEOPLE, strict=True)
    )
    + "</row>"
)
Change = Callable[[Worksheet], None]


def row(code: object, name: object = "An", unit: object = "VKS-AG", position: object = "KSV") -> list[object]:
    return [code, name, unit, position]


# --- merged cells


# --- where the rows lie


def test_titles_blank_rows_and_blank_columns_around_the_table_do_not_count() -> None:
    made = Workbook()
    sheet = made.active
    sheet["B2"] = "DANH SÁCH CÁN BỘ NĂM 2026"
    sheet.merge_cells("B2:E3")
    for place, word in zip("BCDE", PEOPLE, strict=True):
        sheet[f"{place}5"] = word
    for line, code in ((6, "NV1"), (9, "NV2")):
        for place, value in zip("BCDE", row(code), strict=True):
            sheet[f"{place}{line}"] = value
    content = saved(made)
    assert [each["code"] for each in read(content)] == ["NV1", "NV2"]
    assert (
        read_sheet(content, "x.xlsx", ImportKind.PEOPLE).form == "a workbook, sheet 'Sheet', header in line 5"
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["(1)", "(2)", "(3)", "(4)"], "line 2: numbers the columns and lists nothing; remove the row"),
        ([1, 2, 3, 4], "line 2: numbers the columns and lists nothing; remove the row"),
        (PEOPLE, "line 2: is the header again; remove the row"),
    ],
)
def test_a_row_of_the_form_is_no_row_of_the_list(line: list[object], told: str) -> None:
    assert refusals(book(PEOPLE, line, row("NV1"))) == [told]


def test_a_cell_beyond_the_header_is_named_and_an_empty_one_is_not() -> None:
    made = book([*PEOPLE, None, None], [*row("NV1"), None, "thừa"], [*row("NV2"), None, None])
    assert refusals(made) == ["line 2, column 6 'thừa': no column of the header stands above it"]


def test_two_columns_of_one_name_are_refused() -> None:
    assert refusals(book([*PEOPLE, "Họ_và tên"], [*row("NV1"), "Ba"])) == [
        "line 1, column 5 'Họ_và tên': is there twice; the first is 'họ và tên'"
    ]


def test_the_sheet_that_names_the_columns_is_read_wherever_it_lies() -> None:
    made = Workbook()
    made.active.title = "Hướng dẫn"
    made.active.append(["Điền vào sheet sau"])
    sheet = made.create_sheet("Danh sách")
    sheet.append(PEOPLE)
    sheet.append(row("NV1"))
    assert [each["code"] for each in read(saved(made))] == ["NV1"]
    form = read_sheet(saved(made), "x.xlsx", ImportKind.PEOPLE).form
    assert form == "a workbook, sheet 'Danh sách'; not read: 'Hướng dẫn'"
    other = made.create_sheet("Danh sách 2")
    other.append(PEOPLE)
    other.append(row("NV2"))
    [line] = refusals(saved(made))
    assert line.startswith("file: the sheets 'Danh sách', 'Danh sách 2' all hold such rows; say with --sheet")
    chosen = read_sheet(saved(made), "x.xlsx", ImportKind.PEOPLE, "danh sách 2")
    assert chosen.rows[0].cells[0] == "NV2"


def test_no_sheet_that_names_the_columns_is_said_with_the_sheet_that_was_looked_at() -> None:
    made = Workbook()
    made.active.append(["mã cán bộ", "họ và tên"])
    assert refusals(saved(made))[0].startswith("sheet 'Sheet': no sheet names every column that is needed")


def test_a_hidden_sheet_is_not_read_and_is_named_where_it_alone_holds_the_rows() -> None:
    made = Workbook()
    made.active.append(["Bìa"])
    sheet = made.create_sheet("Kho")
    sheet.append(PEOPLE)
    sheet.append(row("NV1"))
    sheet.sheet_state = "veryHidden"
    [line] = refusals(saved(made))
    assert line.startswith("file: the sheet 'Kho', which holds the rows, is hidden; show it")
    made.active.append(PEOPLE)
    made.active.append(row("NV2"))
    assert [each["code"] for each in read(saved(made))] == ["NV2"]


def test_hidden_rows_and_columns_that_hold_something_are_named() -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.column_dimensions["H"].hidden = True
        sheet.auto_filter.ref = "A1:D4"

    assert refusals(book(PEOPLE, row("NV1"), row("NV2"), row("NV3"), then=hide)) == [
        "line 1, chức vụ: the column is hidden; show it, or delete it",
        "line 3: the row is hidden, perhaps by a filter; show it, or delete it",
    ]


# --- numbers, dates, truth values


def formats(**places: str) -> Change:
    def change(sheet: Worksheet) -> None:
        for place, code in places.items():
            sheet[place].number_format = code

    return change


def test_codes_and_telephones_keep_what_their_format_shows() -> None:
    made = book(PEOPLE, row(42), row(912345678), then=formats(A2="00000", A3="0000 000 000"))
    assert [each["code"] for each in read(made)] == ["00042", "0912 345 678"]


def test_what_is_no_text_is_named_where_a_text_is_needed() -> None:
    values = [datetime(2026, 3, 12), True, 1.5, 1234, 123456789012, "#N/A"]  # noqa: DTZ001 - a cell has no zone
    rows = [row(value) for value in values]
    made = book(PEOPLE, *rows, then=formats(A2=r"d\-mmm", A5="#,##0"))
    lines = refusals(made)
    otherwise = "a number whose decimals or thousands are shown otherwise on other computers"
    assert [line.partition(";")[0] for line in lines] == [
        "line 2, mã cán bộ '2026-03-12': a date or time and not text (shown as d-mmm)",
        "line 3, mã cán bộ 'TRUE': a logical value (TRUE), not text",
        f"line 4, mã cán bộ '1.5': {otherwise}",
        f"line 5, mã cán bộ '1234': {otherwise}",
        "line 6, mã cán bộ '123456789012': a number of too many digits, which is not shown in full",
        "line 7, mã cán bộ '#N/A': the spreadsheet computed an error here",
    ]
    assert all(line.endswith("format the cell as text and type it as it should read") for line in lines[:5])


def test_a_number_column_takes_the_number_however_it_is_shown() -> None:
    header = ["year", "owner", "number", "unit"]
    made = book(header, [2026, "VKSTC", 1, "VKS-AG"], then=formats(A2="#,##0", C2="0.00"))
    [found] = read(made, ImportKind.CLUSTERS)
    assert (found["year"], found["number"]) == (2026, 1)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (46204, "is how a spreadsheet counts days, 01/07/2026 if from 1900; write the day itself"),
        ("01/07/2026 08:30", "has a time of day; write the day alone, as 2026-12-31 or 31/12/2026"),
        ("1/7/26", "is no day; write 2026-12-31 or 31/12/2026"),
        (True, "a logical value (TRUE), not text; format the cell as text and type it as it should read"),
        ("#REF!", "the spreadsheet computed an error here"),
    ],
)
def test_what_is_no_day_is_named(value: object, reason: str) -> None:
    [line] = refusals(book(UNITS, ["A", "a", None, value]), ImportKind.ORG)
    assert line.endswith(reason)


@pytest.mark.parametrize(
    "text",
    ["01/07/2026", "1-7-2026", "1.7.2026", "2026-07-01", "2026/07/01", "2026.7.1", "01/07/2026 00:00:00",
     "2026-07-01T00:00:00", "2026-07-01 0:00"],
)  # fmt: skip
def test_a_day_is_read_as_people_and_programs_write_it(text: str) -> None:
    [found] = read(f"mã đơn vị,tên đơn vị,từ ngày\nA,a,{text}\n".encode(), ImportKind.ORG, "x.csv")
    assert found["valid_from"] == date(2026, 7, 1)


def test_a_day_without_its_year_is_named_even_in_a_column_of_days() -> None:
    made = book(UNITS, ["A", "a", None, datetime(2026, 3, 12)], then=formats(D2=r"d\-mmm"))  # noqa: DTZ001 - a cell has no zone
    [line] = refusals(made, ImportKind.ORG)
    assert line.startswith(
        "line 2, từ ngày '2026-03-12': does not show day, month and year; format the cell as"
    )


def test_the_date_system_of_1904_is_that_of_the_workbook() -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904  # noqa: PLC0415 - only here

    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(UNITS)
    made.active.append(["A", "a", None, date(2026, 7, 1)])
    [found] = read(saved(made), ImportKind.ORG)
    assert found["valid_from"] == date(2026, 7, 1)


# --- texts and formulas


def test_rows_and_cells_that_do_not_say_where_they_are_follow_each_other() -> None:
    words = "".join(f'<c t="str"><v>{word}</v></c>' for word in PEOPLE)
    values = "".join(f'<c t="str"><v>{word}</v></c>' for word in row("NV1"))
    assert read(raw_book(f"<row>{words}</row><row>{values}</row>"))[0]["code"] == "NV1"

"""A merged cell of a spreadsheet counts in each row it covers, and a heading merged over columns is named."""

from datetime import date

from openpyxl.worksheet.worksheet import Worksheet

from tests.support.workbooks import PEOPLE, book, raw_book, read, refusals
from tests.unit.test_workbook_as_seen import HEAD, UNITS, Change, row
from workflow.imports.reading.columns import ImportKind


def merged(*areas: str) -> Change:
    def merge(sheet: Worksheet) -> None:
        for area in areas:
            sheet.merge_cells(area)

    return merge


def units_of(found: list[dict[str, object]]) -> list[object]:
    return [each["unit"] for each in found]


def test_a_cell_merged_over_rows_counts_in_each_of_them() -> None:
    rows = [row("NV1"), row("NV2", unit=None), row("NV3", unit=None), row("NV4", unit="VKS-DT")]
    assert units_of(read(book(PEOPLE, *rows, then=merged("C2:C4")))) == [
        "VKS-AG",
        "VKS-AG",
        "VKS-AG",
        "VKS-DT",
    ]


def test_a_merged_date_and_number_count_in_each_row() -> None:
    made = book(UNITS, ["A", "a", None, date(2026, 7, 1)], ["B", "b", None, None], then=merged("D2:D3"))
    assert [each["valid_from"] for each in read(made, ImportKind.ORG)] == [date(2026, 7, 1)] * 2


def test_a_cell_merged_below_the_last_row_makes_no_row() -> None:
    assert (
        units_of(read(book(PEOPLE, row("NV1"), row("NV2", unit=None), then=merged("C2:C900"))))
        == ["VKS-AG"] * 2
    )


def test_a_value_that_lies_unseen_under_a_merged_cell_is_not_read() -> None:
    rows = "".join(
        f'<row r="{line}">'
        + "".join(
            f'<c r="{letter}{line}" t="str"><v>{word}</v></c>'
            for letter, word in zip("ABC", words, strict=True)
        )
        + "</row>"
        for line, words in ((2, ("NV1", "An", "X")), (3, ("NV2", "Ba", "Y")))
    )
    made = raw_book(HEAD + rows, after='<mergeCells count="1"><mergeCell ref="C2:C3"/></mergeCells>')
    assert units_of(read(made)) == ["X", "X"]


def test_a_cell_merged_over_two_columns_of_the_header_is_named() -> None:
    made = book(PEOPLE, row("NV1"), row("NV2", name="Ba", unit=None), then=merged("B3:C3"))
    told = "is merged over the columns họ và tên and đơn vị; give each its own cell"
    assert f"line 3, họ và tên 'Ba': {told}" in refusals(made)


def test_a_heading_merged_over_the_whole_table_is_named() -> None:
    made = book(PEOPLE, ["I. Phòng 1", None, None, None], row("NV1"), then=merged("A2:D2"))
    assert refusals(made)[0].startswith(
        "line 2, mã cán bộ 'I. Phòng 1': is merged over the columns mã cán bộ and "
    )


def test_a_header_of_two_lines_names_the_columns_by_its_lowest() -> None:
    made = book(
        ["mã cán bộ", "Người", None, "chức vụ"],
        [None, "họ và tên", "đơn vị", None],
        row("NV1"),
        then=merged("A1:A2", "B1:C1", "D1:D2"),
    )
    assert read(made) == [{"code": "NV1", "name": "An", "unit": "VKS-AG", "position": "KSV"}]


def test_a_column_of_two_sheet_columns_is_one_where_every_row_is_merged_too() -> None:
    header = ["mã cán bộ", "họ và tên", None, "đơn vị"]
    made = book(header, ["NV1", "An", None, "VKS-AG"], then=merged("B1:C1", "B2:C2"))
    assert read(made) == [{"code": "NV1", "name": "An", "unit": "VKS-AG"}]
    made = book(header, ["NV1", "Nguyễn Văn", "An", "VKS-AG"], then=merged("B1:C1"))
    assert refusals(made) == ["line 1, column 3: a column without a name"]

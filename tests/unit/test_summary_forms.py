"""The summary of a round in the form of an office: a row for each unit, a column for each award."""

import io

import pytest
from openpyxl import load_workbook

from tests.support.forms import cells_in, made, sheet_form, text_form, words_in
from workflow.domain.papers.office_forms import FIELDS, FormFormat, FormPurpose, as_plain
from workflow.forms.refused import FormRefusedError


def summary(*awards: str, units: int = 2) -> dict:
    tallies = [{"award": award, "award_code": award, "count": 1, "approved": 0} for award in awards]
    words = dict.fromkeys(("round", "round_title", "owner", "made_on"), "x")
    row = {"count": len(awards), "approved": 0, "unit_code": "U", "awards": tallies}
    rows = [{**row, "number": number, "unit": f"=Đơn vị {number}"} for number in range(1, units + 1)]
    totals = [{**one, "count": units} for one in tallies]
    return {**words, "count": units * len(awards), "approved": 0, "awards": totals, "rows": rows}


def summarised(content: bytes, *awards: str, units: int = 2) -> bytes:
    kind = FormFormat.DOCX if b"word/" in content else FormFormat.XLSX
    fields = as_plain(FIELDS[FormPurpose.AWARD_SUMMARY])
    told = summary(*awards, units=units)
    order = {"kind": str(kind), "fields": fields, "is_ours": False, "data": told}
    return made(order, content)


ACROSS = (
    ["Tổng hợp {{ ten_dot_xet }}", None, None, None],
    ["Đơn vị", "{{ cot.danh_hieu }}", "Cộng", "Ghi chú"],
    ["{{ dong.don_vi }}", "{{ o.so_luong }}", "{{ dong.so_luong }}", None],
    ["Tổng", "{{ cot.so_luong }}", "{{ so_luong }}", "hết"],
)


def test_a_column_is_repeated_for_each_award_and_what_is_right_of_it_moves():
    form = sheet_form(*ACROSS, merged=("A1:D1",))
    content = summarised(form, "A", "=B", "C")
    assert cells_in(content) == [
        ["Tổng hợp x"],
        ["Đơn vị", "A", "=B", "C", "Cộng", "Ghi chú"],
        ["=Đơn vị 1", "1", "1", "1", "3"],
        ["=Đơn vị 2", "1", "1", "1", "3"],
        ["Tổng", "2", "2", "2", "6", "hết"],
    ]
    sheet = load_workbook(io.BytesIO(content)).active
    assert {str(span) for span in sheet.merged_cells.ranges} == {"A1:F1"}
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert cells_in(summarised(form, "A"))[1] == ["Đơn vị", "A", "Cộng", "Ghi chú"]


def test_what_is_printed_and_filtered_grows_with_the_list():
    book = load_workbook(io.BytesIO(sheet_form(*ACROSS)))
    book.active.print_area, book.active.auto_filter.ref = "A1:D4", "A2:D3"
    book.active.column_dimensions["B"].width, book.active.column_dimensions["D"].width = 33, 44
    written = io.BytesIO()
    book.save(written)
    sheet = load_workbook(io.BytesIO(summarised(written.getvalue(), "A", "B", "C", units=5))).active
    assert sheet.print_area.rpartition("!")[2] == "$A$1:$F$8"
    assert sheet.auto_filter.ref == "A2:F7"
    assert [sheet.column_dimensions[name].width for name in "BCDF"] == [33, 33, 33, 44]


def test_columns_of_a_table_in_a_document_are_repeated_too():
    loops = ("{%tc for o in dong.cac_danh_hieu %}", "{{ o.danh_hieu }}: {{ o.so_luong }}", "{%tc endfor %}")
    words = words_in(summarised(text_form(columns=["{{ dong.don_vi }}", *loops]), "A", "B"))
    assert words == ["=Đơn vị 1", "A: 1", "B: 1", "=Đơn vị 2", "A: 1", "B: 1"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["{{ cot.so_luong }}", "{{ cot.danh_hieu }}"]], "two_lists"),
        ([["{{ cot.sai }}"]], "unknown"),
        ([["{{ o.sai }}"]], "unknown"),
        ([["{{ cac_danh_hieu }}"]], "unknown"),
        ([["{{ cot~1.danh_hieu }}"]], "not_allowed"),
    ],
)
def test_a_summary_that_cannot_be_filled_says_why(rows: list[list[str]], code: str):
    with pytest.raises(FormRefusedError) as refused:
        summarised(sheet_form(*rows), "A")
    assert refused.value.code == code

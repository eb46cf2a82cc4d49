"""What a number format shows: the expected texts are those of ECMA-376 18.8.31 and of Excel's own help."""

from datetime import date

import pytest

from workflow.imports.reading.workbook.strings import RichText
from workflow.imports.reading.workbook.values import iso_cell, number_cell, words_cell
from workflow.imports.rows import Cell


def shown(value: str, code: str, *, is_1904: bool = False) -> Cell:
    return number_cell(value, code, is_1904=is_1904)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("42", "General", "42"),
        ("42", "00000", "00042"),
        ("1234567", "00000", "1234567"),
        ("912345678", "0000 000 000", "0912 345 678"),
        ("912345678", r"0000\ 000\ 000", "0912 345 678"),
        ("912345678", '0000" "000" "000', "0912 345 678"),
        ("2438255058", "000-0000-0000", "024-3825-5058"),
        ("5551234", r"[<=9999999]###\-####;\(###\)\ ###\-####", "555-1234"),
        ("9085551234", r"[<=9999999]###\-####;\(###\)\ ###\-####", "(908) 555-1234"),
        ("21", '"NV"000', "NV021"),
        ("21", '"NV-"General', "NV-21"),
        ("12", '0"/TTr-VKS"', "12/TTr-VKS"),
        ("12", r"0\/\Q\Đ", "12/QĐ"),
        ("-5", "0", "-5"),
        ("-42", "0_);(0)", "(42)"),
        ("42", "0_);(0)", "42"),
        ("-42", "0;[Red]-0", "-42"),
        ("0.8", "0%", "80%"),
        ("12.4", "0", "12"),
        ("12.5", "0", "13"),
        ("2026", "@", "2026"),
        ("999", "#,##0", "999"),
        ("5", "[$\u20ab-42A]0", "\u20ab5"),
        ("7", "[$-42A]00", "07"),
        ("0", '0;-0;"không"', "không"),
        ("42.000000000000007", "General", "42"),
        ("1E3", "General", "1000"),
        ("99999999999", "General", "99999999999"),
        ("12000", "0,", "12"),
    ],
)  # fmt: skip
def test_what_is_certain_is_shown_as_a_spreadsheet_shows_it(value: str, code: str, text: str) -> None:
    cell = shown(value, code)
    assert (cell.text, cell.trouble) == (text, "")


@pytest.mark.parametrize(
    ("value", "code", "why"),
    [
        ("0.3", "General", "decimals"),
        ("-0.4", "0", "decimals"),
        ("1234", "#,##0", "thousands"),
        ("12", "0.00", "decimals"),
        ("12", "0.00E+00", "decimals"),
        ("0.5", "# ?/?", "decimals"),
        ("123456789012", "General", "too many digits"),
        ("1.234567890123457E+19", "0", "too many digits"),
        ("5", ";;;", "does not show it"),
        ("0", "0;-0;", "does not show it"),
        ("5", "NV0", "not known"),
        ("5", "[?]", "not known"),
        ("nan", "General", "no number"),
        ("x", "General", "no number"),
    ],
)
def test_what_is_not_certain_is_said(value: str, code: str, why: str) -> None:
    assert why in shown(value, code).trouble


@pytest.mark.parametrize(
    ("value", "code", "number"),
    [("2026", "#,##0", "2026"), ("0.8", "0%", "80"), ("12", "0.00", "12"), ("12.5", "General", "12.5")],
)
def test_a_number_stays_one_however_it_is_shown(value: str, code: str, number: str) -> None:
    assert shown(value, code).number == number


@pytest.mark.parametrize(
    "code",
    ["d/m/yyyy", "dd/mm/yyyy", "yyyy-mm-dd", r"dd\-mm\-yyyy", "[$-42A]dd mmmm yyyy;@", "DD/MM/YYYY",
     "[$-F800]dddd, mmmm dd, yyyy", "m/d/yy h:mm", "yyyy-mm-dd h:mm:ss", "e/m/d",
     '"ngày "dd" tháng "mm" năm "yyyy'],
)  # fmt: skip
def test_a_date_that_shows_day_month_and_year_is_a_day_and_no_text(code: str) -> None:
    cell = shown("46204", code)
    assert (cell.day, cell.no_day) == (date(2026, 7, 1), "")
    assert "a date or time and not text" in cell.trouble


@pytest.mark.parametrize(
    ("value", "code", "why"),
    [
        ("46093", r"d\-mmm", "does not show day, month and year"),
        ("46093", "mmm-yy", "does not show day, month and year"),
        ("46093", "dddd mm yyyy", "does not show day, month and year"),
        ("0.354", "h:mm", "is a time and no day"),
        ("1.5", "[h]:mm:ss", "is a time and no day"),
        ("46204.354", "dd/mm/yyyy hh:mm", "has a time of day"),
        ("60", "dd/mm/yyyy", "does not show"),
        ("2958466", "dd/mm/yyyy", "is no day"),
        ("-1", "dd/mm/yyyy", "is no day"),
    ],
)
def test_a_date_that_does_not_show_its_day_is_none(value: str, code: str, why: str) -> None:
    cell = shown(value, code)
    assert cell.day is None
    assert why in cell.no_day


def test_a_day_with_a_time_that_is_not_shown_is_the_day_that_is_seen() -> None:
    assert shown("46204.354", "dd/mm/yyyy").day == date(2026, 7, 1)
    assert shown("46203.9999999", "dd/mm/yyyy h:mm").day == date(2026, 7, 1)


def test_the_date_system_of_1904_and_days_as_iso_writes_them() -> None:
    assert shown("44742", "dd/mm/yyyy", is_1904=True).day == date(2026, 7, 1)
    assert shown("1", "dd/mm/yyyy").day == date(1900, 1, 1)
    assert iso_cell("2026-07-01", "General").day == date(2026, 7, 1)
    assert iso_cell("2026-07-01T00:00:00Z", "dd/mm/yyyy").day == date(2026, 7, 1)
    assert (
        iso_cell("2026-07-01T08:30:00", "dd/mm/yyyy hh:mm").no_day == "has a time of day; write the day alone"
    )


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [("21", '"NV"@', "NV21"), ("A", "00000", "A"), ("A", ";;", "A"), ("A", '0;0;0;"Ông "@', "Ông A"),
     ("A", "General", "A")],
)  # fmt: skip
def test_a_format_may_add_to_a_text(words: str, code: str, text: str) -> None:
    assert words_cell(RichText(words), code, "") == Cell(text)


def test_a_text_that_is_not_shown_or_shown_in_other_letters_is_named() -> None:
    assert "does not show it" in words_cell(RichText("A"), ";;;", "").trouble
    assert ".VnTime" in words_cell(RichText("NguyÔn V¨n An"), "General", ".VnTime").trouble
    assert (
        "VNI-Times" in words_cell(RichText("Nguyeãn", ("Arial", "VNI-Times")), "General", "Calibri").trouble
    )
    assert "Wingdings" in words_cell(RichText("a"), "General", "Wingdings").trouble
    assert words_cell(RichText("Nguyen Van An"), "General", ".VnTime").trouble == ""

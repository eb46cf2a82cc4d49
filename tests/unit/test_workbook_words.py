"""The words of a spreadsheet's cell: escapes, runs, formulas, apostrophes, letters of an old font, twins."""

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.workbooks import PEOPLE, book, raw_book, read, refusals
from tests.unit.test_workbook_as_seen import HEAD, row


def cell(place: str, inside: str, attributes: str = "") -> str:
    """Return a row 2 whose code is the cell given, with a name and a unit beside it."""
    others = "".join(
        f'<c r="{letter}2" t="str"><v>{word}</v></c>' for letter, word in (("B", "An"), ("C", "VKS-AG"))
    )
    return f'{HEAD}<row r="2"><c r="{place}" {attributes}>{inside}</c>{others}</row>'


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("NV_x0041_1", "NVA1"),
        ("NV_x005F_x0041_1", "NV_x0041_1"),
        ("NV_1", "NV_1"),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("NV1_x000D_", "NV1"),
        ("  NV  1 ", "NV 1"),
    ],
)
def test_the_escapes_of_the_format_are_resolved(stored: str, seen: str) -> None:
    strings = f'<si><t xml:space="preserve">{stored}</t></si>'
    assert read(raw_book(cell("A2", "<v>0</v>", 't="s"'), strings=strings))[0]["code"] == seen
    inline = f"<is><t>{stored}</t></is>"
    assert read(raw_book(cell("A2", inline, 't="inlineStr"')))[0]["code"] == seen


def test_runs_are_one_text_and_their_readings_are_none_of_it() -> None:
    strings = (
        "<si><r><t>NV</t></r><r><rPr><b/></rPr><t>1</t></r>"
        '<rPh sb="0" eb="1"><t>unseen</t></rPh><phoneticPr fontId="1"/></si>'
    )
    assert read(raw_book(cell("A2", "<v>0</v>", 't="s"'), strings=strings))[0]["code"] == "NV1"
    rich = CellRichText("Nguyễn ", TextBlock(InlineFont(b=True), "Văn An"))
    assert read(book(PEOPLE, row("NV1", name=rich)))[0]["name"] == "Nguyễn Văn An"


def test_letters_of_a_font_from_before_unicode_are_named() -> None:
    def old(sheet: Worksheet) -> None:
        sheet["B2"].font = Font(name=".VnTime")

    [line] = refusals(book(PEOPLE, row("NV1", name="NguyÔn V¨n An"), then=old))
    assert line.startswith(
        "line 2, họ và tên 'NguyÔn V¨n An': its font .VnTime shows other letters than are stored"
    )


@pytest.mark.parametrize(
    ("inside", "attributes", "seen"),
    [
        ("<f>1+41</f><v>42</v>", "", "42"),
        ('<f>HYPERLINK("http://example.vn","NV1")</f><v>NV1</v>', 't="str"', "NV1"),
        ('<f t="shared" si="0"/><v>7</v>', "", "7"),
        ("<v>21</v>", 's="1"', "00021"),
    ],
)
def test_a_formula_counts_by_the_value_that_was_saved(inside: str, attributes: str, seen: str) -> None:
    styles = (
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="1"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    )
    assert read(raw_book(cell("A2", inside, attributes), styles=styles))[0]["code"] == seen


def test_a_formula_that_shows_nothing_is_empty_and_one_nobody_computed_is_named() -> None:
    empty = raw_book(cell("D2", '<f>IF(A2="","","")</f><v></v>', 't="str"'))
    assert refusals(empty) == ["line 2, mã cán bộ: is required"]
    [line] = refusals(raw_book(cell("A2", "<f>1+1</f>")))
    assert line.startswith(
        "line 2, mã cán bộ '=1+1': a formula without a saved value; open and save the file"
    )


def test_lines_in_a_cell_leading_apostrophes_links_and_comments_are_what_they_look_like() -> None:
    def dress(sheet: Worksheet) -> None:
        sheet["A2"].comment = Comment("xem lại", "An")
        sheet["A2"].quotePrefix = True
        sheet["B2"].hyperlink = "mailto:an@example.vn"

    assert read(book(PEOPLE, row("00042"), then=dress))[0]["code"] == "00042"
    [line] = refusals(book(PEOPLE, row("NV1", name="Nguyễn\nVăn An")))
    assert line.endswith("has a line break; write it on one line")


def test_a_twin_by_an_unseen_character_is_named_and_a_blank_of_another_kind_is_a_blank() -> None:
    assert refusals(book(PEOPLE, row("NV\u00ad13"))) == [
        "line 2, mã cán bộ 'NV\\u00ad13': character 3 (U+00AD SOFT HYPHEN) cannot be stored; remove it"
    ]
    assert {each["code"] for each in read(book(PEOPLE, row("NV 21"), row("NV\u00a021")))} == {"NV 21"}

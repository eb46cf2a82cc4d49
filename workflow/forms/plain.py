"""The plain form that ships: for an office that has none of its own, and to begin one from."""

import io
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

_FONT: Final = "Times New Roman"
_SIZE: Final = 13
_NARROWEST: Final = 8
_LOOP: Final = "{{%tc for {} %}}"
_END: Final = "{%tc endfor %}"


def plain_form(kind: str, plain: dict[str, Any]) -> bytes:
    """Return the form with this title, these lines under it, and a list of these columns.

    `columns` say a heading, what stands under it and at its foot, and what heading and cell loop over where a
    list lies across; `row` is what a row is called, `rows` the list.
    """
    return _text(plain) if kind == "docx" else _sheet(plain)


def _text(plain: dict[str, Any]) -> bytes:
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(_SIZE)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(20)
    for line in (plain["title"], *plain["lines"]):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(line).bold = line == plain["title"]
    heads, cells, feet = zip(*(part for column in plain["columns"] for part in _parts(column)), strict=True)
    has_foot = any(column["foot"] for column in plain["columns"])
    table = document.add_table(rows=5 if has_foot else 4, cols=len(heads), style="Table Grid")
    table.cell(1, 0).text = f"{{%tr for {plain['row']} in {plain['rows']} %}}"
    table.cell(3, 0).text = "{%tr endfor %}"
    for place, (head, cell, foot) in enumerate(zip(heads, cells, feet, strict=True)):
        table.cell(0, place).text, table.cell(2, place).text = "", cell
        table.cell(0, place).paragraphs[0].add_run(head).bold = True
        if has_foot:
            table.cell(4, place).text = foot
    # A list of many pages has its heads on each.
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the library has no other way
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _parts(column: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the cells of a column, head, middle and foot; what lies across stands between its loops."""
    one = (column["heading"], column["field"], column["foot"])
    if not column["loops"]:
        return [one]
    head, cell = (_LOOP.format(loop) for loop in column["loops"])
    return [(head, cell, head), one, (_END, _END, _END)]


def _sheet(plain: dict[str, Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = plain["title"][:31]
    columns = plain["columns"]
    for at, line in enumerate((plain["title"], *plain["lines"]), 1):
        cell = sheet.cell(at, 1, line)
        cell.font, cell.alignment = Font(name=_FONT, size=_SIZE, bold=at == 1), Alignment(horizontal="center")
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=len(columns))
    at, thin = sheet.max_row + 2, Side(style="thin")
    has_foot = any(column["foot"] for column in columns)
    for place, column in enumerate(columns, 1):
        said = (column["heading"], column["field"], column["foot"])
        for row, words in enumerate(said if has_foot else said[:2], at):
            cell = sheet.cell(row, place, words)
            cell.font = Font(name=_FONT, size=_SIZE, bold=row == at)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(thin, thin, thin, thin)
        width = max(_NARROWEST, min(2 * len(column["heading"]), 40))
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.print_title_rows = f"{at}:{at}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()

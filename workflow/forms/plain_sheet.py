"""The plain workbook that ships: for an office that has none of its own, and to begin one from."""

import io
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from workflow.forms.plain import FONT, SIZE

_NARROWEST: Final = 8


def plain_sheet(plain: dict[str, Any]) -> bytes:
    """Return the form with this title, these lines under it, and a list of these columns.

    `columns` say a heading, what stands under it and at its foot.
    """
    book = Workbook()
    book.properties.title, book.properties.creator = plain["title"], "Commendo"
    sheet = book.active
    sheet.title = plain["title"][:31]
    columns = plain["columns"]
    for at, line in enumerate((plain["title"], *plain["lines"]), 1):
        cell = sheet.cell(at, 1, line)
        cell.font, cell.alignment = Font(name=FONT, size=SIZE, bold=at == 1), Alignment(horizontal="center")
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=len(columns))
    at, thin = sheet.max_row + 2, Side(style="thin")
    has_foot = any(column["foot"] for column in columns)
    for place, column in enumerate(columns, 1):
        said = (column["heading"], column["field"], column["foot"])
        for row, words in enumerate(said if has_foot else said[:2], at):
            cell = sheet.cell(row, place, words)
            cell.font = Font(name=FONT, size=SIZE, bold=row == at)
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

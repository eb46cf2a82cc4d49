"""A table as a workbook of one sheet: openpyxl writes everything but the rows, which are written here.

A list has many cells and few kinds of them: text, a number, a day, an instant. What they cost is objects; a
cell that is a piece of XML from the beginning costs a tenth of one that is an object first.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from workflow.forms.refused import ESCAPES

Cell = str | int | date | datetime | None
_SHEET: Final = "xl/worksheets/sheet1.xml"
_ROWS_END: Final = b"</sheetData>"
# What XML cannot hold; names are kept without them, words of long ago may not be.
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What would end a text or be changed by whoever reads it.
_WRITTEN_OTHERWISE: Final = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))
_TO_MEND: Final = re.compile("[\x00-\x08\x0b-\x1f&<>\ufffe\uffff]|_x")
_ESCAPING: Final = re.compile(ESCAPES)
# What is longer is no text to a spreadsheet, and the whole workbook is called broken.
_LONGEST_TEXT: Final = 32_767
_NOT_IN_TITLE: Final = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE: Final = 31
_WIDEST: Final = 48
_NARROWEST: Final = 9
_DAY: Final = "dd/mm/yyyy"
_MOMENT: Final = "dd/mm/yyyy hh:mm"


def workbook_bytes(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Write a table as a workbook: text is text, days are days, the head stays in sight."""
    frame, day, moment = _frame(title, head, rows)
    letters, cells = [get_column_letter(place + 1) for place in range(len(head))], _Cells(day, moment)
    written = "".join([_row(number, letters, row, cells) for number, row in enumerate(rows, 2)])
    return _filled(frame, written.encode())


def _frame(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> tuple[bytes, int, int]:
    """Return the workbook with nothing but its head, and the numbers of the styles of days and instants."""
    book = Workbook(write_only=True)
    book.properties.creator = "Commendo"
    sheet = book.create_sheet(_NOT_IN_TITLE.sub(" ", title)[:_LONGEST_TITLE])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(rows) + 1}"
    for place, width in enumerate(_widths(head, rows), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_head_cell(sheet, word) for word in head])
    day, moment = (_style_of(sheet, shown) for shown in (_DAY, _MOMENT))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue(), day, moment


def _widths(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    columns = zip(head, *rows, strict=True)
    longest = [max(map(len, map(str, filter(None, column))), default=0) for column in columns]
    return [min(max(most + 2, _NARROWEST), _WIDEST) for most in longest]


def _head_cell(sheet: object, word: str) -> object:
    cell = WriteOnlyCell(sheet, _NOT_IN_XML.sub("", word))
    # Said, not guessed: what begins with an equals sign is a name all the same.
    cell.data_type = "s"
    cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    return cell


def _style_of(sheet: object, number_format: str) -> int:
    cell = WriteOnlyCell(sheet)
    cell.number_format = number_format
    return int(cell.style_id)


class _Cells(dict[str | int | date, str]):
    """What follows the place of a cell, by its value: a column of a long list says few things, and often."""

    def __init__(self, day: int, moment: int) -> None:
        super().__init__()
        self._day, self._moment = day, moment

    def __missing__(self, value: str | int | date) -> str:
        if isinstance(value, str):
            # Text by its type, whatever it begins with: nothing here is ever an `f`.
            made = f' t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>'
        elif isinstance(value, date):
            style = self._moment if isinstance(value, datetime) else self._day
            made = f' s="{style}" t="n"><v>{_serial(value)}</v></c>'
        else:
            made = f' t="n"><v>{value:d}</v></c>'
        self[value] = made
        return made


def _row(number: int, letters: Sequence[str], row: Sequence[Cell], cells: _Cells) -> str:
    written = [
        f'<c r="{letter}{number}"{cells[value]}'
        for letter, value in zip(letters, row, strict=True)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _text(value: str) -> str:
    value = value[:_LONGEST_TEXT]
    if len(value) > _LONGEST_TEXT // 2:
        # A spreadsheet counts two for what lies beyond the first 65,536 characters, as most pictures do.
        value = value.encode("utf-16-le")[: 2 * _LONGEST_TEXT].decode("utf-16-le", "ignore")
    if not _TO_MEND.search(value):
        return value
    value = _ESCAPING.sub("_x005F_", _NOT_IN_XML.sub("", value))
    for letter, instead in _WRITTEN_OTHERWISE:
        value = value.replace(letter, instead)
    return value


def _serial(value: date) -> str:
    """Return a day or an instant as workbooks count them: a whole day is a whole number."""
    return f"{to_excel(value):.16g}"


def _filled(frame: bytes, rows: bytes) -> bytes:
    """Return the workbook with the rows below its head."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(frame)) as empty,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as filled,
    ):
        for name in empty.namelist():
            part = empty.read(name)
            if name == _SHEET:
                before, end, after = part.partition(_ROWS_END)
                part = b"".join((before, rows, end, after))
            filled.writestr(name, part)
    return written.getvalue()

"""Forms of an office, made as a clerk makes them; and what was written in one, read by other programs."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from docx import Document
from openpyxl import Workbook

from workflow.domain.papers.office_forms import FormFormat
from workflow.forms import child
from workflow.forms.plain_sheet import plain_sheet
from workflow.forms.plain_text import plain_text
from workflow.forms.sheet import fill_sheet
from workflow.forms.text import fill_text
from workflow.imports.reading.workbook.process import read_workbook

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LOOP = "{%tr for dong in danh_sach %}"
COLUMNS = ("{{ dong.stt }}", "{{ dong.ho_ten }}", "{{ dong.danh_hieu }}")


def text_form(
    *lines: str, columns: Sequence[str] = COLUMNS, loop: str = LOOP, end: str = "{%tr endfor %}"
) -> bytes:
    """Return a text document with these lines and a table whose middle row is repeated."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(rows=3, cols=len(columns))
    table.cell(0, 0).text, table.cell(2, 0).text = loop, end
    for place, column in enumerate(columns):
        table.cell(1, place).text = column
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def sheet_form(
    *rows: Sequence[Any], merged: Sequence[str] = (), heights: dict[int, float] | None = None
) -> bytes:
    """Return a workbook of one sheet with these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for span in merged:
        book.active.merge_cells(span)
    for number, height in (heights or {}).items():
        book.active.row_dimensions[number].height = height
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def words_in(content: bytes) -> list[str]:
    """Return every paragraph of a text document that says something, read as the bare XML that it is."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        tree = ET.fromstring(package.read("word/document.xml"))  # noqa: S314 - made by the test
    said = ("".join(one.text or "" for one in line.iter(f"{WORD}t")) for line in tree.iter(f"{WORD}p"))
    return [words for words in said if words]


def cells_in(content: bytes) -> list[list[str]]:
    """Return the rows of a workbook, read by the reader of imports."""
    [table] = read_workbook(content)
    return [list(row.cells) for row in table.rows]


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """Return a package with one more part, or another in the place of one."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.infolist():
            if one.filename != name:
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return written.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    """Return one part of a package."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def made(order: dict[str, Any], content: bytes) -> bytes:
    """Fill a form in this process, as the one of its kind does."""
    if order["kind"] == FormFormat.DOCX:
        return child.made(order, content, plain_text, fill_text)
    return child.made(order, content, plain_sheet, fill_sheet)

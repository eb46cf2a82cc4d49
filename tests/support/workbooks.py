"""Workbooks for tests: by another library than reads them, or part by part as other programs write them."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workflow.domain.errors import InvalidImport
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import rows_of
from workflow.imports.reading.columns import COLUMNS, ImportKind
from workflow.imports.reading.sheet import read_sheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_DAYS = frozenset({"valid_from", "valid_to", "day", "signed_on"})
_NUMBERS = frozenset({"year", "number", "vote_percent"})

PEOPLE = ["mã cán bộ", "họ và tên", "đơn vị", "chức vụ"]


def book(
    *rows: Sequence[object], then: Callable[[Worksheet], None] | None = None, title: str = "Sheet1"
) -> bytes:
    """Return a workbook of one sheet with these rows, changed by `then` before it is saved."""
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    if then is not None:
        then(made.active)
    return saved(made)


def saved(made: Workbook) -> bytes:
    """Return a workbook's bytes."""
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def raw_book(rows: str, *, strings: str = "", styles: str = "", after: str = "", before: str = "") -> bytes:
    """Return a workbook from the XML of its rows, as programs that are no library of ours write it."""
    parts = {
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            ("styles", "styles.xml"),
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}'
        "</worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }
    return packed(parts)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def read(
    content: bytes, kind: ImportKind = ImportKind.PEOPLE, filename: str = "x.xlsx"
) -> list[dict[str, object]]:
    """Return what a file says, a dictionary for each row; raises what reading it raises."""
    problems = BadCells()
    header, rows = rows_of(kind, read_sheet(content, filename, kind), problems)
    found: list[dict[str, object]] = []
    for cells in rows:
        row: dict[str, object] = {}
        for name in (column.name for column in COLUMNS[kind] if column.name in header.places):
            if name in _DAYS:
                row[name] = cells.day(name)
            elif name in _NUMBERS and kind is not ImportKind.SUBMISSION:
                row[name] = cells.whole(name, least=1, most=9999)
            else:
                row[name] = cells.text(name)
        found.append(row)
    problems.demand_none()
    return found


def refusals(content: bytes, kind: ImportKind = ImportKind.PEOPLE, filename: str = "x.xlsx") -> list[str]:
    """Return the lines with which a file is refused."""
    try:
        found = read(content, kind, filename)
    except InvalidImport as refused:
        return [f"{error.field}: {error.message}" for error in refused.errors]
    raise AssertionError(f"the file was taken: {found}")


def _relations(*related: tuple[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(related, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{each}</Relationships>'

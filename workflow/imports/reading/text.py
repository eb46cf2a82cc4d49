"""Comma-separated text as every program writes it (RFC 4180 and what people's programs make of it)."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from workflow.imports.reading.bad_cells import unreadable
from workflow.imports.reading.workbook.worksheet import MOST_COLUMNS, MOST_ROWS
from workflow.imports.rows import Cell, Row, Table

# Excel writes "Unicode text" as UTF-16 with tabs, and CSV with semicolons where a comma marks decimals.
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
_ENCODINGS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_LOOKED_AT: Final = 20
# Excel's own hint, which it reads and never shows.
_HINT: Final = re.compile(r'"?sep=([^"\r\n])"?(\r\n|\r|\n|\Z)', re.IGNORECASE)
# Excel's way to keep leading zeros: ="00042" is shown as 00042.
_QUOTED_FORMULA: Final = re.compile(r'="((?:[^"]|"")*)"')
_COMPUTED: Final = "begins with '=', which a spreadsheet computes and does not show; write the value"


_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|[Tt]hg ?[0-9]{1,2})"
# What a spreadsheet writes into text where it showed no value, or another than was typed.
_SPOILT: Final = (
    (re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)"),
     "the spreadsheet computed an error here"),
    (re.compile(r"#{3,}"), "the column was too narrow to show it; widen it and save the file again"),
    (re.compile(r"-?[0-9](?:[.,][0-9]+)?E[+-][0-9]{2,3}"),
     "a long number that the spreadsheet shortened; format the cell as text and type it again"),
    (re.compile(rf"[0-9]{{1,2}}-{_MONTH}(?:-[0-9]{{2,4}})?|{_MONTH}-[0-9]{{2}}"),
     "a day that the spreadsheet made of what was typed; format the cell as text and type it again"),
)  # fmt: skip


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text of a file and how it is encoded. Raises `InvalidImport` naming the line that is not."""
    codec, told = "utf-8", "UTF-8"
    for mark, name, words in _ENCODINGS:
        if content.startswith(mark):
            codec, told = name, words
            break
    try:
        return content.decode(codec), told
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", content[: error.start])) + 1
        raise unreadable(
            f"line {line} is not {told}: byte {error.start} cannot be read (it may be Windows-1258 or "
            "another code page); save it as 'CSV UTF-8'"
        ) from error


def read_text(text: str, named: Callable[[Sequence[Row]], int]) -> tuple[Table, str]:
    """Return the rows, and the name of the separator: the hinted one, else the one that names most columns.

    `named` counts the columns that rows name. Raises `InvalidImport` where the quotation marks are broken.
    """
    hint = _HINT.match(text)
    if hint is not None:
        return _table(text[hint.end() :], hint[1], 2), _DELIMITERS.get(hint[1], f"'{hint[1]}'")
    best = max(_DELIMITERS, key=lambda delimiter: _fitness(text, delimiter, named))
    return _table(text, best, 1), _DELIMITERS[best]


def _fitness(text: str, delimiter: str, named: Callable[[Sequence[Row]], int]) -> tuple[int, int]:
    """Return how many columns the first rows name when split so, and how often the first of them is split."""
    first: list[Row] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            first += [Row(0, tuple(cells))] if any(cells) else []
            if len(first) == _LOOKED_AT:
                break
    except csv.Error:
        # The records before say enough; what is wrong is named when all is read.
        pass
    return named(first), len(first[0].cells) - 1 if first else 0


def _table(text: str, delimiter: str, first_line: int) -> Table:
    try:
        rows = tuple(row for row in _split(text, delimiter, first_line) if any(row.cells))
    except csv.Error as error:
        raise unreadable(f"its quotation marks do not fit together: {error}") from error
    return Table("", rows)


def _split(text: str, delimiter: str, first_line: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = first_line
    for number, cells in enumerate(reader):
        # One more than may be: the header.
        if number > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
            raise unreadable(f"it has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns; split it")
        yield _row(begins, cells)
        begins = reader.line_num + first_line


def _row(line: int, cells: Sequence[str]) -> Row:
    kept = [_shown(cell.strip(" ")) for cell in cells]
    while kept and not kept[-1].strip():
        kept.pop()
    special = {
        place: Cell(cell, trouble=told, no_day=told)
        for place, cell in enumerate(kept)
        if (told := _trouble(cell))
    }
    return Row(line, tuple(kept), special)


def _trouble(cell: str) -> str:
    """Return why a cell is not what somebody typed, nothing where it may be."""
    if cell.startswith("="):
        return _COMPUTED
    return next((told for pattern, told in _SPOILT if pattern.fullmatch(cell)), "")


def _shown(cell: str) -> str:
    found = _QUOTED_FORMULA.fullmatch(cell)
    return found[1].replace('""', '"') if found else cell

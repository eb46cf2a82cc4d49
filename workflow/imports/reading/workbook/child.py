"""The process that reads one workbook: bytes come in, rows go out as JSON.

It opens no file: whatever a workbook does to it stays in it.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from workflow.imports.reading.workbook.package import NoWorkbookError
from workflow.imports.reading.workbook.reader import read_tables
from workflow.imports.rows import Cell, Table
from workflow.standing_by import stand_by


def _answer(content: bytes) -> bytes:
    try:
        tables = read_tables(content)
    except NoWorkbookError as refused:
        return json.dumps({"refused": str(refused)}).encode()
    return json.dumps({"tables": [_plain(table) for table in tables]}).encode()


def _plain(table: Table) -> dict[str, Any]:
    rows = []
    for row in table.rows:
        special = {place: _cell(cell) for place, cell in row.special.items()}
        rows.append((row.line, row.cells, special, row.reach, row.is_hidden))
    return {
        "title": table.title,
        "rows": rows,
        "is_hidden": table.is_hidden,
        "hidden_columns": sorted(table.hidden_columns),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return asdict(cell) | {"day": cell.day.isoformat() if cell.day else ""}


if __name__ == "__main__":
    sys.exit(stand_by(_answer))

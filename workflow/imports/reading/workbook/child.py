"""The process that reads one workbook: bytes come in, rows go out as JSON, and it may take only so much.

It is given no secret (no setting reaches it) and opens no file: whatever a workbook does to it stays in it.
"""

import json
import resource
import signal
import sys
from dataclasses import asdict
from typing import Any, Final

from workflow.imports.reading.workbook.package import NoWorkbookError
from workflow.imports.reading.workbook.reader import read_tables
from workflow.imports.rows import Cell, Table

OUT_OF_MEMORY: Final = 3


def main(cpu_seconds: int, memory_bytes: int, wall_seconds: int) -> int:
    """Read standard input within the limits, write the answer; return the exit code."""
    # Also where whoever started it is gone: the alarm ends what waits, the limit what computes.
    signal.alarm(wall_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = _answer(sys.stdin.buffer.read())
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.write(answer)
    return 0


def _answer(content: bytes) -> str:
    try:
        tables = read_tables(content)
    except NoWorkbookError as refused:
        return json.dumps({"refused": str(refused)})
    return json.dumps({"tables": [_plain(table) for table in tables]})


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
    sys.exit(main(*map(int, sys.argv[1:4])))

"""Having a workbook read by a process of its own: a hostile file costs seconds, and nothing else stops."""

import json
from datetime import date
from typing import Any, Final

from workflow.imports.reading.bad_cells import unreadable
from workflow.imports.rows import Cell, Row, Table
from workflow.limited import Ended, Limits, NoAnswerError, run_within

_MODULE: Final = "workflow.imports.reading.workbook.child"
LIMITS: Final = Limits()
"""What reading one workbook may take. The largest that the limits of size allow take a tenth of it."""

_KEEP: Final = "keep the one sheet only"


def read_workbook(content: bytes, limits: Limits = LIMITS) -> list[Table]:
    """Read every sheet of a workbook. Raises `InvalidImport` for what is none or goes beyond a limit."""
    try:
        answer = json.loads(run_within(limits, _MODULE, content))
    except NoAnswerError as problem:
        raise unreadable(_why(problem.why, limits)) from problem
    if "refused" in answer:
        raise unreadable(answer["refused"])
    return [_table(found) for found in answer["tables"]]


def _why(ended: Ended, limits: Limits) -> str:
    return {
        Ended.WALL: f"reading it takes longer than {limits.wall_seconds} s; {_KEEP}",
        Ended.MEMORY: f"reading it needs more than {limits.memory_bytes // 2**20} MB of memory; {_KEEP}",
        Ended.CPU: f"reading it takes more than {limits.cpu_seconds} s of work; {_KEEP}",
        Ended.ERROR: "it is no workbook that can be read; open it and save it as XLSX again",
    }[ended]


def _table(found: dict[str, Any]) -> Table:
    rows = (
        Row(line, tuple(cells), {int(place): _cell(cell) for place, cell in special.items()}, *rest)
        for line, cells, special, *rest in found["rows"]
    )
    return Table(found["title"], tuple(rows), found["is_hidden"], frozenset(found["hidden_columns"]))


def _cell(found: dict[str, Any]) -> Cell:
    return Cell(**found | {"day": date.fromisoformat(found["day"]) if found["day"] else None})

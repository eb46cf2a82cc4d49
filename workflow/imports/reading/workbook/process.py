"""Having a workbook read by a process of its own: a hostile file costs seconds, and nothing else stops."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from workflow.imports.reading.bad_cells import unreadable
from workflow.imports.reading.workbook.child import OUT_OF_MEMORY
from workflow.imports.rows import Cell, Row, Table

# All that the process is told of its surroundings: where our packages lie. Settings hold secrets.
_ENVIRONMENT: Final = {"PYTHONPATH": str(Path(__file__).parents[4])}
_MODULE: Final = "workflow.imports.reading.workbook.child"


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What reading one workbook may take. The largest that the limits of size allow take a tenth of it."""

    cpu_seconds: int = 20
    memory_bytes: int = 1024 * 2**20
    wall_seconds: int = 120


LIMITS: Final = ReadingLimits()


def read_workbook(content: bytes, limits: ReadingLimits = LIMITS) -> list[Table]:
    """Read every sheet of a workbook. Raises `InvalidImport` for what is none or goes beyond a limit."""
    argv = [
        sys.executable, "-P", "-m", _MODULE,
        str(limits.cpu_seconds), str(limits.memory_bytes), str(limits.wall_seconds),
    ]  # fmt: skip
    keep = "keep the one sheet only"
    try:
        # Not a fork: whoever reads may be a server with threads. `run` kills and reaps whatever happens.
        done = subprocess.run(  # noqa: S603 - our own module, with numbers
            argv, input=content, capture_output=True, check=False,
            timeout=limits.wall_seconds, env=_ENVIRONMENT,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise unreadable(f"reading it takes longer than {limits.wall_seconds} s; {keep}") from late
    if done.returncode == OUT_OF_MEMORY:
        raise unreadable(f"reading it needs more than {limits.memory_bytes // 2**20} MB of memory; {keep}")
    if done.returncode < 0:
        raise unreadable(f"reading it takes more than {limits.cpu_seconds} s of work; {keep}")
    if done.returncode:
        raise unreadable("it is no workbook that can be read; open it and save it as XLSX again")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise unreadable(answer["refused"])
    return [_table(found) for found in answer["tables"]]


def _table(found: dict[str, Any]) -> Table:
    rows = (
        Row(line, tuple(cells), {int(place): _cell(cell) for place, cell in special.items()}, *rest)
        for line, cells, special, *rest in found["rows"]
    )
    return Table(found["title"], tuple(rows), found["is_hidden"], frozenset(found["hidden_columns"]))


def _cell(found: dict[str, Any]) -> Cell:
    return Cell(**found | {"day": date.fromisoformat(found["day"]) if found["day"] else None})

"""What a run says while it goes on, and what is kept of it."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import sqlalchemy

from tests.benchmarks.rows import Row

ROOT = Path(__file__).parents[2]


def keep(folder: Path, rows: Sequence[Row], *, name: str = "latest") -> None:
    """Write the rows as JSON with what they were measured on: a file of this run, and the newest."""
    at = datetime.now(UTC)
    content = {
        "measured_at": at.isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "sqlalchemy": sqlalchemy.__version__,
        "psycopg": psycopg.__version__,
        "rows": [row.as_dict() for row in rows],
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=2) + "\n"
    run = f"{at:%Y%m%dT%H%M%SZ}"
    for file in (f"{run}.json" if name == "latest" else f"{run}-{name}.json", f"{name}.json"):
        (folder / file).write_text(text, encoding="utf-8")


def say(line: str) -> None:
    """Tell on stderr what takes its time."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress of a long command

"""One clock, one reader of the environment, and no SQL that asks the database what time it is."""

import ast
import re

import pytest

from tests.architecture.source import found_in, python_files, references, short, strings, tree

CLOCK_NAMES = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "time.gmtime",
        "time.localtime",
        "time.monotonic",
        "time.monotonic_ns",
        "time.perf_counter",
        "time.perf_counter_ns",
        "time.time",
        "time.time_ns",
        "uuid.uuid1",
    }
)
# Who else may read a clock, which one, and why. None of these instants reaches a rule or the record.
CLOCK_READERS: dict[str, tuple[set[str], str]] = {
    "workflow/clock.py": (
        {"time.monotonic"},
        "how long a child process may take; only differences mean anything",
    ),
}

ENVIRONMENT_NAMES = frozenset({"os.environ", "os.environb", "os.getenv", "os.getenvb"})
ENVIRONMENT_READERS: dict[str, str] = {
    "workflow/settings.py": "the one reader: every setting is typed and checked at start",
}

SQL_CLOCK = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(?:current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
SQL_CLOCK_FUNCTIONS = re.compile(
    r"^(?:sqlalchemy\.)?(?:sql\.)?(?:functions\.)?func\."
    r"(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|current_timestamp|current_date|current_time"
    r"|localtime|localtimestamp)$"
)
# Who does use the database's real clock (the clock itself, heartbeats and leases), by file, with the reason.
SQL_CLOCK_USERS: dict[str, str] = {
    "workflow/clock.py": "the one clock: production takes `now` from the database",
    "workflow/operations/errands/run.py": "leases are about real processes, also in a simulated season",
    "workflow/operations/sweep/heartbeat.py": "signs of life of real processes, also in a simulated season",
    "workflow/store/outbox.py": "leases are about real processes, also in a simulated season",
}


def clock_reads(module: ast.Module) -> list[tuple[str, int]]:
    """Return every clock of the host that a module reads."""
    return [(name, line) for name, line in references(module) if name in CLOCK_NAMES]


def sql_clock_uses(module: ast.Module) -> list[int]:
    """Return the lines where a module makes the database read its clock."""
    lines = [line for text, line in strings(module) if SQL_CLOCK.search(text)]
    lines += [line for name, line in references(module) if SQL_CLOCK_FUNCTIONS.match(name)]
    return sorted(set(lines))


def environment_reads(module: ast.Module) -> list[int]:
    """Return the lines where a module looks into the environment."""
    return [line for name, line in references(module) if name in ENVIRONMENT_NAMES]


def test_only_the_clock_reads_a_clock():
    def reads(path):
        allowed = CLOCK_READERS.get(short(path), (set(), ""))[0]
        return [read for read in clock_reads(tree(path)) if read[0] not in allowed]

    assert found_in(python_files(), reads) == {}


def test_no_statement_asks_the_database_for_the_time():
    found = found_in(python_files(), lambda path: sql_clock_uses(tree(path)))
    assert {path: uses for path, uses in found.items() if path not in SQL_CLOCK_USERS} == {}


def test_only_the_settings_read_the_environment():
    found = found_in(python_files(), lambda path: environment_reads(tree(path)))
    assert {path: reads for path, reads in found.items() if path not in ENVIRONMENT_READERS} == {}


def test_every_exception_is_still_needed():
    files = {short(path): tree(path) for path in python_files()}
    needless = [
        name
        for name, (allowed, _) in CLOCK_READERS.items()
        if allowed - {n for n, _ in clock_reads(files[name])}
    ]
    needless += [name for name in SQL_CLOCK_USERS if not sql_clock_uses(files[name])]
    needless += [name for name in ENVIRONMENT_READERS if not environment_reads(files[name])]
    assert needless == []


@pytest.mark.parametrize(
    "source",
    [
        "import datetime as dt\nopened_at = dt.datetime.now(dt.UTC)",
        "from datetime import datetime\ndefault = datetime.now",
        "import time\nstarted = time.time()",
        "from time import monotonic as tick\ntick()",
    ],
)
def test_a_hidden_clock_would_be_found(source):
    assert clock_reads(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        'execute("UPDATE visit SET left_at = now()")',
        "from sqlalchemy import func\nclosed_at = func.now()",
        "import sqlalchemy as sa\nsa.func.current_timestamp()",
        'column(server_default="CURRENT_TIMESTAMP")',
    ],
)
def test_a_statement_that_asks_for_the_time_would_be_found(source):
    assert sql_clock_uses(ast.parse(source))


@pytest.mark.parametrize("source", ["import os\nos.environ['X']", "from os import getenv\ngetenv('X')"])
def test_a_second_reader_of_the_environment_would_be_found(source):
    assert environment_reads(ast.parse(source))

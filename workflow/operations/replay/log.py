"""Reading an event log: every row checked, with its line, before anything is written."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workflow.domain.errors import InvalidLog

COLUMNS = ("case", "activity", "resource", "role", "timestamp")
# A log is read whole before the first write; half a gigabyte of text is twenty times the largest known.
_MOST_BYTES = 512 * 1024 * 1024
_PROBLEMS_SHOWN = 20
# Before there were computers, and beyond any deadline: such a date is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One row of a log; `line` is its line in the file, the header being line 1."""

    line: int
    case: str
    activity: str
    at: datetime


def read_log(path: Path) -> list[LogEvent]:
    """Return a log's events in order of time, ties in the order of the file.

    Raises `InvalidLog` with line and value for a missing column, a bad date, an empty case or activity, and
    when the file is no UTF-8 text or no whole gzip.
    """
    rows = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    events: list[LogEvent] = []
    problems: list[str] = []
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise InvalidLog(
                f"{path.name}:1: no column {', '.join(missing)}; a log has {', '.join(COLUMNS)}."
            )
        for row in rows:
            event = _event(rows.line_num, row)
            if isinstance(event, LogEvent):
                events.append(event)
            else:
                problems.append(event)
    except csv.Error as error:
        raise InvalidLog(f"{path.name}:{rows.line_num}: {error}.") from error
    if problems:
        raise InvalidLog("\n".join(f"{path.name}:{problem}" for problem in _few(problems)))
    if not events:
        raise InvalidLog(f"{path.name}: there is no event in it.")
    return sorted(events, key=lambda event: event.at)


def _event(line: int, row: dict[str, str]) -> LogEvent | str:
    case, activity, timestamp = (row[name] or "" for name in ("case", "activity", "timestamp"))
    if not case or not activity:
        return f"{line}: the {'case' if not case else 'activity'} is empty."
    if "\0" in case:
        return f"{line}: the case holds a NUL."
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        return f"{line}: {timestamp!r} is no date and time; write 2017-01-09T08:49:50Z."
    if at.tzinfo is None:
        return f"{line}: {timestamp!r} has no time zone; write 2017-01-09T08:49:50Z."
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        return f"{line}: {timestamp!r} is not between {_FIRST_YEAR} and {_LAST_YEAR}."
    return LogEvent(line, case, activity, at.astimezone(UTC))


def _few(problems: list[str]) -> Iterator[str]:
    yield from problems[:_PROBLEMS_SHOWN]
    if len(problems) > _PROBLEMS_SHOWN:
        yield f" and {len(problems) - _PROBLEMS_SHOWN} more lines."


def _text(path: Path) -> str:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidLog(f"{path.name}: cannot be read: {error}.") from error
    if len(content) > _MOST_BYTES:
        raise InvalidLog(f"{path.name}: larger than {_MOST_BYTES // 1024 // 1024} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidLog(f"{path.name}:{line}: is not UTF-8.") from error

"""Reading an event log: every row checked, with its line, before anything is written."""

import csv
import difflib
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from workflow.domain.errors import InvalidLog
from workflow.domain.reading import NotText, decoded

COLUMNS = ("case", "activity", "resource", "role", "timestamp")
# A log is read whole before the first write; half a gigabyte of text is twenty times the largest known.
_MOST_BYTES = 512 * 1024 * 1024
_PROBLEMS_SHOWN = 20
# Before there were computers, and beyond any deadline: such a date is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_QUOTED: Final = 60
_REMEDIES: Final[Mapping[str, str]] = {
    "unexpected end of data": "a quotation mark opens a cell and is never closed",
    "expected after": "a quotation mark stands within a cell; write it twice",
    "field larger than": "a cell is too long; is a quotation mark never closed?",
    "new-line character": "a line end stands within a cell without quotation marks",
    "NUL": "holds a NUL",
}


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
    text = _text(path)
    if not text.strip():
        raise InvalidLog(f"{path.name}:1: the file is empty; a log has {', '.join(COLUMNS)}.")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    events: list[LogEvent] = []
    problems: list[str] = []
    try:
        header = next(rows)
        _demand_columns(path.name, header)
        for row in rows:
            event = _event(rows.line_num, header, row) if row else None
            if isinstance(event, LogEvent):
                events.append(event)
            elif event is not None:
                problems.append(event)
    except csv.Error as error:
        raise InvalidLog(f"{path.name}:{rows.line_num}: {_told(str(error))}.") from error
    if problems:
        raise InvalidLog("\n".join(f"{path.name}:{problem}" for problem in _few(problems)))
    if not events:
        raise InvalidLog(f"{path.name}: there is no event in it.")
    return sorted(events, key=lambda event: event.at)


def _demand_columns(name: str, header: list[str]) -> None:
    """Raise `InvalidLog` unless every column of a log is there, and none is there twice."""
    twice = [word for word, count in Counter(header).items() if count > 1]
    missing = [column for column in COLUMNS if column not in header]
    unused = [word for word in header if word not in COLUMNS]
    told = [f"the column {word!r} is there twice" for word in twice]
    told += [f"no column {column}{_close(column, unused)}" for column in missing]
    if told:
        raise InvalidLog(f"{name}:1: {'; '.join(told)}; a log has {', '.join(COLUMNS)}.")


def _close(column: str, unused: list[str]) -> str:
    by_form = {word.strip().lower(): word for word in unused}
    close = difflib.get_close_matches(column, by_form, n=1)
    return f" (is it {by_form[close[0]]!r}?)" if close else ""


def _told(problem: str) -> str:
    """Say what the reader of CSV found, without its advice to programmers."""
    return next((words for begin, words in _REMEDIES.items() if begin in problem), "not CSV")


def _event(line: int, header: list[str], row: list[str]) -> LogEvent | str:
    if beyond := [place for place, cell in enumerate(row) if cell and place >= len(header)]:
        shown = f"column {beyond[0] + 1} holds {row[beyond[0]][:_QUOTED]!r}"
        return f"{line}: {shown}, and no column of the header stands above it."
    cells = dict(zip(header, row, strict=False))
    case, activity, timestamp = (cells.get(name, "") for name in ("case", "activity", "timestamp"))
    if not case or not activity:
        return f"{line}: the {'case' if not case else 'activity'} is empty."
    if "\0" in case:
        return f"{line}: the case holds a NUL."
    at = _instant(timestamp)
    if isinstance(at, str):
        return f"{line}: {timestamp[:_QUOTED]!r} {at}."
    return LogEvent(line, case, activity, at.astimezone(UTC))


def _instant(timestamp: str) -> datetime | str:
    """Return the instant, or what is wrong with it."""
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        return "is no date and time; write 2017-01-09T08:49:50Z"
    if at.tzinfo is None:
        return "has no time zone; write 2017-01-09T08:49:50Z"
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        return f"is not between {_FIRST_YEAR} and {_LAST_YEAR}"
    return at


def _few(problems: list[str]) -> Iterator[str]:
    yield from problems[:_PROBLEMS_SHOWN]
    if len(problems) > _PROBLEMS_SHOWN:
        yield f" and {len(problems) - _PROBLEMS_SHOWN} more lines."


def _text(path: Path) -> str:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except gzip.BadGzipFile as error:
        raise InvalidLog(f"{path.name}: is no gzip file, although its name ends in .gz.") from error
    except (EOFError, zlib.error) as error:
        raise InvalidLog(f"{path.name}: the gzip file is damaged or cut off.") from error
    except OSError as error:
        raise InvalidLog(f"{path.name}: cannot be read: {error.strerror}.") from error
    if len(content) > _MOST_BYTES:
        raise InvalidLog(f"{path.name}: larger than {_MOST_BYTES // 1024 // 1024} MB.")
    try:
        return decoded(content)
    except NotText as error:
        raise InvalidLog(f"{path.name}:{error.line}: {error}.") from error

"""The days of the Vietnamese calendar that ships with the project."""

import csv
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Final

from workflow.domain.time.days import CalendarDay

_OFF: Final = "off"
_WORK: Final = "work"


@lru_cache(maxsize=1)
def shipped_days() -> tuple[CalendarDay, ...]:
    """Give the days of the Vietnamese calendar that ships, in order of date.

    Each row names its source; the yearly decisions of the Government are typed in as they are published.
    """
    text = (resources.files("workflow") / "definitions" / "calendar_vn.csv").read_text(encoding="utf-8")
    days = [
        CalendarDay(date.fromisoformat(row["date"]), _is_off(row["kind"]), row["name"], row["source"])
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(days, key=lambda entry: entry.day))


def _is_off(kind: str) -> bool:
    if kind not in {_OFF, _WORK}:
        message = f"a day of the calendar is {_OFF} or {_WORK}, not '{kind}'"
        raise ValueError(message)
    return kind == _OFF

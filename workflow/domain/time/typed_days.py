"""Days and hours as people type them: day first, whatever language their browser speaks."""

import re
from datetime import date, time
from typing import Final

_DAY_FIRST: Final = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_HOUR: Final = re.compile(r"(\d{1,2})\s*[:hg.]\s*(\d{2})?(?::\d{2})?", re.ASCII | re.IGNORECASE)
EARLIEST: Final = date(1900, 1, 1)
"""Nothing that this product keeps is dated earlier; the movement itself began in 1948."""
LATEST: Final = date(2200, 12, 31)


def read_day(text: str) -> date:
    """Read "12/6/2026" (day, month, year; also with dots or dashes) or ISO "2026-06-12".

    Raises ValueError for anything else, a day that is none and one outside `EARLIEST` to `LATEST`. What may
    be meant two ways is refused: years have four figures, and a year comes first only in ISO.
    """
    text = text.strip()
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        message = "expected day/month/year, such as 12/6/2026"
        raise ValueError(message)
    read = date(year, month, day)
    if not EARLIEST <= read <= LATEST:
        message = f"a day lies between {EARLIEST:%d/%m/%Y} and {LATEST:%d/%m/%Y}"
        raise ValueError(message)
    return read


def day_or_none(text: str) -> date | None:
    """Read a day, None where nothing was typed; raises ValueError as `read_day`."""
    return read_day(text) if text.strip() else None


def read_hour(text: str) -> time | None:
    """Read "7:30", "07.30" or "7h30" (the Vietnamese way, also "7h"); None for anything else."""
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - of the clock

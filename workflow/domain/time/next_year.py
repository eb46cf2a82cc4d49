"""The same a year later: a day, and the name of what is held every year."""

import re
from calendar import monthrange
from datetime import date
from typing import Final

# A year, and another behind it: 2025-2026, 2025/26.
_YEARS: Final = re.compile(r"(?<!\d)(\d{4})(?:(\s*[-–—/]\s*)(\d{4}|\d{2}))?(?!\d)")


def a_year_later(day: date) -> date:
    """Return the same day of the next year; the last day of a month is the last of that month again."""
    last = monthrange(day.year + 1, day.month)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return day.replace(year=day.year + 1, day=last if is_last else min(day.day, last))


def named_a_year_later(text: str, year: int) -> str:
    """Return a name or code with its year gone on by one; one that tells no year gets the next behind it.

    A year over two, such as 2025-2026 or 2025/26, goes on whole. A plan of several years stays as it is.
    """

    def moved(found: re.Match[str]) -> str:
        first, between, second = int(found[1]), found[2] or "", found[3] or ""
        modulus = 10 ** len(second)
        if second and (first + 1) % modulus == int(second) and year in {first, first + 1}:
            return f"{first + 1}{between}{(first + 2) % modulus:0{len(second)}d}"
        # Two figures that are no next year are a month or a number.
        is_plan = len(second) == len("2030")
        return found[0] if is_plan or first != year else f"{first + 1}{between}{second}"

    named = _YEARS.sub(moved, text)
    return named if named != text else f"{text} {year + 1}"

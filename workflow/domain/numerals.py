"""The gate for every number and day that comes in: ASCII digits only, and within what can be worked with."""

import re
from datetime import date
from typing import Final

from workflow.domain.errors import FieldError, InvalidField

YEARS: Final = range(1900, 2201)
"""The years a day may lie in: later ones leave no room for working days, notices and time zones."""
BIGGEST: Final = 2**63 - 1
"""The greatest number the database can hold."""
_DIGITS: Final = re.compile("[0-9]+")
_ISO_DAY: Final = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")


def whole_number(text: str, *, field: str, least: int = 0, most: int = BIGGEST) -> int:
    """Give the number that ASCII digits say. Raises `InvalidField` for anything else or out of bounds."""
    digits = text.strip().lstrip("0") or "0"
    # Its length first: reading thousands of digits takes the time of an attack.
    is_read = _DIGITS.fullmatch(text.strip()) is not None and len(digits) <= len(str(most))
    if not is_read or not least <= int(digits) <= most:
        raise _refused(field, f"must be a whole number from {least} to {most}")
    return int(digits)


def number_in(text: str) -> int | None:
    """Give the number that ASCII digits say, None where the text says none."""
    try:
        return whole_number(text, field="number")
    except InvalidField:
        return None


def demand_day(day: date, *, field: str) -> date:
    """Give the day back if one can count from it. Raises `InvalidField` for one outside `YEARS`."""
    if day.year not in YEARS:
        raise _refused(field, f"the year must lie between {YEARS.start} and {YEARS.stop - 1}")
    return day


def iso_day(text: str, *, field: str) -> date:
    """Give the day written as 2026-12-31. Raises `InvalidField` for anything else, as `demand_day` too."""
    found = _ISO_DAY.fullmatch(text.strip())
    if found is None:
        raise _refused(field, "is no day; write 2026-12-31")
    try:
        return demand_day(date(*map(int, found.groups())), field=field)
    except ValueError as problem:
        raise _refused(field, "there is no such day") from problem


def _refused(field: str, message: str) -> InvalidField:
    return InvalidField(f"{field}: {message}", errors=[FieldError(field, message)])

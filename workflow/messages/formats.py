"""Dates and numbers as people write them, in Vietnamese and English."""

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from babel.dates import format_date, format_datetime, get_timezone_location
from babel.numbers import format_decimal

# Official Vietnamese: weekday in lower case, day without leading zeros, as in thứ Năm, ngày 12/6/2026.
_DAY: Final = {
    ("vi", False): "EEEE, 'ngày' d/M/y",
    ("vi", True): "EEEE, d/M/y",
    ("en", False): "EEEE, d MMMM y",
    ("en", True): "EEEE, d MMMM y",
}
_CLOCK: Final = "HH:mm"
# The letters of one morning name few days and hours, each of them many times.
_KEPT: Final = 1024


def day(value: date, locale: str, *, short: bool = False) -> str:
    """Write a date: "thứ Năm, ngày 12/6/2026", short "thứ Năm, 12/6/2026"; "Thursday, 12 June 2026"."""
    return _day(value, locale, short)


def moment(value: datetime, locale: str, *, short: bool = False) -> str:
    """Write an instant by the clock of its own zone: "17:00 thứ Năm, ngày 12/6/2026"."""
    # By what its clock shows: two instants that are equal in two zones are the same key.
    clock = _clock(value.replace(tzinfo=None), locale)
    joint = " " if locale == "vi" else " on "
    return f"{clock}{joint}{day(value.date(), locale, short=short)}"


@lru_cache(maxsize=_KEPT)
def number(value: float, locale: str) -> str:
    """Write a number with the grouping of the language."""
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=_KEPT)
def _day(value: date, locale: str, short: bool) -> str:  # noqa: FBT001 - the key of a cache
    written = format_date(value, _DAY[locale, short], locale=locale)
    return written[0].lower() + written[1:] if locale == "vi" else written


@lru_cache(maxsize=_KEPT)
def _clock(shown: datetime, locale: str) -> str:
    return format_datetime(shown, _CLOCK, locale=locale)


def zone(name: str, locale: str) -> str:
    """Say whose clock a time zone is, "Giờ Việt Nam"; one that is no place keeps its name."""
    return get_timezone_location(name, locale=locale) if "/" in name else name

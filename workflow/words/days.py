"""Days as each language writes them, and the names of those that differ from their weekday."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

from workflow.words.catalogue import read_words, word

_NAMES: Final = "day_name."
# How the shipped days are named in `calendar_vn.csv`: a stored reason keeps them by these words.
_STORED: Final = "vi"
_DAY: Final = r"\d\d/\d\d/\d{4}"
_BETWEEN: Final = ", "
_MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_UNITS: Final = rf"ngày|giờ|phút|tháng|(?:working |calendar )?(?:day|hour|minute)s?|{_MONTHS}|MB|KB"
LOOSE: Final = re.compile(
    rf"\b(?:[Nn]gày (?=[\d{{])|[Tt]hứ (?=Hai|Ba|Tư|Năm|Sáu|Bảy))|(?<=[\d}}]) (?=(?:{_UNITS})\b)"
)
"""Where a line must not end: after a day's word, before a number's unit. A text's parts stand in braces."""


def day_words(day: date, locale: str, *, of_year: int | None = None) -> str:
    """Write a day as people do; without its year where that is the one everybody thinks of."""
    months = word(locale, "due_why.months").split()
    if not months:
        return f"{day.day}/{day.month}" if day.year == of_year else f"{day.day}/{day.month}/{day.year}"
    written = f"{day.day} {months[day.month - 1]}"
    return written if day.year == of_year else f"{written} {day.year}"


def day_name(name: str, locale: str) -> str:
    """Say the name of a day off, or of several, in a language; one that an office gave stays as it is."""
    if locale == _STORED:
        return name
    return _BETWEEN.join(_translated(one, locale) for one in name.split(_BETWEEN))


def _translated(name: str, locale: str) -> str:
    known = _known()
    if name in known:
        return word(locale, known[name])
    for key, form in _forms().items():
        if (found := form.fullmatch(name)) is not None:
            return word(
                locale, key, **{part: _said(part, text, locale) for part, text in found.groupdict().items()}
            )
    return name


def _said(part: str, text: str, locale: str) -> str:
    if part == "name":
        return _translated(text, locale)
    day, month, year = map(int, text.split("/"))
    try:
        return day_words(date(year, month, day), locale)
    except ValueError:
        # An office writes its names by hand: a day that there is not stays as it stands.
        return text


@cache
def _known() -> Mapping[str, str]:
    """Return the key of every name that is whole."""
    return {said: key for key, said in _stored().items() if "{" not in said}


@cache
def _forms() -> Mapping[str, re.Pattern[str]]:
    """Return by its key what finds a name that has a day or another name in it."""
    return {key: re.compile(_form(said)) for key, said in _stored().items() if "{" in said}


def _form(said: str) -> str:
    return re.escape(said).replace(r"\{name\}", "(?P<name>.+)").replace(r"\{day\}", f"(?P<day>{_DAY})")


def _stored() -> Mapping[str, str]:
    words = read_words("workflow", _STORED)
    return {key: said for key, said in words.items() if key.startswith(_NAMES)}

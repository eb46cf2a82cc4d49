"""What is stored in a cell, told as what is seen: text, or a day or number, or the reason why neither."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from workflow.imports.reading.workbook.number_format import (
    GENERAL,
    HIDDEN,
    Section,
    TroubleError,
    exact,
    general_text,
    number_text,
    section_for,
    words_text,
)
from workflow.imports.reading.workbook.strings import RichText
from workflow.imports.reading.workbook.styles import shows_other_letters
from workflow.imports.rows import Cell

_AS_TEXT: Final = "format the cell as text and type it as it should read"
_BROKEN: Final = "the spreadsheet computed an error here"
_NEVER_COMPUTED: Final = "a formula without a saved value; open and save the file, or paste values"
_NO_DAY: Final = "is no day; write 2026-12-31 or 31/12/2026"
_LOOK: Final = "format the cell as dd/mm/yyyy and look whether the day is right"
_EPOCH: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)
_LAST_SERIAL: Final = 2_958_465
# Excel counts a 29 February 1900 that never was.
_NEVER_WAS: Final = 60
_SECONDS: Final = 86_400
_LONGEST_SHOWN: Final = 60


def words_cell(words: RichText, code: str, font: str) -> Cell:
    """Return what is seen of a text."""
    foreign = next((name for name in (*words.fonts, font) if shows_other_letters(words.text, name)), "")
    if foreign:
        reason = f"its font {foreign} shows other letters than are stored; convert it to Unicode (UTF-8)"
        return Cell(words.text, trouble=reason)
    try:
        return Cell(words_text(words.text, code))
    except TroubleError as trouble:
        return Cell(words.text, trouble=f"{trouble}; {_AS_TEXT}")


def logical_cell(value: str) -> Cell:
    """Return what is seen of a truth value, which each language shows in its own word."""
    shown = "TRUE" if value in {"1", "true"} else "FALSE"
    return Cell(shown, trouble=f"a logical value ({shown}), not text; {_AS_TEXT}")


def error_cell(value: str) -> Cell:
    """Return an error value, such as #N/A."""
    return Cell(value, trouble=_BROKEN, no_day=_BROKEN)


def formula_cell(formula: str) -> Cell:
    """Return a formula that nobody computed."""
    shown = f"={formula[:_LONGEST_SHOWN]}"
    return Cell(shown, trouble=_NEVER_COMPUTED, no_day=_NEVER_COMPUTED)


def number_cell(stored: str, code: str, *, is_1904: bool) -> Cell:
    """Return what is seen of a number: a day where its format is one of dates."""
    try:
        value = Decimal(stored.strip())
    except InvalidOperation:
        return Cell(stored, trouble="no number although the file says so", no_day="is no day")
    if not value.is_finite():
        return Cell(stored, trouble="no number although the file says so", no_day="is no day")
    try:
        section, is_signed = section_for(value, code)
    except TroubleError as trouble:
        return _troubled(value, f"{trouble}; {_AS_TEXT}", _digits(value))
    if section.has("date"):
        return _instant_cell(value, section, is_1904=is_1904)
    number = _digits(exact(value, section))
    try:
        return Cell(number_text(value, section, is_signed=is_signed).strip(), number=number)
    except TroubleError as trouble:
        hides = str(trouble) == HIDDEN
        return _troubled(value, f"{trouble}; {_AS_TEXT}", "" if hides else number)


def iso_cell(stored: str, code: str) -> Cell:
    """Return what is seen of a day that is stored as ISO 8601 writes it, as a few programs do."""
    try:
        day = date.fromisoformat(stored[:10])
    except ValueError:
        return Cell(
            stored,
            trouble="no day although the file says so",
            no_day="there is no such day; days are written 31/12/2026 or 2026-12-31",
        )
    is_midnight = not stored[10:].strip("T:0Z.")
    serial = Decimal((day - _EPOCH).days) + (Decimal(0) if is_midnight else Decimal("0.5"))
    return number_cell(str(serial), "d/m/yyyy" if code == GENERAL else code, is_1904=False)


def _troubled(value: Decimal, reason: str, number: str) -> Cell:
    return Cell(_shown(value), number=number, trouble=reason, no_day=_NO_DAY)


def _shown(value: Decimal) -> str:
    try:
        return general_text(value)
    except TroubleError:
        return f"{float(value):.15g}"


def _digits(value: Decimal) -> str:
    """Return a number's digits where it is whole and not absurd, else as a float writes it."""
    is_whole = abs(value) < Decimal(10) ** 15 and value == value.to_integral_value()
    return str(int(value)) if is_whole else f"{float(value):.15g}"


def _instant_cell(value: Decimal, section: Section, *, is_1904: bool) -> Cell:
    letters = section.letters
    seconds = round(value % 1 * _SECONDS)
    serial = int(value) + (seconds == _SECONDS)
    if value < 0 or serial > _LAST_SERIAL:
        return _troubled(value, "a date that cannot be, shown as ####", "")
    shows = {letter for letter in "ymds" if letter in letters} | ({"h"} if "h" in letters else set())
    day = _day(serial, is_1904=is_1904)
    has_time = bool(seconds % _SECONDS)
    shown = _iso(day, seconds % _SECONDS if has_time else 0)
    trouble = f"a date or time and not text ({_as_seen(section)}); {_AS_TEXT}"
    cell = Cell(shown, trouble=trouble)
    if day is None or not _shows_a_day(letters):
        missing = "is a time and no day" if shows <= {"h", "m", "s"} else "does not show day, month and year"
        return replace(cell, no_day=f"{missing}; {_LOOK}")
    if has_time and shows & {"h", "s"}:
        return replace(cell, no_day="has a time of day; write the day alone")
    return replace(cell, day=day)


def _shows_a_day(letters: str) -> bool:
    """Tell whether a format of dates shows the day of the month, the month and the year."""
    runs = letters.split()
    has_day = any("d" in run and run.count("d") <= 2 for run in runs)  # noqa: PLR2004 - ddd is the weekday
    return has_day and any(run[0] in "yeb" for run in runs) and any("m" in run for run in runs)


def _as_seen(section: Section) -> str:
    pattern = "".join(value for kind, value in section.pieces if kind in {"date", "literal"}) or "date"
    return f"shown as {pattern}"


def _day(serial: int, *, is_1904: bool) -> date | None:
    if is_1904:
        return _EPOCH_1904 + timedelta(days=serial)
    if serial in {0, _NEVER_WAS}:
        return None
    return _EPOCH + timedelta(days=serial + (serial < _NEVER_WAS))


def _iso(day: date | None, seconds: int) -> str:
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}" if seconds or day is None else ""
    return " ".join(part for part in (day.isoformat() if day else "", time) if part)

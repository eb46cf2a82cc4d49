"""Another day for open work: which days can be asked for and given, and how asking was answered."""

from datetime import date
from enum import StrEnum
from typing import Final

from workflow.domain.errors import FieldError, InvalidField, Reason
from workflow.domain.time.workdays import Calendar

MOST_MORE: Final = 60
"""By how many working days from today work may be given more time at once."""


class ProposalOutcome(StrEnum):
    """How a date that somebody asked for was answered, or that they asked for another one."""

    GRANTED = "granted"
    OTHER_DATE = "other_date"
    REFUSED = "refused"
    REPLACED = "replaced"


def demand_new_day(
    day: date,
    *,
    due_on: date | None,
    upper_on: date | None,
    calendar: Calendar,
    today: date,
    field: str = "day",
) -> None:
    """Raise `InvalidField` unless open work, due on `due_on` so far, may become due on that day.

    It is a working day to come after the date that stands, at most `MOST_MORE` working days from today, and
    no later than the day on which everything has to lie at the level above (`upper_on`), unless the date that
    stands is later than that already.
    """
    if day <= today or not calendar.is_working(day):
        raise _invalid(field, "choose a working day to come")
    if day > calendar.shift(today, MOST_MORE):
        raise _invalid(field, f"at most {MOST_MORE} working days from today")
    if due_on is not None and day <= due_on:
        raise _invalid(field, "choose a day after the date that stands")
    if upper_on is not None and day > upper_on and (due_on is None or due_on <= upper_on):
        message = f"everything has to lie at the level above by {upper_on.isoformat()}"
        said = Reason("passes_upper_date", f"{field}: {message}.", {"day": f"{upper_on:%d/%m/%Y}"})
        raise InvalidField(said.message, reasons=[said], errors=[FieldError(field, message)])


def _invalid(field: str, message: str) -> InvalidField:
    return InvalidField(f"{field}: {message}.", errors=[FieldError(field, message)])

"""The dates of a round: proposed backwards from the day everything must lie at the upper level, and in order.

The spans are defaults of this product and no law: no source fixes them (working days by the calendar, with
public holidays and the days worked in their place).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from workflow.domain.errors import FieldError, InvalidField, Reason
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import RoundDate

SPANS: Final[Mapping[RoundDate, int]] = MappingProxyType(
    {
        RoundDate.CLUSTER_DEADLINE: 10,
        RoundDate.RECEPTION_DEADLINE: 5,
        RoundDate.APPRAISAL_DEADLINE: 20,
        RoundDate.COUNCIL_DATE: 10,
        RoundDate.DECISION_DATE: 5,
        RoundDate.UPPER_DEADLINE: 1,
    }
)
"""How many working days the work takes that ends on a date, counted from the date before it.

Clusters compare, the office checks completeness, the standing body appraises, the council votes, the head
signs, the paper is carried upward. Five more for the units' own review lie before `unit_deadline`.
"""


@dataclass(frozen=True, slots=True)
class DatesOutOfOrder:
    """Two dates of a round of which the one that comes first in the work lies after the other."""

    earlier: RoundDate
    earlier_on: date
    later: RoundDate
    later_on: date

    def __str__(self) -> str:
        return f"{self.earlier} {self.earlier_on} lies after {self.later} {self.later_on}"


def propose_dates(
    given: Mapping[RoundDate, date], calendar: Calendar, *, spans: Mapping[RoundDate, int] = SPANS
) -> dict[RoundDate, date]:
    """Give every date of a round, those missing counted backwards in working days from the next one given.

    What lies after the last given date stays open: without `upper_deadline` nothing is known of the end.
    """
    found: dict[RoundDate, date] = {}
    later: tuple[RoundDate, date] | None = None
    for name in reversed(RoundDate):
        day = given.get(name)
        if day is None and later is not None:
            day = calendar.shift(later[1], -spans.get(later[0], 0))
        if day is not None:
            found[name] = day
            later = (name, day)
    return {name: found[name] for name in RoundDate if name in found}


def days_needed(name: RoundDate) -> int:
    """Return how many working days the work takes from one date of a round until everything lies above."""
    names = list(RoundDate)
    return sum(SPANS.get(later, 0) for later in names[names.index(name) + 1 :])


def out_of_order(dates: Mapping[RoundDate, date]) -> list[DatesOutOfOrder]:
    """List every pair of neighbouring dates of which the first lies after the second."""
    present = [(name, dates[name]) for name in RoundDate if name in dates]
    return [DatesOutOfOrder(*before, *after) for before, after in pairwise(present) if before[1] > after[1]]


def demand_order(dates: Mapping[RoundDate, date]) -> None:
    """Raise `InvalidField` naming both dates of every pair in the wrong order."""
    if wrong := out_of_order(dates):
        raise InvalidField(
            f"The dates of a round follow each other: {'; '.join(map(str, wrong))}.",
            reasons=[_reason(pair) for pair in wrong],
            errors=[FieldError(pair.earlier, str(pair)) for pair in wrong],
        )


def _reason(pair: DatesOutOfOrder) -> Reason:
    """Return why two dates cannot stand, for words in other languages."""
    params = {"day": f"{pair.earlier_on:%d/%m/%Y}", "next_day": f"{pair.later_on:%d/%m/%Y}"}
    return Reason("dates_out_of_order", f"{pair}.", params)


def read_dates(stored: Mapping[str, object]) -> dict[RoundDate, date]:
    """Give the dates of a round from what is stored of it, in their order."""
    return {name: date.fromisoformat(str(stored[name])) for name in RoundDate if name in stored}

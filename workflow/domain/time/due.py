"""When a step is due: within a budget of days, by a date of the round, or by the earlier of the two."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from workflow.domain.reading import meant
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.vocabulary import RoundDate

_ROUND: Final = "round."
_SESSION: Final = "session."
_EARLIER: Final = re.compile(r"earlier\(([^,()]*),([^,()]*)\)")


@dataclass(frozen=True, slots=True)
class Due:
    """A due day fixed by the round, `within` a budget where that ends earlier.

    Where the round has no such date only the budget counts; without either nothing is due.
    """

    by: RoundDate
    within: Budget | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "round.upper_deadline" or "earlier(round.upper_deadline, 5 working_days)", or ValueError."""
        if found := _EARLIER.fullmatch(text.strip()):
            day, budget = (part.strip() for part in found.groups())
            if not day.startswith(_ROUND):
                message = f"earlier() takes a date of the round first and a period second, not '{text}'"
                raise ValueError(message)
            return cls(_round_date(day), Budget.parse(budget))
        return cls(_round_date(text.strip()))

    @property
    def unit(self) -> TimeUnit:
        """Give what the time until then is counted in: working days unless the budget says otherwise."""
        return self.within.unit if self.within else TimeUnit.WORKING_DAYS

    def __str__(self) -> str:
        """Spell it as `parse` reads it."""
        day = f"{_ROUND}{self.by}"
        return f"earlier({day}, {self.within})" if self.within else day


def parse_due(text: str) -> Budget | Due:
    """Read a step's `due`: a period, a date of the round, or the earlier of both; else raise ValueError."""
    if _SESSION in text:
        message = f"'{text}': dates of council sessions are not supported; write 'round.council_date'"
        raise ValueError(message)
    return Due.parse(text) if text.strip().startswith((_ROUND, "earlier(")) else Budget.parse(text)


class Doubling(StrEnum):
    """What doubles the period of a stay, once, where its route says so.

    Limits of appraisal double where an outside office is asked: 10 working days and 20 in Decree 39/2012, 15
    and 30 in a central procedure of that time. Both were read in summaries and are old, so no route that
    ships says it.
    """

    OUTSIDE_OPINION = "outside_opinion"


def doubled(due: Budget | Due) -> Budget | Due:
    """Return a due with its period twice as long; a date of the round stays where it is."""
    if isinstance(due, Budget):
        return replace(due, amount=2 * due.amount)
    return (
        due if due.within is None else replace(due, within=replace(due.within, amount=2 * due.within.amount))
    )


def budget_of(due: Budget | Due) -> Budget | None:
    """Return the period within `due`, None for a date of the round alone."""
    return due if isinstance(due, Budget) else due.within


def _round_date(text: str) -> RoundDate:
    try:
        return RoundDate(text.removeprefix(_ROUND))
    except ValueError:
        message = f"'{text}' is no date of a round{meant(text, [f'{_ROUND}{name}' for name in RoundDate])}"
        raise ValueError(message) from None

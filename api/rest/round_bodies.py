"""What the routes of rounds answer beyond the rows of the queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from workflow.domain.errors import Reason
from workflow.domain.vocabulary import RoundDate

_Day: TypeAlias = date  # below `date` is the name of a field


@dataclass(frozen=True, slots=True)
class DateChange:
    """A date of the round before, and the working day proposed for it."""

    date: RoundDate
    was: _Day
    day: _Day


@dataclass(frozen=True, slots=True)
class ProposalView:
    """Next year's round as `POST /rounds` takes it, and what is not as it was."""

    round: Mapping[str, object]
    dates: tuple[DateChange, ...]
    awards_gone: tuple[str, ...]
    awards_new: tuple[str, ...]
    units_gone: tuple[str, ...]
    units_new: tuple[str, ...]
    warnings: tuple[Reason, ...]

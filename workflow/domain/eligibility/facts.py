"""What may be said of somebody for a year: their grade, since when they serve, what kept them away."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.text import normalise

MOST_MONTHS: Final = 12
YEARS: Final = range(1900, 2201)


class FactKind(StrEnum):
    """What a fact tells of somebody."""

    GRADE = "grade"
    RECRUITED = "recruited"
    ABSENCE = "absence"
    DISCIPLINE = "discipline"
    INITIATIVE = "initiative"


class Grade(StrEnum):
    """How somebody's work of a year is graded, the best first."""

    EXCELLENT = "excellent"
    GOOD = "good"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class Discipline(StrEnum):
    """A form of discipline, the lightest first; `none` says that there was none in that year."""

    NONE = "none"
    REPRIMAND = "reprimand"
    WARNING = "warning"
    PAY_CUT = "pay_cut"
    DEMOTION = "demotion"
    REMOVAL = "removal"
    DISMISSAL = "dismissal"


class InitiativeReach(StrEnum):
    """Where an initiative or a topic was recognised; `none` says that there was none in that year."""

    NONE = "none"
    BASE = "base"
    SECTOR = "sector"
    NATIONAL = "national"


class FactSource(StrEnum):
    """How a fact came here: out of a file, or said by somebody on the page."""

    IMPORT = "import"
    SAID = "said"


WORDS_OF: Final = {
    FactKind.GRADE: tuple(Grade),
    FactKind.DISCIPLINE: tuple(Discipline),
    FactKind.INITIATIVE: tuple(InitiativeReach),
}
"""The words that a fact of a kind may have as its value; the others have a day or a number of months."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of somebody.

    `year` is that of a grade, of months away, of discipline and of an initiative, and of the day for one who
    was recruited. `value` is a word of `WORDS_OF`; `number` and `from_on` are those of the paper.
    """

    kind: FactKind
    year: int
    value: str = ""
    months: int | None = None
    number: str = ""
    from_on: date | None = None
    until_on: date | None = None

    @property
    def slot(self) -> str:
        """Return what this fact answers: whoever says it again takes the place of what was said before."""
        if self.kind is FactKind.RECRUITED:
            return ""
        if self.kind in {FactKind.GRADE, FactKind.ABSENCE} or self.says_none:
            return str(self.year)
        paper = self.number or (self.from_on.isoformat() if self.from_on else self.value)
        return f"{self.year} {paper}"

    @property
    def says_none(self) -> bool:
        """Return whether it says that there was nothing of its kind in that year."""
        return self.value == Discipline.NONE


def displaces(new: Fact, standing: Fact) -> bool:
    """Return whether what is said now takes the place of what stands: the same, or what contradicts it."""
    if new.kind is not standing.kind:
        return False
    contradicts = new.year == standing.year and new.says_none is not standing.says_none
    return new.slot == standing.slot or (new.kind in WORDS_OF and contradicts)


def checked(fact: Fact, *, today: date) -> Fact:
    """Return the fact in the spelling that is kept; raise `InvalidField` for what it lacks or cannot be."""
    number = normalise(fact.number, field="number", single_line=True)
    for field, problem in _problems(fact, today):
        raise InvalidField(f"{field}: {problem}.", errors=[FieldError(field, problem)])
    year = fact.from_on.year if fact.kind is FactKind.RECRUITED and fact.from_on else fact.year
    return Fact(fact.kind, year, fact.value, fact.months, number, fact.from_on, fact.until_on)


def _problems(fact: Fact, today: date) -> list[tuple[str, str]]:
    words = WORDS_OF.get(fact.kind)
    found = []
    if words is not None and fact.value not in words:
        found.append(("value", "is required" if not fact.value else "is none of the words that fit"))
    if fact.kind is FactKind.ABSENCE and not (fact.months is not None and 0 <= fact.months <= MOST_MONTHS):
        found.append(("months", f"must be a whole number from 0 to {MOST_MONTHS}"))
    if fact.kind is FactKind.RECRUITED and fact.from_on is None:
        found.append(("from_on", "is required"))
    if fact.kind is FactKind.DISCIPLINE and fact.value != Discipline.NONE and fact.from_on is None:
        found.append(("from_on", "is required"))
    if fact.from_on and fact.from_on > today:
        found.append(("from_on", "lies in the future"))
    if fact.from_on and fact.until_on and fact.until_on < fact.from_on:
        found.append(("until_on", "lies before the first day"))
    if fact.kind is not FactKind.RECRUITED and fact.year not in YEARS:
        found.append(("year", f"must be a whole number from {YEARS.start} to {YEARS.stop - 1}"))
    if fact.kind is not FactKind.RECRUITED and fact.year > today.year:
        found.append(("year", "lies in the future"))
    return found

"""What the routes of people take."""

from typing import Annotated

from pydantic import Field

from api.reading import Day, Input, Line, Paging, Sought
from workflow.domain.eligibility.facts import MOST_MONTHS, YEARS, Fact, FactKind
from workflow.operations.people.fact_questions import WantedFact

Year = Annotated[int, Field(ge=YEARS.start, le=YEARS.stop - 1)]


class PeopleQuery(Paging):
    """Whom to look up."""

    q: Annotated[Sought, Field(description="Part of a name, without marks if you like, or a person's code.")]


class RecordQuery(Input):
    """For which year the rules of awards are asked."""

    year: Annotated[Year | None, Field(description="The current year where it is left out.")] = None


class FactBody(Input):
    """One thing that is known of somebody.

    Grade, discipline and initiative have a `value`, absence has `months`, recruited has `from_on`.
    """

    kind: FactKind
    year: Year
    value: Line = Field(
        default="",
        description="excellent, good, complete, incomplete; none, reprimand, warning, pay_cut, demotion,"
        " removal, dismissal; or none, base, sector, national.",
    )
    months: Annotated[int, Field(ge=0, le=MOST_MONTHS)] | None = None
    number: Line = ""
    from_on: Day | None = None
    until_on: Day | None = None

    def fact(self) -> Fact:
        """Return the fact as the operation takes it."""
        return Fact(self.kind, self.year, self.value, self.months, self.number, self.from_on, self.until_on)


class QuestionBody(Input):
    """A fact to ask the unit for, until a day, or for five working days."""

    kind: FactKind
    year: Year
    due_on: Day | None = None

    def wanted(self) -> WantedFact:
        """Return what is asked for as the operation takes it."""
        return WantedFact(self.kind, self.year, self.due_on)

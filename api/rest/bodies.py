"""What the routes of nominations take."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.rest.reading import Code, Input, Line, Paging, Prose
from workflow.domain.vocabulary import Stage
from workflow.queries.measures import TimeKind
from workflow.queries.nominations import Flag, Order
from workflow.queries.progress import Progress

Version = Annotated[int, Field(ge=0, le=2**53, description="The version this change is based on.")]
Account = Annotated[int, Field(ge=1, le=2**53)]


class NewNomination(Input):
    """Whom to propose for what. `person` is the code of an individual, left out for a unit's own award."""

    round: Code
    award: Code
    unit: Code
    person: Code | None = None
    achievement: Prose = ""
    proposer: Line = ""


class NominationChanges(Input):
    """What to change in a draft; a field that is left out stays as it is."""

    version: Version | None = None
    achievement: Prose | None = None
    proposer: Line | None = None


class SignedPaper(Input):
    """A signed paper: its number, the date on it, who signed."""

    number: Line
    decided_on: date
    signer: Line


class ActionRequest(Input):
    """What an action is told. Which parts it needs is said by the list of actions."""

    version: Version | None = None
    comment: Prose = ""
    reason_code: Code | None = None
    to_step: Code | None = None
    occurred_on: date | None = None
    decision: SignedPaper | None = None
    assignee_id: Account | None = None


class NominationQuery(Paging):
    """Which nominations to list, and how."""

    stage: Stage | None = None
    state: Code | None = None
    unit: Code | None = Field(default=None, description="A unit's code.")
    round: Code | None = Field(default=None, description="A round's code.")
    award: Code | None = Field(default=None, description="An award's code.")
    q: Line | None = Field(default=None, description="Part of the nominee's name, with or without marks.")
    flag: Flag | None = None
    progress: Progress | None = Field(default=None, description="How far on its way, as a board counts.")
    order: Order = Order.NEWEST


class BottleneckQuery(Input):
    """Which stays to measure, and in which hours. Days are local; both ends are included."""

    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to")
    workflow: Code | None = None
    stage: Stage | None = None
    unit: Code | None = None
    award: Code | None = None
    round: Code | None = None
    time: TimeKind = TimeKind.CALENDAR
    by: Annotated[str, Field(pattern="^(step|unit)$")] = "step"
    limit: int = Field(default=200, ge=1, le=1000)

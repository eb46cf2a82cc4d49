"""What the routes of submissions with their lists take."""

from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.inputs.nominations import ActionRequest, Version
from api.reading import Code, Day, Input, Line, Paging, Prose, Sought
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.moves.by_counts import BY_COUNTS
from workflow.operations.nominations.decide_many import MOST_AT_ONCE
from workflow.operations.submissions.compose import NewSubmission
from workflow.operations.submissions.rows import ListRow
from workflow.queries.submissions.tally import ListStatus

_MOST_COLUMNS: Final = 20
Nomination = Annotated[int, Field(ge=1, le=2**53)]
Names = Annotated[list[Nomination], Field(min_length=1, max_length=MOST_AT_ONCE)]


class RowBody(Input):
    """One row: a person by code, or none for the unit itself, and the awards proposed."""

    person: Code | None = None
    awards: Annotated[list[Code], Field(max_length=_MOST_COLUMNS)]
    achievement: Prose = ""
    proposer: Line = ""

    def as_row(self) -> ListRow:
        """Return the row as the operation takes it."""
        return ListRow(self.person, tuple(self.awards), self.achievement, self.proposer)


Rows = Annotated[
    list[RowBody],
    Field(min_length=1, max_length=MOST_AT_ONCE, description="One for each person; refused one by one."),
]


class NewSubmissionBody(Input):
    """A unit's submission with its list. Number, date and signer may follow."""

    round: Code
    unit: Code
    rows: Rows
    number: Line = ""
    signed_on: Day | None = None
    signer: Line = ""

    def submission(self) -> NewSubmission:
        """Return the submission with its list as the operation takes it."""
        paper = SignedDocument(self.number, self.signed_on, self.signer)
        return NewSubmission(self.round, self.unit, [row.as_row() for row in self.rows], paper)


class MoreRowsBody(Input):
    """More names for a list that is still with the unit."""

    version: Version | None = None
    rows: Rows


class SubmissionChanges(Input):
    """What to write on a submission; what is left out stays. `reason` is needed once it was sent."""

    version: Version | None = None
    number: Line | None = None
    signed_on: Day | None = None
    signer: Line | None = None
    reason: Prose = ""


class TransferBody(Input):
    """Names to take off a list: `to` is another one of the same unit and round, 0 a new one, null none."""

    version: Version | None = None
    nominations: Names
    to: Annotated[int, Field(ge=0, le=2**53)] | None = None


class ListActionBody(ActionRequest):
    """One action on the names of a list: all that are open, or those named; never those under `except`.

    With `state` a name that stands in another step is refused, with `workflow` one on another route.
    """

    nominations: Names | None = None
    leave_out: Annotated[list[Nomination], Field(max_length=MOST_AT_ONCE)] = Field(default=[], alias="except")
    state: Code | None = None
    workflow: Code | None = None


class InboxDecision(ActionRequest):
    """One action on one nomination, at the version that was seen.

    Where a council's counts are given the action may be left out: it is the move that the counts bear out.
    """

    nomination: Nomination
    version: Version
    action: Code | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.action is None and (self.decision is None or self.decision.counts is None):
            message = "name an action, or give the counts of a vote"
            raise ValueError(message)
        return self

    @property
    def move(self) -> MoveRequest:
        """What the rules are asked."""
        return self.as_move(self.action or BY_COUNTS)


class InboxDecisions(Input):
    """Many actions at once, each answered for itself."""

    items: Annotated[list[InboxDecision], Field(min_length=1, max_length=MOST_AT_ONCE)]


class SubmissionQuery(Paging):
    """Which submissions to list."""

    round: Code | None = Field(default=None, description="A round's code.")
    unit: Code | None = Field(default=None, description="A unit's code.")
    decider: Code | None = Field(default=None, description="The seat that decides, such as `unit:VKSTC`.")
    status: ListStatus | None = None
    q: Sought | None = Field(default=None, description="Part of the paper's number, or of a name on it.")


class ReceiptQuery(Input):
    """Of which time a receipt is asked for."""

    entry: UUID | None = Field(
        default=None, description="An entry of history of that time; the last time where it is left out."
    )

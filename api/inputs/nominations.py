"""What the routes of nominations take."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from api.inputs.absences import AccountId
from api.reading import Code, Day, Input, Line, Paging, Prose, Sought
from workflow.domain.facts import MoveRequest, OfflineStep, SignedDocument, VoteEntry
from workflow.domain.only import LONGEST
from workflow.domain.remarks import Audience
from workflow.domain.vocabulary import Stage, UpperOutcome
from workflow.operations.comments.naming import MOST_CHOSEN
from workflow.operations.nominations.nominate import Draft
from workflow.queries.nominations.filters import Flag, Order
from workflow.queries.progress import Progress
from workflow.queries.waiting.measures import TimeKind
from workflow.queries.waiting.visits import VisitFilters

Version = Annotated[int, Field(ge=0, le=2**53, description="The version this change is based on.")]
Count = Annotated[int, Field(ge=0, le=10_000)]
Account = Annotated[int, Field(ge=1, le=2**53)]


class SinceEntry(Input):
    """Since which entry of a nomination's history: its `seq`."""

    since: Annotated[int, Field(ge=1, le=2**53)]


class NewNomination(Input):
    """Whom to propose for what. `person` is the code of an individual, left out for a unit's own award."""

    round: Code
    award: Code
    unit: Code
    person: Code | None = None
    achievement: Prose = ""
    proposer: Line = ""

    def draft(self) -> Draft:
        """Return the draft as the operation takes it."""
        return Draft(
            round_code=self.round,
            award_code=self.award,
            unit_code=self.unit,
            person_code=self.person,
            achievement=self.achievement,
            proposer=self.proposer,
        )


class NominationChanges(Input):
    """What to change in a draft; a field that is left out stays as it is."""

    version: Version | None = None
    achievement: Prose | None = None
    proposer: Line | None = None


class Counts(Input):
    """A council's counts: members entitled to vote, votes in favour, against, blank.

    `present`, how many voted, is optional; where it is told, the votes must add up to it.
    """

    members: Count
    in_favour: Count
    against: Count
    blank: Count = 0
    present: Count | None = None


class DecisionBody(Input):
    """A signed document: its number, the date on it, who signed; or a council's counts, or both."""

    number: Line | None = None
    decided_on: Day | None = None
    signer: Line | None = None
    counts: Counts | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        given = [part is not None for part in (self.number, self.decided_on, self.signer)]
        if any(given) != all(given) or not (any(given) or self.counts):
            message = "number, decided_on and signer go together; counts may stand alone"
            raise ValueError(message)
        return self


class OfflineStepBody(Input):
    """A step that was done offline: whose seat did it, the signed document, its scan among the papers."""

    on_behalf_of: Code
    number: Line
    signed_on: Day
    signer: Line
    scan: UUID


class ActionRequest(Input):
    """What an action is told. Which parts it needs is said by the list of actions."""

    version: Version | None = None
    comment: Prose = ""
    reason_code: Code | None = None
    to_step: Code | None = None
    occurred_on: Day | None = None
    decision: DecisionBody | None = None
    on_paper: OfflineStepBody | None = None
    outcome: UpperOutcome | None = None
    assignee_id: Account | None = None
    answer_by: Day | None = None
    office: Line | None = Field(default=None, description="The outside office that `ask_opinion` asked.")
    proposes: Code | None = Field(default=None, description="The move that `prepare` proposes.")

    def as_move(self, action: str) -> MoveRequest:
        """Return what the rules are asked, for an action of that name."""
        return MoveRequest(
            action=action,
            to_step=self.to_step,
            comment=self.comment,
            reason_code=self.reason_code,
            occurred_on=self.occurred_on,
            decision=_decision(self.decision),
            vote=_vote(self.decision),
            on_paper=_on_paper(self.on_paper),
            outcome=self.outcome,
            answer_by=self.answer_by,
            proposes=self.proposes,
            office=self.office,
        )


def _decision(said: DecisionBody | None) -> SignedDocument | None:
    if said is None or said.number is None or said.decided_on is None or said.signer is None:
        return None
    return SignedDocument(said.number, said.decided_on, said.signer)


def _vote(said: DecisionBody | None) -> VoteEntry | None:
    if said is None or said.counts is None:
        return None
    counts = said.counts
    return VoteEntry(counts.members, counts.in_favour, counts.against, counts.blank, counts.present)


def _on_paper(said: OfflineStepBody | None) -> OfflineStep | None:
    if said is None:
        return None
    return OfflineStep(said.on_behalf_of, SignedDocument(said.number, said.signed_on, said.signer), said.scan)


class NewComment(Input):
    """What is said beside a nomination, and for whom: nothing moves by it.

    `mentions` are accounts to tell of it beside those whom its words call (`@` and a whole name or account).
    """

    text: Prose
    audience: Audience
    mentions: list[AccountId] = Field(default=[], max_length=MOST_CHOSEN)


class NominationQuery(Paging):
    """Which nominations to list, and how."""

    stage: Stage | None = None
    state: Code | None = None
    unit: Code | None = Field(default=None, description="A unit's code.")
    round: Code | None = Field(default=None, description="A round's code.")
    award: Code | None = Field(default=None, description="An award's code.")
    q: Sought | None = Field(default=None, description="Part of the nominee's name, with or without marks.")
    flag: Flag | None = None
    progress: Progress | None = Field(default=None, description="How far on its way, as a board counts.")
    only: Annotated[str, Field(max_length=LONGEST)] | None = Field(
        default=None, description="These nominations and no others, by number, as in 12,15-18."
    )
    order: Order = Order.NEWEST


class BottleneckQuery(Paging):
    """Which stays to measure, and in which hours. Days are local; both ends are included."""

    since: Day | None = Field(default=None, alias="from")
    until: Day | None = Field(default=None, alias="to")
    workflow: Code | None = None
    # Read as a code: one that there is not is refused as every other filter that names nothing.
    stage: Code | None = Field(default=None, json_schema_extra={"enum": [*Stage]})
    unit: Code | None = None
    award: Code | None = None
    round: Code | None = None
    time: TimeKind = TimeKind.CALENDAR
    by: Annotated[str, Field(pattern="^(step|unit)$")] = "step"
    limit: int = Field(default=200, ge=1, le=1000, description="How many at most.")

    def filters(self, zone: ZoneInfo) -> VisitFilters:
        """Return which stays are meant, the days as they begin and end in the time zone."""
        return VisitFilters(
            since=_midnight(self.since, zone),
            until=_midnight(self.until, zone, days_later=1),
            **self.model_dump(include={"workflow", "stage", "unit", "award", "round"}),
        )


def _midnight(day: date | None, zone: ZoneInfo, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    # The last day there is has no day after it.
    whole_days = min(timedelta(days=days_later), date.max - day)
    return datetime.combine(day + whole_days, time(), zone)

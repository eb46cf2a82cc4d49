"""What the routes of rounds take, and what they answer beyond the rows of the queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypeAlias

from pydantic import Field

from api.rest.reading import Code, Input, Line, Prose
from workflow.domain.errors import Reason
from workflow.domain.vocabulary import RoundDate
from workflow.operations.extend import Extend, Extension, Warned
from workflow.operations.replan import RungMove
from workflow.operations.rounds import MOST_NAMED, NewRound

Day: TypeAlias = date
Codes = Annotated[list[Code], Field(max_length=MOST_NAMED)]
Year = Annotated[int, Field(ge=1945, le=2200)]


class RoundOpening(Input):
    """A round to open. Dates that are missing are proposed backwards from `upper_deadline`.

    Without `awards` the round covers every award; without `units` the units directly under the owner owe it a
    paper; without a `unit_deadline` nobody does.
    """

    code: Code
    title: Line
    year: Year
    owner: Code
    campaign: Code | None = None
    period_from: Day | None = None
    period_to: Day | None = None
    dates: dict[RoundDate, Day] = Field(default_factory=dict)
    awards: Codes = Field(default_factory=list)
    units: Codes | None = None
    previous: Code | None = None

    def round(self) -> NewRound:
        """Return the round as the operation takes it."""
        return NewRound(
            code=self.code,
            title=self.title,
            year=self.year,
            owner_unit_code=self.owner,
            campaign_code=self.campaign,
            period_from=self.period_from,
            period_to=self.period_to,
            dates=self.dates,
            award_codes=tuple(self.awards),
            unit_codes=None if self.units is None else tuple(self.units),
            previous_code=self.previous,
        )


class ExtensionRequest(Input):
    """A date to move and why; `preview` shows what would move and writes nothing."""

    date: RoundDate
    day: Day
    reason: Prose
    units: Codes = Field(default_factory=list)
    preview: bool = False

    def extend(self, round_code: str) -> Extend:
        """Return the request as the operation takes it."""
        return Extend(round_code, self.date, self.day, self.reason, tuple(self.units))


class NothingToPropose(Input):
    """The signed paper on which a unit says that it proposes nothing."""

    number: Line
    signed_on: Day
    signer: Line


class Nothing(Input):
    """A request that needs no words."""


@dataclass(frozen=True, slots=True)
class MovedPromise:
    """A reminder or escalation: when it would have fired and when it will; null where it does not."""

    kind: str
    to: str
    was_at: datetime | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class MovedUnit:
    """What a unit owes, its day before and from now on."""

    unit: str
    was_on: Day
    due_on: Day
    is_done: bool
    reminders: tuple[MovedPromise, ...]


@dataclass(frozen=True, slots=True)
class MovedName:
    """A nomination whose open step is due by the date: its number, names are read where they are seen."""

    nomination_id: int
    unit: str
    step: str
    was_at: datetime | None
    due_at: datetime | None
    reminders: tuple[MovedPromise, ...]


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """What an extension moves, or would move where `is_preview`."""

    round: str
    date: RoundDate
    was: Day | None
    day: Day
    is_preview: bool
    returns: tuple[MovedUnit, ...]
    nominations: tuple[MovedName, ...]
    people_told: int
    mails_cancelled: int
    warnings: tuple[Warned, ...]


def extension_view(done: Extension, *, is_preview: bool) -> ExtensionView:
    """Return an extension as it is told to others."""
    moves = done.moves
    return ExtensionView(
        round=done.round_code,
        date=done.name,
        was=done.was,
        day=done.day,
        is_preview=is_preview,
        returns=tuple(
            MovedUnit(item.unit_code, item.was_on, item.due_on, item.is_done, _promises(item.rungs))
            for item in moves.returns
        ),
        nominations=tuple(
            MovedName(
                item.nomination_id, item.unit_code, item.step, item.was_at, item.due_at, _promises(item.rungs)
            )
            for item in moves.nominations
        ),
        people_told=len(moves.people),
        mails_cancelled=moves.mails_cancelled,
        warnings=done.warnings,
    )


@dataclass(frozen=True, slots=True)
class DateChange:
    """A date of the round before, and the working day proposed for it."""

    date: RoundDate
    was: Day
    day: Day


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


def _promises(moves: tuple[RungMove, ...]) -> tuple[MovedPromise, ...]:
    return tuple(
        MovedPromise(move.kind, move.recipient, move.was_at, move.at)
        for move in moves
        if move.was_at != move.at
    )

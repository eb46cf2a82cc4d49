"""What the routes of rounds answer beyond the rows of the queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.reading import Day
from workflow.domain.errors import Reason
from workflow.domain.vocabulary import RoundDate
from workflow.operations.deadlines.replan import RungMove
from workflow.operations.rounds.extend import Extension, Warned


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

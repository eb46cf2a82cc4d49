"""An extension of a round: everything it moves, how it is told, and what a request key remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Self, TypeAlias

from pydantic import TypeAdapter

from workflow.domain.vocabulary import NoticeKind, RoundDate
from workflow.operations.deadlines.replan import RungMove
from workflow.operations.rounds.extension_mails import MovedMail, UpperStanding
from workflow.operations.rounds.extension_plan import Moves
from workflow.operations.rounds.extension_seen import preview_token

_Day: TypeAlias = date  # below `date` is the name of a field


@dataclass(frozen=True, slots=True)
class Warned:
    """Something allowed that its author should know: a stable code, an English sentence, its parameters."""

    code: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extension:
    """What an extension moves: the date before (None: it had none), every due date and reminder, warnings.

    `upper` says whether the date of the level above still holds, None without one. `mails` are those of the
    first that move, in a preview alone.
    """

    round_code: str
    name: RoundDate
    was: date | None
    day: date
    unit_codes: tuple[str, ...]
    moves: Moves
    warnings: tuple[Warned, ...]
    upper: UpperStanding | None = None
    mails: tuple[MovedMail, ...] = ()

    @property
    def token(self) -> str:
        """What whoever confirms it gives back, so that what was shown is what is then done."""
        return preview_token(self.moves)


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
    was_on: date
    due_on: date
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
class MailChange:
    """A mail to one person: when it would have come (null: new) and when it will (null: not at all)."""

    to: str
    email: str
    notice: NoticeKind
    nomination_id: int | None
    unit: str
    was_at: datetime | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class UpperHolds:
    """Whether the level above will still have everything in time, by the working days that its work takes."""

    upper_deadline: _Day
    days_left: int
    days_needed: int
    holds: bool


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """What an extension moves, or would move where `is_preview`.

    Give `token` back as `seen` to move exactly that. `mails` are those of the first units and nominations, in
    a preview alone; `upper` is null where the round has no upper date.
    """

    round: str
    date: RoundDate
    was: _Day | None
    day: _Day
    is_preview: bool
    returns: tuple[MovedUnit, ...]
    nominations: tuple[MovedName, ...]
    people_told: int
    mails_cancelled: int
    warnings: tuple[Warned, ...]
    upper: UpperHolds | None = None
    mails: tuple[MailChange, ...] = ()
    token: str | None = None


def extension_view(done: Extension, *, is_preview: bool) -> ExtensionView:
    """Return an extension as it is told to others."""
    moves, upper = done.moves, done.upper
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
        upper=UpperHolds(upper.upper_on, upper.days_left, upper.days_needed, holds=upper.holds)
        if upper
        else None,
        mails=tuple(
            MailChange(
                one.reader.name,
                one.reader.email,
                one.notice,
                one.nomination_id,
                one.unit_code,
                one.was_at,
                one.at,
            )
            for one in done.mails
        ),
        token=done.token if is_preview else None,
    )


@dataclass(frozen=True, slots=True)
class ExtensionOutcome:
    """What an extension came to: as it is told, and in full unless its key had been seen before."""

    view: ExtensionView
    extension: Extension | None

    @property
    def was_answered_before(self) -> bool:
        """Whether the request's key had been seen."""
        return self.extension is None

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {"extension": _VIEWS.dump_python(self.view, mode="json")}

    @classmethod
    def again(cls, result: Mapping[str, object]) -> Self:
        """Return the outcome a request key remembered."""
        return cls(_VIEWS.validate_python(result["extension"]), None)


_VIEWS: Final[TypeAdapter[ExtensionView]] = TypeAdapter(ExtensionView)


def _promises(moves: tuple[RungMove, ...]) -> tuple[MovedPromise, ...]:
    return tuple(
        MovedPromise(move.kind, move.recipient, move.was_at, move.at)
        for move in moves
        if move.was_at != move.at
    )

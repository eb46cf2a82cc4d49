"""How long each party had a nomination, net; how long it took altogether, gross; what the clock does now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self, overload

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.facts import Opinion
from workflow.domain.route.courts import StayInStep, turns_of
from workflow.domain.route.definition import Definition
from workflow.domain.time.parties import Clocks, ClockState, Elapsed, Hold, Party, Pause, read_clocks
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.stays import holds_of
from workflow.domain.vocabulary import Ending, Stage, known
from workflow.queries.shapes import Words
from workflow.store.calendars import calendar_in_force
from workflow.words.clocks import clock_sentence, party_words


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Time that passed: working days that are full, the exact working minutes (480 a day), calendar days."""

    working_days: int
    working_minutes: int
    calendar_days: int


@dataclass(frozen=True, slots=True)
class PartyTime:
    """What one party had of the time, or nobody while it was on hold (`party` null).

    `before` is what lies before the dossier was complete, drafting above all; `spent` the time since then.
    """

    party: Party | None
    label: Words
    before: TimeSpent
    spent: TimeSpent


@dataclass(frozen=True, slots=True)
class ClocksView:
    """The two clocks of a nomination, counted until `as_of` by the calendar of its route.

    Both start when the dossier is complete (`started_at`). `net` is what the parties other than the nominator
    had since, `gross` all that passed: corrections and holds are in it. The net clock runs for `party`, or
    stands because of `pause` (returned, taken_back, asked, held), since `since`; `text` says it, and by what
    it goes on. `reason` is what was said when it was put on hold. The parts add up to `gross`.
    """

    state: ClockState
    party: Party
    pause: Pause | None
    since: date
    reason: str | None
    text: Words
    started_at: datetime | None
    ended_at: datetime | None
    as_of: datetime
    net: TimeSpent
    gross: TimeSpent
    parties: tuple[PartyTime, ...]


def clocks_of(
    session: Session, row: Row[Any], definition: Definition, *, is_withheld: bool, now: datetime
) -> ClocksView | None:
    """Return the clocks of a nomination by its row (`stays`, `hold_words`), None without a stay in any step.

    Whose reader must not know why it is on hold (`is_withheld`) is told that it is.
    """
    stays = [_Kept.read(one) for one in row.stays or ()]
    if not stays:
        return None
    ended_at = stays[-1].left_at
    clocks = read_clocks(
        turns_of(definition, [one.stay for one in stays]),
        [hold for one in stays for hold in one.holds],
        calendar_in_force(session, definition.calendar),
        ended_at=ended_at,
        now=now,
    )
    return _view(clocks, reason=None if is_withheld else row.hold_words, as_of=ended_at or now)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A stay as the row tells of it."""

    stay: StayInStep
    left_at: datetime | None
    holds: tuple[Hold, ...]

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        entered_at, left_at = _instant(kept["entered_at"]), _instant(kept["left_at"])
        ended = known(Ending, kept["ended"] or "")
        stage = Stage(kept["stage"])
        stay = StayInStep(kept["step"], stage, kept["sent_from"], entered_at, ended, opinion_of_stay(kept))
        asked = frozenset(_instant(at) for at in kept["asked"] or ())
        return cls(
            stay, left_at, holds_of([_instant(at) for at in kept["holds"] or ()], left_at, asked=asked)
        )


def opinion_of_stay(kept: Mapping[str, Any]) -> Opinion | None:
    """Return the opinion that was asked for during one of a row's `stays`."""
    asked_at = _instant(kept["opinion_asked_at"])
    return asked_at and Opinion(kept["opinion_office"], asked_at, _instant(kept["opinion_came_at"]))


@overload
def _instant(kept: str) -> datetime: ...
@overload
def _instant(kept: None) -> None: ...
def _instant(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)


def _view(clocks: Clocks, *, reason: str | None, as_of: datetime) -> ClocksView:
    return ClocksView(
        state=clocks.state,
        party=clocks.party,
        pause=clocks.pause,
        since=clocks.since_on,
        reason=reason if clocks.pause is Pause.HELD else None,
        text=Words(clock_sentence(clocks, "vi"), clock_sentence(clocks, "en")),
        started_at=clocks.started_at,
        ended_at=clocks.ended_at,
        as_of=as_of,
        net=_spent(clocks.net),
        gross=_spent(clocks.gross),
        parties=tuple(
            PartyTime(one.party, _label(one.party), _spent(one.before), _spent(one.since))
            for one in clocks.shares
        ),
    )


def _label(party: Party | None) -> Words:
    return Words(party_words(party, "vi"), party_words(party, "en"))


def _spent(elapsed: Elapsed) -> TimeSpent:
    days = elapsed.working_minutes // TimeUnit.WORKING_DAYS.minutes
    return TimeSpent(days, elapsed.working_minutes, elapsed.calendar_days)

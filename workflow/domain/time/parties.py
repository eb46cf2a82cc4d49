"""The two clocks of a nomination: how long each party had it net, and how long it took altogether, gross.

Net is working time since the dossier was complete; gross is days of the wall calendar since then. While the
nominator mends what was returned or asked for, that time is the nominator's; on hold it is nobody's. All that
lies before, drafting above all, is counted beside both. Everything is counted from one beginning by one
calendar, so the parts add up to the whole exactly.

Source of the rule: time limits of appraisal run from the receipt of a complete dossier (national portal of
public services, procedure 185260); what was returned to be supplemented and what is on hold stop the clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.workdays import Calendar


class Party(StrEnum):
    """In whose court a nomination lies."""

    NOMINATOR = "nominator"
    UNIT = "unit"
    CLUSTER = "cluster"
    COUNCIL = "council"
    OUTSIDE = "outside"


class Pause(StrEnum):
    """Why the net clock stands: the nominator has it again, was asked something, or it is on hold."""

    RETURNED = "returned"
    TAKEN_BACK = "taken_back"
    ASKED = "asked"
    HELD = "held"


class ClockState(StrEnum):
    """What the net clock does now."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PartyTurn:
    """A stay in a step as the clocks see it: whose it is, from when; it lasts until the next begins.

    With it the dossier may be complete (`completes`). `pause` is why the nominator has it again, None where
    somebody else has it or it is still the first draft.
    """

    party: Party
    since: datetime
    completes: bool = False
    pause: Pause | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """From when until when the clock stood; `until` is None while it does.

    On hold it is nobody's time; while who nominates `is_asked` something it is theirs.
    """

    since: datetime
    until: datetime | None = None
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time that passed: whole working minutes (480 a day), and days of the wall calendar."""

    working_minutes: int = 0
    calendar_days: int = 0

    def __add__(self, other: "Elapsed") -> "Elapsed":
        """Return both together."""
        return Elapsed(self.working_minutes + other.working_minutes, self.calendar_days + other.calendar_days)


@dataclass(frozen=True, slots=True)
class Share:
    """What one party had of the time, before the dossier was complete and since; on hold without a party."""

    party: Party | None
    before: Elapsed
    since: Elapsed


@dataclass(frozen=True, slots=True)
class Clocks:
    """Both clocks at an instant: what the net one does, for whom or why not, since which day, and the shares.

    `net` is what the parties other than the nominator had since the dossier was complete, `gross` all that
    passed since then, holds and corrections included.
    """

    state: ClockState
    party: Party
    pause: Pause | None
    since_on: date
    started_at: datetime | None
    ended_at: datetime | None
    shares: tuple[Share, ...]
    net: Elapsed
    gross: Elapsed


_NOTHING: Final = Elapsed()


def read_clocks(
    turns: Sequence[PartyTurn],
    holds: Sequence[Hold],
    calendar: Calendar,
    *,
    ended_at: datetime | None,
    now: datetime,
) -> Clocks:
    """Return both clocks of a nomination as they stand `now`, or stood when it `ended_at`.

    Turns follow one another in time, the first of them the draft; raises ValueError without any.
    """
    if not turns:
        message = "a nomination that never stood in a step has no clock"
        raise ValueError(message)
    end = max(ended_at or now, turns[-1].since)
    started_at = next((turn.since for turn in turns if turn.completes), None)
    found: dict[tuple[Party | None, bool], Elapsed] = {}
    for piece, passed in _measured(_pieces(turns, holds, started_at, end), calendar):
        key = (piece.party, piece.counts)
        found[key] = found.get(key, _NOTHING) + passed
    owners = [party for party in (*Party, None) if {(party, True), (party, False)} & found.keys()]
    shares = tuple(
        Share(one, found.get((one, False), _NOTHING), found.get((one, True), _NOTHING)) for one in owners
    )
    last, held = turns[-1], next((one for one in holds if one.until is None), None)
    is_paused = started_at is not None and last.pause is not None
    stands = Pause.ASKED if held and held.is_asked else Pause.HELD
    pause = stands if held else last.pause if is_paused else None
    state = _state(started_at, ended_at, pause)
    since = end if ended_at else held.since if held else _began(turns)
    return Clocks(
        state=state,
        party=Party.NOMINATOR if pause is Pause.ASKED else last.party,
        pause=None if ended_at else pause,
        since_on=calendar.local_day(since),
        started_at=started_at,
        ended_at=ended_at,
        shares=shares,
        net=_sum(one.since for one in shares if one.party not in {None, Party.NOMINATOR}),
        gross=_sum(one.since for one in shares),
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch in which nothing changes: whose it is (None on hold), whether the clocks had started."""

    since: datetime
    until: datetime
    party: Party | None
    counts: bool


def _pieces(
    turns: Sequence[PartyTurn], holds: Sequence[Hold], started_at: datetime | None, end: datetime
) -> Iterator[_Piece]:
    """Yield the whole time in pieces, cut wherever a turn, a hold or the clocks begin or end."""
    edges = {turn.since for turn in turns} | {end}
    edges |= {edge for one in holds for edge in (one.since, one.until or end) if turns[0].since < edge < end}
    cuts, place = sorted(edges), 0
    for since, until in pairwise(cuts):
        while place + 1 < len(turns) and turns[place + 1].since <= since:
            place += 1
        held = next((one for one in holds if one.since <= since and (one.until or end) > since), None)
        party = turns[place].party if held is None else Party.NOMINATOR if held.is_asked else None
        counts = started_at is not None and started_at <= since
        yield _Piece(since, until, party, counts)


def _measured(pieces: Iterator[_Piece], calendar: Calendar) -> Iterator[tuple[_Piece, Elapsed]]:
    """Yield each piece with its length, counted as the difference of two lengths from the beginning.

    So no part of a minute is lost between two pieces.
    """
    first: datetime | None = None
    before = _NOTHING
    for piece in pieces:
        first = first or piece.since
        after = Elapsed(
            calendar.minutes_between(first, piece.until, TimeUnit.WORKING_DAYS),
            (calendar.local_day(piece.until) - calendar.local_day(first)).days,
        )
        yield (
            piece,
            Elapsed(
                after.working_minutes - before.working_minutes, after.calendar_days - before.calendar_days
            ),
        )
        before = after


def _state(started_at: datetime | None, ended_at: datetime | None, pause: Pause | None) -> ClockState:
    if ended_at is not None:
        return ClockState.ENDED
    if pause is not None:
        return ClockState.PAUSED
    return ClockState.RUNNING if started_at is not None else ClockState.NOT_STARTED


def _began(turns: Sequence[PartyTurn]) -> datetime:
    """Return when the party that has it now got it: a step further at the same party is no new beginning."""
    last = turns[-1]
    for turn, earlier in zip(reversed(turns), reversed(turns[:-1]), strict=False):
        if (earlier.party, earlier.pause) != (last.party, last.pause):
            return turn.since
    return turns[0].since


def _sum(parts: Iterator[Elapsed]) -> Elapsed:
    return sum(parts, _NOTHING)

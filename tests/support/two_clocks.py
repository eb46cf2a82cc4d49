"""Both clocks counted half hour by half hour from a diary, knowing nothing of the product.

A diary is what people did, in order: to which step it went, that it was held, that it was released. Whose a
step is stands in a table typed by hand. All instants lie on half hours of the wall clock, as office hours do.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

HALF = timedelta(minutes=30)
HOLD, RELEASE = "hold", "release_hold"
ASK, ANSWER = "request_info", "answer_info"
PAUSES = frozenset({HOLD, RELEASE, ASK, ANSWER})
NOBODY = None


@dataclass(frozen=True)
class Entry:
    """What was done at a time: a step's name, HOLD or RELEASE, ASK or ANSWER."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Counted:
    """Working minutes and midnights of each party (None on hold), before the dossier was complete, since."""

    minutes: Mapping[tuple[str | None, bool], int]
    nights: Mapping[tuple[str | None, bool], int]


def count(
    diary: Sequence[Entry],
    parties: Mapping[str, str],
    end: datetime,
    works: Callable[[date], bool],
    *,
    complete_at: datetime | None,
) -> Counted:
    """Walk from the first entry to the end and say whose each half hour was; instants are of the wall."""
    minutes: Counter[tuple[str | None, bool]] = Counter()
    nights: Counter[tuple[str | None, bool]] = Counter()
    for at in _half_hours(diary[0].at, end):
        done = [entry for entry in diary if entry.at <= at]
        is_held = ([entry.what for entry in done if entry.what in {HOLD, RELEASE}] or [RELEASE])[-1] == HOLD
        # A question ends with its answer, or with whatever step comes next.
        is_asked = ([entry.what for entry in done if entry.what not in {HOLD, RELEASE}])[-1] == ASK
        step = [entry.what for entry in done if entry.what not in PAUSES][-1]
        key = (
            NOBODY if is_held else "nominator" if is_asked else parties[step],
            complete_at is not None and at >= complete_at,
        )
        if works(at.date()) and (time(8) <= at.time() < time(12) or time(13) <= at.time() < time(17)):
            minutes[key] += 30
        if (at + HALF).date() != at.date():
            nights[key] += 1
    return Counted(minutes, nights)


def _half_hours(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += HALF

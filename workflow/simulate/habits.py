"""How each unit behaves in a season: prompt, steady, late, sloppy, silent, or with nobody to propose.

Days are working days of the season, 0 the day on which the round opens. Pure: a seed says everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

UNIT_DEADLINE_DAY: Final = 30
"""The season's day by which units have to send."""
EXTENSION_DAYS: Final = 10
FEWEST_NAMES: Final = 3
MOST_NAMES: Final = 14


class Punctuality(StrEnum):
    """What to expect of a unit."""

    PROMPT = "prompt"
    STEADY = "steady"
    SLOPPY = "sloppy"
    LATE = "late"
    SILENT = "silent"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Habit:
    """One unit's season: how many names it lists, when it drafts and sends, how long its head takes.

    `puts_head` lists the head as well, so that somebody else has to judge that name; `goes_above` adds one
    name for an award that is decided above. Who `asks_for_time` gets an extension.
    """

    temper: Punctuality
    names: int
    drafts_on: int
    sends_on: int
    head_days: int
    puts_head: bool = False
    goes_above: bool = False
    asks_for_time: bool = False


# All others are prompt.
_SHARES: Final[Mapping[Punctuality, float]] = {
    Punctuality.STEADY: 0.27,
    Punctuality.SLOPPY: 0.12,
    Punctuality.LATE: 0.12,
    Punctuality.NOTHING: 0.08,
    Punctuality.SILENT: 0.05,
}
# The first and the last day on which a unit of that kind writes its list.
_DRAFTS: Final[Mapping[Punctuality, tuple[int, int]]] = {
    Punctuality.PROMPT: (2, 8),
    Punctuality.STEADY: (9, 21),
    Punctuality.SLOPPY: (5, 18),
    Punctuality.LATE: (24, 33),
    Punctuality.NOTHING: (6, 26),
    Punctuality.SILENT: (0, 0),
}
# About every third head is on the own list, about every eighth unit has a name for an award decided above.
_PUTS_HEAD: Final = 0.3
_GOES_ABOVE: Final = 0.12
_HEAD_DAYS: Final = {False: (0, 2), True: (2, 4)}
_WRITES_NOTHING: Final = frozenset({Punctuality.SILENT, Punctuality.NOTHING})


def draw_habits(units: Sequence[int], *, names: int, seed: str) -> dict[int, Habit]:
    """Return each unit's habit, so that the lists hold `names` names in all where 3 to 14 each allow it."""
    chance = Random(seed)  # noqa: S311 - a play, nothing secret hangs on it
    tempers = _tempers(len(units))
    chance.shuffle(tempers)
    writers = [unit for unit, temper in zip(units, tempers, strict=True) if temper not in _WRITES_NOTHING]
    sizes = _sizes(writers, names, chance)
    return {
        unit: _habit(temper, sizes.get(unit, 0), chance) for unit, temper in zip(units, tempers, strict=True)
    }


def _tempers(count: int) -> list[Punctuality]:
    """Share the tempers out: each at least once, and whoever is left is prompt."""
    found = [temper for temper, share in _SHARES.items() for _ in range(max(1, round(share * count)))]
    return found + [Punctuality.PROMPT] * (count - len(found))


def _sizes(writers: Sequence[int], names: int, chance: Random) -> dict[int, int]:
    sizes = dict.fromkeys(writers, FEWEST_NAMES)
    growing = list(writers)
    for _ in range(names - FEWEST_NAMES * len(writers)):
        if not growing:
            break
        unit = chance.choice(growing)
        sizes[unit] += 1
        if sizes[unit] == MOST_NAMES:
            growing.remove(unit)
    return sizes


def _habit(temper: Punctuality, names: int, chance: Random) -> Habit:
    drafts_on = chance.randint(*_DRAFTS[temper])
    return Habit(
        temper=temper,
        names=names,
        drafts_on=drafts_on,
        sends_on=drafts_on + chance.randint(1, 4),
        head_days=chance.randint(*_HEAD_DAYS[temper is Punctuality.LATE]),
        asks_for_time=temper is Punctuality.LATE,
        puts_head=chance.random() < _PUTS_HEAD,
        goes_above=names > FEWEST_NAMES and chance.random() < _GOES_ABOVE,
    )

"""What the demo adds to a simulated season: who tries it, how their units behave, and when their seats rest.

The season is as far as its 36th working day: the units' deadline was six days ago, the council has sat three
times. From their last day on the seats that people try are left to them, with the work that has come in.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from workflow.domain.vocabulary import Role
from workflow.simulate.habits import Habit, Punctuality, draw_habits
from workflow.simulate.season import SeasonPlan
from workflow.simulate.sector import DOMAIN, TOP, Sector, unit_code, unit_of_the_admin

UNITS: Final = 60
NAMES: Final = 400
SEED: Final = 2026
_ABOVE: Final = 12
"""About as many are added for awards decided above, and by the script."""
LAST_DAY: Final = 36
"""The season's day that is the last working day before today."""
LAST_YEARS_UNITS: Final = 16
"""Last year two clusters tried it: as many units took part."""
_LAST_YEARS_NAMES: Final = 48
_FIRST: Final = 1
# The first unit's list is on its head's table: fourteen names, the head's own among them.
_FIRST_UNITS: Final = Habit(
    Punctuality.LATE, 14, 33, 35, 0, puts_head=True, goes_above=True, asks_for_time=True
)
# Its neighbours in the cluster have sent late, so that the cluster's head finds collectives.
_NEIGHBOURS: Final = {
    4: Habit(Punctuality.LATE, 9, 31, 32, 0, asks_for_time=True),
    5: Habit(Punctuality.STEADY, 8, 24, 26, 0),
    6: Habit(Punctuality.STEADY, 7, 25, 27, 0, puts_head=True),
}


def sign_ins() -> dict[str, str]:
    """Return the addresses people try the demo with, by the part they play."""
    return {
        "nominator": f"nominator@{DOMAIN}",
        "unit head": f"unit-head@{DOMAIN}",
        "unit deputy": f"unit-deputy@{DOMAIN}",
        "cluster head": f"cluster-head@{DOMAIN}",
        "appraiser": f"appraiser@{DOMAIN}",
        "council secretary": f"secretary@{DOMAIN}",
        "head": f"head@{DOMAIN}",
        "supervisor": f"supervisor@{DOMAIN}",
        "admin": f"admin@{DOMAIN}",
    }


def this_years(sector: Sector, opens_on: date) -> SeasonPlan:
    """Return the season that is under way."""
    year = opens_on.year
    habits = draw_habits(sector.unit_numbers, names=NAMES - _ABOVE, seed=f"demo:{SEED}")
    return SeasonPlan(
        year=year,
        round_code=round_code(year),
        title=f"Đợt xét thi đua, khen thưởng năm {year}",
        habits=_arranged(habits, unit_of_the_admin(len(sector.sizes) - 1)),
        seed=f"demo:{SEED}",
        rests=_rests(year),
        previous_code=round_code(year - 1),
    )


def last_years(opens_on: date, *, year: int) -> SeasonPlan:
    """Return the season of the year before, in which two clusters took part."""
    units = range(1, LAST_YEARS_UNITS + 1)
    return SeasonPlan(
        year=year,
        round_code=round_code(year),
        title=f"Đợt xét thí điểm năm {year} (hai cụm)",
        habits=draw_habits(units, names=_LAST_YEARS_NAMES, seed=f"last:{SEED}"),
        seed=f"last:{SEED}:{opens_on.isoformat()}",
    )


def round_code(year: int) -> str:
    """Return the code of a year's round."""
    return f"{TOP}-{year}"


def _habits() -> dict[int, Habit]:
    return {_FIRST: _FIRST_UNITS, **_NEIGHBOURS}


def _arranged(habits: dict[int, Habit], silent: int) -> dict[int, Habit]:
    """Let the units of those who try it behave as the script wants, changing places where it matters."""
    wanted = {**habits}
    quiet = sorted(unit for unit, habit in wanted.items() if habit.temper is Punctuality.SILENT)
    if silent not in quiet:
        wanted[silent], wanted[quiet[0]] = wanted[quiet[0]], wanted[silent]
    for unit, habit in _habits().items():
        if wanted[unit].temper in {Punctuality.SILENT, Punctuality.NOTHING}:
            other = next(u for u, h in sorted(wanted.items()) if h.temper is Punctuality.PROMPT and u > unit)
            wanted[other] = wanted[unit]
        wanted[unit] = habit
    # The last of the silent ones has been given more time: two are past their deadline.
    last = max(
        unit for unit, habit in wanted.items() if habit.temper is Punctuality.SILENT and unit != silent
    )
    wanted[last] = replace(wanted[last], asks_for_time=True)
    return wanted


def _rests(year: int) -> dict[str, int]:
    """Return from which day of the season on the seats are left to those who try them."""
    first = f"unit:{unit_code(_FIRST)}"
    return {
        f"{Role.NOMINATOR}@{first}": LAST_DAY,
        f"{Role.UNIT_REVIEWER}@{first}": LAST_DAY - 1,
        f"{Role.UNIT_DEPUTY}@{first}": LAST_DAY - 1,
        f"{Role.CLUSTER_HEAD}@cluster:{year}/{TOP}/1": LAST_DAY - 9,
        f"{Role.APPRAISER}@council:{TOP}": LAST_DAY,
        f"{Role.COUNCIL_SECRETARY}@council:{TOP}": LAST_DAY - 1,
        f"{Role.HEAD}@unit:{TOP}": LAST_DAY - 1,
    }

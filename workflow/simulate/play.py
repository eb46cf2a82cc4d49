"""The days of a season, one after the other: each morning what is due, then whoever has something to do."""

from collections.abc import Callable, Iterator
from datetime import time
from typing import Final

from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import Role, RoundDate, Via
from workflow.operations.rounds.answers import answer_nothing
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.rounds.rounds import close_round
from workflow.simulate.habits import EXTENSION_DAYS, UNIT_DEADLINE_DAY, Punctuality
from workflow.simulate.lists import send_lists, write_list
from workflow.simulate.office import appraise, hear_from_above, receive, sign, vote
from workflow.simulate.questions import answer_questions
from workflow.simulate.reviews import judge_in_clusters, judge_in_units
from workflow.simulate.season import CLOSES_ON, Season
from workflow.simulate.sector import unit_code
from workflow.simulate.stage import Scenery
from workflow.simulate.words import EXTENSION


def play(season: Season, *, days: int) -> Iterator[int]:
    """Play so many working days of a season, its first being that of the opening; yield each day's number.

    A season that is over closes its round; the days after that stay empty.
    """
    stage = season.stage
    for day in range(min(days, CLOSES_ON + 1)):
        season.day = day
        if day:
            stage.start_day(stage.calendar.shift(season.opened_on, day))
        season.look()
        for at, phase in _PHASES:
            stage.go_to(stage.today, at)
            phase(season)
        yield day


def write_lists(season: Season) -> None:
    """Have every unit whose day it is write its list, or answer that it has nobody to propose."""
    for unit, habit in sorted(season.plan.habits.items()):
        if habit.drafts_on != season.day or habit.temper is Punctuality.SILENT:
            continue
        if habit.temper is Punctuality.NOTHING:
            answer_nothing_from(season, unit)
        else:
            write_list(season, unit)


def answer_nothing_from(season: Season, unit: int) -> None:
    """Have a unit's head answer, on a signed paper, that it proposes nobody this time."""
    code = unit_code(unit)
    with season.stage.deed() as (session, now):
        answer_nothing(
            session,
            actor=season.stage.actor(f"{Role.HEAD}@unit:{code}"),
            round_code=season.plan.round_code,
            unit_code=code,
            paper=SignedDocument(f"{30 + unit}/CV-{code}", season.stage.today, season.head_of(unit)),
            via=Via.WEB,
            now=now,
        )
    season.stage.counts["answers"] += 1


def run_round(season: Season) -> None:
    """Have the round's office do what its day asks: give some units more time, close the round."""
    if season.day == EXTENDED_ON:
        _extend(season)
    if season.day == CLOSES_ON:
        end(season.stage, season.plan.round_code)


def _extend(season: Season) -> None:
    """Give the units that asked for it more days, with the reason; what hangs on the day moves."""
    stage = season.stage
    units = [unit for unit, habit in sorted(season.plan.habits.items()) if habit.asks_for_time]
    if not units:
        return
    extend = Extend(
        round_code=season.plan.round_code,
        name=RoundDate.UNIT_DEADLINE,
        day=stage.calendar.shift(season.opened_on, UNIT_DEADLINE_DAY + EXTENSION_DAYS),
        reason=EXTENSION,
        unit_codes=tuple(map(unit_code, units)),
    )
    with stage.deed() as (session, now):
        extend_round(session, actor=stage.actor(_ADMIN), extend=extend, via=Via.WEB, now=now)
    stage.counts["extensions"] += len(units)


def end(stage: Scenery, round_code: str) -> None:
    """Have the office close a round."""
    with stage.deed() as (session, now):
        close_round(session, actor=stage.actor(_ADMIN), code=round_code, via=Via.WEB, now=now)


_ADMIN: Final = f"{Role.ADMIN}@all"
EXTENDED_ON: Final = UNIT_DEADLINE_DAY - 2


_PHASES: Final[tuple[tuple[time, Callable[[Season], None]], ...]] = (
    (time(8, 15), run_round),
    (time(8, 30), write_lists),
    (time(9, 15), answer_questions),
    (time(10), send_lists),
    (time(11), judge_in_units),
    (time(13, 15), judge_in_clusters),
    (time(14), receive),
    (time(14, 45), appraise),
    (time(15, 45), vote),
    (time(16, 15), sign),
    (time(16, 45), hear_from_above),
)

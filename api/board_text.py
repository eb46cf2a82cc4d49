"""What a board says in words: will everything be there by the day, and a paragraph for the weekly report.

Both speak of the same rows as the numbers do. A unit is at risk when its day has passed and it sent nothing,
or when what is left of its work no longer fits before the upper deadline (`outlook.Horizon.of` has the rule):
each step ahead takes the working days that its definition gives it, the present one lasts until its due date,
and what is late is counted as done today. The answer is yes when no unit is at risk.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from babel.dates import format_date

from api.catalogue import say
from workflow.domain.owed import ReturnStatus
from workflow.queries.board.board import Board
from workflow.queries.board.units import BoardRow
from workflow.queries.progress import Progress
from workflow.queries.shapes import Words

MOST_NAMED: Final = 10
"""How many units a sentence names; of the others it says how many they are."""

_COUNTED: Final = tuple(progress for progress in Progress if progress is not Progress.PROPOSED)


def sentence(board: Board, locale: str) -> str:
    """Return the answer to "will everything be there by the day?": yes, or no and which units, and why."""
    within = "" if board.is_whole else say(locale, "board_text.answer_within")
    return f"{within}{_verdict(board, locale)}"


def report(board: Board, locale: str) -> str:
    """Return the paragraph for the weekly report."""
    within = "" if board.is_whole else say(locale, "board_text.report_within")
    day = say(locale, "board_text.report_day", day=_day(board.today, locale), within=within)
    counts = ", ".join(
        say(locale, f"board_text.count_{one}", n=board.totals[one].total)
        for one in _COUNTED
        if board.totals[one].total
    )
    total = say(
        locale,
        "board_text.report_counts" if counts else "board_text.report_count",
        count=board.totals[Progress.PROPOSED].total,
        counts=counts,
    )
    upper = board.upper_deadline
    until = "" if upper is None else say(locale, "board_text.report_upper", day=_day(upper, locale))
    return f"{board.title}. {day}{_owed(board, locale)} {total}{until}"


def reason(row: BoardRow, locale: str) -> str:
    """Return why a unit may not make it, nothing where it will."""
    if row.risk is None:
        return ""
    return say(
        locale,
        f"board_text.risk_{row.risk}",
        count=row.days_late,
        step=row.slow_step.text(locale) if row.slow_step else "",
        place=f" ({row.slow_place})" if row.slow_place else "",
        through=_day(row.through_on, locale),
    )


def in_both(told: Callable[[str], str]) -> Words:
    """Return what is said in a language, in Vietnamese and in English."""
    return Words(told("vi"), told("en"))


def _verdict(board: Board, locale: str) -> str:
    units, day = _at_risk(board, locale), _day(board.upper_deadline, locale)
    if board.upper_deadline is None:
        return say(locale, "board_text.answer_behind" if units else "board_text.answer_undated", units=units)
    if units and board.upper_deadline < board.today:
        return say(locale, "board_text.answer_past", day=day, count=len(board.at_risk), units=units)
    if units:
        return say(locale, "board_text.answer_no", day=day, count=len(board.at_risk), units=units)
    if board.is_through:
        return say(locale, "board_text.answer_through", day=day)
    ends = max((row.through_on for row in board.rows if row.through_on is not None), default=None)
    key = "board_text.answer_yes" if ends is None else "board_text.answer_yes_ends"
    return say(locale, key, day=day, ends=_day(ends, locale))


def _at_risk(board: Board, locale: str) -> str:
    return _list(board.at_risk, lambda row: f"{row.unit.name} ({reason(row, locale)})", locale)


def _owed(board: Board, locale: str) -> str:
    """Say which units sent, answered, or still owe their paper; where none owes any, how many take part."""
    if not board.expected:
        return say(locale, "board_text.report_units", units=len(board.rows))
    sent, nothing = (board.statuses[one] for one in (ReturnStatus.SENT, ReturnStatus.NOTHING))
    told = say(locale, "board_text.report_sent", sent=sent, expected=board.expected)
    told += say(locale, "board_text.report_nothing", nothing=nothing) if nothing else ""
    owing = [row for row in board.rows if row.owes]
    names = _list(owing, lambda row: row.unit.name, locale)
    told += say(locale, "board_text.report_owing", owing=len(owing), units=names) if owing else ""
    return f"{told}."


def _list(rows: Sequence[BoardRow], told: Callable[[BoardRow], str], locale: str) -> str:
    """Tell of the first units, and how many more there are."""
    kept, rest = [told(row) for row in rows[:MOST_NAMED]], len(rows) - MOST_NAMED
    return "; ".join([*kept, say(locale, "board_text.more", rest=rest)] if rest > 0 else kept)


def _day(day: date | None, locale: str) -> str:
    """Write a date as Vietnamese reports do, 12/6/2026, and in English so that none is taken for another."""
    return "" if day is None else format_date(day, say(locale, "board_text.day"), locale)

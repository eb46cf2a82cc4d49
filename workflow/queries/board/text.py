"""What a board says in words: will everything be there by the day, and a paragraph for the weekly report.

Both speak of the same rows as the numbers do. A unit is at risk when its day has passed and it sent nothing,
or when what is left of its work no longer fits before the upper deadline (`board_outlook.Horizon.of` has the
rule): each step ahead takes the working days that its definition gives it, the present one lasts until its
due date, and what is late is counted as done today. The answer is yes when no unit is at risk.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from workflow.domain.vocabulary import ReturnStatus
from workflow.queries.board.board import Board
from workflow.queries.board.outlook import Risk
from workflow.queries.board.units import BoardRow
from workflow.queries.progress import Progress
from workflow.queries.shapes import Words

MOST_NAMED: Final = 10
"""How many units a sentence names; of the others it says how many they are."""

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - twelve words, read as a line
)
_PARTS: Final = (
    (Progress.SENT, "đã gửi {n}", "{n} sent"),
    (Progress.RECEIVED, "đã tiếp nhận {n}", "{n} received"),
    (Progress.RETURNED, "đang trả lại để hoàn thiện {n}", "{n} returned"),
    (Progress.APPRAISED, "đã thẩm định {n}", "{n} appraised"),
    (Progress.VOTED, "Hội đồng đã bình xét {n}", "{n} voted on"),
    (Progress.DECIDED, "đã có quyết định {n}", "{n} decided"),
    (Progress.UPWARD, "đã trình cấp trên {n}", "{n} submitted upward"),
    (Progress.REJECTED, "không đề nghị {n}", "{n} not put forward"),
    (Progress.WITHDRAWN, "rút đề nghị {n}", "{n} withdrawn"),
    (Progress.OVERDUE, "quá hạn {n}", "{n} overdue"),
    (Progress.HELD, "đang tạm dừng xét {n}", "{n} on hold"),
)


def sentence(board: Board) -> Words:
    """Return the answer to "will everything be there by the day?": yes, or no and which units, and why."""
    return Words(_answer_vi(board), _answer_en(board))


def report(board: Board) -> Words:
    """Return the paragraph for the weekly report."""
    return Words(_report_vi(board), _report_en(board))


def reason(row: BoardRow) -> Words | None:
    """Return why a unit may not make it, None where it will."""
    if row.risk is None:
        return None
    place = f" ({row.slow_place})" if row.slow_place else ""
    step = row.slow_step or Words("", "")
    through = Words(_day(row.through_on), _day_en(row.through_on))
    late, days = row.days_late, "working day" if row.days_late == 1 else "working days"
    return {
        Risk.SILENT: Words(f"chưa gửi gì, quá hạn {late} ngày làm việc", f"silent, {late} {days} late"),
        Risk.LATE: Words(
            f"đang chuẩn bị, quá hạn {late} ngày làm việc", f"still preparing, {late} {days} late"
        ),
        Risk.STUCK: Words(
            f"vướng ở khâu {step.vi}{place}, dự kiến xong ngày {through.vi}",
            f"stuck at {step.en}{place}, expected to end on {through.en}",
        ),
        Risk.TIGHT: Words(
            f"gửi đúng hạn cũng chỉ xong ngày {through.vi}",
            f"even if sent on its day it ends on {through.en}",
        ),
    }[row.risk]


def _answer_vi(board: Board) -> str:
    found = _at_risk(board, "vi")
    within = "" if board.is_whole else "Trong phạm vi của bạn: "
    if board.upper_deadline is None:
        tail = f" Đang chậm: {found}." if found else ""
        return f"{within}Đợt xét này chưa đặt ngày gửi lên cấp trên.{tail}"
    day = _day(board.upper_deadline)
    if found:
        count = len(board.at_risk)
        return f"{within}Không, chưa thể đủ vào ngày {day}: {count} đơn vị có nguy cơ không kịp: {found}."
    if board.is_through:
        return f"{within}Có, mọi đơn vị đã gửi hoặc trả lời và mọi hồ sơ đã xét xong trước ngày {day}."
    ends = _last_end(board)
    tail = f"; theo thời hạn của từng khâu, chậm nhất xong ngày {_day(ends)}" if ends else ""
    return f"{within}Có, theo tiến độ hiện nay mọi hồ sơ sẽ đủ vào ngày {day}{tail}."


def _answer_en(board: Board) -> str:
    found = _at_risk(board, "en")
    within = "" if board.is_whole else "Within your view: "
    if board.upper_deadline is None:
        tail = f" Behind: {found}." if found else ""
        return f"{within}This round has no date at the upper level.{tail}"
    day = _day_en(board.upper_deadline)
    if found:
        count = len(board.at_risk)
        units = "1 unit may" if count == 1 else f"{count} units may"
        return f"{within}No, not everything will be there by {day}: {units} not make it: {found}."
    if board.is_through:
        return f"{within}Yes, every unit has sent or answered and every nomination is through before {day}."
    ends = _last_end(board)
    tail = f"; if every step takes its period the last one ends on {_day_en(ends)}" if ends else ""
    return f"{within}Yes, as things stand everything will be there by {day}{tail}."


def _at_risk(board: Board, locale: str) -> str:
    told = [(row.unit.name, reason(row)) for row in board.at_risk]
    return _list([f"{name} ({why.text(locale)})" for name, why in told if why is not None], locale)


def _last_end(board: Board) -> date | None:
    return max((row.through_on for row in board.rows if row.through_on is not None), default=None)


def _report_vi(board: Board) -> str:
    within = "" if board.is_whole else "trong phạm vi của bạn, "
    sent, nothing = (board.statuses[one] for one in (ReturnStatus.SENT, ReturnStatus.NOTHING))
    told = f"Đến ngày {_day(board.today)}, {within}"
    if board.expected:
        told += f"{sent}/{board.expected} đơn vị đã gửi tờ trình và danh sách"
        told += f", {nothing} đơn vị trả lời không có đề nghị" if nothing else ""
        owing = [row.unit.name for row in board.rows if row.owes]
        told += f"; còn {len(owing)} đơn vị chưa gửi: {_list(owing, 'vi')}. " if owing else ". "
    else:
        told += f"{len(board.rows)} đơn vị có hồ sơ trong đợt xét. "
    total = board.totals[Progress.PROPOSED].total
    told += f"Có {total} hồ sơ đề nghị{_joined(board, ': ', 1)}."
    if board.upper_deadline is not None:
        told += f" Ngày gửi lên cấp trên: {_day(board.upper_deadline)}."
    return f"{board.title}. {told}"


def _report_en(board: Board) -> str:
    within = "" if board.is_whole else "within your view "
    sent, nothing = (board.statuses[one] for one in (ReturnStatus.SENT, ReturnStatus.NOTHING))
    told = f"By {_day_en(board.today)} {within}"
    if board.expected:
        told += f"{sent} of {board.expected} units had sent their paper with its list"
        told += f", {nothing} answered that they propose nothing" if nothing else ""
        owing = [row.unit.name for row in board.rows if row.owes]
        told += f"; {len(owing)} had not: {_list(owing, 'en')}. " if owing else ". "
    else:
        told += f"{len(board.rows)} units had nominations in the round. "
    total = board.totals[Progress.PROPOSED].total
    told += f"There are {total} nominations{_joined(board, ': ', 2)}."
    if board.upper_deadline is not None:
        told += f" To be at the upper level by {_day_en(board.upper_deadline)}."
    return f"{board.title}. {told}"


def _joined(board: Board, before: str, language: int) -> str:
    """Return the counts that are not nothing, in the words of a language (1 Vietnamese, 2 English)."""
    parts = [
        str(part[language]).format(n=board.totals[part[0]].total)
        for part in _PARTS
        if board.totals[part[0]].total
    ]
    return before + ", ".join(parts) if parts else ""


def _list(names: Sequence[str], locale: str) -> str:
    """Return the first names, and how many more there are."""
    kept, rest = names[:MOST_NAMED], len(names) - MOST_NAMED
    more = {"vi": f"và {rest} đơn vị khác", "en": f"and {rest} more"}[locale]
    return "; ".join([*kept, more] if rest > 0 else kept)


def _day(day: date | None) -> str:
    """Write a date as Vietnamese reports do: 12/6/2026."""
    return f"{day.day}/{day.month}/{day.year}" if day is not None else ""


def _day_en(day: date | None) -> str:
    """Write a date that no reader takes for another: 12 June 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day is not None else ""

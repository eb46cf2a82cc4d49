"""A board as a table for a spreadsheet: CSV in UTF-8 with a byte-order mark, as Excel wants it."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

from flask import Response

from workflow.domain.vocabulary import ReturnStatus
from workflow.queries.board.board import Board
from workflow.queries.board.text import reason
from workflow.queries.board.units import BoardRow
from workflow.queries.progress import Progress

TYPE: Final = "text/csv"
_BOM: Final = "\ufeff"
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); a quote makes it text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_HEAD: Final = {
    "vi": (
        ("Mã đơn vị", "Đơn vị", "Tình trạng", "Hạn của đơn vị", "Chậm (ngày làm việc)", "Ngày gửi"),
        ("Đang ở khâu", "Nơi đang giữ", "Người đang giữ", "Chờ (ngày làm việc)", "Người chịu trách nhiệm"),
        ("Cán bộ đầu mối", "Điện thoại", "Dự kiến xong", "Nguy cơ"),
    ),
    "en": (
        ("Unit code", "Unit", "Status", "Unit's own date", "Working days late", "Sent on"),
        ("At step", "Held at", "Held by", "Working days waiting", "Accountable"),
        ("Officer", "Telephone", "Expected to end", "Risk"),
    ),
}
_COUNTS: Final = {
    "vi": (
        "Đề nghị", "Đã gửi", "Đã tiếp nhận", "Đang trả lại", "Đã thẩm định", "Đã bình xét",
        "Đã có quyết định", "Đã trình cấp trên", "Không đề nghị", "Rút đề nghị", "Quá hạn",
        "Đang tạm dừng xét",
    ),
    "en": (
        "Proposed", "Sent", "Received", "Returned", "Appraised", "Voted", "Decided", "Submitted upward",
        "Not put forward", "Withdrawn", "Overdue", "On hold",
    ),
}  # fmt: skip
_OPEN: Final = {"vi": "{name} (mở được)", "en": "{name} (you may open)"}
_STATUSES: Final = {
    "vi": {
        ReturnStatus.NOT_STARTED: "Chưa có gì",
        ReturnStatus.DRAFTING: "Đang chuẩn bị",
        ReturnStatus.SENT: "Đã gửi",
        ReturnStatus.NOTHING: "Không có đề nghị",
    },
    "en": {
        ReturnStatus.NOT_STARTED: "Nothing yet",
        ReturnStatus.DRAFTING: "Preparing",
        ReturnStatus.SENT: "Sent",
        ReturnStatus.NOTHING: "Nothing to propose",
    },
}


def csv_response(board: Board, rows: Iterable[BoardRow], locale: str) -> Response:
    """Return the rows of a board as a file to save, in the reader's language."""
    response = Response(board_csv(rows, locale), content_type=f"{TYPE}; charset=utf-8")
    name = _NAME.sub("_", board.code)
    response.headers["Content-Disposition"] = f'attachment; filename="board-{name}-{board.today}.csv"'
    return response


def board_csv(rows: Iterable[BoardRow], locale: str) -> bytes:
    """Write a line for each unit; every count is followed by how many of it the reader may open."""
    language = "en" if locale == "en" else "vi"
    written = io.StringIO()
    out = csv.writer(written)
    unit, work, contact = _HEAD[language]
    counts = [part for name in _COUNTS[language] for part in (name, _OPEN[language].format(name=name))]
    out.writerow([*unit, *counts, *work, *contact])
    for row in rows:
        out.writerow([_safe(cell) for cell in _cells(row, language)])
    return (_BOM + written.getvalue()).encode()


def _cells(row: BoardRow, locale: str) -> list[object]:
    counts = [row.counts[progress] for progress in Progress]
    holder = row.holder.assignee.name if row.holder and row.holder.assignee else ""
    why = reason(row)
    return [
        row.unit.code,
        row.unit.name,
        _STATUSES[locale][row.status],
        row.due_on or "",
        row.days_late,
        row.sent_on or "",
        *(number for count in counts for number in (count.total, count.named)),
        row.step.text(locale) if row.step else "",
        row.place,
        holder,
        row.waiting_days,
        row.accountable or "",
        row.officer.name if row.officer else "",
        row.officer.telephone if row.officer else "",
        row.through_on or "",
        why.text(locale) if why else "",
    ]


def _safe(cell: object) -> object:
    """Return a cell that no spreadsheet runs; a number stays a number."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
